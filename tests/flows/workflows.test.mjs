// workflows.test.mjs - the bundled flows do what their comments say: with a real document store, a mail server and people.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startRclone } from '../peers/dav.mjs';
import { command, isBuilt, start } from '../peers/engine.mjs';
import { parseMail } from '../peers/mail.mjs';
import { removeFolder, temporaryFolder, until } from '../peers/process.mjs';
import { startSmtp } from '../peers/smtp.mjs';
import { root } from './guide.mjs';

const workflows = path.join(root, 'workflows');
const skip = isBuilt() ? false : 'the program is not built';
const read = (name) => readFileSync(path.join(workflows, name), 'utf8');
const sample = (name) => JSON.parse(read(`${name}.sample.json`));
const password = 'die-amsel-im-mai';
const people = {
  steuer: ['sachbearbeitung-steuer'],
  leitung: ['leitung-tiefbau'],
  vertretung: ['vertretung-tiefbau'],
  personal: ['personalstelle'],
  beides: ['leitung-tiefbau', 'personalstelle'],
  trupp: ['strassenbeleuchtung'],
  service: ['buergerservice'],
  betrieb: ['operator'],
};
let dav, engine;
const smtpReplies = {};
let smtp;

// A test waits for nothing: the same flows, with pauses of milliseconds, and one whose head of department never has time.
const quick = (name) => read(`${name}.yaml`).replaceAll('delay: PT10S', 'delay: PT0.02S');

before(async () => {
  if (skip) return;
  [dav, smtp] = await Promise.all([startRclone(), startSmtp(smtpReplies)]);
  engine = await start({
    flows: {
      'hundesteuer.yaml': quick('hundesteuer-anmeldung'),
      'urlaub.yaml': quick('urlaubsantrag'),
      'urlaub-eilig.yaml': quick('urlaubsantrag').replace('name: urlaubsantrag', 'name: urlaub-eilig').replace('after: P7D', 'after: PT0.05S')
        .replace('type: form.urlaubsantrag', 'type: form.urlaub-eilig'),
      'mangel.yaml': quick('maengelmeldung'),
    },
    files: { token: 'amtliches-geheimnis-nummer-1' },
    users: Object.entries(people).map(([name, roles]) => ({ name, roles, password })),
    config: {
      webhooks: { hundesteuer: { event: 'form.hundesteuer', verify: { bearer: { token: 'file:token' } } } },
      connectors: {
        mail: { smtp: { url: smtp.url, from: 'Stadt <stadt@example.org>' }, templates: path.join(workflows, 'templates') },
        dms: { repositories: { eakte: { webdav: { url: dav.url, user: 'umlauf', password: 'env:DAV' } } } },
      },
      network: { allow: ['127.0.0.1:*'] },
    },
    env: { DAV: 'geheim' },
  });
});

after(async () => {
  await engine?.remove();
  await smtp?.stop();
  await dav?.stop();
});

async function call(who, method, address, body) {
  const response = await fetch(`${engine.url}${address}`, {
    method,
    headers: { Authorization: `Bearer ${await engine.token(who)}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

async function begin(flow, input) {
  const { status, body } = await call('betrieb', 'POST', `/api/v1/flows/${flow}/runs`, input);
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
}

async function ended(run) {
  return until(`the end of ${run}`, async () => {
    const { body } = await call('betrieb', 'GET', `/api/v1/runs/${run}`);
    return ['completed', 'faulted', 'cancelled'].includes(body.status) ? body : null;
  });
}

/** The item of the run that is open for this person. */
async function item(who, run) {
  return until(`work for ${who}`, async () => {
    const { body } = await call(who, 'GET', `/api/v1/work?run=${run}&state=open`);
    return body.items[0] ?? null;
  });
}

async function complete(who, run, answer) {
  const { id } = await item(who, run);
  return call(who, 'POST', `/api/v1/work/${id}/complete`, answer);
}

async function decide(who, run, outcome, reason = null) {
  const { status, body } = await complete(who, run, { outcome, reason, data: null });
  assert.equal(status, 200, JSON.stringify(body));
}

const lastMail = () => parseMail(Buffer.from(smtp.mails.at(-1), 'latin1'));
const textOf = (mail, type = 'text/plain') => mail.parts.find((part) => part.type === type).text;

async function document(id) {
  const address = `${dav.url}${id.split('/').map(encodeURIComponent).join('/')}`;
  const authorization = `Basic ${Buffer.from('umlauf:geheim').toString('base64')}`;
  const response = await fetch(address, { headers: { authorization } });
  assert.equal(response.status, 200, address);
  return response.json();
}

test('all of them are valid, and the configuration too', { skip }, async () => {
  const flows = await command(['validate', workflows]);
  assert.deepEqual([flows.code, flows.stdout], [0, '']);
  const folder = temporaryFolder('configuration');
  try {
    mkdirSync(path.join(folder, 'secrets'));
    copyFileSync(path.join(workflows, 'umlauf.yaml.sample'), path.join(folder, 'umlauf.yaml'));
    writeFileSync(path.join(folder, 'secrets/hundesteuer'), `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`);
    for (const name of ['urlaubsantrag', 'maengelmeldung', 'dms']) writeFileSync(path.join(folder, `secrets/${name}`), 'ein-langes-geheimnis\n');
    const settings = await command(['validate', 'umlauf.yaml'], { cwd: folder });
    assert.deepEqual([settings.code, settings.stdout], [0, '']);
  } finally {
    removeFolder(folder);
  }
});

test('dog tax: from the form to the mail', { skip }, async () => {
  const response = await fetch(`${engine.url}/hooks/hundesteuer`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer amtliches-geheimnis-nummer-1' },
    body: JSON.stringify(sample('hundesteuer-anmeldung')),
  });
  assert.equal(response.status, 202);
  const [run] = (await response.json()).runs;
  await decide('steuer', run, 'genehmigen');
  const { status, output } = await ended(run);
  assert.equal(status, 'completed');
  assert.equal(output.akte.id, 'Hundesteuer/Erika Beispiel/antrag.json');
  assert.deepEqual(await document(output.akte.id), sample('hundesteuer-anmeldung'));
  const mail = lastMail();
  assert.deepEqual(mail.headers.subject, ['Ihre Anmeldung zur Hundesteuer']);
  assert.deepEqual(mail.headers.to, ['erika.beispiel@example.org']);
  for (const type of ['text/plain', 'text/html']) {
    assert.match(textOf(mail, type), /zur Hundesteuer angemeldet/);
    assert.doesNotMatch(textOf(mail, type), /Begründung|\{\{/);
  }
});

test('dog tax: a refusal has its reason, also in the mail', { skip }, async () => {
  const run = await begin('steueramt/hundesteuer-anmeldung', { ...sample('hundesteuer-anmeldung'), hund: { name: 'Rex <b>' } });
  assert.equal((await complete('steuer', run, { outcome: 'ablehnen' })).status, 422);
  await decide('steuer', run, 'ablehnen', 'Der Hund lebt nicht im Stadtgebiet.');
  assert.equal((await ended(run)).status, 'completed');
  const mail = lastMail();
  assert.match(textOf(mail), /Begründung: Der Hund lebt nicht im Stadtgebiet\./);
  assert.match(textOf(mail, 'text/html'), /<strong>Rex &lt;b&gt;<\/strong>/);
  assert.doesNotMatch(textOf(mail), /Rasse|angemeldet\./);
});

test('dog tax: a form with mistakes says which', { skip }, async () => {
  const form = sample('hundesteuer-anmeldung');
  for (const [wrong, says] of [
    [{ ...form, antragsteller: { name: 'a/b', email: 'x@example.org' } }, /antragsteller\/name/],
    [{ ...form, antragsteller: { name: 'Erika', email: 'nirgends' } }, /antragsteller\/email/],
    [{ antragsteller: form.antragsteller }, /hund/],
  ]) {
    const { status, error } = await ended(await begin('steueramt/hundesteuer-anmeldung', wrong));
    assert.equal(status, 'faulted');
    assert.equal(error.instance, '/do/0/Angaben prüfen');
    assert.match(error.detail, says);
  }
});

test('leave: both agree', { skip }, async () => {
  const run = await begin('personal/urlaubsantrag', sample('urlaubsantrag'));
  await decide('leitung', run, 'zustimmen');
  await decide('personal', run, 'genehmigen');
  const { status, output } = await ended(run);
  assert.equal(status, 'completed');
  assert.deepEqual(output, { ergebnis: 'genehmigt', grund: null, akte: 'Personal/Urlaub/2027/Max Muster/urlaub-2027-07-05.json' });
  const filed = await document(output.akte);
  assert.deepEqual([filed.leitung.by, filed.personalstelle.by], ['leitung', 'personal']);
  const mail = lastMail();
  assert.deepEqual(mail.headers.subject, ['Ihr Urlaubsantrag ab 2027-07-05: genehmigt']);
  assert.match(textOf(mail), /\(10 Arbeitstage\) ist genehmigt\./);
  assert.match(textOf(mail), /an Erika Beispiel/);
});

test('leave: whoever refuses gives the reason', { skip }, async () => {
  const first = await begin('personal/urlaubsantrag', sample('urlaubsantrag'));
  await decide('leitung', first, 'ablehnen', 'Zu dieser Zeit sind alle weg.');
  const second = await begin('personal/urlaubsantrag', sample('urlaubsantrag'));
  assert.deepEqual([(await ended(first)).output.ergebnis, (await ended(first)).output.grund], ['abgelehnt', 'Zu dieser Zeit sind alle weg.']);
  assert.match(textOf(lastMail()), /Begründung: Zu dieser Zeit sind alle weg\./);
  await decide('leitung', second, 'zustimmen');
  await decide('personal', second, 'ablehnen', 'Der Anspruch ist verbraucht.');
  assert.equal((await ended(second)).output.grund, 'Der Anspruch ist verbraucht.');
});

test('leave: four eyes', { skip }, async () => {
  const run = await begin('personal/urlaubsantrag', sample('urlaubsantrag'));
  await decide('beides', run, 'zustimmen');
  await decide('beides', run, 'genehmigen');
  const again = await item('personal', run);
  assert.equal(again.task.name, 'Personalstelle entscheidet');
  await decide('personal', run, 'genehmigen');
  assert.equal((await ended(run)).output.ergebnis, 'genehmigt');
});

test('leave: the deputy is asked when the head has no time', { skip }, async () => {
  const run = await begin('personal/urlaub-eilig', sample('urlaubsantrag'));
  const { title } = await item('vertretung', run);
  assert.equal(title, 'Urlaub (Vertretung): Max Muster, ab 2027-07-05');
  const { body } = await call('leitung', 'GET', `/api/v1/work?run=${run}&state=withdrawn`);
  assert.equal(body.items.length, 1);
  await decide('vertretung', run, 'ablehnen', 'Nicht vertretbar.');
  assert.equal((await ended(run)).output.grund, 'Nicht vertretbar.');
});

test('defects: to the crew in charge, and two mails', { skip }, async () => {
  const before = smtp.mails.length;
  const run = await begin('stadtservice/maengelmeldung', sample('maengelmeldung'));
  const { title, dueAt, offeredAt } = await item('trupp', run);
  assert.equal(title, 'beleuchtung, Lindenweg, vor Nummer 4');
  assert.equal(Date.parse(dueAt) - Date.parse(offeredAt), 3 * 24 * 3600 * 1000);
  assert.equal(smtp.mails.length, before + 1);
  assert.match(textOf(lastMail()), /flackert seit einer Woche/);
  assert.equal((await complete('trupp', run, {})).status, 422, 'what was done must be said');
  assert.equal((await complete('trupp', run, { reason: 'Leuchtmittel getauscht.' })).status, 200);
  assert.equal((await ended(run)).status, 'completed');
  assert.deepEqual(lastMail().headers.subject, ['Erledigt: Lindenweg, vor Nummer 4']);
  assert.match(textOf(lastMail()), /Das wurde getan: Leuchtmittel getauscht\./);
});

test('defects: without a name, urgent, and of no kind we know', { skip }, async () => {
  const before = smtp.mails.length;
  const report = { kategorie: 'sonstiges', ort: 'Marktplatz', beschreibung: 'Ein Kabel liegt frei.', gefahr: true };
  const run = await begin('stadtservice/maengelmeldung', report);
  const { title, dueAt, offeredAt } = await item('service', run);
  assert.equal(title, 'GEFAHR: sonstiges, Marktplatz');
  assert.equal(Date.parse(dueAt) - Date.parse(offeredAt), 4 * 3600 * 1000);
  await complete('service', run, { reason: 'Abgesichert.' });
  assert.equal((await ended(run)).status, 'completed');
  assert.equal(smtp.mails.length, before);
});

test('defects: a mail server that puts off, and one that refuses, hold nothing up', { skip }, async () => {
  const report = sample('maengelmeldung');
  smtpReplies.RCPT = '451 later';
  const patient = await begin('stadtservice/maengelmeldung', report);
  await until('a second try', async () => {
    const { body } = await call('betrieb', 'GET', `/api/v1/runs/${patient}/journal?limit=200`);
    return body.items.some(({ kind }) => kind === 'task-retried');
  });
  delete smtpReplies.RCPT;
  await complete('trupp', patient, { reason: 'Getan.' });
  assert.match((await ended(patient)).output.bestaetigung.messageId, /^<.*>$/);

  smtpReplies.RCPT = '550 no such mailbox';
  const refused = await begin('stadtservice/maengelmeldung', report);
  await complete('trupp', refused, { reason: 'Getan.' });
  const { status, output } = await ended(refused);
  delete smtpReplies.RCPT;
  assert.equal(status, 'completed');
  assert.match(output.bestaetigung.gescheitert, /no such mailbox/);
  assert.match(output.dank.gescheitert, /no such mailbox/);
});
