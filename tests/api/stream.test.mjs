// The event stream: what moves, for those who may see it, once each, also after a break.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { start } from '../peers/engine.mjs';
import { until } from '../peers/process.mjs';
import { ask, assertProblem, checkAnswers, client, deliver } from './client.mjs';
import { antrag, gang, kurz, users } from './flows.mjs';

let engine;
const as = {};

before(async () => {
  engine = await start({
    config: { webhooks: { antrag: { event: 'form.antrag', verify: { none: true } } } },
    flows: { 'kurz.yaml': kurz, 'antrag.yaml': antrag, 'gang.yaml': gang }, users,
  });
  for (const name of ['admin', 'anna', 'buergerbuero', 'auditor']) as[name] = await client(engine, name);
});
after(() => engine?.remove());

/** Reads events as a browser does: { id, event, data }; \`last\` is what Last-Event-ID would be. */
class Listener {
  events = [];
  beats = 0;
  last = '';
  #rest = '';

  constructor(who, { last, method = 'GET' } = {}) {
    if (last !== undefined) this.last = `${last}`;
    const headers = { ...as[who].headers, ...(last === undefined ? {} : { 'last-event-id': `${last}` }) };
    this.opened = new Promise((resolve, reject) => {
      this.request = http.request(`${engine.url}/api/v1/stream`, { method, agent: false, headers }, (response) => {
        this.response = response;
        response.setEncoding('utf8');
        response.on('data', (text) => this.#take(text));
        response.on('error', () => {});
        this.ended = new Promise((over) => response.once('close', over));
        resolve(response);
      });
      this.request.on('error', reject);
      this.request.end();
    });
    this.opened.catch(() => {});
  }

  #take(text) {
    this.#rest += text;
    for (let end; (end = this.#rest.indexOf('\n\n')) >= 0; this.#rest = this.#rest.slice(end + 2)) this.#block(this.#rest.slice(0, end));
  }

  #block(block) {
    const event = { id: null, event: 'message', data: [] };
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.beats++;
      const [, name, value] = line.match(/^(id|event|data): ?(.*)$/) ?? [];
      if (name === 'data') event.data.push(value);
      else if (name) event[name] = value;
    }
    if (event.id !== null) this.last = event.id;
    if (event.data.length > 0) this.events.push({ ...event, data: JSON.parse(event.data.join('\n')) });
  }

  of(event) {
    return this.events.filter((one) => one.event === event);
  }

  hears(what, fits) {
    return until(what, () => this.events.find(fits));
  }

  close() {
    this.request.destroy();
  }
}

async function listen(who, options) {
  const listener = new Listener(who, options);
  const response = await listener.opened;
  assert.equal(response.statusCode, 200);
  return listener;
}

const ends = (id, status = 'completed') => (one) => one.event === 'run' && one.data.id === id && one.data.status === status;

test('a run, as it moves', async () => {
  const listener = await listen('admin');
  assert.match(listener.response.headers['content-type'], /^text\/event-stream/);
  const here = await listener.hears('where we are', (one) => one.event === 'here');
  const { id } = await as.admin.start('amt/kurz', { n: 1 });
  const event = await listener.hears('its end', ends(id));
  assert.deepEqual(event.data, { id, status: 'completed', flow: 'amt/kurz', inDoubt: false, kinds: ['run-started', 'run-completed', 'task-completed'] });
  assert.ok(Number(event.id) > Number(here.id));
  assert.equal(event.id, `${(await as.admin.ok('GET', `/runs/${id}/journal`)).items.at(-1).number}`);
  listener.close();
});

test('a work item: offered, taken, given back, done', async () => {
  const listener = await listen('anna');
  const { id } = await as.admin.start('amt/antrag', { name: 'Ada' });
  const item = await as.anna.work(id);
  for (const verb of ['claim', 'release', 'complete']) await as.anna.ok('POST', `/work/${item.id}/${verb}`, { outcome: 'genehmigen' });
  await listener.hears('its end', (one) => one.data.state === 'done');
  assert.deepEqual(listener.of('work').map((one) => one.data), ['open', 'taken', 'open', 'done'].map((state) => ({ id: item.id, state, role: 'sachbearbeitung', run: id })));
  for (const { id: number } of listener.of('work')) assert.match(number, /^\d+$/);
  listener.close();
});

test('everybody sees what they may: runs those who read runs, work those who see the item', async () => {
  const listeners = await Promise.all(['admin', 'auditor', 'anna', 'buergerbuero'].map((who) => listen(who)));
  const { id } = await as.admin.start('amt/antrag', { name: 'Ada' });
  await as.admin.work(id);
  await as.admin.ok('POST', `/runs/${id}/cancel`);
  const marker = await as.admin.start('amt/antrag', {}); // comes behind: what has not come by then never does
  const item = await as.admin.work(marker.id);
  const [admin, auditor, anna, other] = listeners;
  for (const one of [admin, auditor, anna]) await one.hears('the marker', (event) => event.event === 'work' && event.data.id === item.id);
  for (const one of [admin, auditor]) {
    assert.deepEqual(one.of('run').filter((event) => event.data.id === id).map((event) => event.data.status), ['waiting', 'cancelled']);
    assert.deepEqual(one.of('work').filter((event) => event.data.run === id).map((event) => event.data.state), ['open', 'withdrawn']);
  }
  assert.deepEqual(anna.of('run'), []);
  assert.deepEqual(anna.of('work').filter((event) => event.data.run === id).map((event) => event.data.state), ['open', 'withdrawn']);
  assert.deepEqual(other.events.filter((event) => event.event !== 'here'), []);
  // The same after a break.
  const resumed = await Promise.all(['admin', 'anna', 'buergerbuero'].map((who, i) => listen(who, { last: [admin, anna, other][i].of('here')[0].id })));
  for (const one of resumed.slice(0, 2)) await one.hears('the marker', (event) => event.event === 'work' && event.data.id === item.id);
  assert.ok(resumed[0].of('work').some((event) => event.data.run === id && event.data.state === 'withdrawn'));
  assert.deepEqual(resumed[1].of('run'), []);
  assert.deepEqual(resumed[2].events, []);
  for (const one of [...listeners, ...resumed]) one.close();
});

test('the last event of a turn carries its number: a broken turn is heard again', async () => {
  const listener = await listen('admin');
  const { id } = await as.admin.start('amt/antrag', {});
  await listener.hears('the item', (one) => one.event === 'work' && one.data.run === id);
  const [run, work] = listener.events.filter((one) => one.data.id === id || one.data.run === id);
  assert.deepEqual([run.event, run.id, work.event], ['run', null, 'work']);
  assert.match(work.id, /^\d+$/);
  listener.close();
});

/** Listens from `last` on, breaking off again and again, until `isOver`; everything heard. */
async function listenInPieces(last, isOver) {
  const seen = [];
  let breaks = 0;
  for (let over = false; !over; breaks++) {
    over = isOver();
    const listener = await listen('auditor', { last });
    if (over) await until('all is heard', () => isOver([...seen, ...listener.events]));
    else await until('some events', () => listener.of('work').length >= 2 || isOver());
    listener.close();
    seen.push(...listener.events);
    last = listener.last;
  }
  return { seen, breaks };
}

test('after a break nothing is missing and nothing comes twice, while runs go on', async () => {
  const ids = [];
  const from = (await as.admin.ok('GET', '/overview')).journal.lastNumber;
  let feeders = 6;
  const feeding = Array.from({ length: feeders }, async () => {
    for (let i = 0; i < 60; i++) ids.push((await deliver(engine, 'antrag', { i })).body.runs[0]);
    feeders--;
  });
  const isOver = (events) => feeders === 0 && (events === undefined || new Set(events.filter((one) => one.event === 'work').map((one) => one.data.run)).size === ids.length);
  const readers = await Promise.all(Array.from({ length: 6 }, () => listenInPieces(from, isOver)));
  await Promise.all(feeding);
  for (const { seen, breaks } of readers) {
    assert.ok(breaks >= 5, `${breaks} breaks`);
    for (const [event, key] of [['run', 'id'], ['work', 'run']])
      assert.deepEqual(seen.filter((one) => one.event === event).map((one) => one.data[key]).sort(), [...ids].sort(), event);
    const numbers = seen.filter((one) => one.id !== null).map((one) => Number(one.id));
    assert.ok(numbers.every((number, i) => number > (numbers[i - 1] ?? from)), 'numbers grow');
  }
});

test('an item that was withdrawn during the break', async () => {
  const before = await listen('anna');
  const { id } = await as.admin.start('amt/antrag', {});
  await before.hears('the item', (one) => one.event === 'work' && one.data.run === id);
  before.close();
  await as.admin.ok('POST', `/runs/${id}/cancel`);
  const after = await listen('anna', { last: before.last });
  await after.hears('that it is withdrawn', (one) => one.data.run === id && one.data.state === 'withdrawn');
  assert.equal(after.events.length, 1);
  after.close();
});

test('from the very beginning: everything there was, in order', async () => {
  const listener = await listen('auditor', { last: 0 });
  const { runs } = await as.admin.ok('GET', '/overview');
  const count = Object.entries(runs).reduce((sum, [name, number]) => sum + (name === 'inDoubt' ? 0 : number), 0);
  await until('all runs', () => new Set(listener.of('run').map((one) => one.data.id)).size === count);
  const { id } = await as.admin.start('amt/kurz', {});
  await listener.hears('what comes now', ends(id));
  const numbers = listener.events.filter((one) => one.id !== null).map((one) => Number(one.id));
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  listener.close();
});

test('a break before anything has moved loses nothing either', async () => {
  const first = await listen('admin');
  await first.hears('where we are', (one) => one.event === 'here');
  first.close();
  const { id } = await as.admin.start('amt/kurz', {});
  const second = await listen('admin', { last: first.last });
  await second.hears('what was missed', ends(id));
  second.close();
});

test('a Last-Event-ID that is no number, or of another journal', async () => {
  for (const last of ['abc', '-1', '1e3', '1 2', '9'.repeat(19)]) {
    const answer = await ask(engine, 'GET', '/api/v1/stream', { headers: { ...as.admin.headers, 'last-event-id': last } });
    assertProblem(answer, 400, 'bad-request', '"Last-Event-ID" is the number that an event came with');
  }
  const listener = await listen('admin', { last: 999999999 });
  await listener.hears('where we are', (one) => one.event === 'here');
  const { id } = await as.admin.start('amt/kurz', {});
  await listener.hears('what comes', ends(id));
  listener.close();
});

test('a listener that goes is forgotten', async () => {
  const listeners = await Promise.all(Array.from({ length: 10 }, () => listen('admin')));
  for (const one of listeners) one.close();
  await until('no stream is left', async () => {
    for (const flow of ['antrag', 'gang']) await as.admin.start(`amt/${flow}`, {}); // what cannot be sent tells that nobody is there
    return /^umlauf_http_streams 0$/m.test((await as.admin.get('/metrics')).body);
  });
});

// What a reader does not take fills the kernel's buffers first. Node cannot make them small; Python, which the build needs, can.
const sleeper = `
import socket, sys
reader = socket.socket()
reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
reader.connect(('127.0.0.1', int(sys.argv[1])))
reader.sendall(sys.argv[2].encode())
print('asked', flush=True)
sys.stdin.read()
`;

test('a reader that does not read is cut off, and the house goes on', async () => {
  const head = `GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${as.admin.headers.authorization}\r\n\r\n`;
  const reader = spawn('python3', ['-c', sleeper, new URL(engine.url).port, head], { stdio: ['pipe', 'pipe', 'inherit'] });
  const over = once(reader, 'close');
  const streams = async () => Number((await as.admin.get('/metrics')).body.match(/^umlauf_http_streams (\d+)$/m)[1]);
  try {
    await once(reader.stdout, 'data');
    await until('only this one', async () => await streams() === 1);
    await until('it is cut off', async () => {
      await Promise.all(Array.from({ length: 64 }, () => deliver(engine, 'antrag', { name: 'x' })));
      return await streams() === 0;
    }, 60000);
  } finally {
    reader.stdin.end();
    await over;
  }
});

test('who is not let in any more hears nothing any more', async () => {
  for (const name of ['gast', 'gehend']) await engine.addUser({ name, roles: ['operator', 'sachbearbeitung'] });
  for (const name of ['gast', 'gehend']) as[name] = await client(engine, name);
  const [narrowed, gone] = await Promise.all([listen('gast'), listen('gehend')]);
  for (const words of [['user', 'roles', 'gast', '--role', 'sachbearbeitung'], ['user', 'remove', 'gehend']]) assert.equal((await engine.command(words)).code, 0);
  await gone.ended;
  await until('runs are not told any more', async () => {
    const { id } = await as.admin.start('amt/antrag', {});
    await narrowed.hears('the item', (one) => one.event === 'work' && one.data.run === id);
    return !narrowed.of('run').some((one) => one.data.id === id);
  });
  narrowed.close();
});

test('only the head of a stream', async () => {
  const answer = await ask(engine, 'HEAD', '/api/v1/stream', { headers: as.admin.headers });
  assert.equal(answer.status, 200);
});

test('when the engine ends, so do its streams; with the last id all goes on', async () => {
  const listener = await listen('admin');
  const { id } = await as.admin.start('amt/kurz', {});
  await listener.hears('the run', ends(id));
  const stopped = engine.stop();
  await listener.ended;
  assert.deepEqual(await stopped, { code: 0, signal: null });
  await engine.launch();
  const next = await as.admin.start('amt/kurz', {});
  const again = await listen('admin', { last: listener.last });
  await again.hears('the next run', ends(next.id));
  assert.ok(!again.events.some(ends(id)));
  again.close();
});

test('every answer is one that the description announces', async () => {
  checkAnswers(await as.admin.ok('GET', '/openapi.json'));
});
