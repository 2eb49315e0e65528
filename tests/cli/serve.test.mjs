// The engine: how it starts, what keeps it from starting, how it ends, and what commands tell it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { command, start } from '../peers/engine.mjs';
import { freePort, until } from '../peers/process.mjs';
import { flowOf, folderOf, serverOf, sql } from './kit.mjs';

const hello = flowOf('- hello:\n    set: { greeting: hello }', { name: 'hello' });

async function engineOf(t, options) {
  const engine = await start(options);
  t.after(() => engine.remove());
  return engine;
}

async function api(engine, user, method, at, body) {
  const reply = await fetch(`${engine.url}/api/v1${at}`, {
    method,
    headers: { authorization: `Bearer ${await engine.token(user)}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
}

const admin = [{ name: 'chief', roles: ['admin'] }];

test('the first start makes an admin and shows the password once', async (t) => {
  const engine = await engineOf(t, { flows: { 'hello.yaml': hello } });
  await until('the greeting', () => engine.stderr().includes('First sign-in'));
  const [, password] = engine.stderr().match(/First sign-in: name admin, password (\S+)/);
  const signIn = await fetch(`${engine.url}/api/v1/session`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'admin', password }),
  });
  assert.equal(signIn.status, 200);
  assert.deepEqual((await signIn.json()).user, { name: 'admin', roles: ['admin'] });
  await engine.restart();
  assert.equal(engine.stderr().split('First sign-in').length, 2);
  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
});

test('what commands ask the running engine, and what they say without one', async (t) => {
  const wait = flowOf('- rest:\n    wait: { hours: 1 }', { name: 'rest' });
  const engine = await engineOf(t, { flows: { 'rest.yaml': wait, 'hello.yaml': hello }, users: admin });
  const { body: run } = await api(engine, 'chief', 'POST', '/flows/default/rest/runs', null);
  assert.equal(statSync(path.join(engine.data, 'serve.json')).mode & 0o777, 0o600);

  const flows = await engine.command(['flows', 'list', '--format', 'json']);
  assert.deepEqual(JSON.parse(flows.stdout).map(({ name }) => name), ['hello', 'rest']);
  for (const [verb, status] of [['suspend', 'suspended'], ['resume', 'waiting'], ['cancel', 'cancelled']]) {
    const { code, stdout, stderr } = await engine.command(['runs', verb, run.id, '--reason', 'a test']);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.equal(stdout, `${run.id}  ${status}\n`);
  }
  const again = await engine.command(['runs', 'cancel', run.id]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^umlauf: /);
  const shown = JSON.parse((await engine.command(['runs', 'show', run.id, '--format', 'json'])).stdout);
  assert.equal(shown.status, 'cancelled');
  assert.equal(shown.tasks[0].name, 'rest');
  assert.match((await engine.command(['runs', 'show', run.id])).stdout, /status +cancelled/);
  const listed = JSON.parse((await engine.command(['runs', 'list', '--status', 'cancelled', '--format', 'json'])).stdout);
  assert.deepEqual(listed.map(({ id }) => id), [run.id]);
  assert.equal((await engine.command(['runs', 'list', '--status', 'lost'])).code, 2);
  assert.match((await engine.command(['runs', 'list', '--flow', 'default/rest'])).stdout, new RegExp(`^${run.id}  cancelled`));
  assert.equal((await engine.command(['runs', 'show', '0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f'])).code, 1);
  assert.equal((await engine.command(['runs', 'resolve', run.id, '--frame', '1', '--as', 'skip', '--reason', 'x'])).code, 1);

  await engine.stop();
  assert.equal(existsSync(path.join(engine.data, 'serve.json')), false);
  const alone = await engine.command(['runs', 'cancel', run.id]);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /no engine runs on/);
  assert.match((await engine.command(['runs', 'list'])).stdout, /cancelled/, 'lists work without an engine');
  await engine.launch();
  await engine.kill();
  const killed = await engine.command(['flows', 'list']);
  assert.equal(killed.code, 1);
  assert.match(killed.stderr, /no engine runs on/);
});

test('the local token is nobody else\'s, and none of the last life', async (t) => {
  const engine = await engineOf(t, { users: admin });
  const told = () => JSON.parse(readFileSync(path.join(engine.data, 'serve.json'), 'utf8'));
  const ask = async (token) => (await fetch(`${engine.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } })).status;
  const { token } = told();
  assert.equal(await ask(token), 200);
  assert.equal(await ask(token.replace(/.$/, token.endsWith('A') ? 'B' : 'A')), 401);
  await engine.restart();
  assert.equal(await ask(token), 401);
  assert.equal(await ask(told().token), 200);
});

test('work that people have to do is listed', async (t) => {
  const flow = flowOf('- Antrag prüfen:\n    call: human.decide\n    with: { title: Ein Antrag, role: amt, outcomes: [ ja, nein ] }', { name: 'amt' });
  const engine = await engineOf(t, { flows: { 'amt.yaml': flow }, users: admin });
  const { body: run } = await api(engine, 'chief', 'POST', '/flows/default/amt/runs', null);
  const [item] = JSON.parse((await engine.command(['work', 'list', '--role', 'amt', '--format', 'json'])).stdout);
  assert.equal(item.title, 'Ein Antrag');
  assert.equal(item.run, run.id);
  assert.deepEqual(item.task, { reference: '/do/0/Antrag prüfen', name: 'Antrag prüfen' });
  assert.equal((await engine.command(['work', 'list', '--role', 'other'])).stdout, '');
  assert.match((await engine.command(['work', 'list'])).stdout, /open +due - +amt {2}Ein Antrag/);
});

test('good flows are served though others are refused; SIGHUP reads them again', async (t) => {
  const engine = await engineOf(t, { flows: { 'hello.yaml': hello, 'bad.yaml': hello.replace('set', 'sett').replace('name: hello', 'name: bad') }, users: admin });
  const names = async () => (await api(engine, 'chief', 'GET', '/flows')).body.items.map(({ name, version }) => `${name} ${version}`);
  assert.deepEqual(await names(), ['hello 1.0.0']);
  assert.match(engine.stderr(), /bad\.yaml:8:\d+: error: /);
  assert.match(engine.stderr(), /1 file is REFUSED/);

  const at = (name) => path.join(engine.folder, 'workflows', name);
  writeFileSync(at('bad.yaml'), hello.replace('name: hello', 'name: good'));
  writeFileSync(at('hello.yaml'), hello.replaceAll('1.0.0', '1.1.0'));
  engine.signal('SIGHUP');
  await until('the new flows', async () => (await names()).join() === 'good 1.0.0,hello 1.1.0');

  writeFileSync(at('hello.yaml'), 'nonsense: [');
  writeFileSync(at('twin.yaml'), hello.replace('name: hello', 'name: good'));
  engine.signal('SIGHUP');
  await until('two refused', () => /2 files are REFUSED/.test(engine.stderr()));
  assert.deepEqual(await names(), ['good 1.0.0', 'hello 1.1.0'], 'a file that became wrong keeps what it had');
  assert.match(engine.stderr(), /twin\.yaml: error: 'default\/good' in version 1\.0\.0 stands in '.*bad\.yaml' already/);
});

test('a run keeps its version, though the folder has another by the next start', async (t) => {
  const first = flowOf('- rest:\n    wait: { seconds: 2 }\n- tell:\n    set: { by: first }', { name: 'keeper' });
  const engine = await engineOf(t, { flows: { 'keeper.yaml': first }, users: admin });
  const { body: run } = await api(engine, 'chief', 'POST', '/flows/default/keeper/runs', null);
  await engine.stop();
  writeFileSync(path.join(engine.folder, 'workflows/keeper.yaml'), first.replace('by: first', 'by: second'));
  await engine.launch();
  const ended = await until('the end of the run', async () => {
    const { body } = await api(engine, 'chief', 'GET', `/runs/${run.id}`);
    return body.status === 'completed' ? body : null;
  });
  assert.deepEqual(ended.output, { by: 'first' });
});

test('calls under way end within the grace time', async (t) => {
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  const peer = await serverOf(t, async () => { await held; return { body: { late: true } }; });
  const flow = flowOf(`- ask:\n    call: http\n    with: { method: post, endpoint: ${peer.url}/slow }\n- tell:\n    set: { got: '\${ . }' }`, { name: 'slow' });
  const engine = await engineOf(t, { flows: { 'slow.yaml': flow }, users: admin, config: { network: { allow: ['127.0.0.1:*'] } }, args: ['--grace', '30'] });
  const { body: run } = await api(engine, 'chief', 'POST', '/flows/default/slow/runs', null);
  await until('the call', () => peer.requests.length === 1);
  const end = engine.stop();
  await until('the word that it ends', () => engine.stderr().includes('ending'));
  release();
  assert.deepEqual(await end, { code: 0, signal: null });
  await engine.launch();
  const ended = await until('the end of the run', async () => {
    const { body } = await api(engine, 'chief', 'GET', `/runs/${run.id}`);
    return body.status === 'completed' ? body : null;
  });
  assert.deepEqual(ended.output, { got: { late: true } });
  assert.equal(peer.requests.length, 1, 'not called twice');
});

test('a call that is cut off waits in doubt, and is resolved by command', async (t) => {
  const peer = await serverOf(t, (request, body, count) => (count === 1 ? new Promise(() => {}) : { body: { second: true } }));
  const flow = flowOf(`- ask:\n    call: http\n    with: { method: post, endpoint: ${peer.url}/never }`, { name: 'never' });
  const engine = await engineOf(t, { flows: { 'never.yaml': flow }, users: admin, config: { network: { allow: ['127.0.0.1:*'] } }, args: ['--grace', '0'] });
  const { body: run } = await api(engine, 'chief', 'POST', '/flows/default/never/runs', null);
  await until('the call', () => peer.requests.length === 1);
  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
  assert.match(engine.stderr(), /cut off/);
  await engine.launch();
  const doubtful = await until('the doubt', async () => {
    const { body } = await api(engine, 'chief', 'GET', `/runs/${run.id}`);
    return body.inDoubt ? body : null;
  });
  assert.match((await engine.command(['runs', 'list', '--in-doubt'])).stdout, /IN DOUBT/);
  const { frame } = doubtful.inDoubt[0];
  const { code, stderr } = await engine.command(['runs', 'resolve', run.id, '--frame', String(frame), '--as', 'skip', '--output', '{"by": "hand"}', '--reason', 'seen there']);
  assert.equal(code, 0, stderr);
  const shown = JSON.parse((await engine.command(['runs', 'show', run.id, '--format', 'json'])).stdout);
  assert.equal(shown.status, 'completed');
  assert.deepEqual(shown.output, { by: 'hand' });
  assert.equal(peer.requests.length, 1);
});

test('a second signal ends it at once', async (t) => {
  const peer = await serverOf(t, () => new Promise(() => {}));
  const flow = flowOf(`- ask:\n    call: http\n    with: { method: get, endpoint: ${peer.url}/ }`, { name: 'hang' });
  const engine = await engineOf(t, { flows: { 'hang.yaml': flow }, users: admin, config: { network: { allow: ['127.0.0.1:*'] } }, args: ['--grace', '600'] });
  await api(engine, 'chief', 'POST', '/flows/default/hang/runs', null);
  await until('the call', () => peer.requests.length === 1);
  engine.signal('SIGINT');
  await until('the word that it ends', () => engine.stderr().includes('ending'));
  engine.signal('SIGINT');
  assert.equal((await engine.ended()).code, 1);
});

// -- what keeps it from starting --------------------------------------------------------------------------------

async function refused(t, options) {
  const engine = await start({ launch: false, ...options });
  t.after(() => engine.remove());
  const end = await command(['serve', '--config', engine.config], { cwd: engine.folder });
  assert.equal(end.stdout, '');
  return { ...end, engine };
}

test('the port is taken', async (t) => {
  const holder = net.createServer().listen(0, '127.0.0.1');
  t.after(() => holder.close());
  await until('the port', () => holder.address());
  const { code, stderr, engine } = await refused(t, { config: { listen: `127.0.0.1:${holder.address().port}` } });
  assert.equal(code, 1);
  assert.match(stderr, /umlauf: .*127\.0\.0\.1:\d+/);
  const users = await engine.command(['user', 'list']);
  assert.equal(users.stdout, '', 'nobody was made whose password nobody saw');
});

test('another engine works on the data', async (t) => {
  const engine = await engineOf(t, {});
  const { code, stderr } = await command(['serve', '--config', engine.config, '--listen', `127.0.0.1:${await freePort()}`], { cwd: engine.folder });
  assert.equal(code, 1);
  assert.match(stderr, /^umlauf: .*(another|engine)/m);
  assert.equal((await fetch(`${engine.url}/healthz`)).status, 200);
});

test('the data is of a newer version', async (t) => {
  const engine = await engineOf(t, {});
  await engine.stop();
  sql(engine.data, 'PRAGMA user_version = 9999');
  const { code, stderr } = await command(['serve', '--config', engine.config]);
  assert.equal(code, 1);
  assert.match(stderr, /^umlauf: .*newer/m);
  for (const args of [['runs', 'list'], ['user', 'list'], ['audit', 'verify'], ['backup', path.join(engine.folder, 'copy.db')]]) {
    const end = await engine.command(args);
    assert.equal(end.code, 1, args.join(' '));
    assert.match(end.stderr, /newer/, args.join(' '));
  }
});

test('a configuration that is wrong, exit code 2', async (t) => {
  const cases = [
    [{ lisen: 'x' }, /umlauf\.yaml:\d+:\d+: error: 'lisen' is not known here, perhaps 'listen' is meant/],
    [{ listen: 'nowhere' }, /listen: does not match the pattern/],
    [{ connectors: { mail: { smtp: { url: 'smtp://x', from: 'nobody' } } } }, /connectors\.mail/],
    [{ connectors: { dms: { repositories: { akten: {} } } } }, /connectors\.dms/],
    [{ webhooks: { a: { event: 'x', verify: { bearer: { token: 'env:UMLAUF_NOT_SET' } } } } }, /no variable 'UMLAUF_NOT_SET'/],
  ];
  for (const [config, words] of cases) {
    const { code, stderr } = await refused(t, { config });
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
  }
});

test('no folder of flows', async (t) => {
  const { code, stderr } = await refused(t, { config: { workflows: './none' } });
  assert.equal(code, 1);
  assert.match(stderr, /the folder of flows '.*none' is not there/);
});

test('the configuration says which hosts are meant', async (t) => {
  const ask = (engine, host) => new Promise((resolve) => {
    const socket = net.connect(Number(new URL(engine.url).port), '127.0.0.1', () => socket.end(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
    let said = '';
    socket.on('data', (bytes) => { said += bytes; });
    socket.on('close', () => resolve(Number(said.split(' ')[1])));
  });
  const engine = await engineOf(t, { config: { hosts: ['umlauf.stadt.example'] } });
  assert.equal(await ask(engine, 'umlauf.stadt.example'), 200);
  assert.equal(await ask(engine, '127.0.0.1'), 200);
  assert.equal(await ask(engine, 'rebound.example'), 421);
});

test('a folder given on the line counts more than the configuration', async (t) => {
  const folder = folderOf(t, { 'flows/hello.yaml': hello });
  const engine = await engineOf(t, { users: admin, args: ['--workflows', path.join(folder, 'flows')] });
  assert.equal((await api(engine, 'chief', 'GET', '/flows')).body.items.length, 1);
});
