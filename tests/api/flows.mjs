// flows.mjs - small flows for the tests of the API.

function head(name, more = '') {
  return `document: { dsl: '1.0.3', namespace: amt, name: ${name}, version: '1.0.0', title: 'Ablauf ${name}', summary: Zum Ausprobieren }\n${more}`;
}

function on(type, more = '') {
  return `schedule: { on: { one: { with: { type: ${type} } } }${more} }\n`;
}

/** Ends with its first commit. */
export const kurz = `${head('kurz')}do:
  - Zählen: { set: { n: '\${ (.n // 0) + 1 }' } }
`;

/** Has a task that nothing leads to. */
export const umweg = `${head('umweg')}do:
  - Erstens: { set: { a: 1 }, then: end }
  - Niemals: { set: { b: 2 } }
`;

/** Two that one event starts; the second sees the whole event. */
export const meldung = `${head('meldung', on('form.meldung'))}do:
  - Merken: { set: '\${ {eins: .} }' }
`;
export const meldungGanz = `${head('meldung-ganz', on('form.meldung', ', read: envelope'))}do:
  - Merken: { set: '\${ {ganz: .} }' }
`;

/** Waits for a person of the role "sachbearbeitung". */
export const antrag = `${head('antrag', on('form.antrag'))}do:
  - Antrag prüfen:
      call: human.decide
      with:
        title: '\${ "Antrag von " + (if type == "array" then .[0].name else .name end // "niemand") }'
        role: sachbearbeitung
        description: Bitte die Angaben prüfen.
        legalBasis: § 4 Satzung
        data: \${ . }
        outcomes: [ genehmigen, ablehnen ]
        reasonRequired: [ ablehnen ]
        due: P10D
  - Fertig: { set: '\${ {entscheidung: .} }' }
`;

/** Another role, and something to do instead of a decision. */
export const gang = `${head('gang')}do:
  - Marke aushändigen:
      call: human.task
      with: { title: Marke aushändigen, role: buergerbuero }
`;

/** \`pause\` is an ISO 8601 duration. */
export function schlaf(pause, name = 'schlaf') {
  return `${head(name)}do:
  - Warten: { wait: ${pause} }
  - Wach: { set: { wach: true } }
`;
}

/** One HTTP call. */
export function abruf(name, method, url, { output = 'content', body = false } = {}) {
  return `${head(name)}do:
  - Abrufen:
      call: http
      with: { method: ${method}, endpoint: '${url}', output: ${output}${body ? ', body: { a: 1 }' : ''} }
  - Merken: { set: '\${ {antwort: .} }' }
`;
}

/** Tries again after \`delay\` when the call fails. */
export function geduldig(name, url, delay) {
  return `${head(name)}do:
  - Versuchen:
      try:
        - Abrufen:
            call: http
            with: { method: get, endpoint: '${url}' }
      catch:
        retry: { delay: ${delay}, limit: { attempt: { count: 5 } } }
`;
}

export const password = 'wiese-im-juni';

/** One user for each role, named after it. */
export const users = ['admin', 'operator', 'author', 'auditor', 'sachbearbeitung', 'buergerbuero'].map((role) => ({
  name: role === 'sachbearbeitung' ? 'anna' : role, roles: [role], password,
}));
