// guide.test.mjs - the guides are true: every flow in them is checked, those that need nobody are run, and give what is printed.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command, isBuilt } from '../peers/engine.mjs';
import { removeFolder, temporaryFolder } from '../peers/process.mjs';
import { flowsOf } from './guide.mjs';

const guides = ['docs/flows.md', 'docs/flows.de.md'];
const folder = temporaryFolder('guide');
const skip = isBuilt() ? false : 'the program is not built';

after(() => removeFolder(folder));

function write(flow) {
  writeFileSync(path.join(folder, flow.name), flow.source);
}

async function check(flow) {
  const { code, stdout } = await command(['validate', flow.name], { cwd: folder });
  assert.equal(stdout, flow.said ?? '');
  assert.equal(code, flow.isWrong ? 2 : 0);
}

const isRun = (flow) => flow.output !== undefined || flow.error !== null || flow.trace !== null;

function tasksOf(trace) {
  const lines = readFileSync(trace, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  return lines.filter(({ event }) => event === 'task.started').map(({ task }) => `${task}\n`).join('');
}

async function run(flow) {
  const trace = path.join(folder, `${flow.name}.trace`);
  const { code, stdout, stderr } = await command(['run', flow.name, '--input', '-', '--trace', trace], {
    cwd: folder, input: JSON.stringify(flow.input),
  });
  if (flow.error !== null) {
    assert.equal(code, 1, `it should have failed, but gave ${stdout}`);
    const error = JSON.parse(stderr.trim().split('\n').at(-1));
    assert.deepEqual(Object.fromEntries(Object.keys(flow.error).map((key) => [key, error[key]])), flow.error);
  } else {
    assert.equal(code, 0, stderr);
    if (flow.output !== undefined) assert.deepEqual(JSON.parse(stdout), flow.output);
  }
  if (flow.trace !== null) assert.equal(tasksOf(trace), flow.trace);
}

for (const guide of guides) {
  test(guide, { skip }, async (t) => {
    for (const flow of flowsOf(guide)) {
      write(flow);
      await t.test(`line ${flow.line}, ${flow.name}: is read`, () => check(flow));
      if (isRun(flow)) await t.test(`line ${flow.line}, ${flow.name}: does what it says`, () => run(flow));
    }
  });
}

test('both guides show the same', () => {
  const shapes = guides.map((guide) => flowsOf(guide).map((flow) => [flow.isWrong, flow.output !== undefined, flow.error !== null, flow.said !== null, flow.trace !== null]));
  assert.ok(shapes[0].length > 20, 'there are flows in the guide');
  assert.deepEqual(shapes[0], shapes[1]);
});

test('what the guides point to is there', () => {
  for (const guide of [...guides, 'docs/people.md', 'docs/people.de.md', 'docs/connectors.md', 'workflows/README.md']) {
    const at = new URL(`../../${guide}`, import.meta.url);
    const links = readFileSync(at, 'utf8').matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g);
    for (const [, link] of links) {
      if (/^[a-z]+:/.test(link)) continue;
      assert.ok(existsSync(new URL(link, at)), `${guide} points to ${link}`);
    }
  }
});
