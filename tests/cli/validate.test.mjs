// Everything wrong with flows and configurations, at its line, all at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { command } from '../peers/engine.mjs';
import { flowOf, folderOf } from './kit.mjs';

const good = flowOf('- hello:\n    set: { greeting: hello }');

test('good flows', async (t) => {
  const folder = folderOf(t, { 'a.yaml': good, 'deep/er/b.yml': good.replace('probe', 'other'), 'a.test.yaml': 'nonsense: [', '.hidden/c.yaml': 'x: [' });
  const { code, stdout, stderr } = await command(['validate', folder]);
  assert.equal(stdout, '');
  assert.equal(stderr, '2 flows, no errors\n');
  assert.equal(code, 0);
  assert.equal((await command(['validate', `${folder}/a.yaml`])).stderr, '1 flow, no errors\n');
});

test('ten mistakes, ten lines', async (t) => {
  const folder = folderOf(t, {
    'bad.yaml': `document:
  dsl: '1.0.3'
  namespace: default
  name: Bad Name
  version: one
  titel: typo
timeout:
  after: soon
do:
  - first:
      set: { x: '\${ .a + }' }
      then: nowhere
  - second:
      call: mail.sent
      with: { to: a@b.example }
  - third:
      wait: { secnds: 1 }
  - fourth:
      call: dms.store
      with: { repository: 7 }
  - first:
      set: {}
`,
  });
  const { code, stdout, stderr } = await command(['validate', 'bad.yaml'], { cwd: folder });
  assert.equal(code, 2);
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^bad\.yaml:\d+:\d+: (error|warning): \S/);
  const places = lines.filter((line) => line.includes(': error: ')).map((line) => Number(line.split(':')[1]));
  for (const line of [4, 5, 6, 8, 11, 12, 14, 17, 20, 21]) assert.ok(places.includes(line), `line ${line} is not told:\n${stdout}`);
  assert.match(stdout, /did you mean "mail\.send"/);
  assert.match(stderr, /^1 flow, \d+ errors\n$/);
});

test('as JSON', async (t) => {
  const folder = folderOf(t, { 'bad.yaml': good.replace('greeting', '"').replace('hello }', 'x }') });
  const { code, stdout } = await command(['validate', '--format', 'json', 'bad.yaml'], { cwd: folder });
  assert.equal(code, 2);
  const [first] = JSON.parse(stdout);
  assert.equal(first.file, 'bad.yaml');
  assert.equal(first.severity, 'error');
  assert.equal(typeof first.line, 'number');
  assert.equal(typeof first.column, 'number');
  assert.ok(first.message.length > 0);
  assert.deepEqual(JSON.parse((await command(['validate', '--format', 'json', 'good.yaml'], { cwd: folderOf(t, { 'good.yaml': good }) })).stdout), []);
});

test('nothing there', async (t) => {
  const folder = folderOf(t);
  const empty = await command(['validate', folder]);
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /there is no flow to check/);
  const missing = await command(['validate', `${folder}/no.yaml`]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /no\.yaml' cannot be read: No such file/);
});

test('a configuration with mistakes', async (t) => {
  const folder = folderOf(t, {
    'umlauf.yaml': `listen: 8080
workflow: ./flows
webhooks:
  steuer:
    event: form.steuer
    verify:
      hmac:
        header: X-Signature
        secret: in-plain-sight
  zwei:
    verify: { none: true }
connectors:
  mail:
    smtp:
      url: http://mail
      from: a@b.example
      password: file:secrets/none
  mial: {}
  dms:
    repositories:
      akten:
        webdav:
          url: https://dav.example/
          user: umlauf
          password: env:UMLAUF_TEST_NOT_SET
network:
  allow:
    - '127.0.0.1:*'
    - 'nonsense'
data: store:x://y
`,
  });
  const { code, stdout, stderr } = await command(['validate', 'umlauf.yaml'], { cwd: folder });
  assert.equal(code, 2);
  const told = (line, words) => assert.ok(stdout.split('\n').some((text) => text.startsWith(`umlauf.yaml:${line}:`) && text.includes(words)),
    `${line}: ${words}\n${stdout}`);
  told(1, 'listen: must be a text');
  told(2, "'workflow' is not known here, perhaps 'workflows' is meant");
  told(9, 'a secret never stands in this file');
  told(11, "'event' is missing");
  told(15, 'connectors.mail.smtp.url: ');
  told(17, "secrets/none' cannot be read");
  told(18, "'mial' is not known here, perhaps 'mail' is meant");
  told(25, "the environment has no variable 'UMLAUF_TEST_NOT_SET'");
  told(29, "error: 'nonsense': the port is missing");
  told(30, 'this version keeps its data in a folder');
  assert.match(stderr, /^0 flows, 1 configuration, \d+ errors\n$/);
});

test('secrets are read, and never told', async (t) => {
  const folder = folderOf(t, {
    'secrets/hook': 'whsec_not-base64-at-all!\n',
    'umlauf.yaml': 'webhooks:\n  a: { event: x, verify: { standardWebhooks: { secret: file:secrets/hook } } }\n',
  });
  const bad = await command(['validate', 'umlauf.yaml'], { cwd: folder });
  assert.equal(bad.code, 2);
  assert.match(bad.stdout, /^umlauf\.yaml:1:1: error: the secret of webhook "a"/);
  assert.ok(!bad.stdout.includes('not-base64'));
  const store = folderOf(t, { 'umlauf.yaml': 'webhooks:\n  a: { event: x, verify: { bearer: { token: "store:x" } } }\n' });
  assert.match((await command(['validate', 'umlauf.yaml'], { cwd: store })).stdout, /this version has no store for secrets/);
  const env = folderOf(t, { 'umlauf.yaml': 'webhooks:\n  a: { event: x, verify: { bearer: { token: "env:HOOK" } } }\n' });
  const good = await command(['validate', 'umlauf.yaml'], { cwd: env, env: { HOOK: '0123456789abcdef' } });
  assert.equal(good.stdout, '');
  assert.equal(good.code, 0);
});

test('a configuration of comments is one of defaults', async (t) => {
  const folder = folderOf(t, { 'umlauf.yaml': '# nothing yet\nconnectors:\n  # mail:\n' });
  assert.equal((await command(['validate', 'umlauf.yaml'], { cwd: folder })).code, 0);
});
