// One flow in this process: outputs, errors, traces.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { command } from '../peers/engine.mjs';
import { flowOf, folderOf, serverOf } from './kit.mjs';

async function run(t, flow, { input, args = [], files = {} } = {}) {
  const folder = folderOf(t, { 'flow.yaml': flow, ...files });
  const more = input === undefined ? [] : ['--input', '-'];
  const end = await command(['run', 'flow.yaml', ...more, ...args], { cwd: folder, input: input === undefined ? '' : JSON.stringify(input) });
  const lines = end.stderr.trimEnd().split('\n');
  return { ...end, folder, output: end.code === 0 ? JSON.parse(end.stdout) : undefined, error: end.code === 1 ? JSON.parse(lines.at(-1)) : undefined };
}

test('set', async (t) => {
  const { code, output, stderr } = await run(t, flowOf("- hello:\n    set: { greeting: '${ \"Hallo \" + .name }' }"), { input: { name: 'Änne' } });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.deepEqual(output, { greeting: 'Hallo Änne' });
});

test('an absent input is null', async (t) => {
  const { output } = await run(t, flowOf("- look:\n    set: { given: '${ . }' }"));
  assert.deepEqual(output, { given: null });
});

test('switch', async (t) => {
  const flow = flowOf(`- choose:
    switch:
      - big: { when: .n > 10, then: tell big }
      - other: { then: tell small }
- tell small:
    set: { size: small }
    then: end
- tell big:
    set: { size: big }`);
  assert.deepEqual((await run(t, flow, { input: { n: 11 } })).output, { size: 'big' });
  assert.deepEqual((await run(t, flow, { input: { n: 1 } })).output, { size: 'small' });
});

test('for', async (t) => {
  const flow = flowOf("- loop:\n    for: { each: n, in: .numbers }\n    do:\n      - add:\n          set: { sum: '${ (.sum // 0) + $n }', numbers: '${ .numbers }' }");
  assert.equal((await run(t, flow, { input: { numbers: [1, 2, 39] } })).output.sum, 42);
});

test('try, catch and retry, with time in between', async (t) => {
  const peer = await serverOf(t, (request, body, count) => (count < 3 ? { status: 503 } : { body: { tries: count } }));
  const flow = flowOf(`- careful:
    try:
      - ask:
          call: http
          with: { method: get, endpoint: ${peer.url}/state }
    catch:
      errors: { with: { type: https://serverlessworkflow.io/spec/1.0.0/errors/communication } }
      retry:
        delay: { milliseconds: 30 }
        backoff: { exponential: {} }
        limit: { attempt: { count: 5 } }`);
  const { output, stderr } = await run(t, flow);
  assert.deepEqual(output, { tries: 3 }, stderr);
});

test('a caught error is there to be looked at', async (t) => {
  const flow = flowOf(`- careful:
    try:
      - fail:
          raise: { error: { type: https://example.org/errors/full, status: 409, title: Full } }
    catch:
      as: problem
      do:
        - tell:
            set: { what: '\${ $problem.title }', where: '\${ $problem.instance }' }`);
  assert.deepEqual((await run(t, flow)).output, { what: 'Full', where: '/do/0/careful/try/0/fail' });
});

test('raise: exit code 1, the error is the last line', async (t) => {
  const flow = flowOf('- stop:\n    raise: { error: { type: https://example.org/errors/no, status: 400, title: No } }');
  const { code, stdout, error } = await run(t, flow);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.deepEqual(error, { type: 'https://example.org/errors/no', status: 400, title: 'No', instance: '/do/0/stop' });
});

test('wait takes its time', async (t) => {
  const before = Date.now();
  const { code } = await run(t, flowOf('- rest:\n    wait: { milliseconds: 300 }'));
  assert.equal(code, 0);
  assert.ok(Date.now() - before >= 300);
});

test('call http', async (t) => {
  const peer = await serverOf(t, (request, body) => ({ body: { method: request.method, got: JSON.parse(body) } }));
  const flow = flowOf(`- post:
    call: http
    with:
      method: post
      endpoint: ${peer.url}/things
      body: { a: '\${ .n }' }`);
  assert.deepEqual((await run(t, flow, { input: { n: 7 } })).output, { method: 'POST', got: { a: 7 } });
});

test('without a configuration only this machine is reached', async (t) => {
  const { code, error } = await run(t, flowOf('- go:\n    call: http\n    with: { method: get, endpoint: http://192.0.2.1/ }'));
  assert.equal(code, 1);
  assert.match(error.detail, /192\.0\.2\.1/);
  const none = await run(t, flowOf('- go:\n    call: http\n    with: { method: get, endpoint: http://127.0.0.1:1/ }'),
    { args: ['--config', 'house.yaml'], files: { 'house.yaml': 'network: { allow: ["192.0.2.7:80"] }\n' } });
  assert.equal(none.code, 1);
  assert.equal(none.error.status, 403, JSON.stringify(none.error));
});

test('work for a person ends with a problem that says so', async (t) => {
  const flow = flowOf('- Antrag prüfen:\n    call: human.decide\n    with: { title: Antrag, role: amt, outcomes: [ ja, nein ] }');
  const { code, error } = await run(t, flow);
  assert.equal(code, 1);
  assert.match(error.detail, /'Antrag prüfen' is work for a person/);
  assert.equal(error.instance, '/do/0/Antrag prüfen');
});

test('the trace', async (t) => {
  const { folder } = await run(t, flowOf('- one:\n    set: { a: 1 }\n- two:\n    set: { b: 2 }'), { args: ['--trace', 'trace.jsonl'] });
  const lines = readFileSync(path.join(folder, 'trace.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  const told = lines.map(({ event, task }) => `${event} ${task}`);
  const at = (line) => { assert.ok(told.includes(line), `${line} in ${told.join(', ')}`); return told.indexOf(line); };
  assert.ok(at('task.started /do/0/one') < at('task.completed /do/0/one'));
  assert.ok(at('task.completed /do/0/one') < at('task.started /do/1/two'));
  assert.ok(at('task.started /do/1/two') < at('task.completed /do/1/two'));
});

test('used wrongly: exit code 2', async (t) => {
  const flow = flowOf('- hello:\n    set: { a: 1 }');
  const folder = folderOf(t, { 'flow.yaml': flow, 'bad.yaml': flow.replace('set', 'sett'), 'text': 'no json', 'list': '[]', 'secrets': '{"a": "b"}' });
  const cases = [
    [['bad.yaml'], /^bad\.yaml:8:\d+: error: /],
    [['none.yaml'], /none\.yaml/],
    [['flow.yaml', '--input', 'text'], /the input is no JSON/],
    [['flow.yaml', '--input', 'none'], /'none' cannot be read/],
    [['flow.yaml', '--secrets', 'list'], /not a JSON object of names and values/],
    [['flow.yaml', '--allow', 'shell'], /executes neither shell nor script/],
    [['flow.yaml', '--trace', '/nowhere/trace'], /cannot be written/],
    [['flow.yaml', '--config', 'none.yaml'], /none\.yaml/],
    [['flow.yaml', '--workflows', 'nowhere'], /'nowhere' cannot be read/],
  ];
  for (const [args, words] of cases) {
    const { code, stdout, stderr } = await command(['run', ...args], { cwd: folder });
    assert.equal(code, 2, `${args}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr, words);
  }
  assert.equal((await command(['run', 'flow.yaml', '--secrets', 'secrets'], { cwd: folder })).code, 0);
});
