// engine.mjs - the engine itself as a child of a test: a folder with configuration, flows and data, a port, a process.
//
//   const engine = await start({
//     config: { webhooks: { meldung: { event: 'form.meldung', verify: { none: true } } } },
//     flows: { 'meldung.yaml': text },                       // or the path of a folder
//     files: { 'secrets/hook': 'whsec_...' },                // beside umlauf.yaml
//     users: [{ name: 'anna', roles: ['operator'], password: 'wiese-im-juni' }],
//   });
//   await fetch(`${engine.url}/api/v1/runs`, { headers: { authorization: `Bearer ${await engine.token('anna')}` } });
//   await engine.stop();
//
// The folder stays until the test's process ends (or remove()), so that a stopped engine's data can be looked at.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, removeFolder, temporaryFolder, until } from './process.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const engines = new Set();

process.on('exit', () => {
  for (const engine of engines) engine.leave();
});

/** The program to test: UMLAUF, or what the build makes. */
export function program() {
  const found = process.env.UMLAUF ?? path.join(root, 'build/umlauf');
  if (!existsSync(found)) throw new Error(`there is no ${found}: build first, or set UMLAUF`);
  return found;
}

/** What a build with sanitizers says of itself is not the program's word. */
function withoutSanitizer(said) {
  return said.replace(/^==\d+==WARNING: ASan doesn't fully support makecontext.*\n/gm, '');
}

/** Runs a command to its end: { code, stdout, stderr }. `input` goes to its standard input, which is else empty. */
export function command(args, { input = '', env = {}, cwd, binary = program() } = {}) {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(binary, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(new Error(`umlauf ${args.join(' ')}: ${error.signal ?? error}\n${stderr}`));
      else resolve({ code: error ? error.code : 0, stdout, stderr: withoutSanitizer(stderr) });
    });
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
  });
}

function writeFiles(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const at = path.join(folder, name);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, content, { mode: 0o600 });
  }
}

class Engine {
  #options;
  #child = null;
  #ended = null;
  #said = '';
  #tokens = new Map();

  constructor(folder, port, options) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.data = path.join(folder, 'data');
    this.config = path.join(folder, 'umlauf.yaml');
    this.#options = options;
  }

  /** Everything all lives of this engine have said. */
  stderr() {
    return this.#said;
  }

  /** The process under way, or null. */
  get pid() {
    return this.#child?.pid ?? null;
  }

  command(args, options = {}) {
    return command([...args, '--data', this.data], { binary: this.#options.binary, ...options });
  }

  async addUser({ name, roles, password = 'wiese-im-juni' }) {
    const { code, stderr } = await this.command(['user', 'add', name, '--role', roles.join(',')], { input: `${password}\n` });
    if (code !== 0) throw new Error(`user add ${name}: ${stderr}`);
  }

  /** A bearer token for a user; the same at every call. */
  async token(name) {
    if (!this.#tokens.has(name)) {
      const { code, stdout, stderr } = await this.command(['token', 'create', '--user', name]);
      if (code !== 0) throw new Error(`token create --user ${name}: ${stderr}`);
      this.#tokens.set(name, stdout.trim());
    }
    return this.#tokens.get(name);
  }

  /** Ready when /healthz answers; throws with what it said when it ends before. */
  async launch() {
    const { args = [], env = {}, binary = program() } = this.#options;
    const child = spawn(binary, ['serve', '--config', this.config, ...args], {
      cwd: this.folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => { this.#child = null; resolve({ code, signal }); });
      child.once('error', (error) => { this.#said += `${error}\n`; this.#child = null; resolve({ code: null, signal: null }); });
    });
    child.stdout.on('data', (bytes) => { this.#said += bytes; });
    child.stderr.on('data', (bytes) => { this.#said += bytes; });
    await until('an answer of the engine', async () => {
      if (this.#child === null) {
        const { code, signal } = await this.#ended;
        throw Object.assign(new Error(`the engine ended (${signal ?? code}):\n${this.#said}`), { code });
      }
      try {
        return (await fetch(`${this.url}/healthz`)).ok;
      } catch {
        return false;
      }
    }, 60000);
  }

  async #end(signal) {
    if (this.#child === null) return { code: null, signal: null };
    this.#child.kill(signal);
    const killer = setTimeout(() => this.#child?.kill('SIGKILL'), 30000);
    const end = await this.#ended;
    clearTimeout(killer);
    return end;
  }

  /** Asks it to end and waits: { code, signal }. */
  stop() {
    return this.#end('SIGTERM');
  }

  kill() {
    return this.#end('SIGKILL');
  }

  signal(name) {
    this.#child?.kill(name);
  }

  /** Waits until it has ended by itself: { code, signal }. */
  ended() {
    return this.#ended;
  }

  /** Another life on the same data, at the same address. */
  async restart() {
    await this.stop();
    await this.launch();
  }

  async remove() {
    await this.stop();
    this.leave();
  }

  leave() {
    engines.delete(this);
    this.#child?.kill('SIGKILL');
    removeFolder(this.folder);
  }
}

/** Makes folder, configuration, flows and users, and starts an engine on them. `args`: more for `serve`; `launch: false`: not yet. */
export async function start({ config = {}, flows = {}, files = {}, users = [], launch = true, ...options } = {}) {
  const folder = temporaryFolder('engine');
  const port = await freePort();
  const engine = new Engine(folder, port, options);
  engines.add(engine);
  const settings = { listen: `127.0.0.1:${port}`, data: './data', workflows: './workflows', ...config };
  if (typeof flows === 'string') settings.workflows = path.resolve(flows);
  else writeFiles(path.join(folder, 'workflows'), flows);
  mkdirSync(path.join(folder, 'workflows'), { recursive: true });
  writeFiles(folder, { ...files, 'umlauf.yaml': `${JSON.stringify(settings, null, 2)}\n` }); // JSON is YAML
  try {
    for (const user of users) await engine.addUser(user);
    if (launch) await engine.launch();
  } catch (error) {
    engine.leave();
    throw error;
  }
  return engine;
}

/** True when the program can be run at all: for suites that say why they are skipped. */
export function isBuilt() {
  try {
    return spawnSync(program(), ['version']).status === 0;
  } catch {
    return false;
  }
}
