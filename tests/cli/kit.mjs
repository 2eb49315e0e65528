// kit.mjs - folders, flows and databases for the tests of the commands.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { removeFolder, temporaryFolder } from '../peers/process.mjs';

/** A folder for one test, gone after it. `files`: name to text. */
export function folderOf(test, files = {}) {
  const folder = temporaryFolder('cli');
  test.after(() => removeFolder(folder));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** A flow with these tasks; `more` stands at the root. */
export function flowOf(tasks, { name = 'probe', version = '1.0.0', more = '' } = {}) {
  const body = tasks.trimEnd().split('\n').map((line) => `  ${line}`).join('\n');
  return `document:\n  dsl: '1.0.3'\n  namespace: default\n  name: ${name}\n  version: '${version}'\n${more}do:\n${body}\n`;
}

/** Answers every request by `answer(request, body, count)`: { status, body, type }. Gives { url, requests, close }. */
export async function serverOf(test, answer) {
  const requests = [];
  const server = http.createServer((request, reply) => {
    let body = '';
    request.on('data', (bytes) => { body += bytes; });
    request.on('end', async () => {
      requests.push({ method: request.method, url: request.url, headers: request.headers, body });
      const { status = 200, body: text = '', type = 'application/json' } = await answer(request, body, requests.length);
      reply.writeHead(status, { 'content-type': type });
      reply.end(typeof text === 'string' ? text : JSON.stringify(text));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => { server.closeAllConnections(); server.close(); });
  return { url: `http://127.0.0.1:${server.address().port}`, requests };
}

/** One statement on the database of a data folder, by SQLite's own program. */
export function sql(data, statement) {
  return execFileSync('sqlite3', [path.join(data, 'umlauf.db'), statement], { encoding: 'utf8' }).trim();
}
