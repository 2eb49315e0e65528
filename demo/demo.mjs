// demo.mjs PROGRAM FOLDER [PORT] - what `./dev run` serves: the engine with the bundled flows, and beside it a document store
// (rclone's WebDAV, on the next port) and a mail server (post.mjs, on the one after). All on 127.0.0.1, all files in FOLDER.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { makeHouse } from './house.mjs';
import { openPost } from './post.mjs';

const [program, folder, given = '8080'] = process.argv.slice(2);

function fail(text) {
  console.error(`dev: ${text}`);
  process.exit(1);
}

async function isFree(port) {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function choosePorts() {
  const first = Number(given);
  if (!Number.isInteger(first) || first < 1024 || first > 65533) fail(`'${given}' is no port from 1024 to 65533`);
  const ports = { engine: first, dms: first + 1, mail: first + 2 };
  for (const port of Object.values(ports)) {
    if (!await isFree(port)) fail(`another program listens on 127.0.0.1:${port}; './dev run 9000' takes 9000 to 9002 instead`);
  }
  return ports;
}

/** In a process group of its own: Ctrl-C reaches the engine first, its calls may still end. */
function startStore(port, password) {
  const args = ['serve', 'webdav', path.join(folder, 'akten'), '--addr', `127.0.0.1:${port}`, '--baseurl', '/akten', '--config', '/dev/null',
    '--dir-cache-time', '0s', '--log-level', 'ERROR'];
  const env = { ...process.env, RCLONE_USER: 'umlauf', RCLONE_PASS: password };
  const store = spawn('rclone', args, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  store.once('error', (error) => fail(`rclone does not start: ${error.message}`));
  return store;
}

async function untilItAnswers(url, hasEnded) {
  for (;;) {
    try {
      if ((await fetch(url)).ok) return true;
    } catch {
      // not yet
    }
    if (hasEnded()) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function welcome(ports, people) {
  const lines = people.map(({ name, password, is }) => `    ${name.padEnd(12)} ${password}   ${is}`);
  console.log(`
  Umlauf serves  http://127.0.0.1:${ports.engine}

  Sign in as
${lines.join('\n')}

  In another terminal, send a form as a citizen would:
    ./dev send hundesteuer          (also: urlaubsantrag, maengelmeldung)

  Documents land in ${folder}/akten, mails in ${folder}/mail; nothing leaves this machine.
  Ctrl-C ends it, the next start goes on. Delete ${folder}/ to begin anew.
`);
}

const ports = await choosePorts();
let house;
try {
  house = makeHouse(program, folder, ports);
} catch (error) {
  fail(`${folder}/ cannot be prepared: ${error.message}`);
}
const post = await openPost(ports.mail, path.join(folder, 'mail'), (recipients, file) =>
  console.log(`  mail for ${recipients.join(', ')}: ${file}`));
const store = startStore(ports.dms, house.dms);
const engine = spawn(program, ['serve', '--config', path.join(folder, 'umlauf.yaml')], { stdio: 'inherit' });
let code = null;
const ended = once(engine, 'exit').then(([number]) => { code = number ?? 1; });

process.on('SIGINT', () => {}); // the engine got it too
process.on('SIGTERM', () => engine.kill('SIGTERM'));
if (await untilItAnswers(`http://127.0.0.1:${ports.engine}/healthz`, () => code !== null)) welcome(ports, house.people);
await ended;
store.kill('SIGTERM');
post.close();
process.exit(code);
