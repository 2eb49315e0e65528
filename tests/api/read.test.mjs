// What can be read: flows, runs, the journal, work, the overview, connectors; lists, filters, addresses that are not there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { ask, assertProblem, checkAnswers, client } from './client.mjs';
import { antrag, kurz, meldung, umweg, users } from './flows.mjs';

let engine;
let admin;
let started; // 120 runs, oldest first

before(async () => {
  engine = await start({ flows: { 'kurz.yaml': kurz, 'antrag.yaml': antrag, 'meldung.yaml': meldung, 'umweg.yaml': umweg, 'kaputt.yaml': 'do: [' }, users: users.slice(0, 1) });
  admin = await client(engine, 'admin');
  started = [];
  for (let n = 0; n < 120; n++) started.push(await admin.start('amt/kurz', { n, wort: n % 40 === 7 ? 'Müllerstraße' : 'x' }));
  await admin.until(started.at(-1).id, 'completed');
});
after(() => engine?.remove());

async function all(target, limit) {
  const items = [];
  let pages = 0;
  for (let cursor = ''; cursor !== null; pages++) {
    const page = await admin.ok('GET', `${target}${target.includes('?') ? '&' : '?'}limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    assert.ok(page.items.length <= limit);
    items.push(...page.items);
    cursor = page.next;
  }
  return { items, pages };
}

test('flows on offer, with their counts', async () => {
  const { items, next } = await admin.ok('GET', '/flows');
  assert.equal(next, null);
  assert.deepEqual(items.map((flow) => flow.name), ['antrag', 'kurz', 'meldung', 'umweg']); // one file is refused
  const { digest, ...flow } = items[1];
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(flow, {
    namespace: 'amt', name: 'kurz', version: '1.0.0', title: 'Ablauf kurz', summary: 'Zum Ausprobieren', triggers: [],
    runs: { total: 120, active: 0, faulted: 0 }, warnings: 0,
  });
  assert.deepEqual(items[2].triggers, ['form.meldung']);
  assert.equal(items[3].warnings, 1);
});

test('one flow, with source, definition and tasks', async () => {
  const flow = await admin.ok('GET', '/flows/amt/antrag');
  assert.equal(flow.source, antrag);
  assert.equal(flow.definition.document.name, 'antrag');
  assert.deepEqual(flow.tasks, [
    { reference: '/do/0/Antrag prüfen', name: 'Antrag prüfen', kind: 'call', operation: 'human.decide' },
    { reference: '/do/1/Fertig', name: 'Fertig', kind: 'set' },
  ]);
  assert.equal((await admin.ok('GET', '/flows/amt/antrag?version=1.0.0')).version, '1.0.0');
  assertProblem(await admin.get('/flows/amt/antrag?version=2.0.0'), 404, 'not-found');
  assertProblem(await admin.get('/flows/amt/niemand'), 404, 'not-found', 'there is no flow "amt/niemand"');
});

test('a run says what it was given, what it did and what came out', async () => {
  const answer = await admin.post('/flows/amt/kurz/runs', { n: 41 });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.location, `/api/v1/runs/${answer.body.id}`);
  const run = await admin.until(answer.body.id, 'completed');
  assert.deepEqual(run.input, { n: 41 });
  assert.deepEqual(run.output, { n: 42 });
  assert.equal(run.error, null);
  assert.equal(run.inDoubt, null);
  assert.equal(run.wakesAt, null);
  assert.equal(run.trigger, 'api');
  assert.deepEqual(Object.keys(run.flow), ['namespace', 'name', 'version', 'title', 'digest']);
  assert.equal(run.tasks.length, 1);
  const { startedAt, endedAt, ...task } = run.tasks[0];
  assert.ok(startedAt && endedAt);
  assert.equal(task.reference, '/do/0/Zählen');
  assert.equal(task.status, 'completed');
  assert.deepEqual(task.output, { n: 42 });
});

test('an absent input is null', async () => {
  const run = await admin.start('amt/kurz');
  assert.equal((await admin.until(run.id, 'completed', 'faulted')).input, null);
});

test('inputs that are no JSON, or not said to be', async () => {
  const post = (body, type) => ask(engine, 'POST', '/api/v1/flows/amt/kurz/runs', { body, headers: { ...admin.headers, 'content-type': type } });
  assertProblem(await post('{', 'application/json'), 400, 'bad-request');
  assertProblem(await post('{}', 'text/plain'), 415, 'unsupported');
  assertProblem(await post('{"a":1,"a":2}', 'application/json'), 400, 'bad-request');
  assert.equal((await post('{}', 'application/json; charset=utf-8')).status, 201);
  assertProblem(await post(`"${'x'.repeat(4 * 1024 * 1024)}"`, 'application/json'), 413, 'too-large');
});

test('the journal of a run, oldest first, in pages', async () => {
  const { items } = await all(`/runs/${started[0].id}/journal`, 1);
  assert.deepEqual(items.map((record) => record.kind), ['run-started', 'task-completed', 'run-completed']);
  assert.deepEqual(items.map((record) => record.position), [1, 2, 3]);
  assert.equal(items[0].actor, 'user:admin');
  assert.deepEqual(items[0].data.input, started[0].input);
  assert.deepEqual(items[1].task, { reference: '/do/0/Zählen', name: 'Zählen' });
  for (const record of items) assert.match(record.hash, /^[0-9a-f]{64}$/);
  assert.deepEqual((await all(`/runs/${started[0].id}/journal`, 200)).items, items);
});

test('120 runs through cursors, newest first, none twice', async () => {
  const expected = started.map((run) => run.id).reverse();
  for (const limit of [7, 50, 200]) {
    const { items } = await all('/runs?flow=amt/kurz', limit);
    assert.deepEqual(items.map((run) => run.id).filter((id) => expected.includes(id)), expected, `limit ${limit}`);
  }
  const [run] = (await admin.ok('GET', '/runs?limit=1')).items;
  for (const name of ['input', 'output', 'tasks']) assert.ok(!(name in run), name);
  assert.equal((await admin.ok('GET', '/runs')).items.length, 50);
});

test('runs begun while somebody turns the pages do not shift them', async () => {
  const first = await admin.ok('GET', '/runs?limit=10');
  await admin.start('amt/kurz', {});
  const second = await admin.ok('GET', `/runs?limit=10&cursor=${encodeURIComponent(first.next)}`);
  const both = [...first.items, ...second.items].map((run) => run.id);
  assert.equal(new Set(both).size, 20);
});

test('runs are found by their words', async () => {
  const found = async (q) => (await all(`/runs?q=${encodeURIComponent(q)}`, 50)).items.map((run) => run.id);
  const streets = [7, 47, 87].map((n) => started[n].id).reverse();
  assert.deepEqual(await found('Müllerstraße'), streets);
  assert.deepEqual(await found('mÜLLERSTRASSE'.replace('SS', 'ß')), streets);
  assert.deepEqual(await found(started[3].id), [started[3].id]);
  assert.ok((await found('Ablauf kurz')).length >= 120);
  assert.deepEqual(await found('gibt es nicht'), []);
  assert.deepEqual(await found('%'), []);
});

test('runs by status, flow and time', async () => {
  const waiting = await admin.start('amt/antrag', { name: 'Ada' });
  const ids = async (query) => (await all(`/runs?${query}`, 100)).items.map((run) => run.id);
  assert.deepEqual(await ids('status=waiting'), [waiting.id]);
  assert.deepEqual(await ids('status=waiting,running&flow=amt/antrag'), [waiting.id]);
  assert.deepEqual(await ids('status=faulted&flow=amt/antrag'), []);
  assert.deepEqual(await ids('flow=amt/niemand'), []);
  assert.deepEqual(await ids('inDoubt=true'), []);
  assert.ok((await ids('inDoubt=false')).length > 100);
  const at = (await admin.run(started[60].id)).startedAt;
  const since = await ids(`flow=amt/kurz&since=${at}`);
  assert.ok(since.includes(started[60].id) && since.includes(started[61].id) && !since.includes(started[0].id));
  const before = await ids(`flow=amt/kurz&until=${at}`);
  assert.ok(!before.includes(started[60].id) && before.includes(started[0].id));
  assert.deepEqual(await ids(`since=${at}&until=${at}`), []);
  await admin.ok('POST', `/runs/${waiting.id}/cancel`);
});

test('what a list does not understand', async () => {
  const wrong = {
    'limit=0': /"limit" is a whole number from 1 to 200/, 'limit=201': /"limit"/, 'limit=x': /"limit"/, 'limit=-1': /"limit"/, 'limit=1e2': /"limit"/,
    'status=sleeping': '"sleeping" is not a status of runs', 'status=waiting,,running': /status/, 'flow=kurz': '"flow" is NAMESPACE/NAME',
    'since=yesterday': /"since" is a time such as/, 'until=2026': /"until"/, 'inDoubt=maybe': '"inDoubt" is "true" or "false", not "maybe"',
    'cursor=abc': /cursor/, 'cursor=-1': /cursor/, 'cursor=99999999999999999999': /cursor/,
  };
  for (const [query, detail] of Object.entries(wrong)) assertProblem(await admin.get(`/runs?${query}`), 400, 'bad-request', detail);
  assertProblem(await admin.get('/work?state=lost'), 400, 'bad-request', '"lost" is not a state of work');
  assertProblem(await admin.get('/work?run=7'), 400, 'bad-request', '"run" is the id of a run');
  assertProblem(await admin.get('/work?mine=1'), 400, 'bad-request');
  assertProblem(await admin.get('/work?limit=1000'), 400, 'bad-request');
  assertProblem(await admin.get('/overview?hours=0'), 400, 'bad-request');
  assertProblem(await admin.get('/overview?hours=169'), 400, 'bad-request');
  assertProblem(await admin.get(`/runs/${started[0].id}/journal?cursor=x`), 400, 'bad-request');
});

test('runs and work that there are not', async () => {
  const nobody = '01938c5e-0000-7000-8000-000000000000';
  for (const path of [`/runs/${nobody}`, `/runs/${nobody}/journal`, `/work/${nobody}`, '/runs/x', '/runs/x/journal', '/work/..%2f..', '/runs/%ff'])
    assert.ok([400, 404].includes((await admin.get(path)).status), path);
  for (const verb of ['cancel', 'suspend', 'resume', 'retry']) assertProblem(await admin.post(`/runs/${nobody}/${verb}`), 404, 'not-found');
  assertProblem(await admin.post(`/runs/${nobody}/resolve`, { frame: 1, resolution: 'skip', reason: 'x' }), 404, 'not-found');
  for (const verb of ['claim', 'release', 'complete']) assertProblem(await admin.post(`/work/${nobody}/${verb}`), 404, 'not-found');
});

test('the overview counts', async () => {
  const overview = await admin.ok('GET', '/overview');
  assert.deepEqual(Object.keys(overview.runs), ['pending', 'running', 'waiting', 'suspended', 'cancelled', 'faulted', 'completed', 'inDoubt']);
  assert.ok(overview.runs.completed >= 120);
  assert.equal(overview.runs.cancelled, 1);
  assert.deepEqual(overview.work, { open: 0, taken: 0, overdue: 0 });
  assert.equal(overview.throughput.length, 48);
  const begun = overview.throughput.reduce((sum, step) => sum + step.started, 0);
  assert.ok(begun >= 120, `${begun}`);
  assert.ok(overview.throughput[0].at < overview.throughput[47].at);
  assert.equal(overview.journal.full, false);
  assert.ok(overview.journal.lastNumber > 360);
  assert.match(overview.version, /^\d+\.\d+\.\d+/);
  assert.equal((await admin.ok('GET', '/overview?hours=168')).throughput.length, 48);
});

test('connectors with their operations', async () => {
  const { items } = await admin.ok('GET', '/connectors');
  const human = items.find((one) => one.name === 'human');
  const decide = human.operations.find((one) => one.name === 'human.decide');
  assert.deepEqual(decide.traits, ['work', 'decides']);
  assert.ok(decide.input.properties.title && decide.output.properties.outcome && decide.sample.includes('human.decide') && decide.helpGerman);
});

test('the description names exactly the routes there are', async () => {
  const description = await admin.ok('GET', '/openapi.json');
  assert.equal(description.openapi, '3.1.0');
  const id = started[0].id;
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  for (const [pattern, operations] of Object.entries(description.paths)) {
    const path = pattern.replace('{name}', 'antrag').replace('{namespace}', 'amt').replace('{id}', id);
    const nobody = { headers: { 'content-type': 'application/json' } };
    const there = new Set();
    for (const method of methods) {
      const { status } = await ask(engine, method, path, nobody); // nobody is let in: nothing is done
      if (status !== 405 && status !== 404) there.add(method.toLowerCase());
      if (status === 404) assert.equal(pattern, '/hooks/{name}'), there.add(method.toLowerCase());
    }
    assert.deepEqual([...there].sort(), Object.keys(operations).sort(), pattern);
    for (const operation of Object.values(operations)) {
      const placed = operation.parameters.filter((one) => one.in === 'path').map((one) => `{${one.name}}`);
      assert.deepEqual(placed, pattern.match(/\{\w+\}/g) ?? []);
    }
  }
  const documented = `/api/v1/session /api/v1/flows /api/v1/flows/{namespace}/{name} /api/v1/flows/{namespace}/{name}/runs /api/v1/runs
    /api/v1/runs/{id} /api/v1/runs/{id}/journal /api/v1/runs/{id}/cancel /api/v1/runs/{id}/suspend /api/v1/runs/{id}/resume /api/v1/runs/{id}/retry
    /api/v1/runs/{id}/resolve /api/v1/work /api/v1/work/{id} /api/v1/work/{id}/claim /api/v1/work/{id}/release /api/v1/work/{id}/complete
    /api/v1/overview /api/v1/stream /api/v1/connectors /api/v1/openapi.json /metrics /healthz /readyz /hooks/{name}`.split(/\s+/);
  assert.deepEqual(Object.keys(description.paths).sort(), documented.sort());
});

test('metrics are Prometheus text', async () => {
  const { status, headers, body } = await admin.get('/metrics');
  assert.equal(status, 200);
  assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  const types = new Map();
  const values = new Map();
  for (const line of body.trimEnd().split('\n')) {
    const comment = line.match(/^# (HELP|TYPE) ([a-z_]+) (.+)$/);
    if (comment) {
      if (comment[1] === 'TYPE') assert.ok(!types.has(comment[2]), `${comment[2]} twice`), types.set(comment[2], comment[3]);
      continue;
    }
    const sample = line.match(/^([a-z_]+)(\{[a-z]+="[^"\n]*"\})? (-?[0-9.e+-]+|\+Inf|NaN)$/);
    assert.ok(sample, `"${line}" is no sample`);
    const family = types.has(sample[1]) ? sample[1] : sample[1].replace(/_(bucket|sum|count)$/, '');
    assert.ok(types.has(family), `${family} has no type`);
    assert.ok(!values.has(line.split(' ')[0]), `${line} twice`);
    values.set(line.split(' ')[0], Number(sample[3]));
  }
  for (const type of types.values()) assert.ok(['counter', 'gauge', 'histogram'].includes(type));
  assert.ok(values.get('umlauf_runs{status="completed"}') >= 120);
  assert.equal(values.get('umlauf_journal_commit_seconds_bucket{le="+Inf"}'), values.get('umlauf_journal_commit_seconds_count'));
  assert.ok(values.get('umlauf_resident_memory_bytes') > 1e6);
  assert.equal(values.get('umlauf_runs_set_aside_total'), 0);
});

test('alive and ready, for everybody', async () => {
  assert.deepEqual((await ask(engine, 'GET', '/healthz')).body, { status: 'ok' });
  assert.deepEqual((await ask(engine, 'GET', '/readyz')).body, { status: 'ready' });
  assert.equal((await ask(engine, 'HEAD', '/healthz')).status, 200);
});

test('addresses that there are not, and methods that they do not have', async () => {
  for (const path of ['/api', '/api/v1', '/api/v1/', '/api/v1/nonsense', '/api/v2/flows', '/api/v1/flows/', '/api/v1/runs/', '/hooks', '/hooks/', '/hooks/a/b'])
    assertProblem(await ask(engine, 'GET', path, { headers: admin.headers }), 404, 'not-found');
  const put = await ask(engine, 'PUT', '/api/v1/flows', { headers: admin.headers, body: {} });
  assertProblem(put, 405, 'method-not-allowed');
  assert.equal(put.headers.allow, 'GET, HEAD, OPTIONS');
  const session = await ask(engine, 'PATCH', '/api/v1/session', { body: {} });
  assertProblem(session, 405, 'method-not-allowed');
  assert.deepEqual(session.headers.allow.split(', ').sort(), ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST']);
  assertProblem(await ask(engine, 'GET', '/hooks/x'), 405, 'method-not-allowed');
  assert.equal((await ask(engine, 'OPTIONS', '/api/v1/runs')).status, 204);
});

test('only asked by its own names', async () => {
  const answer = await ask(engine, 'GET', '/healthz', { headers: { host: 'evil.example' } });
  assert.equal(answer.status, 421);
  assert.equal((await ask(engine, 'GET', '/healthz', { headers: { host: 'localhost' } })).status, 200);
});

test('every answer says how it may be used', async () => {
  const { headers } = await admin.get('/flows');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['content-security-policy'], /default-src/);
  assert.ok(headers['x-request-id']);
});

test('a head without end, an address without end', async () => {
  assert.ok([400, 413, 414, 431].includes((await ask(engine, 'GET', `/api/v1/runs?q=${'x'.repeat(60000)}`, { headers: admin.headers })).status));
  assert.equal((await ask(engine, 'GET', '/api/v1/runs?q=%zz', { headers: admin.headers })).status, 400);
  assert.equal((await ask(engine, 'GET', '/api/v1/runs?q=%ff', { headers: admin.headers })).status, 400);
  assert.equal((await ask(engine, 'GET', '/healthz')).status, 200);
});

test('an old version of a flow is shown with its tasks', async () => {
  const { writeFileSync } = await import('node:fs');
  const run = await admin.start('amt/kurz', { n: 1 });
  writeFileSync(`${engine.folder}/workflows/kurz.yaml`, kurz.replace('Zählen', 'Anders').replace("'1.0.0'", "'2.0.0'"));
  await engine.restart();
  const flow = await admin.ok('GET', '/flows/amt/kurz');
  assert.equal(flow.version, '2.0.0');
  assert.equal(flow.runs.total >= 120, true);
  const old = await admin.run(run.id);
  assert.equal(old.flow.version, '1.0.0');
  assert.equal(old.tasks[0].name, 'Zählen');
  const { items } = await admin.ok('GET', `/runs/${run.id}/journal`);
  assert.equal(items[1].task.name, 'Zählen');
  assertProblem(await admin.get('/flows/amt/kurz?version=1.0.0'), 404, 'not-found'); // not on offer any more
});

test('every answer is one that the description announces', async () => {
  assert.ok(checkAnswers(await admin.ok('GET', '/openapi.json')) > 150);
});
