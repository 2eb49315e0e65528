// reference.test.mjs - docs/connectors.md: its reference is the program's, its connector compiles, its samples are right.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command, isBuilt } from '../peers/engine.mjs';
import { removeFolder, temporaryFolder } from '../peers/process.mjs';
import { root } from './guide.mjs';
import { before, file, reference } from './reference.mjs';

const folder = temporaryFolder('reference');
const skip = isBuilt() ? false : 'the program is not built';

after(() => removeFolder(folder));

test('the reference is what the program says', { skip }, async () => {
  assert.equal(readFileSync(file, 'utf8'), `${before()}\n${await reference()}`, 'node tests/flows/reference.mjs writes it anew');
});

test('the samples of the operations are right', { skip }, async () => {
  const { stdout } = await command(['connectors', '--format', 'json']);
  for (const { name, sample } of JSON.parse(stdout).flatMap(({ operations }) => operations)) {
    const indented = sample.trimEnd().split('\n').map((line) => `  ${line}`).join('\n');
    const flow = `document: { dsl: '1.0.3', namespace: test, name: sample, version: '1.0.0' }\ndo:\n${indented}\n`;
    writeFileSync(path.join(folder, 'sample.yaml'), flow);
    const { code, stdout: said } = await command(['validate', 'sample.yaml'], { cwd: folder });
    assert.equal(said, '', `the sample of ${name}`);
    assert.equal(code, 0);
  }
});

test('the flow that uses the connector is right', { skip }, async () => {
  const [flow] = readFileSync(file, 'utf8').match(/^document:\n[^]*?(?=```)/m);
  // The connector is not in the program: the template takes its place.
  writeFileSync(path.join(folder, 'lookup.yaml'), flow.replace('pets.lookup', 'template.echo').replace('chip:', 'say:'));
  const { stdout } = await command(['validate', 'lookup.yaml'], { cwd: folder });
  assert.equal(stdout, '');
});

test('the connector that is shown compiles without a warning', () => {
  const [, source] = readFileSync(file, 'utf8').match(/```c file pets\.c\n([^]*?)```/);
  const header = readFileSync(path.join(root, 'connectors/template/template.h'), 'utf8');
  mkdirSync(path.join(folder, 'connectors/pets'), { recursive: true });
  writeFileSync(path.join(folder, 'connectors/pets/pets.c'), source);
  writeFileSync(path.join(folder, 'connectors/pets/pets.h'), header.replaceAll('template', 'pets').replaceAll('TEMPLATE', 'PETS'));
  const warnings = ['-Wall', '-Wextra', '-Werror', '-Wshadow', '-Wconversion', '-Wsign-conversion', '-Wmissing-prototypes', '-Wcast-qual'];
  const where = ['-I', folder, '-I', path.join(root, 'engine'), '-I', root];
  execFileSync(process.env.CC ?? 'cc', ['-std=gnu17', '-D_GNU_SOURCE', '-fsyntax-only', ...warnings, ...where, path.join(folder, 'connectors/pets/pets.c')], { stdio: 'pipe' });
});
