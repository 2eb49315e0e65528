// The official conformance kit of the DSL: every scenario is run by `umlauf run`, the public hosts replaced by stand-ins on this machine.
// A scenario whose task kinds this version does not carry out is skipped with the sentence that refuses it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { command } from '../peers/engine.mjs';
import { removeFolder, temporaryFolder } from '../peers/process.mjs';
import { readYaml } from './plain-yaml.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const kit = path.join(process.env.UMLAUF_REFERENCE ?? path.join(root, '../shared/reference'), 'dsl/ctk');
const notCarriedOut = /error: (.*not carried out by this version.*)/;

// -- reading ----------------------------------------------------------------------------------------------------

/** Scenarios of a .feature file: { name, steps: [{ text, block }] }. */
function readFeature(text) {
  const scenarios = [];
  let block = null;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('"""')) {
      if (block === null) block = [];
      else { scenarios.at(-1).steps.at(-1).block = outdent(block); block = null; }
    } else if (block !== null) block.push(line);
    else if (trimmed.startsWith('Scenario:')) scenarios.push({ name: trimmed.slice(9).trim(), steps: [] });
    else if (/^(Given|When|Then|And) /.test(trimmed)) scenarios.at(-1).steps.push({ text: trimmed.replace(/^\w+ /, ''), block: null });
  }
  return scenarios;
}

function outdent(lines) {
  const margins = lines.filter((line) => line.trim() !== '').map((line) => line.match(/^ */)[0].length);
  return `${lines.map((line) => line.slice(Math.min(...margins))).join('\n')}\n`;
}

// -- stand-ins --------------------------------------------------------------------------------------------------

const pets = [{ id: 1, name: 'Rex', status: 'available' }, { id: 2, name: 'Mia', status: 'available' }];

function answer(request, reply) {
  const url = new URL(request.url, 'http://stand-in');
  const send = (status, value) => { reply.writeHead(status, { 'content-type': 'application/json' }); reply.end(JSON.stringify(value)); };
  const login = url.pathname.match(/^\/basic-auth\/([^/]+)\/([^/]+)$/);
  const pet = url.pathname.match(/^\/v2\/pet\/(\d+)$/);
  if (url.pathname === '/v2/pet/findByStatus') send(200, pets.filter(({ status }) => status === url.searchParams.get('status')));
  else if (pet && pets[pet[1] - 1]) send(200, pets[pet[1] - 1]);
  else if (login) {
    const wanted = `Basic ${Buffer.from(`${login[1]}:${login[2]}`).toString('base64')}`;
    send(request.headers.authorization === wanted ? 200 : 401, { authenticated: request.headers.authorization === wanted, user: login[1] });
  } else send(404, { message: 'there is no such thing' });
}

const server = http.createServer(answer);
const folder = temporaryFolder('ctk');
before(() => new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); }));
after(() => { server.closeAllConnections(); server.close(); removeFolder(folder); });

// -- checking ---------------------------------------------------------------------------------------------------

const valueAt = (value, way) => way.split('.').reduce((inner, name) => inner?.[name], value);

function startedTasks(trace) {
  const lines = readFileSync(trace, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  return lines.filter(({ event }) => event === 'task.started').map(({ task }) => task.split('/').at(-1));
}

/** A row: what a step says, and how that is seen. */
const steps = [
  [/^the workflow should complete$/, (end) => assert.equal(end.code, 0, end.stderr)],
  [/^the workflow should complete with output:$/, (end, words, block) => {
    assert.equal(end.code, 0, end.stderr);
    assert.deepEqual(end.output, readYaml(block));
  }],
  [/^the workflow should fault$/, (end) => assert.equal(end.code, 1, end.stderr)],
  [/^the workflow should fault with error:$/, (end, words, block) => {
    assert.equal(end.code, 1, end.stderr);
    assert.deepEqual(end.error, readYaml(block));
  }],
  [/^the workflow output should have properties (.+)$/, (end, [names]) => {
    for (const [, name] of names.matchAll(/'([^']+)'/g)) assert.notEqual(valueAt(end.output, name), undefined, `${name} in ${JSON.stringify(end.output)}`);
  }],
  [/^the workflow output should have a '([^']+)' property with value:$/, (end, [name], block) => assert.deepEqual(valueAt(end.output, name), readYaml(block))],
  [/^the workflow output should have a '([^']+)' property containing (\d+) items$/, (end, [name, count]) => assert.equal(valueAt(end.output, name).length, Number(count))],
  [/^(\w+) should run first$/, (end, [name]) => assert.equal(end.started[0], name)],
  [/^(\w+) should run last$/, (end, [name]) => assert.equal(end.started.at(-1), name)],
  [/^(\w+) should run after (\w+)$/, (end, [name, other]) => {
    assert.ok(end.started.includes(other), other);
    assert.ok(end.started.indexOf(name) > end.started.indexOf(other), end.started.join());
  }],
];

async function carryOut(scenario, name) {
  const blockOf = (start) => scenario.steps.find(({ text }) => text.startsWith(start))?.block;
  const here = `http://127.0.0.1:${server.address().port}`;
  const flow = path.join(folder, `${name}.yaml`);
  const trace = path.join(folder, `${name}.jsonl`);
  writeFileSync(flow, blockOf('a workflow with definition').replaceAll(/https:\/\/(petstore\.swagger\.io|httpbin\.org)/g, here));
  const input = blockOf('given the workflow input is');
  const args = ['run', flow, '--trace', trace, ...(input ? ['--input', '-'] : [])];
  const end = await command(args, { input: input ? JSON.stringify(readYaml(input)) : '' });
  return {
    ...end,
    output: end.code === 0 ? JSON.parse(end.stdout) : undefined,
    error: end.code === 1 ? JSON.parse(end.stderr.trimEnd().split('\n').at(-1)) : undefined,
    started: end.code === 2 ? [] : startedTasks(trace),
  };
}

async function check(t, scenario, name) {
  const end = await carryOut(scenario, name);
  const refusal = end.stderr.match(notCarriedOut);
  if (end.code === 2 && refusal) return t.skip(refusal[1]);
  const told = scenario.steps.filter(({ text }) => !/^(given |a workflow|the workflow is executed)/.test(text));
  assert.ok(told.length > 0, 'a scenario says what should be');
  for (const { text, block } of told) {
    const row = steps.find(([pattern]) => pattern.test(text));
    assert.ok(row, `a step that is not known: ${text}`);
    row[1](end, text.match(row[0]).slice(1), block);
  }
  return undefined;
}

if (!existsSync(kit)) {
  test('the conformance kit', { skip: `not at ${kit}; UMLAUF_REFERENCE says where the reference is` }, () => {});
} else {
  for (const file of readdirSync(kit).filter((name) => name.endsWith('.feature')).sort()) {
    const feature = path.basename(file, '.feature');
    readFeature(readFileSync(path.join(kit, file), 'utf8')).forEach((scenario, i) => {
      test(`${feature}: ${scenario.name}`, (t) => check(t, scenario, `${feature}-${i}`));
    });
  }
}
