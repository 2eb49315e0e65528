// small-print.test.mjs - what the guide's small print says, a flow for each sentence.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command, isBuilt } from '../peers/engine.mjs';
import { removeFolder, temporaryFolder } from '../peers/process.mjs';

const folder = temporaryFolder('small-print');
const skip = isBuilt() ? false : 'the program is not built';
const standard = 'https://serverlessworkflow.io/spec/1.0.0/errors';
let count = 0;

after(() => removeFolder(folder));

function write(flow) {
  const file = path.join(folder, `flow-${(count += 1)}.yaml`);
  const document = { dsl: '1.0.3', namespace: 'test', name: 'case', version: '1.0.0' };
  writeFileSync(file, JSON.stringify({ document, ...(Array.isArray(flow) ? { do: flow } : flow) })); // JSON is YAML
  return file;
}

async function run(flow, input = '') {
  const args = input === '' ? [] : ['--input', '-'];
  const { code, stdout, stderr } = await command(['run', write(flow), ...args], { input });
  if (code === 0) return JSON.parse(stdout);
  assert.equal(code, 1, stdout + stderr);
  return { failed: JSON.parse(stderr.trim().split('\n').at(-1)) };
}

const raise = (status, type = 'https://example.org/errors/it') => ({ raise: { error: { type, status } } });
const add = (text) => ({ set: `\${ . + ${text} }` });

const gives = {
  'an absent input is null': [[{ A: { set: { got: '${ . }' } } }], '', { got: null }],
  'the context begins as {}': [[{ A: { set: { context: '${ $context }' } } }], '', { context: {} }],
  'no result is null': [[{ A: { set: { a: '${ empty }' } } }], '{}', { a: null }],
  'a skipped task: its then, output and export are not looked at': [
    [{ A: { if: '${ false }', set: { a: 1 }, then: 'end', output: { as: '${ 1 }' }, export: { as: '${ 2 }' } } },
      { B: { set: { input: '${ . }', context: '${ $context }' } } }], '{"x": 1}', { input: { x: 1 }, context: {} }],
  'a switch in which nothing holds follows its own then': [
    [{ A: { switch: [{ no: { when: '${ false }', then: 'end' } }], then: 'C' } }, { B: add('{b: 1}') }, { C: add('{c: 1}') }],
    '{}', { c: 1 }],
  'a switch in which nothing holds goes on': [
    [{ A: { switch: [{ no: { when: '${ false }', then: 'end' } }] } }, { B: add('{b: 1}') }], '{}', { b: 1 }],
  'the default case counts last, wherever it stands': [
    [{ A: { switch: [{ other: { then: 'end' } }, { yes: { when: '${ true }', then: 'B' } }] } }, { B: add('{b: 1}') }],
    '{}', { b: 1 }],
  'exit in a loop leaves the loop': [
    [{ A: { for: { in: '${ [1, 2, 3] }' }, do: [{ B: { set: '${ . + [$item] }', then: 'exit' } }] } }], '[]', [1]],
  'exit in catch.do leaves the handling': [
    [{ A: { try: [{ B: raise(500) }], catch: { do: [{ C: { ...add('{c: 1}'), then: 'exit' } }, { D: add('{d: 1}') }] } } },
      { E: add('{e: 1}') }], '{}', { c: 1, e: 1 }],
  'exit in a try leaves the try': [
    [{ A: { try: [{ B: { ...add('{b: 1}'), then: 'exit' } }, { C: raise(500) }], catch: {} } }, { D: add('{d: 1}') }],
    '{}', { b: 1, d: 1 }],
  'end passes over output.as of the tasks around, not of the flow': [
    { do: [{ A: { do: [{ B: { ...add('{b: 1}'), then: 'end' } }], output: { as: '${ {lost: true} }' } } }],
      output: { as: '${ . + {flow: true} }' } }, '{}', { b: 1, flow: true }],
  'a loop over an empty list gives what it got': [
    [{ A: { for: { in: '${ [] }' }, do: [{ B: { set: { b: 1 } } }] } }], '{"x": 1}', { x: 1 }],
  'while knows the item and its number': [
    [{ A: { for: { each: 'x', at: 'i', in: '${ [5, 6, 7] }' }, while: '${ $x < 7 and $i < 9 }', do: [{ B: { set: '${ . + [$x] }' } }] } }],
    '[]', [5, 6]],
  'catch.do begins with the input of the try; the context stays': [
    [{ A: { try: [{ B: { ...add('{b: 1}'), export: { as: '${ {kept: true} }' } } }, { C: raise(500) }],
      catch: { do: [{ D: add('{context: $context}') }] } } }], '{"x": 1}', { x: 1, context: { kept: true } }],
  'a try that is handling does not catch again': [
    [{ A: { try: [{ B: { try: [{ C: raise(501) }], catch: { do: [{ D: raise(502) }] } } }],
      catch: { do: [{ E: { set: { status: '${ $error.status }' } } }] } } }], '{}', { status: 502 }],
  'an error that does not fit goes on outwards': [
    [{ A: { try: [{ B: { try: [{ C: raise(501) }], catch: { errors: { with: { status: 500 } } } } }],
      catch: { as: 'problem', do: [{ E: { set: { status: '${ $problem.status }' } } }] } } }], '{}', { status: 501 }],
  'catch.then counts after the handling': [
    [{ A: { try: [{ B: raise(500) }], catch: { do: [{ C: add('{c: 1}') }], then: 'E' } } }, { D: add('{d: 1}') }, { E: add('{e: 1}') }],
    '{}', { c: 1, e: 1 }],
  'without catch.then the then of the try counts': [
    [{ A: { try: [{ B: raise(500) }], catch: { do: [{ C: add('{c: 1}') }] }, then: 'E' } }, { D: add('{d: 1}') }, { E: add('{e: 1}') }],
    '{}', { c: 1, e: 1 }],
  'the addresses of a standard type count as one': [
    [{ A: { try: [{ B: raise(408, `${standard}/timeout`) }],
      catch: { errors: { with: { type: 'https://open-workflow-specification.org/dsl/errors/types/timeout' } }, do: [{ C: { set: { caught: true } } }] } } }],
    '{}', { caught: true }],
  'an error that is not worth a retry goes to catch.do at once': [
    [{ A: { try: [{ B: raise(400) }], catch: { retry: { delay: 'PT1H', when: '${ $error.status >= 500 }' }, do: [{ C: { set: { caught: true } } }] } } }],
    '{}', { caught: true }],
  'the authorization is null': [[{ A: { set: { a: '${ $authorization }' } } }], '{}', { a: null }],
};

for (const [sentence, [flow, input, output]] of Object.entries(gives)) {
  test(sentence, { skip }, async () => assert.deepEqual(await run(flow, input), output));
}

test('large numbers are picked unchanged', { skip }, async () => {
  const file = write([{ A: { set: { n: '${ .n }' } } }]);
  const { stdout } = await command(['run', file, '--input', '-'], { input: '{"n": 9007199254740993}' });
  assert.match(stdout, /"n": 9007199254740993\b/); // as text: JSON.parse would round it
});

const fails = {
  'several results are an expression error': [[{ A: { set: { a: '${ 1, 2 }' } } }], '{}', 'expression'],
  'calculating with large numbers is refused': [[{ A: { set: { a: '${ .n + 1 }' } } }], '{"n": 9007199254740993}', 'expression'],
  'a loop over an object is an expression error': [[{ A: { for: { in: '${ {} }' }, do: [{ B: add('{b: 1}') }] } }], '{}', 'expression'],
  'input of the wrong form is a validation error': [
    { input: { schema: { document: { type: 'array' } } }, do: [{ A: { set: '${ . }' } }] }, '{}', 'validation'],
  'what network.allow does not name is an authorization error': [
    [{ A: { call: 'http', with: { method: 'get', endpoint: 'http://192.0.2.1/' } } }], '{}', 'authorization'],
  'what is not set up is a configuration error': [
    [{ A: { call: 'dms.find', with: { repository: 'nowhere' } } }], '{}', 'configuration'],
  'a server that is not there is a communication error': [
    [{ A: { call: 'http', with: { method: 'get', endpoint: 'http://127.0.0.1:1/' } } }], '{}', 'communication'],
  'an endless expression is stopped': [[{ A: { set: { a: '${ [range(1e12)] | length }' } } }], '{}', 'runtime'],
};
const statuses = { expression: 400, validation: 400, authorization: 403, configuration: 400, communication: 500, runtime: 500 };

for (const [sentence, [flow, input, name]] of Object.entries(fails)) {
  test(sentence, { skip }, async () => {
    const { failed } = await run(flow, input);
    assert.equal(failed?.type, `${standard}/${name}`);
    assert.equal(failed.status, statuses[name]);
    assert.match(failed.detail, /\w/);
  });
}

async function pauses(backoff) {
  const policy = { delay: { milliseconds: 40 }, backoff: { [backoff]: {} }, limit: { attempt: { count: 3 } } };
  const file = write([{ A: { try: [{ B: raise(500) }], catch: { retry: policy } } }]);
  const { code } = await command(['run', file, '--trace', `${file}.trace`]);
  assert.equal(code, 1);
  const lines = readFileSync(`${file}.trace`, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const times = lines.filter(({ event, name }) => event === 'task.faulted' && name === 'B').map(({ at }) => Date.parse(at));
  return times.slice(1).map((at, index) => at - times[index]);
}

for (const [backoff, factors] of Object.entries({ constant: [1, 1, 1], linear: [1, 2, 3], exponential: [1, 2, 4] })) {
  test(`pauses that are ${backoff}`, { skip }, async () => {
    const found = await pauses(backoff);
    assert.equal(found.length, 3);
    // A pause may be late, never early: what must not be is that it is as short as the one before would make it.
    factors.forEach((factor, index) => assert.ok(found[index] >= factor * 40, `${found}`));
  });
}
