// kill -9 at the worst moments: calls on their way, waits, people; and the journal with a command beside the engine.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { until } from '../peers/process.mjs';
import { startWeb } from '../peers/web.mjs';
import { assertProblem, checkAnswers, client, deliver } from './client.mjs';
import { abruf, antrag, geduldig, meldung, schlaf, users } from './flows.mjs';

let engine;
let admin;
let peer;
let answerOf;

before(async () => {
  peer = await startWeb((request, response, body) => answerOf(request, response, body));
  engine = await start({
    config: {
      network: { allow: ['127.0.0.1:*'] },
      webhooks: { antrag: { event: 'form.antrag', verify: { none: true } }, meldung: { event: 'form.meldung', verify: { none: true } } },
    },
    flows: {
      'antrag.yaml': antrag, 'meldung.yaml': meldung, 'kurzschlaf.yaml': schlaf('PT1.5S', 'kurzschlaf'), 'langschlaf.yaml': schlaf('PT1H', 'langschlaf'),
      'einmal.yaml': abruf('einmal', 'post', `${peer.url}/einmal`, { body: true }), 'lesen.yaml': abruf('lesen', 'get', `${peer.url}/lesen`),
      'ablegen.yaml': abruf('ablegen', 'put', `${peer.url}/ablegen`, { body: true }), 'geduldig.yaml': geduldig('geduldig', `${peer.url}/spaeter`, 'PT1.5S'),
    },
    users: users.slice(0, 1),
  });
  admin = await client(engine, 'admin');
});
after(async () => {
  await engine?.remove();
  await peer?.stop();
});

const json = (response, status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const asked = (url) => peer.requests.filter((request) => request.url === url);
const keyOf = (request) => request.headers['idempotency-key'];

async function killAndLaunch() {
  await engine.kill();
  await engine.launch();
}

/** Starts a run whose call arrives at the peer and is not answered before the engine is killed. */
async function killedInCall(flow, url) {
  const before = asked(url).length;
  answerOf = () => {};
  const { id } = await admin.start(flow);
  await until('the call has arrived', () => asked(url).length > before);
  answerOf = (request, response) => json(response, 200, { ok: true });
  await killAndLaunch();
  return { id, first: asked(url)[before], later: () => asked(url).slice(before + 1) };
}

test('what was accepted is there, though a command has written beside the engine', async () => {
  await engine.addUser({ name: 'spaet', roles: ['auditor'] }); // opens the journal, writes, and closes it
  await engine.command(['token', 'create', '--user', 'spaet']);
  const accepted = await Promise.all(Array.from({ length: 20 }, (_, i) => deliver(engine, 'antrag', { name: `Nr. ${i}` })));
  await engine.kill();
  await engine.launch();
  for (const { body } of accepted) assert.equal((await admin.until(body.runs[0], 'waiting')).status, 'waiting');
  const { code, stdout } = await engine.command(['audit', 'verify']);
  assert.equal(code, 0, stdout);
});

test('a person decides after the crash, in a run from before and in one of the same version after it', async () => {
  const before = (await deliver(engine, 'antrag', { name: 'Ada' })).body.runs[0];
  await killAndLaunch();
  const after = (await deliver(engine, 'antrag', { name: 'Grace' })).body.runs[0];
  for (const [run, title] of [[before, 'Antrag von Ada'], [after, 'Antrag von Grace']]) {
    const item = await admin.work(run);
    assert.deepEqual([item.title, item.kind], [title, 'decide']);
    await admin.ok('POST', `/work/${item.id}/complete`, { outcome: 'genehmigen' });
    assert.equal((await admin.until(run, 'completed')).output.entscheidung.outcome, 'genehmigen');
  }
});

test('acknowledged while the engine is being killed: each is there, none twice', async () => {
  const accepted = [];
  let sending = true;
  const senders = Array.from({ length: 8 }, async (_, who) => {
    for (let i = 0; sending; i++) {
      const key = `${who}-${i}`;
      const answer = await deliver(engine, 'meldung', { key }, { 'webhook-id': key }).catch(() => null);
      if (answer === null) return;
      accepted.push([key, answer.body]);
    }
  });
  await until('some are accepted', () => accepted.length >= 40);
  await engine.kill();
  sending = false;
  await Promise.all(senders);
  await engine.launch();
  for (const [key, body] of accepted) {
    const again = await deliver(engine, 'meldung', { key }, { 'webhook-id': key });
    assert.equal(again.status, 200, key);
    assert.deepEqual(again.body, body);
    assert.deepEqual((await admin.until(body.runs[0], 'completed')).output, { eins: [{ key }] });
  }
});

test('a call that must not be made twice is in doubt; repeated when somebody says so, with the same key', async () => {
  const { id, first, later } = await killedInCall('amt/einmal', '/einmal');
  const run = await until('the doubt', async () => { const one = await admin.run(id); return one.inDoubt && one; });
  assert.equal(run.status, 'waiting');
  assert.equal(run.tasks[0].status, 'inDoubt');
  assert.equal(run.inDoubt.length, 1);
  const [doubt] = run.inDoubt;
  assert.deepEqual([doubt.reference, doubt.name, doubt.operation, doubt.tries], ['/do/0/Abrufen', 'Abrufen', 'http.request', 1]);
  assert.equal(doubt.request.method, 'post');
  assert.ok(doubt.since && doubt.key);
  assert.equal((await admin.ok('GET', '/runs?inDoubt=true')).items[0].id, id);
  assert.equal((await admin.ok('GET', '/overview')).runs.inDoubt, 1);
  assert.equal(later().length, 0, 'not made again by itself');

  const resolve = (body) => admin.post(`/runs/${id}/resolve`, { frame: doubt.frame, ...body });
  for (const reason of [undefined, '', null]) assertProblem(await resolve({ resolution: 'repeat', reason }), 400, 'input-invalid', /"reason" is missing/);
  assertProblem(await resolve({ frame: doubt.frame + 100, resolution: 'repeat', reason: 'x' }), 409, 'conflict', 'that call is not in doubt');
  const resolved = await resolve({ resolution: 'repeat', reason: 'Die Gegenseite hat nichts bekommen.' });
  assert.equal(resolved.status, 200);
  const over = await admin.until(id, 'completed');
  assert.deepEqual(over.output, { antwort: { ok: true } });
  assert.equal(over.inDoubt, null);
  assert.deepEqual(later().map(keyOf), [keyOf(first)]);
  assert.ok(keyOf(first));
  assertProblem(await resolve({ resolution: 'skip', reason: 'x' }), 409, 'conflict');
  const record = (await admin.ok('GET', `/runs/${id}/journal`)).items.find((one) => one.kind === 'call-resolved');
  assert.deepEqual([record.actor, record.note.reason], ['user:admin', 'Die Gegenseite hat nichts bekommen.']);
});

test('... skipped, with the result that somebody knows', async () => {
  const { id, later } = await killedInCall('amt/einmal', '/einmal');
  const run = await until('the doubt', async () => { const one = await admin.run(id); return one.inDoubt && one; });
  await engine.restart(); // the doubt stays
  await admin.ok('POST', `/runs/${id}/resolve`, { frame: run.inDoubt[0].frame, resolution: 'skip', output: { von: 'Hand' }, reason: 'nachgesehen' });
  assert.deepEqual((await admin.until(id, 'completed')).output, { antwort: { von: 'Hand' } });
  assert.equal(later().length, 0);
});

test('... failed, and tried again later', async () => {
  const { id, later } = await killedInCall('amt/einmal', '/einmal');
  const run = await until('the doubt', async () => { const one = await admin.run(id); return one.inDoubt && one; });
  await admin.ok('POST', `/runs/${id}/resolve`, { frame: run.inDoubt[0].frame, resolution: 'fail', reason: 'ist dort nicht angekommen' });
  const faulted = await admin.until(id, 'faulted');
  assert.match(faulted.error.detail, /ist dort nicht angekommen/);
  await admin.ok('POST', `/runs/${id}/retry`);
  assert.deepEqual((await admin.until(id, 'completed')).output, { antwort: { ok: true } });
  assert.equal(later().length, 1);
});

test('... or the run is cancelled', async () => {
  const { id } = await killedInCall('amt/einmal', '/einmal');
  await until('the doubt', async () => (await admin.run(id)).inDoubt);
  const run = await admin.ok('POST', `/runs/${id}/cancel`, { reason: 'nicht mehr nötig' });
  assert.deepEqual([run.status, run.inDoubt], ['cancelled', null]);
  assert.equal((await admin.ok('GET', '/overview')).runs.inDoubt, 0);
});

test('calls that only read, and those the other side recognises, are made again with the same key', async () => {
  for (const [flow, url] of [['amt/lesen', '/lesen'], ['amt/ablegen', '/ablegen']]) {
    const { id, first, later } = await killedInCall(flow, url);
    const run = await admin.until(id, 'completed');
    assert.deepEqual(run.output, { antwort: { ok: true } });
    assert.equal(run.tasks[0].tries, 2);
    assert.equal(later().length, 1);
    assert.equal(keyOf(later()[0]), keyOf(first), url);
  }
});

test('a wait goes on: over meanwhile, or not yet', async () => {
  const short = await admin.start('amt/kurzschlaf');
  const long = await admin.start('amt/langschlaf');
  const { wakesAt } = await admin.run(long.id);
  await engine.kill();
  await until('the short one is over', () => Date.now() > Date.parse(short.wakesAt) + 50);
  await engine.launch();
  assert.deepEqual((await admin.until(short.id, 'completed')).output, { wach: true });
  const still = await admin.run(long.id);
  assert.deepEqual([still.status, still.wakesAt], ['waiting', wakesAt]);
});

test('a pause before the next try goes on', async () => {
  let fails = true;
  answerOf = (request, response) => json(response, fails ? 503 : 200, { da: true });
  const { id } = await admin.start('amt/geduldig');
  await until('it waits', async () => (await admin.run(id)).status === 'waiting');
  fails = false;
  await killAndLaunch();
  assert.deepEqual((await admin.until(id, 'completed')).output, { da: true });
  assert.equal(asked('/spaeter').length, 2);
});

test('a suspended run is still suspended', async () => {
  const { id } = await admin.start('amt/langschlaf');
  await admin.ok('POST', `/runs/${id}/suspend`);
  await killAndLaunch();
  assert.equal((await admin.run(id)).status, 'suspended');
  assert.equal((await admin.ok('POST', `/runs/${id}/resume`)).status, 'waiting');
});

test('after all this the journal proves itself, and nothing was set aside', async () => {
  const { code, stdout, stderr } = await engine.command(['audit', 'verify']);
  assert.equal(code, 0, stdout + stderr);
  assert.match((await admin.get('/metrics')).body, /^umlauf_runs_set_aside_total 0$/m);
});

test('every answer is one that the description announces', async () => {
  assert.ok(checkAnswers(await admin.ok('GET', '/openapi.json')) > 100);
});
