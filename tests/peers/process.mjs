// process.mjs - other people's servers as children of a test: a folder, a port, a process, all gone after stop().
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, readFileSync, existsSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function temporaryFolder(name) {
  return mkdtempSync(path.join(os.tmpdir(), `umlauf-${name}-`));
}

export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
}

/** Asks until `question` gives something, or throws with `what` after `milliseconds`. */
export async function until(what, question, milliseconds = 20000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

/** Starts a server that stays in the foreground; ready when `port` takes connections. */
export async function startProcess(command, args, { port, folder, log, env }) {
  let said = '';
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (bytes) => { said += bytes; });
  child.stderr.on('data', (bytes) => { said += bytes; });
  const story = () => said + (log && existsSync(log) ? readFileSync(log, 'utf8') : '');
  let ended = false;
  child.once('exit', () => { ended = true; });
  child.once('error', (error) => { ended = true; said += error; });
  try {
    await until(`${command} on port ${port}`, async () => {
      if (ended) throw new Error(`${command} ended: ${story()}`);
      return answers(port);
    });
  } catch (error) {
    if (!ended) child.kill('SIGKILL');
    throw new Error(`${error.message}\n${story()}`);
  }
  return {
    child,
    story,
    async stop() {
      if (ended) return;
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await once(child, 'exit');
      clearTimeout(killer);
    },
  };
}

/** The system's name for who runs the test, and for whom a server started by root should work. */
export function accounts() {
  const me = os.userInfo();
  const isRoot = me.uid === 0;
  const group = (name) => execFileSync('id', ['-gn', name], { encoding: 'utf8' }).trim();
  const worker = isRoot ? 'mail' : me.username;
  const webWorker = isRoot ? 'www-data' : me.username;
  return { isRoot, me: me.username, myGroup: group(me.username), worker, workerGroup: group(worker), webWorker, webWorkerGroup: group(webWorker) };
}
