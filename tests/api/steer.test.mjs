// Operators: cancel, suspend, resume, retry, and when each is refused. Those who wait for a run to end.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { until } from '../peers/process.mjs';
import { startWeb } from '../peers/web.mjs';
import { assertProblem, checkAnswers, client } from './client.mjs';
import { abruf, antrag, geduldig, kurz, schlaf, users } from './flows.mjs';

let engine;
let admin;
let peer;
let answerOf = (request, response) => response.end();
const nobody = '01938c5e-0000-7000-8000-000000000000';

before(async () => {
  peer = await startWeb((request, response, body) => answerOf(request, response, body));
  engine = await start({
    config: { network: { allow: ['127.0.0.1:*'] } },
    flows: {
      'kurz.yaml': kurz, 'antrag.yaml': antrag, 'schlaf.yaml': schlaf('PT1H'), 'nickerchen.yaml': schlaf('PT0.2S', 'nickerchen'),
      'abruf.yaml': abruf('abruf', 'get', `${peer.url}/abruf`), 'geduldig.yaml': geduldig('geduldig', `${peer.url}/spaeter`, 'PT0.05S'),
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

/** The run of amt/schlaf that begins next. */
async function nextSleeper() {
  const last = async () => (await admin.ok('GET', '/runs?flow=amt/schlaf&limit=1')).items[0];
  const before = await last();
  return () => until('the run', async () => {
    const run = await last();
    return run?.id !== before?.id && run.status === 'waiting' ? run : null;
  });
}

const kinds = async (id) => (await admin.ok('GET', `/runs/${id}/journal?limit=200`)).items.map((record) => record.kind);

test('cancelled is over, with its reason', async () => {
  const { id } = await admin.start('amt/schlaf');
  const run = await admin.ok('POST', `/runs/${id}/cancel`, { reason: 'doppelt' });
  assert.equal(run.status, 'cancelled');
  assert.ok(run.endedAt);
  assert.equal(run.tasks[0].status, 'cancelled');
  assert.equal(run.wakesAt, null);
  const last = (await admin.ok('GET', `/runs/${id}/journal`)).items.at(-1);
  assert.deepEqual([last.kind, last.actor, last.note], ['run-cancelled', 'user:admin', { reason: 'doppelt' }]);
  for (const verb of ['cancel', 'suspend']) assertProblem(await admin.post(`/runs/${id}/${verb}`), 409, 'conflict', 'the run has ended');
  assertProblem(await admin.post(`/runs/${id}/resume`), 409, 'conflict', 'the run is not suspended');
  assertProblem(await admin.post(`/runs/${id}/retry`), 409, 'conflict', 'only a faulted run can be tried again');
});

test('a run that has ended by itself', async () => {
  const { id } = await admin.start('amt/kurz', {});
  await admin.until(id, 'completed');
  for (const verb of ['cancel', 'suspend', 'resume', 'retry']) assertProblem(await admin.post(`/runs/${id}/${verb}`), 409, 'conflict');
});

test('a suspended run rests, and goes on where it was', async () => {
  const { id } = await admin.start('amt/nickerchen');
  const resting = await admin.ok('POST', `/runs/${id}/suspend`);
  assert.equal(resting.status, 'suspended');
  assert.equal((await admin.ok('POST', `/runs/${id}/suspend`)).status, 'suspended'); // again is fine
  const dueAt = Date.parse(resting.tasks[0].dueAt);
  await until('its time is over', () => Date.now() > dueAt + 100);
  assert.equal((await admin.run(id)).status, 'suspended');
  await admin.ok('POST', `/runs/${id}/resume`, { reason: 'weiter' });
  assert.deepEqual((await admin.until(id, 'completed')).output, { wach: true });
  const seen = await kinds(id);
  assert.equal(seen.filter((kind) => kind === 'run-suspended').length, 1);
  assertProblem(await admin.post(`/runs/${id}/resume`), 409, 'conflict', 'the run is not suspended');
});

test('reasons are texts of some length, bodies are objects', async () => {
  const { id } = await admin.start('amt/schlaf');
  for (const reason of [7, {}, ['x'], 'x'.repeat(16 * 1024 + 1)]) assertProblem(await admin.post(`/runs/${id}/cancel`, { reason }), 400, 'bad-request', /"reason" is a text/);
  for (const body of ['[]', '7', '{', '"x"']) assertProblem(await admin.ask('POST', `/runs/${id}/cancel`, body, { 'content-type': 'application/json' }), 400, 'bad-request');
  assertProblem(await admin.ask('POST', `/runs/${id}/cancel`, 'x', { 'content-type': 'text/plain' }), 415, 'unsupported');
  assert.equal((await admin.run(id)).status, 'waiting');
  assert.equal((await admin.ask('POST', `/runs/${id}/suspend`)).status, 200); // no body at all
  assert.equal((await admin.post(`/runs/${id}/cancel`, { reason: null })).status, 200);
});

test('a faulted run is tried again, from the task that failed', async () => {
  let is = 500;
  answerOf = (request, response) => json(response, is, { wert: 7 });
  const { id } = await admin.start('amt/abruf');
  const faulted = await admin.until(id, 'faulted');
  assert.equal(faulted.error.status, 500);
  assert.equal(faulted.error.instance, '/do/0/Abrufen');
  assert.match(faulted.error.type, /^https:\/\/serverlessworkflow\.io\/spec\/1\.0\.0\/errors\/communication$/);
  assert.ok(faulted.endedAt);
  assert.equal(faulted.tasks[0].status, 'faulted');
  assert.equal(faulted.tasks[0].error.status, 500);
  assert.equal((await admin.ok('GET', '/flows/amt/abruf')).runs.faulted, 1);

  for (const verb of ['cancel', 'suspend', 'resume']) assertProblem(await admin.post(`/runs/${id}/${verb}`), 409, 'conflict');
  await admin.ok('POST', `/runs/${id}/retry`, { reason: 'der Server ist wieder da' });
  await admin.until(id, 'faulted'); // he is not
  is = 200;
  await admin.ok('POST', `/runs/${id}/retry`);
  const run = await admin.until(id, 'completed');
  assert.deepEqual(run.output, { antwort: { wert: 7 } });
  assert.equal(run.error, null);
  const asked = peer.requests.filter((request) => request.url === '/abruf');
  assert.equal(asked.length, 3);
  assert.equal((await kinds(id)).filter((kind) => kind === 'run-retried').length, 2);
});

test('a task that tries again by itself shows how often, and that it waits', async () => {
  let left = 2;
  answerOf = (request, response) => json(response, left-- > 0 ? 503 : 200, { da: true });
  const { id } = await admin.start('amt/geduldig');
  const run = await admin.until(id, 'completed');
  assert.deepEqual(run.output, { da: true });
  assert.equal((await kinds(id)).filter((kind) => kind === 'task-retried').length, 2);
  assert.equal(run.tasks.find((task) => task.kind === 'try').tries, 3);
});

test('a call on its way is ended by cancel', async () => {
  let open = null;
  answerOf = (request, response) => { open = response; };
  const { id } = await admin.start('amt/abruf');
  await until('the call has arrived', () => open !== null);
  assert.equal((await admin.run(id)).status, 'running');
  const closed = new Promise((resolve) => open.once('close', resolve));
  assert.equal((await admin.ok('POST', `/runs/${id}/cancel`)).status, 'cancelled');
  await closed;
  assert.equal((await admin.run(id)).status, 'cancelled');
});

test('resolve is for calls in doubt only', async () => {
  const { id } = await admin.start('amt/schlaf');
  const wrong = [
    [{}, /"frame" is the number/], [{ frame: 0 }, /"frame"/], [{ frame: 'x' }, /"frame"/], [{ frame: -1 }, /"frame"/], [{ frame: 2 ** 40 }, /"frame"/],
    [{ frame: 2 }, '"resolution" is "repeat", "skip" or "fail"'], [{ frame: 2, resolution: 'forget' }, /"resolution"/], [{ frame: 2, resolution: 'skip', reason: 7 }, /"reason"/],
  ];
  for (const [body, detail] of wrong) assertProblem(await admin.post(`/runs/${id}/resolve`, body), 400, 'bad-request', detail);
  assertProblem(await admin.post(`/runs/${id}/resolve`, { frame: 2, resolution: 'skip', reason: 'x' }), 409, 'conflict', 'that call is not in doubt');
  assertProblem(await admin.post(`/runs/${nobody}/resolve`, { frame: 2, resolution: 'skip', reason: 'x' }), 404, 'not-found');
});

test('?wait: ended meanwhile', async () => {
  const began = Date.now();
  const short = await admin.post('/flows/amt/kurz/runs?wait=30', { n: 1 }); // ends with its first commit
  assert.deepEqual([short.status, short.body.status, short.body.output], [200, 'completed', { n: 2 }]);
  const nap = await admin.post('/flows/amt/nickerchen/runs?wait=30');
  assert.deepEqual([nap.status, nap.body.status], [200, 'completed']);
  assert.equal(nap.headers.location, `/api/v1/runs/${nap.body.id}`);
  assert.ok(Date.now() - began < 15000);
});

test('?wait: one that faults has ended, too; so has one that is cancelled', async () => {
  answerOf = (request, response) => json(response, 404, {});
  const faulted = await admin.post('/flows/amt/abruf/runs?wait=30');
  assert.deepEqual([faulted.status, faulted.body.status, faulted.body.error.status], [200, 'faulted', 404]);
  const sleeper = await nextSleeper();
  const waiting = admin.post('/flows/amt/schlaf/runs?wait=30');
  const run = await sleeper();
  await admin.ok('POST', `/runs/${run.id}/cancel`);
  const cancelled = await waiting;
  assert.deepEqual([cancelled.status, cancelled.body.status], [200, 'cancelled']);
});

test('?wait: the time is over', async () => {
  const answer = await admin.post('/flows/amt/schlaf/runs?wait=1');
  assert.deepEqual([answer.status, answer.body.status], [202, 'waiting']);
});

test('?wait: who waited has gone', async () => {
  const before = (await admin.ok('GET', '/flows/amt/nickerchen')).runs.total;
  const request = http.request(`${engine.url}/api/v1/flows/amt/nickerchen/runs?wait=30`, { method: 'POST', headers: admin.headers });
  request.on('error', () => {});
  request.end();
  const run = await until('the run', async () => {
    const { runs } = await admin.ok('GET', '/flows/amt/nickerchen');
    return runs.total > before && (await admin.ok('GET', '/runs?flow=amt/nickerchen&limit=1')).items[0];
  });
  request.destroy();
  assert.equal((await admin.until(run.id, 'completed')).status, 'completed');
});

test('?wait: how long', async () => {
  for (const wait of ['-1', '61', 'x', '1.5', '1s']) assertProblem(await admin.post(`/flows/amt/kurz/runs?wait=${wait}`), 400, 'bad-request', /"wait" is a whole number from 0 to 60/);
  assert.equal((await admin.post('/flows/amt/kurz/runs?wait=0', {})).status, 201);
});

test('who waits when the engine ends hears so', async () => {
  const sleeper = await nextSleeper();
  const waiting = admin.post('/flows/amt/schlaf/runs?wait=60');
  await sleeper();
  const ended = engine.stop();
  const answer = await waiting;
  assert.ok([202, 503].includes(answer.status), `${answer.status}`);
  assert.deepEqual(await ended, { code: 0, signal: null });
  await engine.launch();
});

test('every answer is one that the description announces', async () => {
  assert.ok(checkAnswers(await admin.ok('GET', '/openapi.json')) > 80);
});
