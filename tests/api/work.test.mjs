// What people do: claim, give back, complete; what they may not; what happens to items whose run ends.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { assertProblem, checkAnswers, client } from './client.mjs';
import { antrag, gang, password, users } from './flows.mjs';

let engine;
const as = {};

before(async () => {
  engine = await start({ flows: { 'antrag.yaml': antrag, 'gang.yaml': gang }, users: [...users, { name: 'bert', roles: ['sachbearbeitung', 'buergerbuero'], password }] });
  for (const name of ['admin', 'operator', 'anna', 'bert', 'buergerbuero']) as[name] = await client(engine, name);
});
after(() => engine?.remove());

async function offered(name = 'Ada') {
  const run = await as.admin.start('amt/antrag', { name });
  return as.admin.work(run.id);
}

const done = { outcome: 'genehmigen' };

test('an item shows the case', async () => {
  const { id, run } = await offered('Grace');
  const item = await as.anna.ok('GET', `/work/${id}`);
  const { flow, offeredAt, dueAt, ...rest } = item;
  assert.equal(flow.title, 'Ablauf antrag');
  assert.ok(Date.parse(dueAt) - Date.parse(offeredAt) === 10 * 86400 * 1000);
  assert.deepEqual(rest, {
    id, run, task: { reference: '/do/0/Antrag prüfen', name: 'Antrag prüfen' }, kind: 'decide', state: 'open', title: 'Antrag von Grace',
    role: 'sachbearbeitung', claimedBy: null, endedAt: null, overdue: false, data: { name: 'Grace' }, outcomes: ['genehmigen', 'ablehnen'],
    description: 'Bitte die Angaben prüfen.', reasonRequired: ['ablehnen'], legalBasis: '§ 4 Satzung',
  });
  const task = (await as.admin.run(run)).tasks[0];
  assert.equal(task.work, id);
  assert.equal(task.status, 'waiting');
});

test('claim, give back, claim, complete: each is in the journal, by name', async () => {
  const { id, run } = await offered();
  assert.deepEqual([(await as.anna.ok('POST', `/work/${id}/claim`)).claimedBy, (await as.anna.ok('GET', `/work/${id}`)).state], ['anna', 'taken']);
  assert.equal((await as.anna.ok('POST', `/work/${id}/claim`)).state, 'taken'); // again is fine
  const free = await as.anna.ok('POST', `/work/${id}/release`);
  assert.deepEqual([free.state, free.claimedBy], ['open', null]);
  assert.equal((await as.anna.ok('POST', `/work/${id}/release`)).state, 'open'); // again is fine
  await as.bert.ok('POST', `/work/${id}/claim`);
  const item = await as.bert.ok('POST', `/work/${id}/complete`, { outcome: 'ablehnen', reason: 'Der Hund ist eine Katze.', data: { art: 'Katze' } });
  assert.equal(item.state, 'done');
  const { at, ...decision } = item.decision;
  assert.deepEqual(decision, { outcome: 'ablehnen', by: 'bert', reason: 'Der Hund ist eine Katze.', data: { art: 'Katze' } });
  assert.equal(at, item.endedAt);
  const { output } = await as.admin.until(run, 'completed');
  assert.deepEqual(output.entscheidung, item.decision);
  const { items } = await as.admin.ok('GET', `/runs/${run}/journal`);
  assert.deepEqual(items.filter((record) => record.kind.startsWith('work-')).map((record) => [record.kind, record.actor]), [
    ['work-offered', 'engine'], ['work-claimed', 'user:anna'], ['work-released', 'user:anna'], ['work-claimed', 'user:bert'], ['work-completed', 'user:bert'],
  ]);
});

test('an open item is completed without a claim', async () => {
  const { id } = await offered();
  const item = await as.anna.ok('POST', `/work/${id}/complete`, done);
  assert.equal(item.state, 'done');
  assert.equal(item.decision.by, 'anna');
});

test('somebody else has it', async () => {
  const { id } = await offered();
  await as.anna.ok('POST', `/work/${id}/claim`);
  assertProblem(await as.bert.post(`/work/${id}/claim`), 409, 'conflict', 'somebody else has claimed it');
  assertProblem(await as.bert.post(`/work/${id}/complete`, done), 409, 'conflict', 'somebody else has claimed it');
  assertProblem(await as.bert.post(`/work/${id}/release`), 403, 'forbidden', '"anna" has claimed it; only they or an administrator can give it back');
  assertProblem(await as.admin.post(`/work/${id}/complete`, done), 409, 'conflict', 'somebody else has claimed it');
  assert.equal((await as.admin.ok('POST', `/work/${id}/release`)).state, 'open');
  assert.equal((await as.bert.ok('POST', `/work/${id}/claim`)).claimedBy, 'bert');
});

test('two at the same instant: one has it', async () => {
  const { id } = await offered();
  const claims = await Promise.all([as.anna, as.bert, as.anna, as.bert].map((one) => one.post(`/work/${id}/claim`)));
  const { claimedBy } = await as.admin.ok('GET', `/work/${id}`);
  const expected = claimedBy === 'anna' ? [200, 409, 200, 409] : [409, 200, 409, 200];
  assert.deepEqual(claims.map((answer) => answer.status), expected);
});

test('decided at the same instant: one decision', async () => {
  const { id, run } = await offered();
  const both = await Promise.all([as.anna.post(`/work/${id}/complete`, done), as.bert.post(`/work/${id}/complete`, { outcome: 'ablehnen', reason: 'nein' })]);
  assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 409]);
  const { items } = await as.admin.ok('GET', `/runs/${run}/journal`);
  assert.equal(items.filter((record) => record.kind === 'work-completed').length, 1);
});

test('without the role, or without any right to see it', async () => {
  const { id } = await offered();
  for (const verb of ['claim', 'release', 'complete']) {
    assertProblem(await as.operator.post(`/work/${id}/${verb}`, done), 403, 'forbidden', 'this work is for the role "sachbearbeitung"');
    assertProblem(await as.buergerbuero.post(`/work/${id}/${verb}`, done), 404, 'not-found', 'there is no such work item');
  }
  assert.equal((await as.admin.ok('GET', `/work/${id}`)).state, 'open');
});

test('an outcome that there is not, a reason that is missing, a body that is none', async () => {
  const { id } = await offered();
  const complete = (body, type) => as.anna.ask('POST', `/work/${id}/complete`, body, type ? { 'content-type': type } : {});
  for (const body of [{}, { outcome: 'vielleicht' }, { outcome: '' }, { outcome: 7 }, { outcome: null }, { outcome: ['genehmigen'] }])
    assertProblem(await complete(body), 422, 'input-invalid', '"outcome" must be one of ["genehmigen","ablehnen"]');
  for (const body of [{ outcome: 'ablehnen' }, { outcome: 'ablehnen', reason: '' }, { outcome: 'ablehnen', reason: ' \n\t ' }, { outcome: 'ablehnen', reason: null }])
    assertProblem(await complete(body), 422, 'input-invalid', '"reason" is missing: this outcome needs one');
  for (const reason of [7, ['x'], {}, 'x'.repeat(16 * 1024 + 1)])
    assertProblem(await complete({ ...done, reason }), 400, 'bad-request', /"reason" is a text of at most/);
  for (const body of ['[]', '"genehmigen"', '7', '{']) assertProblem(await complete(body, 'application/json'), 400, 'bad-request');
  assertProblem(await complete('outcome=genehmigen', 'application/x-www-form-urlencoded'), 415, 'unsupported');
  assert.equal((await as.admin.ok('GET', `/work/${id}`)).state, 'open');
  assert.equal((await as.anna.ok('POST', `/work/${id}/complete`, { outcome: 'ablehnen', reason: 'x'.repeat(16 * 1024) })).state, 'done');
});

test('completed is completed', async () => {
  const { id } = await offered();
  await as.anna.ok('POST', `/work/${id}/complete`, done);
  for (const verb of ['claim', 'release', 'complete'])
    for (const who of ['anna', 'bert', 'admin']) assertProblem(await as[who].post(`/work/${id}/${verb}`, done), 409, 'conflict', 'it has been completed already');
});

test('after the run was cancelled nothing is asked for any more', async () => {
  const { id, run } = await offered();
  await as.anna.ok('POST', `/work/${id}/claim`);
  await as.operator.ok('POST', `/runs/${run}/cancel`, { reason: 'zurückgezogen' });
  assert.equal((await as.admin.ok('GET', `/work/${id}`)).state, 'withdrawn');
  for (const verb of ['claim', 'release', 'complete']) assertProblem(await as.anna.post(`/work/${id}/${verb}`, done), 409, 'conflict', 'it is not asked for any more');
});

test('while the run is suspended nothing is decided', async () => {
  const { id, run } = await offered();
  await as.operator.ok('POST', `/runs/${run}/suspend`);
  assertProblem(await as.anna.post(`/work/${id}/complete`, done), 409, 'conflict', 'the run is suspended');
  await as.operator.ok('POST', `/runs/${run}/resume`);
  assert.equal((await as.anna.ok('POST', `/work/${id}/complete`, done)).state, 'done');
});

test('something to do has no outcomes', async () => {
  const run = await as.admin.start('amt/gang');
  const item = await as.buergerbuero.work(run.id);
  assert.equal(item.kind, 'task');
  const whole = await as.buergerbuero.ok('POST', `/work/${item.id}/complete`, { reason: 'Marke 17', data: { marke: 17 } });
  assert.deepEqual(whole.outcomes, []);
  assert.deepEqual([whole.decision.by, whole.decision.reason, whole.decision.data], ['buergerbuero', 'Marke 17', { marke: 17 }]);
  await as.admin.until(run.id, 'completed');
});

test('lists: own roles, mine, by state, by role, in pages', async () => {
  const { items } = await as.admin.ok('GET', '/work?state=open,taken&limit=200');
  for (const item of items.filter((one) => one.role === 'sachbearbeitung')) await as.admin.ok('POST', `/runs/${item.run}/cancel`);
  const open = [];
  for (let i = 0; i < 5; i++) open.push((await offered(`Nr. ${i}`)).id);
  await as.anna.ok('POST', `/work/${open[2]}/claim`);
  const ids = async (who, query) => (await as[who].ok('GET', `/work?${query}`)).items.map((item) => item.id);
  assert.deepEqual(await ids('anna', ''), open);
  assert.deepEqual(await ids('anna', 'mine=true'), [open[2]]);
  assert.deepEqual(await ids('anna', 'state=taken'), [open[2]]);
  assert.deepEqual(await ids('bert', 'mine=true'), []);
  assert.deepEqual(await ids('bert', 'role=buergerbuero'), []);
  assert.deepEqual(await ids('anna', 'role=buergerbuero'), []); // not hers: as if there were none
  assert.deepEqual(await ids('operator', 'role=sachbearbeitung'), open);
  assert.deepEqual(await ids('buergerbuero', 'role=sachbearbeitung'), []);
  const paged = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await as.anna.ok('GET', `/work?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    paged.push(...page.items.map((item) => item.id));
    cursor = page.next;
  }
  assert.deepEqual(paged, open);
  assert.ok((await ids('anna', 'state=withdrawn')).length >= 2);
  assert.ok((await ids('anna', 'state=done')).length >= 5);
});

test('every answer is one that the description announces', async () => {
  assert.ok(checkAnswers(await as.admin.ok('GET', '/openapi.json')) > 100);
});
