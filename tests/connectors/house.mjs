// house.mjs - one call of one operation, by the program `call` (call.c).
//
// The build is found in UMLAUF_BUILD, else in build/ at the top.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../peers/process.mjs';

process.setMaxListeners(0);

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const program = path.join(path.resolve(process.env.UMLAUF_BUILD ?? path.join(top, 'build')), 'tests/connectors/call');

export class House {
  constructor(settings, { allow = ['127.0.0.1:*'], ...rest } = {}) {
    this.folder = temporaryFolder('house');
    process.once('exit', () => this.close()); // also after a check that failed
    this.settings = { connectors: settings, network: { allow }, directory: this.folder, ...rest };
  }

  /** The ends of all calls, one unless `times` says otherwise. */
  async calls(operation, input, { key = 'flow/run/task', attempt = 1, ...more } = {}) {
    const file = path.join(this.folder, `settings-${Math.random().toString(36).slice(2)}.json`);
    writeFileSync(file, JSON.stringify({ ...this.settings, ...more }));
    const child = spawn(program, [file, operation, key, String(attempt)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // What must not be looked at.
      env: { ...process.env, http_proxy: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1', ALL_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' },
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (bytes) => { out += bytes; });
    child.stderr.on('data', (bytes) => { errors += bytes; });
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(input));
    const [code, signal] = await once(child, 'close');
    if (code !== 0 && code !== 1) throw new Error(`call ended with ${code ?? signal}: ${errors}`);
    if (errors) throw new Error(`call says: ${errors}`);
    return out.trim().split('\n').map((line) => JSON.parse(line));
  }

  async call(operation, input, options) {
    const [end] = await this.calls(operation, input, options);
    return end;
  }

  /** The output, or an error with the problem. */
  async output(operation, input, options) {
    const end = await this.call(operation, input, options);
    if (end.problem) throw new Error(`${operation}: ${JSON.stringify(end.problem)}`);
    return end.output;
  }

  /** The problem, or an error with the output. */
  async problem(operation, input, options) {
    const end = await this.call(operation, input, options);
    if (!end.problem) throw new Error(`${operation} should have failed: ${JSON.stringify(end.output)}`);
    return end.problem;
  }

  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
