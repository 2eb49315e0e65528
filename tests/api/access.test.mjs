// Who may what: the table of docs/api.md for every role, sessions, the CSRF token, the throttle, tokens.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { until } from '../peers/process.mjs';
import { ask, assertProblem, checkAnswers, client } from './client.mjs';
import { antrag, kurz, password, schlaf, users } from './flows.mjs';

let engine;
const as = {};

before(async () => {
  engine = await start({ flows: { 'kurz.yaml': kurz, 'antrag.yaml': antrag, 'schlaf.yaml': schlaf('PT1H') }, users: [...users, { name: 'niemand', roles: ['putzdienst'], password }] });
  for (const name of ['admin', 'operator', 'author', 'auditor', 'anna', 'buergerbuero', 'niemand']) as[name] = await client(engine, name);
});
after(() => engine?.remove());

async function admins(...words) {
  const { code, stderr } = await engine.command(words);
  assert.equal(code, 0, stderr);
}

async function signIn(name, word = password, more = {}) {
  const answer = await ask(engine, 'POST', '/api/v1/session', { body: { name, password: word }, ...more });
  const cookie = answer.headers['set-cookie']?.[0];
  return { ...answer, cookie, header: cookie?.split(';')[0] };
}

const everyone = ['admin', 'operator', 'author', 'auditor', 'anna', 'niemand'];
const readers = ['admin', 'operator', 'author', 'auditor'];
const steerers = ['admin', 'operator'];

/** Everybody asks; only `allowed` get something else than 403. \`make\` gives method, path and body anew for each. */
async function table(name, allowed, make) {
  for (const who of everyone) {
    const [method, path, body] = await make(who);
    const answer = await as[who].ask(method, path, body);
    if (allowed.includes(who)) assert.ok(answer.status < 400, `${who} may ${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
    else assertProblem(answer, 403, 'forbidden');
  }
}

test('reading flows, connectors, the description, metrics', async () => {
  for (const path of ['/flows', '/flows/amt/kurz', '/connectors', '/openapi.json', '/metrics', '/session'])
    await table(`read ${path}`, everyone, () => ['GET', path]);
});

test('reading runs, the journal, the overview', async () => {
  const run = await as.admin.start('amt/kurz', {});
  for (const path of ['/runs', `/runs/${run.id}`, `/runs/${run.id}/journal`, '/overview'])
    await table(`read ${path}`, readers, () => ['GET', path]);
});

test('starting runs', async () => {
  await table('start a run', ['admin', 'operator', 'author'], () => ['POST', '/flows/amt/kurz/runs', {}]);
});

test('steering runs', async () => {
  const sleeping = async () => (await as.admin.start('amt/schlaf')).id;
  await table('cancel', steerers, async () => ['POST', `/runs/${await sleeping()}/cancel`, {}]);
  await table('suspend', steerers, async () => ['POST', `/runs/${await sleeping()}/suspend`, {}]);
  await table('resume', steerers, async () => {
    const id = await sleeping();
    await as.admin.ok('POST', `/runs/${id}/suspend`);
    return ['POST', `/runs/${id}/resume`, {}];
  });
  const id = await sleeping(); // may, but the run is not faulted and has no doubt: 409, not 403
  for (const who of everyone) {
    const expected = steerers.includes(who) ? 409 : 403;
    assert.equal((await as[who].post(`/runs/${id}/retry`)).status, expected, `retry by ${who}`);
    assert.equal((await as[who].post(`/runs/${id}/resolve`, { frame: 2, resolution: 'skip', reason: 'x' })).status, expected, `resolve by ${who}`);
  }
});

test('work: all of it, or that of the own roles', async () => {
  const run = await as.admin.start('amt/antrag', { name: 'Ada' });
  const item = await as.admin.work(run.id);
  for (const who of [...everyone, 'buergerbuero']) {
    const sees = ['admin', 'operator', 'auditor', 'anna'].includes(who);
    assert.equal((await as[who].ok('GET', `/work?run=${run.id}`)).items.length, sees ? 1 : 0, `list by ${who}`);
    assert.equal((await as[who].ok('GET', `/work?run=${run.id}&role=sachbearbeitung`)).items.length, sees ? 1 : 0, `list of the role by ${who}`);
    assert.equal((await as[who].get(`/work/${item.id}`)).status, sees ? 200 : 404, `item by ${who}`);
    const does = ['admin', 'anna'].includes(who);
    for (const verb of ['claim', 'release'])
      assert.equal((await as[who].post(`/work/${item.id}/${verb}`)).status, does ? 200 : sees ? 403 : 404, `${verb} by ${who}`);
    if (!does) assert.equal((await as[who].post(`/work/${item.id}/complete`, { outcome: 'genehmigen' })).status, sees ? 403 : 404, `complete by ${who}`);
  }
  assertProblem(await as.auditor.post(`/work/${item.id}/complete`, { outcome: 'genehmigen' }), 403, 'forbidden', 'this work is for the role "sachbearbeitung"');
  assert.equal((await as.anna.ok('POST', `/work/${item.id}/complete`, { outcome: 'genehmigen' })).state, 'done');
});

test('nobody gets in without being known', async () => {
  const attempts = [{}, { authorization: 'Bearer uml_falsch' }, { authorization: 'Basic YTpi' }, { authorization: 'Bearer' }, { cookie: 'umlauf_session=falsch' }, { cookie: `umlauf_session=${'a'.repeat(43)}` }];
  for (const headers of attempts) {
    const answer = await ask(engine, 'GET', '/api/v1/runs', { headers });
    assertProblem(answer, 401, 'unauthenticated');
    assert.match(answer.headers['www-authenticate'], /^Bearer/);
  }
  for (const path of ['/metrics', '/api/v1/openapi.json', '/api/v1/session', '/api/v1/stream', '/api/v1/work', '/api/v1/flows']) assert.equal((await ask(engine, 'GET', path)).status, 401, path);
  assert.equal((await ask(engine, 'POST', '/api/v1/flows/amt/kurz/runs', { body: {} })).status, 401);
});

test('a session: sign in, who am I, sign out', async () => {
  const { status, body, cookie, header } = await signIn('operator');
  assert.equal(status, 200);
  assert.deepEqual(body.user, { name: 'operator', roles: ['operator'] });
  assert.match(cookie, /^umlauf_session=[\w-]{40,}; /);
  for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/']) assert.ok(cookie.includes(word), cookie);
  assert.ok(!cookie.includes('Secure'));
  const me = await ask(engine, 'GET', '/api/v1/session', { headers: { cookie: header } });
  assert.deepEqual(me.body, body);
  const out = await ask(engine, 'DELETE', '/api/v1/session', { headers: { cookie: header, 'x-csrf-token': body.csrf } });
  assert.equal(out.status, 204);
  assert.match(out.headers['set-cookie'][0], /^umlauf_session=;.*Max-Age=0/);
  assert.equal((await ask(engine, 'GET', '/api/v1/session', { headers: { cookie: header } })).status, 401);
});

test('behind a proxy that speaks TLS the cookie is for TLS only', async () => {
  const { cookie } = await signIn('operator', password, { headers: { 'x-forwarded-proto': 'https' } });
  assert.ok(cookie.includes('Secure'), cookie);
});

test('whatever changes something needs the CSRF token of the session', async () => {
  const { body, header } = await signIn('admin');
  const other = await signIn('admin');
  const run = (csrf) => ask(engine, 'POST', '/api/v1/flows/amt/kurz/runs', { body: {}, headers: { cookie: header, ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }) } });
  for (const csrf of [undefined, '', 'falsch', body.csrf.slice(1), `${body.csrf}x`, other.body.csrf]) assertProblem(await run(csrf), 403, 'forbidden');
  assert.equal((await run(body.csrf)).status, 201);
  assertProblem(await ask(engine, 'DELETE', '/api/v1/session', { headers: { cookie: header } }), 403, 'forbidden');
  assert.equal((await ask(engine, 'GET', '/api/v1/runs', { headers: { cookie: header } })).status, 200);
});

test('an Authorization counts, not the cookie beside it', async () => {
  const { header } = await signIn('admin');
  assert.equal((await ask(engine, 'GET', '/api/v1/runs', { headers: { cookie: header, authorization: 'Bearer uml_falsch' } })).status, 401);
  const both = await ask(engine, 'GET', '/api/v1/session', { headers: { cookie: header, ...as.anna.headers } });
  assert.equal(both.body.user.name, 'anna');
});

test('signing in with what is no name and password', async () => {
  for (const body of ['{', '[]', '7', '{"name":"admin"}', '{"name":7,"password":"x"}', '{"password":"x"}', '{"name":"admin","password":null}'])
    assertProblem(await ask(engine, 'POST', '/api/v1/session', { body, headers: { 'content-type': 'application/json' } }), 400, 'bad-request');
  assertProblem(await ask(engine, 'POST', '/api/v1/session', { body: 'name=admin&password=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 415, 'unsupported');
});

test('a wrong name and a wrong password sound the same', async () => {
  const wrong = await signIn('buergerbuero', 'falsch-geraten', { address: '127.0.0.9' });
  const unknown = await signIn('gibtesnicht', 'falsch-geraten', { address: '127.0.0.9' });
  assertProblem(wrong, 401, 'unauthenticated');
  assert.deepEqual(wrong.body, unknown.body);
  assert.equal(wrong.cookie, undefined);
});

test('five wrong passwords for a name, then not for anybody from anywhere', async () => {
  for (let i = 0; i < 5; i++) assert.equal((await signIn('auditor', 'falsch-geraten', { address: `127.0.1.${i + 1}` })).status, 401);
  const answer = await signIn('auditor', password, { address: '127.0.1.99' });
  assertProblem(answer, 429, 'rate-limited');
  const seconds = Number(answer.headers['retry-after']);
  assert.ok(seconds > 800 && seconds <= 900, `${seconds}`);
  assert.equal((await signIn('author', password, { address: '127.0.1.99' })).status, 200); // others may
});

test('five wrong passwords from an address, then for no name', async () => {
  const address = '127.0.2.1';
  const many = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((i) => signIn(`name${i}`, 'falsch-geraten', { address })));
  assert.equal(many.filter((answer) => answer.status === 401).length, 5);
  assert.equal(many.filter((answer) => answer.status === 429).length, 2);
  assert.equal((await signIn('anna', password, { address })).status, 429);
  assert.equal((await signIn('anna', password, { address: '127.0.2.2' })).status, 200);
});

test('roles that were taken away and tokens that were taken back count soon', async () => {
  await engine.addUser({ name: 'gast', roles: ['operator'] });
  const gast = await client(engine, 'gast');
  assert.equal((await gast.get('/runs')).status, 200);
  await admins('user', 'roles', 'gast', '--role', 'putzdienst');
  await until('runs are refused', async () => (await gast.get('/runs')).status === 403, 10000);
  assert.equal((await gast.get('/flows')).status, 200);
  await admins('user', 'remove', 'gast');
  await until('everything is refused', async () => (await gast.get('/flows')).status === 401, 10000);
});

test('a token has no session', async () => {
  const session = await as.operator.ok('GET', '/session');
  assert.deepEqual(session, { user: { name: 'operator', roles: ['operator'] }, csrf: '' });
});

test('without any token at all: what is open', async () => {
  for (const path of ['/healthz', '/readyz', '/']) assert.equal((await ask(engine, 'GET', path)).status, 200, path);
});

test('every answer is one that the description announces', async () => {
  assert.ok(checkAnswers(await as.admin.ok('GET', '/openapi.json')) > 150);
});
