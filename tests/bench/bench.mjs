// bench.mjs - what `./dev bench` measures: durable runs a second, started by webhooks; latency; memory; start; size. In the same minutes, on the
// same disk: what SQLite alone commits, and what libmicrohttpd alone answers. Prints a table; `--json FILE` keeps the numbers.
//
// A run is three tasks (set, switch, set) and no call, so that what is measured is the engine: the webhook is answered when the run's
// records are on disk. wrk waits for each answer before it sends the next form on that connection.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const top = path.resolve(here, '../..');
const build = process.env.UMLAUF_BUILD ?? path.join(top, 'build');
const { values: given } = parseArgs({ options: { seconds: { type: 'string', default: '5' }, json: { type: 'string' } } });
const seconds = Number(given.seconds);
if (!(seconds >= 1 && seconds <= 60)) throw new Error(`--seconds is a number from 1 to 60, not '${given.seconds}'`);

// On the disk of the project: /tmp may be memory, and a commit to memory is no commit.
mkdirSync(path.join(build, 'bench-data'), { recursive: true });
process.env.TMPDIR = path.join(build, 'bench-data');
const { program, start } = await import('../peers/engine.mjs');
const { freePort, until } = await import('../peers/process.mjs');

const CONNECTIONS = [1, 16, 64, 256];
const flow = `document: { dsl: '1.0.3', namespace: bench, name: drei-schritte, version: '1.0.0' }
schedule: { on: { one: { with: { type: bench.form } } } }
input: { from: '\${ .[0] }' }
do:
  - Aufnehmen: { set: { name: '\${ .name }', betrag: '\${ .betrag }' } }
  - Einordnen:
      switch:
        - viel: { when: '\${ .betrag > 100 }', then: Vormerken }
        - sonst: { then: Vormerken }
  - Vormerken: { set: { name: '\${ .name }', betrag: '\${ .betrag }', erledigt: true } }
`;

function wrk(url, connections) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', path.join(here, 'form.lua'), url];
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', args);
    let out = '';
    child.stdout.on('data', (bytes) => { out += bytes; });
    child.stderr.on('data', (bytes) => { out += bytes; });
    child.once('error', reject);
    child.once('close', () => {
      const line = /^RESULT (.*)$/m.exec(out);
      if (!line) return reject(new Error(`wrk: ${out}`));
      const result = JSON.parse(line[1]);
      resolve({ ...result, rate: result.requests / result.seconds });
    });
  });
}

function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]);
  return { now: kilobytes('VmRSS') / 1024, most: kilobytes('VmHWM') / 1024 };
}

async function metrics(engine) {
  const response = await fetch(`${engine.url}/metrics`, { headers: { authorization: `Bearer ${await engine.token('bench')}` } });
  const text = await response.text();
  const value = (name) => Number(new RegExp(`^umlauf_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { records: value('journal_records_total'), commits: value('journal_commit_seconds_count') };
}

async function measureHttp() {
  const port = await freePort();
  const child = spawn(path.join(build, 'tests/bench/bench_bare_http'), [String(port)], { stdio: ['pipe', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}/`;
  await until('an answer of bare_http', () => fetch(url, { method: 'POST', body: '{}' }).then(() => true, () => false));
  const results = [];
  for (const connections of CONNECTIONS) results.push(await wrk(url, connections));
  child.stdin.end();
  return results;
}

/** Rows as many in a commit as the engine had, each as long as its records are. */
function measureSqlite(rows, bytes) {
  const folder = mkdtempSync(path.join(process.env.TMPDIR, 'sqlite-'));
  const args = [path.join(folder, 'bare.db'), rows, bytes, seconds].map(String);
  const said = execFileSync(path.join(build, 'tests/bench/bench_bare_sqlite'), args, { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return JSON.parse(said);
}

/** From the beginning of the process to its first answer. */
async function measureStart(engine) {
  const times = [];
  for (let i = 0; i < 5; i++) {
    await engine.stop();
    const begin = process.hrtime.bigint();
    const child = spawn(program(), ['serve', '--config', engine.config], { cwd: engine.folder, stdio: 'ignore' });
    for (;;) {
      if (await fetch(`${engine.url}/healthz`).then((response) => response.ok, () => false)) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    times.push(Number(process.hrtime.bigint() - begin) / 1e6);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  return times.sort((a, b) => a - b)[2];
}

async function measureEngine() {
  const engine = await start({
    config: { webhooks: { form: { event: 'bench.form', verify: { none: true } } } },
    flows: { 'drei-schritte.yaml': flow },
    users: [{ name: 'bench', roles: ['admin'] }],
  });
  const idle = memory(engine.pid).now;
  const results = [];
  for (const connections of CONNECTIONS) {
    const before = await metrics(engine);
    const result = await wrk(`${engine.url}/hooks/form`, connections);
    const after = await metrics(engine);
    const records = after.records - before.records;
    results.push({ ...result, records: records / result.requests, rowsACommit: records / (after.commits - before.commits) });
  }
  const load = memory(engine.pid).most;
  await engine.stop();
  const database = statSync(path.join(engine.data, 'umlauf.db')).size;
  const verified = (await engine.command(['audit', 'verify'])).stdout.split('\n')[0];
  const total = Number(/\d[\d,]*/.exec(verified)?.[0].replaceAll(',', ''));
  const startTime = await measureStart(engine);
  await engine.remove();
  return { results, idle, load, verified, start: startTime, bytesARecord: Math.round(database / total) };
}

const round = (number) => Math.round(number).toLocaleString('en');
const share = (a, b) => `${Math.round((100 * a) / b)} %`;

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) console.log(`  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   ')}`);
}

function print({ engine, http, sqlite, size }) {
  console.log(`\nDurable runs of three tasks, a webhook each (${os.cpus().length} x ${os.cpus()[0].model}, ${seconds} s a line)\n`);
  table([
    ['connections', 'runs/s', 'p50 ms', 'p99 ms', 'max ms', 'refused', 'records a commit', 'bare HTTP/s', 'share', 'bare SQLite rows/s', 'share'],
    ...engine.results.map((result, i) => [
      String(CONNECTIONS[i]), round(result.rate), result.p50.toFixed(2), result.p99.toFixed(2), result.max.toFixed(1),
      String(result.refused + result.broken), round(result.rowsACommit), round(http[i].rate), share(result.rate, http[i].rate),
      round(sqlite[i].rows), share(result.rate * result.records, sqlite[i].rows),
    ]),
  ]);
  console.log(`
  A run is ${engine.results[0].records.toFixed(1)} records; a record takes ${engine.bytesARecord} bytes of the database with all its rows and indexes.
  Bare SQLite appends rows of that length, as many a commit, and does nothing else. One row a commit: ${round(sqlite.alone.commits)} commits/s,
  p50 ${sqlite.alone.p50.toFixed(2)} ms, p99 ${sqlite.alone.p99.toFixed(2)} ms.

  Memory   ${engine.idle.toFixed(1)} MB idle, ${engine.load.toFixed(1)} MB at most under load
  Start    ${engine.start.toFixed(0)} ms from the beginning of the process to its first answer (with the data of this measurement)
  Binary   ${(size / 1e6).toFixed(1)} MB, dashboard included
  Chain    ${engine.verified}
`);
}

const engine = await measureEngine();
const sqlite = engine.results.map((result) => measureSqlite(Math.max(1, Math.round(result.rowsACommit)), engine.bytesARecord));
sqlite.alone = measureSqlite(1, engine.bytesARecord);
const numbers = { engine, http: await measureHttp(), sqlite, size: statSync(program()).size };
rmSync(process.env.TMPDIR, { recursive: true });
print(numbers);
if (given.json) writeFileSync(given.json, `${JSON.stringify({ ...numbers, alone: sqlite.alone }, null, 2)}\n`);
