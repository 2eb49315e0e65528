// house.mjs - the demo's city hall: its configuration, its secrets and its people, made once in a folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const people = [
  { name: 'admin', roles: ['admin'], is: 'may everything' },
  { name: 'e.beispiel',
    roles: ['sachbearbeitung-steuer', 'personalstelle', 'leitung-tiefbau', 'vertretung-tiefbau', 'strassenunterhaltung',
      'strassenbeleuchtung', 'gruenpflege', 'stadtreinigung', 'buergerservice'],
    is: 'a clerk: sees an inbox, and nothing else' },
];

const configuration = (ports) => `# Written anew by every start of ./dev run. For a house of your own begin with workflows/umlauf.yaml.sample;
# docs/operations.md tells the rest.
listen: 127.0.0.1:${ports.engine}
data: ./data
workflows: ../workflows
webhooks:
  hundesteuer:
    event: form.hundesteuer
    verify: { standardWebhooks: { secret: file:secrets/hundesteuer } }
  urlaubsantrag:
    event: form.urlaubsantrag
    verify: { bearer: { token: file:secrets/urlaubsantrag } }
    idempotency: { field: antragsnummer }
  maengelmeldung:
    event: form.maengelmeldung
    verify:
      hmac: { header: X-Signature-256, algorithm: sha256, encoding: hex, prefix: sha256=, secret: file:secrets/maengelmeldung }
connectors:
  mail:
    smtp: { url: 'smtp://127.0.0.1:${ports.mail}', from: Stadt Musterstadt <stadt@example.org> }
    templates: ../workflows/templates
  dms:
    repositories:
      eakte: { webdav: { url: 'http://127.0.0.1:${ports.dms}/akten/', user: umlauf, password: file:secrets/dms } }
network:
  allow: [ '127.0.0.1:${ports.mail}', '127.0.0.1:${ports.dms}' ]
`;

/** Made once, kept for the next start. */
function secret(folder, name, make) {
  const file = path.join(folder, 'secrets', name);
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** Who may sign in, with the passwords that only this folder knows. */
function admit(program, folder) {
  const config = path.join(folder, 'umlauf.yaml');
  // Before the first user there is no list, which is fine here; every other reason shows again when one is added.
  const known = spawnSync(program, ['user', 'list', '--config', config], { encoding: 'utf8' }).stdout.split('\n').map((line) => line.split(' ')[0]);
  return people.map((person) => {
    const password = secret(folder, `sign-in-${person.name}`, () => randomBytes(9).toString('base64url'));
    if (!known.includes(person.name)) {
      execFileSync(program, ['user', 'add', person.name, '--role', person.roles.join(','), '--config', config],
        { input: `${password}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    }
    return { ...person, password };
  });
}

/** Makes what is not there yet. Gives the people and the password of the document store. */
export function makeHouse(program, folder, ports) {
  for (const name of ['secrets', 'data', 'akten', 'mail']) mkdirSync(path.join(folder, name), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, 'umlauf.yaml'), configuration(ports));
  writeFileSync(path.join(folder, 'ports.json'), `${JSON.stringify(ports)}\n`);
  secret(folder, 'hundesteuer', () => `whsec_${randomBytes(32).toString('base64')}`);
  secret(folder, 'urlaubsantrag', () => randomBytes(32).toString('hex'));
  secret(folder, 'maengelmeldung', () => randomBytes(32).toString('hex'));
  const dms = secret(folder, 'dms', () => randomBytes(16).toString('hex'));
  return { people: admit(program, folder), dms };
}
