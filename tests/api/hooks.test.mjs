// Webhooks: every way to show from whom a delivery is, every way to get it wrong, repeats, and what flows get.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { assertProblem, checkAnswers, client, deliver } from './client.mjs';
import { antrag, meldung, meldungGanz, users } from './flows.mjs';

const standardSecret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const secret = 'nur-fuer-diesen-test';
let engine;
let admin;

before(async () => {
  const hook = (verify, more = {}) => ({ event: 'form.still', verify, ...more });
  engine = await start({
    config: {
      webhooks: {
        offen: { event: 'form.meldung', verify: { none: true } },
        antrag: { event: 'form.antrag', verify: { none: true }, source: '//formulare.example/antrag' },
        still: hook({ none: true }),
        klein: hook({ none: true }, { bodyBytesMax: 100 }),
        nummer: hook({ none: true }, { event: 'form.antrag', idempotency: { field: 'vorgang.nummer' } }),
        kopf: hook({ none: true }, { idempotency: { header: 'X-Delivery' } }),
        standard: hook({ standardWebhooks: { secret: 'file:secrets/standard' } }, { event: 'form.antrag' }),
        github: hook({ hmac: { header: 'X-Hub-Signature-256', prefix: 'sha256=', secret: 'env:TEST_SECRET' } }),
        typeform: hook({ hmac: { header: 'Typeform-Signature', prefix: 'sha256=', encoding: 'base64', secret: 'env:TEST_SECRET' } }),
        fit: hook({ hmac: { header: 'callback-authentication', timestampHeader: 'callback-timestamp', algorithm: 'sha512', secret: 'env:TEST_SECRET' } }),
        token: hook({ bearer: { token: 'file:secrets/token' } }),
      },
    },
    files: { 'secrets/standard': `whsec_${standardSecret}\n`, 'secrets/token': '0123456789abcdef0123\n' },
    env: { TEST_SECRET: secret },
    flows: { 'meldung.yaml': meldung, 'ganz.yaml': meldungGanz, 'antrag.yaml': antrag },
    users: users.slice(0, 1),
  });
  admin = await client(engine, 'admin');
});
after(() => engine?.remove());

const json = { 'content-type': 'application/json' };
const seconds = () => Math.floor(Date.now() / 1000);
const mac = (algorithm, key, text, encoding) => createHmac(algorithm, key).update(text).digest(encoding);

function standard(id, body, at = seconds()) {
  const signature = mac('sha256', Buffer.from(standardSecret, 'base64'), `${id}.${at}.${body}`, 'base64');
  return { ...json, 'webhook-id': id, 'webhook-timestamp': `${at}`, 'webhook-signature': `v1,${signature}` };
}

const count = async () => (await admin.ok('GET', '/overview')).journal.records;

/** Refused, and nothing was written. */
async function refused(answer, status, slug, detail) {
  const before = await count();
  assertProblem(await answer(), status, slug, detail);
  assert.equal(await count(), before, 'nothing is written');
}

test('one event starts every flow that asks for it: its data in a list, or the whole event', async () => {
  const answer = await deliver(engine, 'offen', { name: 'Ada', n: 9007199254740993n.toString() });
  assert.equal(answer.status, 202);
  assert.equal(answer.body.runs.length, 2);
  const outputs = {};
  for (const id of answer.body.runs) {
    const run = await admin.until(id, 'completed');
    assert.equal(run.trigger, 'event');
    outputs[run.flow.name] = run.output;
  }
  assert.deepEqual(outputs.meldung, { eins: [{ name: 'Ada', n: '9007199254740993' }] });
  const [{ time, ...event }] = outputs['meldung-ganz'].ganz;
  assert.deepEqual(event, {
    specversion: '1.0', id: answer.body.id, source: '/hooks/offen', type: 'form.meldung', datacontenttype: 'application/json',
    data: { name: 'Ada', n: '9007199254740993' },
  });
  assert.match(time, /^\d{4}-.*Z$/);
  const { items } = await admin.ok('GET', `/runs/${answer.body.runs[0]}/journal`);
  assert.equal(items[0].actor, 'hook:offen');
});

test('an event that no flow asks for is kept, and starts nothing', async () => {
  const before = await count();
  const answer = await deliver(engine, 'still', { a: 1 });
  assert.equal(answer.status, 202);
  assert.deepEqual(answer.body.runs, []);
  assert.ok(await count() > before);
});

test('a form of a web page', async () => {
  const answer = await deliver(engine, 'offen', 'name=Ada+L%C3%B6wenherz&tier=Hund&tier=Katze&leer=', { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' });
  assert.equal(answer.status, 202);
  const runs = await Promise.all(answer.body.runs.map((id) => admin.until(id, 'completed')));
  const run = runs.find((one) => one.flow.name === 'meldung');
  assert.deepEqual(run.output, { eins: [{ name: 'Ada Löwenherz', tier: ['Hund', 'Katze'], leer: '' }] });
});

test('bodies that cannot be read', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const body of ['', '{', '{"a":1,"a":2}', '{"a":1}x', Buffer.from([0x22, 0xff, 0x22]), '[NaN]', '\u0000', `${'['.repeat(5000)}`, `{"a": ${'9'.repeat(400)}}`])
    await refused(() => deliver(engine, 'offen', body, json), 400, 'bad-request');
  for (const body of ['a=%', 'a=%zz', 'a=%ff', 'a=%00', Buffer.from('a\0=1'), Array(5002).fill('a=1').join('&')])
    await refused(() => deliver(engine, 'offen', body, form), 400, 'bad-request');
  for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'text/json', 'application/json-seq', '\xff'])
    await refused(() => deliver(engine, 'offen', '{}', { 'content-type': type }), 415, 'unsupported');
});

test('bodies that are too large', async () => {
  await refused(() => deliver(engine, 'klein', JSON.stringify('x'.repeat(99)), json), 413, 'too-large', 'the body is larger than the 100 bytes this webhook takes');
  assert.equal((await deliver(engine, 'klein', JSON.stringify('x'.repeat(98)), json)).status, 202);
  await refused(() => deliver(engine, 'offen', JSON.stringify('x'.repeat(4 * 1024 * 1024)), json), 413, 'too-large');
  await refused(() => deliver(engine, 'offen', Buffer.alloc(4 * 1024 * 1024 + 1, 0x20), { ...json, 'transfer-encoding': 'chunked' }), 413, 'too-large');
});

test('webhooks that there are not', async () => {
  await refused(() => deliver(engine, 'niemand', {}), 404, 'not-found', 'there is no webhook "niemand"');
  await refused(() => deliver(engine, 'Offen', {}), 404, 'not-found');
  await refused(() => deliver(engine, 'offen%2f', {}), 404, 'not-found');
});

test('Standard Webhooks', async () => {
  const body = '{"name":"Ada"}';
  const good = await deliver(engine, 'standard', body, standard('msg_1', body));
  assert.equal(good.status, 202);
  assert.equal(good.body.runs.length, 1);

  const said = /signature does not fit/;
  const signed = standard('msg_2', body);
  await refused(() => deliver(engine, 'standard', `${body} `, signed), 401, 'unauthenticated', said);
  await refused(() => deliver(engine, 'standard', body, { ...signed, 'webhook-id': 'msg_3' }), 401, 'unauthenticated', said);
  await refused(() => deliver(engine, 'standard', body, { ...signed, 'webhook-timestamp': `${seconds() - 1}` }), 401, 'unauthenticated', said);
  await refused(() => deliver(engine, 'standard', body, { ...signed, 'webhook-signature': signed['webhook-signature'].replace('v1,', 'v2,') }), 401, 'unauthenticated', said);
  await refused(() => deliver(engine, 'standard', body, standard('msg_4', body, seconds() - 310)), 401, 'unauthenticated', 'the delivery is too old');
  await refused(() => deliver(engine, 'standard', body, standard('msg_5', body, seconds() + 310)), 401, 'unauthenticated', /from the future/);
  await refused(() => deliver(engine, 'standard', body, json), 401, 'unauthenticated', /is not signed/);
  const two = { ...signed, 'webhook-signature': `v1,AAAA v1a,BBBB ${signed['webhook-signature']}` };
  assert.equal((await deliver(engine, 'standard', body, two)).status, 202);
});

test('signed but no JSON: nothing is kept, so that a right one with the same id may still come', async () => {
  await refused(() => deliver(engine, 'standard', '{', standard('msg_json', '{')), 400, 'bad-request');
  assert.equal((await deliver(engine, 'standard', '{}', standard('msg_json', '{}'))).status, 202);
});

test('plain HMACs: GitHub, Typeform, FIT-Connect', async () => {
  const body = '{"a":1}';
  const post = (hook, headers) => deliver(engine, hook, body, { ...json, ...headers });
  assert.equal((await post('github', { 'x-hub-signature-256': `sha256=${mac('sha256', secret, body, 'hex')}` })).status, 202);
  await refused(() => post('github', { 'x-hub-signature-256': `sha256=${mac('sha256', 'anders', body, 'hex')}` }), 401, 'unauthenticated');
  await refused(() => post('github', {}), 401, 'unauthenticated', /X-Hub-Signature-256/);
  assert.equal((await post('typeform', { 'typeform-signature': `sha256=${mac('sha256', secret, body, 'base64')}` })).status, 202);
  await refused(() => post('typeform', { 'typeform-signature': `sha256=${mac('sha256', secret, body, 'hex')}` }), 401, 'unauthenticated');
  const fit = (at) => ({ 'callback-timestamp': `${at}`, 'callback-authentication': mac('sha512', secret, `${at}.${body}`, 'hex') });
  assert.equal((await post('fit', fit(seconds()))).status, 202);
  await refused(() => post('fit', fit(seconds() - 310)), 401, 'unauthenticated', 'the delivery is too old');
  await refused(() => post('fit', { ...fit(seconds()), 'callback-timestamp': `${seconds() - 1}` }), 401, 'unauthenticated');
});

test('a bearer token', async () => {
  const post = (authorization) => deliver(engine, 'token', '{}', { ...json, authorization });
  assert.equal((await post('Bearer 0123456789abcdef0123')).status, 202);
  for (const wrong of ['Bearer 0123456789abcdef012', 'Bearer', 'Basic x', `Bearer ${await engine.token('admin')}`])
    await refused(() => post(wrong), 401, 'unauthenticated', 'the delivery needs the bearer token of this webhook');
});

test('a repeat gets the first answer and starts nothing', async () => {
  const body = '{"name":"Grace"}';
  const first = await deliver(engine, 'standard', body, standard('msg_repeat', body));
  assert.equal(first.status, 202);
  const before = await count();
  const again = await deliver(engine, 'standard', body, standard('msg_repeat', body, seconds() + 1));
  assert.equal(again.status, 200);
  assert.deepEqual(again.body, first.body);
  assert.equal(JSON.stringify(again.body), JSON.stringify(first.body));
  assert.equal(await count(), before);
  await engine.restart();
  const later = await deliver(engine, 'standard', body, standard('msg_repeat', body));
  assert.equal(later.status, 200);
  assert.deepEqual(later.body, first.body);
});

test('twenty at the same instant are one', async () => {
  const { total } = (await admin.ok('GET', '/flows/amt/antrag')).runs;
  const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(engine, 'nummer', { vorgang: { nummer: 'A-1' }, name: 'Ada' })));
  assert.equal(answers.filter((answer) => answer.status === 202).length, 1);
  assert.equal(answers.filter((answer) => answer.status === 200).length, 19);
  for (const { body } of answers) assert.deepEqual(body, answers[0].body);
  assert.equal((await admin.ok('GET', '/flows/amt/antrag')).runs.total, total + 1);
});

test('twenty different ones at the same instant are twenty', async () => {
  const { total } = (await admin.ok('GET', '/flows/amt/antrag')).runs;
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => deliver(engine, 'nummer', { vorgang: { nummer: 1000 + i } })));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([202]));
  assert.equal(new Set(answers.flatMap((answer) => answer.body.runs)).size, 20);
  assert.equal((await admin.ok('GET', '/flows/amt/antrag')).runs.total, total + 20);
});

test('what makes a repeat known has to be there', async () => {
  const said = (name) => `the delivery has no "${name}", by which a repeat is recognised`;
  for (const body of [{}, { vorgang: 1 }, { vorgang: { nummer: null } }, { vorgang: { nummer: '' } }, { vorgang: { nummer: {} } }, []])
    await refused(() => deliver(engine, 'nummer', body), 400, 'bad-request', said('vorgang.nummer'));
  await refused(() => deliver(engine, 'kopf', {}), 400, 'bad-request', said('X-Delivery'));
  await refused(() => deliver(engine, 'kopf', {}, { 'x-delivery': 'x'.repeat(257) }), 400, 'bad-request');
  assert.equal((await deliver(engine, 'kopf', {}, { 'x-delivery': 'eins' })).status, 202);
  assert.equal((await deliver(engine, 'kopf', {}, { 'x-delivery': 'eins' })).status, 200);
  assert.equal((await deliver(engine, 'kopf', {}, { 'x-delivery': 'zwei' })).status, 202);
});

test('the same key at another webhook is another delivery', async () => {
  assert.equal((await deliver(engine, 'still', {}, { 'webhook-id': 'gleich' })).status, 202);
  assert.equal((await deliver(engine, 'still', {}, { 'webhook-id': 'gleich' })).status, 200);
  assert.equal((await deliver(engine, 'antrag', {}, { 'webhook-id': 'gleich' })).status, 202);
});

test('without anything that makes a repeat known, two are two', async () => {
  const one = await deliver(engine, 'offen', { a: 1 });
  const two = await deliver(engine, 'offen', { a: 1 });
  assert.deepEqual([one.status, two.status], [202, 202]);
  assert.notEqual(one.body.id, two.body.id);
});

test('data that looks like an expression or a template stays data', async () => {
  const evil = { name: '${ env }', 'a.b': '{{7*7}}', html: '<script>alert(1)</script>', __proto__x: '$ENV', lang: '"; DROP TABLE run; --' };
  const { body } = await deliver(engine, 'offen', evil);
  const runs = await Promise.all(body.runs.map((id) => admin.until(id, 'completed', 'faulted')));
  assert.deepEqual(runs.find((run) => run.flow.name === 'meldung').output, { eins: [evil] });
});

test('a configuration with a webhook that cannot be', async () => {
  const other = await start({ launch: false, config: { webhooks: { falsch: { event: 'e', verify: { standardWebhooks: { secret: 'env:TEST_SHORT' } } } } }, env: { TEST_SHORT: 'whsec_AAAAAAAAAAAAAAAA' } });
  await assert.rejects(other.launch(), /the secret of webhook "falsch" is "whsec_" and base64 of 24 to 64 bytes/);
  await other.remove();
});

test('every answer is one that the description announces', async () => {
  assert.ok(checkAnswers(await admin.ok('GET', '/openapi.json')) > 100);
});
