// Users and tokens, on the data directly.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { command, start } from '../peers/engine.mjs';
import { until } from '../peers/process.mjs';
import { folderOf } from './kit.mjs';

function houseOf(t) {
  const data = path.join(folderOf(t), 'data');
  return (args, input = '') => command([...args, '--data', data], { input });
}

test('users are added, listed, changed and removed', async (t) => {
  const umlauf = houseOf(t);
  assert.deepEqual(await umlauf(['user', 'add', 'anna', '--role', 'operator, sachbearbeitung-steuer'], 'wiese-im-juni\n'),
    { code: 0, stdout: '', stderr: '' });
  assert.equal((await umlauf(['user', 'add', 'jürgen', '--role', 'auditor'], 'wiese-im-juni')).code, 0);
  assert.match((await umlauf(['user', 'list'])).stdout, /^anna +\S+Z operator,sachbearbeitung-steuer\njürgen +\S+Z auditor\n$/);
  assert.equal((await umlauf(['user', 'roles', 'anna', '--role', 'admin,admin'])).code, 0);
  const [anna] = JSON.parse((await umlauf(['user', 'list', '--format', 'json'])).stdout);
  assert.deepEqual([anna.name, anna.roles, anna.disabled], ['anna', ['admin'], false]);
  assert.equal((await umlauf(['user', 'password', 'anna'], 'ganz-anders-jetzt\n')).code, 0);
  assert.equal((await umlauf(['user', 'remove', 'jürgen'])).code, 0);
  assert.equal(JSON.parse((await umlauf(['user', 'list', '--format', 'json'])).stdout).length, 1);
});

const wrong = [
  [['user', 'add', 'x', '--role', 'admin'], '', 2, 'the password is missing'],
  [['user', 'add', 'x', '--role', 'admin'], 'kurz\n', 2, '8'],
  [['user', 'add', 'x', '--role', 'admin'], `${'x'.repeat(300)}\n`, 2, 'at most 256 bytes'],
  [['user', 'add', 'x', '--role', ','], 'wiese-im-juni\n', 2, ''],
  [['user', 'add', 'a b', '--role', 'admin'], 'wiese-im-juni\n', 2, 'no spaces'],
  [['user', 'add', 'x'.repeat(64), '--role', 'admin'], 'wiese-im-juni\n', 2, '1 to 63 bytes'],
  [['user', 'add', 'anna', '--role', 'admin'], 'wiese-im-juni\n', 1, 'anna'],
  [['user', 'remove', 'nobody'], '', 1, 'nobody'],
  [['user', 'password', 'nobody'], 'wiese-im-juni\n', 1, 'nobody'],
  [['user', 'roles', 'nobody', '--role', 'admin'], '', 1, 'nobody'],
  [['token', 'create', '--user', 'nobody'], '', 1, 'nobody'],
  [['token', 'create', '--user', 'anna', '--days', '0'], '', 2, 'from 1 to 3650'],
  [['token', 'revoke', 'none'], '', 1, 'none'],
];
test('what is wrong is said', async (t) => {
  const umlauf = houseOf(t);
  await umlauf(['user', 'add', 'anna', '--role', 'operator'], 'wiese-im-juni\n');
  for (const [args, input, code, words] of wrong) {
    const end = await umlauf(args, input);
    assert.equal(end.code, code, `${args.join(' ')}: ${end.stderr}`);
    assert.equal(end.stdout, '');
    assert.match(end.stderr, /^umlauf: \S/);
    assert.ok(end.stderr.includes(words), end.stderr);
    assert.ok(!end.stderr.includes('wiese'), 'a password is never repeated');
  }
});

test('looking for users makes no folder', async (t) => {
  const umlauf = houseOf(t);
  for (const args of [['user', 'list'], ['user', 'remove', 'x'], ['user', 'password', 'x'], ['token', 'list'], ['token', 'create', '--user', 'x']]) {
    const { code, stderr } = await umlauf(args);
    assert.equal(code, 1);
    assert.match(stderr, /there are no users in '.*data' yet/);
  }
});

test('tokens let in, until they are revoked', async (t) => {
  const engine = await start({ users: [{ name: 'anna', roles: ['operator'] }] });
  t.after(() => engine.remove());
  const made = await engine.command(['token', 'create', '--user', 'anna', '--label', 'nightly', '--days', '2']);
  assert.equal(made.code, 0);
  assert.match(made.stdout, /^uml_[A-Za-z0-9_-]{43}\n$/);
  const ask = async () => (await fetch(`${engine.url}/api/v1/session`, { headers: { authorization: `Bearer ${made.stdout.trim()}` } })).status;
  assert.equal(await ask(), 200);
  const listed = await engine.command(['token', 'list', '--format', 'json']);
  assert.ok(!listed.stdout.includes(made.stdout.trim()));
  const [token] = JSON.parse(listed.stdout);
  assert.equal(token.user, 'anna');
  assert.equal(token.label, 'nightly');
  assert.equal(Date.parse(token.expiresAt) - Date.parse(token.createdAt), 2 * 24 * 3600 * 1000);
  assert.match((await engine.command(['token', 'list', '--user', 'anna'])).stdout, new RegExp(`^${token.id}  anna`));
  assert.equal((await engine.command(['token', 'revoke', token.id])).code, 0);
  await until('the door to close', async () => (await ask()) === 401);
});

test('the data is found by the configuration', async (t) => {
  const folder = folderOf(t, { 'house/umlauf.yaml': 'data: ./here\nwebhooks:\n  a: { event: x, verify: { bearer: { token: "env:UMLAUF_NOT_SET" } } }\n' });
  const house = path.join(folder, 'house');
  assert.equal((await command(['user', 'add', 'anna', '--role', 'admin', '--config', path.join(house, 'umlauf.yaml')], { input: 'wiese-im-juni\n', cwd: folder })).code, 0);
  assert.match((await command(['user', 'list'], { cwd: house })).stdout, /^anna/, 'umlauf.yaml of the working folder');
  assert.match((await command(['user', 'list', '--data', path.join(house, 'here')], { cwd: folder })).stdout, /^anna/);
});
