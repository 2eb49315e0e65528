// The journal proves itself, or the first record that does not fit is named; copies do too.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { command, start } from '../peers/engine.mjs';
import { flowOf, folderOf, sql } from './kit.mjs';

/** A stopped house with some runs; gives its folder of data. */
async function houseOf(t) {
  const flow = flowOf("- a:\n    set: { greeting: '${ \"Hallo \" + .name }' }\n- b:\n    set: '${ . }'", { name: 'hello' });
  const work = flowOf('- decide:\n    call: human.decide\n    with: { title: T, role: amt, outcomes: [ ja, nein ] }', { name: 'amt' });
  const engine = await start({ flows: { 'hello.yaml': flow, 'amt.yaml': work }, users: [{ name: 'chief', roles: ['admin'] }] });
  t.after(() => engine.remove());
  const token = await engine.token('chief');
  for (let i = 0; i < 6; i += 1) {
    const name = i < 5 ? 'hello' : 'amt';
    const reply = await fetch(`${engine.url}/api/v1/flows/default/${name}/runs`, {
      method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ name: `Nr ${i}` }),
    });
    assert.equal(reply.status, 201);
  }
  return engine;
}

test('verify says ok, and how many', async (t) => {
  const engine = await houseOf(t);
  const beside = await engine.command(['audit', 'verify']);
  assert.equal(beside.code, 0, beside.stderr);
  assert.match(beside.stdout, /^ok: \d+ records\n/);
  await engine.stop();
  const { stdout } = await engine.command(['audit', 'verify']);
  const count = Number(sql(engine.data, 'SELECT count(*) FROM record'));
  assert.equal(stdout.split('\n')[0], `ok: ${count} records`);
});

/** The body of a record with one bit of its last byte changed. */
function flipped(data, number) {
  const bytes = Buffer.from(sql(data, `SELECT hex(body) FROM record WHERE number = ${number}`), 'hex');
  bytes[bytes.length - 1] ^= 1;
  return bytes.toString('hex');
}

const damages = [
  ['a changed byte', 7, (data) => `UPDATE record SET body = X'${flipped(data, 7)}' WHERE number = 7`],
  ['a deleted record', 7, () => 'DELETE FROM record WHERE number = 7'],
  ['two swapped records', 7, () => 'UPDATE record SET number = -7 WHERE number = 7; UPDATE record SET number = 7 WHERE number = 8; UPDATE record SET number = 8 WHERE number = -7'],
  ['a changed payload', null, () => "UPDATE payload SET data = data || ' ' WHERE number = (SELECT min(number) FROM payload WHERE number >= 7)"],
];
for (const [what, number, statement] of damages) {
  test(`verify finds ${what}`, async (t) => {
    const engine = await houseOf(t);
    await engine.stop();
    const first = number ?? Number(sql(engine.data, 'SELECT min(number) FROM payload WHERE number >= 7'));
    sql(engine.data, `PRAGMA foreign_keys = OFF; ${statement(engine.data)}`);
    const { code, stdout, stderr } = await engine.command(['audit', 'verify']);
    assert.equal(code, 1, stdout);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^umlauf: ${first - 1} records fit\numlauf: .*\\b${first}\\b`), stderr);
  });
}

test('a backup is a house of its own', async (t) => {
  const engine = await houseOf(t);
  const copy = path.join(engine.folder, 'copy.db');
  const made = await engine.command(['backup', copy]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^ok: \d+ records in .*copy\.db\n$/);
  const again = await engine.command(['backup', copy]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /copy\.db/);
  await engine.stop();
  const alone = await command(['audit', 'verify', '--file', copy, '--key', path.join(engine.data, 'journal.pub')]);
  assert.equal(alone.code, 0, alone.stderr);
  assert.equal(alone.stdout.split('\n')[0], made.stdout.split(' in ')[0]);

  const runs = (await engine.command(['runs', 'list'])).stdout;
  rmSync(engine.data, { recursive: true });
  mkdirSync(engine.data);
  copyFileSync(copy, path.join(engine.data, 'umlauf.db'));
  await engine.launch();
  assert.equal((await engine.command(['runs', 'list'])).stdout, runs);
  assert.equal((await engine.command(['audit', 'verify'])).code, 0);
});

test('rebuild compares, and makes rows again', async (t) => {
  const engine = await houseOf(t);
  await engine.stop();
  const fine = await engine.command(['audit', 'rebuild']);
  assert.equal(fine.code, 0, fine.stdout + fine.stderr);
  assert.match(fine.stdout, /^ok: \d+ records, 6 runs, 0 differences\n$/);
  sql(engine.data, 'UPDATE run SET status = 6 WHERE rowid = (SELECT min(rowid) FROM run)');
  const differs = await engine.command(['audit', 'rebuild']);
  assert.equal(differs.code, 1, differs.stdout);
  assert.match(differs.stdout, /status/);
  assert.equal((await engine.command(['audit', 'rebuild', '--write'])).code, 0);
  assert.equal((await engine.command(['audit', 'rebuild'])).code, 0);
  await engine.launch();
  const busy = await engine.command(['audit', 'rebuild', '--write']);
  assert.equal(busy.code, 1);
  assert.match(busy.stderr, /engine/);
});

test('where there is no journal', async (t) => {
  const folder = folderOf(t);
  for (const args of [['audit', 'verify'], ['audit', 'rebuild'], ['backup', path.join(folder, 'x.db')], ['runs', 'list'], ['work', 'list']]) {
    const { code, stdout, stderr } = await command([...args, '--data', path.join(folder, 'none')]);
    assert.equal(code, 1, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, /^umlauf: \S/, args.join(' '));
  }
  assert.equal(existsSync(path.join(folder, 'none')), false, 'looking makes nothing');
  writeFileSync(path.join(folder, 'umlauf.db'), 'no database');
  assert.equal((await command(['audit', 'verify', '--data', folder])).code, 1);
  assert.equal(readFileSync(path.join(folder, 'umlauf.db'), 'utf8'), 'no database');
});
