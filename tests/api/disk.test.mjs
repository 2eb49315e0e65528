// A disk that is full, and data that is not ours to read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { removeFolder, temporaryFolder, until } from '../peers/process.mjs';
import { ask, assertProblem, client, deliver } from './client.mjs';
import { antrag, kurz, schlaf, users } from './flows.mjs';

const hooks = { antrag: { event: 'form.antrag', verify: { none: true } } };

/** A tiny disk, or why there is none. */
function tinyDisk(megabytes) {
  const folder = temporaryFolder('disk');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'none', folder], { stdio: 'pipe' });
  } catch (error) {
    removeFolder(folder);
    return { reason: `a small disk cannot be mounted here: ${error.stderr?.toString().trim() || error.message}` };
  }
  return {
    folder,
    remove() {
      execFileSync('umount', ['-l', folder]);
      removeFolder(folder);
    },
  };
}

test('a full disk: nothing is accepted, all is read, and it recovers by itself', async (t) => {
  const disk = tinyDisk(8);
  if (disk.reason) return t.skip(disk.reason);
  const filler = path.join(disk.folder, 'filler');
  let engine;
  try {
    engine = await start({ config: { webhooks: hooks, data: path.join(disk.folder, 'data') }, flows: { 'kurz.yaml': kurz, 'antrag.yaml': antrag, 'schlaf.yaml': schlaf('PT1H') }, launch: false });
    engine.data = path.join(disk.folder, 'data');
    await engine.addUser(users[0]);
    await engine.launch();
    const admin = await client(engine, 'admin');
    const accepted = (await deliver(engine, 'antrag', { name: 'Ada' })).body;
    const item = await admin.work(accepted.runs[0]);
    const sleeper = await admin.start('amt/schlaf');

    try {
      writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024, 0x55));
    } catch {} // as much as there was room for
    const large = { text: 'x'.repeat(512 * 1024) };
    const refusal = await until('no room', async () => {
      const answer = await deliver(engine, 'antrag', large);
      return answer.status !== 202 ? answer : null;
    });
    assertProblem(refusal, 507, 'journal-full');
    assertProblem(await deliver(engine, 'antrag', large, { 'webhook-id': 'voll' }), 507, 'journal-full');
    const ready = await ask(engine, 'GET', '/readyz');
    assert.deepEqual([ready.status, ready.body], [503, { status: 'not-ready', reason: 'journal-full' }]);
    assert.equal((await ask(engine, 'GET', '/healthz')).status, 200);
    assert.equal((await admin.run(accepted.runs[0])).status, 'waiting');
    assert.equal((await admin.ok('GET', '/overview')).journal.full, true);
    assert.match((await admin.get('/metrics')).body, /^umlauf_journal_full 1$/m);
    assertProblem(await admin.post('/flows/amt/kurz/runs', large), 507, 'journal-full');
    assertProblem(await admin.post(`/work/${item.id}/complete`, { outcome: 'genehmigen', data: large }), 507, 'journal-full');
    assert.equal((await admin.ok('GET', `/work/${item.id}`)).state, 'open');

    rmSync(filler);
    const later = await until('it takes records again', async () => {
      const answer = await deliver(engine, 'antrag', large, { 'webhook-id': 'voll' });
      return answer.status === 202 ? answer : null;
    });
    assert.equal((await ask(engine, 'GET', '/readyz')).status, 200);
    await admin.until(later.body.runs[0], 'waiting');
    await until('people can decide again', async () => (await admin.post(`/work/${item.id}/complete`, { outcome: 'genehmigen' })).status === 200);
    await admin.until(accepted.runs[0], 'completed');
    assert.equal((await admin.ok('POST', `/runs/${sleeper.id}/cancel`)).status, 'cancelled');
    const { code, stdout, stderr } = await engine.command(['audit', 'verify']);
    assert.equal(code, 0, stdout + stderr);
  } finally {
    await engine?.remove();
    disk.remove();
  }
});

test('data of a newer version is refused at the start, and left as it is', async () => {
  const engine = await start({ flows: { 'kurz.yaml': kurz }, users: users.slice(0, 1) });
  await engine.stop();
  const file = path.join(engine.data, 'umlauf.db');
  const bytes = readFileSync(file);
  bytes.writeUInt32BE(999, 60); // the database's user_version (SQLite file format 1.3)
  writeFileSync(file, bytes);
  await assert.rejects(engine.launch(), (error) => {
    assert.match(error.message, /version 999, this program knows up to \d+: use the newer program/);
    assert.equal(error.code, 1);
    return true;
  });
  assert.deepEqual(readFileSync(file), bytes);
  await engine.remove();
});

test('a database that is not ours, and a file that is none', async () => {
  for (const [content, said] of [[Buffer.from('SQLite format 3 is not what this is'.padEnd(4096)), /journal-broken|not a database|cannot/], [Buffer.alloc(0), null]]) {
    const engine = await start({ flows: { 'kurz.yaml': kurz }, launch: false });
    mkdirSync(engine.data, { recursive: true });
    writeFileSync(path.join(engine.data, 'umlauf.db'), content, { mode: 0o600 });
    if (said) await assert.rejects(engine.launch(), said);
    else await engine.launch(); // an empty file is an empty journal
    await engine.remove();
  }
});

test('one engine at a time works on a folder', async () => {
  const one = await start({ flows: { 'kurz.yaml': kurz } });
  const two = await start({ flows: { 'kurz.yaml': kurz }, config: { data: one.data }, launch: false });
  await assert.rejects(two.launch(), /another engine works in/);
  assert.equal((await ask(one, 'GET', '/readyz')).status, 200);
  await two.remove();
  await one.remove();
});
