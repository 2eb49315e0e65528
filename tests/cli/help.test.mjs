// Every command can be worked with from its --help, and says what is wrong with its line.
import assert from 'node:assert/strict';
import test from 'node:test';
import { command } from '../peers/engine.mjs';

const commands = ['serve', 'run', 'validate', 'connectors', 'schema', 'flows list', 'runs list', 'runs show', 'runs cancel',
  'runs suspend', 'runs resume', 'runs retry', 'runs resolve', 'work list', 'audit verify', 'audit rebuild', 'backup', 'user add',
  'user list', 'user remove', 'user password', 'user roles', 'token create', 'token list', 'token revoke'];

for (const name of commands) {
  test(`${name} --help`, async () => {
    const { code, stdout, stderr } = await command([...name.split(' '), '--help']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, new RegExp(`^umlauf ${name} - .+\n\nUsage: umlauf ${name}`));
    assert.match(stdout, /\nOptions:\n {2}--/);
    assert.match(stdout, new RegExp(`\nExamples:\n {2}(.*)umlauf ${name}`));
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, `too long: ${line}`);
  });
}

test('the list of all commands', async () => {
  const { code, stdout } = await command(['help']);
  assert.equal(code, 0);
  for (const name of commands) assert.match(stdout, new RegExp(`^  ${name} +\\S`, 'm'));
  assert.equal((await command(['--help'])).stdout, stdout);
  assert.equal((await command([])).code, 2);
  const group = await command(['runs', '--help']);
  assert.equal(group.code, 0);
  assert.match(group.stdout, /runs resolve/);
  assert.equal((await command(['runs'])).code, 2);
  assert.equal((await command(['help', 'runs', 'list'])).stdout, (await command(['runs', 'list', '--help'])).stdout);
});

test('the version', async () => {
  const { code, stdout } = await command(['version']);
  assert.equal(code, 0);
  assert.match(stdout, /^umlauf \d+\.\d+\.\d+\n$/);
});

const wrong = [
  [['serv'], "there is no command 'serv'; did you mean 'serve'?"],
  [['runs', 'lst'], "there is no command 'runs lst'; did you mean 'runs list'?"],
  [['quite-another'], "'umlauf help' lists them"],
  [['run'], 'FLOW.yaml is missing'],
  [['run', 'a.yaml', 'b.yaml'], "one word too many: 'b.yaml'"],
  [['serve', '--workflow', 'x'], "there is no option '--workflow'; did you mean '--workflows'?"],
  [['serve', '-v'], "there is no option '-v'"],
  [['serve', '--data'], "'--data' wants a value: --data DIR"],
  [['serve', '--data=a', '--data', 'b'], "'--data' is given twice"],
  [['serve', '--grace', 'soon'], "'--grace' wants a whole number from 0 to 3600, not 'soon'"],
  [['token', 'create'], "'--user NAME' is missing"],
  [['runs', 'list', '--in-doubt=yes'], "'--in-doubt' takes no value"],
  [['runs', 'list', '--format', 'xml'], "'--format' wants text or json, not 'xml'"],
  [['runs', 'show', '42', '--data', '/nowhere'], ''],
];
for (const [args, words] of wrong) {
  test(`wrong: umlauf ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await command(args, { cwd: '/tmp' });
    assert.equal(stdout, '');
    assert.ok(stderr.startsWith('umlauf: '), stderr);
    assert.ok(stderr.includes(words), stderr);
    if (words !== '') assert.equal(code, 2);
  });
}
