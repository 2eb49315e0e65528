// dav.mjs - WebDAV servers: Apache's mod_dav, and rclone's.
//
// Apache keeps properties and looks at If-None-Match; rclone does neither. Both ask for the user "umlauf", password "geheim".
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { accounts, freePort, removeFolder, startProcess, temporaryFolder } from './process.mjs';

const modules = '/usr/lib/apache2/modules';

function apacheConfiguration(at, port, who) {
  const password = execFileSync('openssl', ['passwd', '-apr1', 'geheim'], { encoding: 'utf8' }).trim();
  writeFileSync(path.join(at, 'users'), `umlauf:${password}\n`);
  const names = ['mpm_event', 'authz_core', 'authz_user', 'authn_core', 'authn_file', 'auth_basic', 'dav', 'dav_fs', 'mime'];
  return `
ServerRoot ${at}
ServerName 127.0.0.1
PidFile ${at}/apache.pid
Listen 127.0.0.1:${port}
ErrorLog ${at}/error.log
${names.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
${who.isRoot ? `User ${who.webWorker}\nGroup ${who.webWorkerGroup}` : ''}
StartServers 1
TypesConfig /etc/mime.types
DocumentRoot ${at}/files
DavLockDB ${at}/locks/db
<Directory ${at}/files>
  Dav On
  AuthType Basic
  AuthName akten
  AuthUserFile ${at}/users
  Require valid-user
</Directory>
`;
}

/** All files below `folder` by their path, without what the server keeps for itself. */
function listFiles(folder, prefix = '') {
  return readdirSync(folder).flatMap((name) => {
    if (name === '.DAV') return [];
    const whole = path.join(folder, name);
    return statSync(whole).isDirectory() ? listFiles(whole, `${prefix}${name}/`) : [`${prefix}${name}`];
  }).sort();
}

async function start(kind, command, args, { folder, port, log }) {
  const files = path.join(folder, 'files');
  const process = await startProcess(command, args, { port, folder, log });
  return {
    kind,
    folder,
    port,
    files,
    url: `http://127.0.0.1:${port}/`,
    list: () => listFiles(files),
    content: (name) => readFileSync(path.join(files, name)),
    story: process.story,
    async stop() {
      await process.stop();
      removeFolder(folder);
    },
  };
}

function prepare(name, who) {
  const folder = temporaryFolder(name);
  chmodSync(folder, 0o755);
  for (const below of ['files', 'locks']) {
    mkdirSync(path.join(folder, below));
    if (!who.isRoot) continue;
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, who.webWorker])));
    chownSync(path.join(folder, below), uid, gid);
  }
  return folder;
}

export async function startApache() {
  const who = accounts();
  const folder = prepare('apache', who);
  const port = await freePort();
  const file = path.join(folder, 'apache.conf');
  writeFileSync(file, apacheConfiguration(folder, port, who));
  return start('apache', '/usr/sbin/apache2', ['-f', file, '-DFOREGROUND'], { folder, port, log: path.join(folder, 'error.log') });
}

export async function startRclone() {
  const folder = prepare('rclone', accounts());
  const port = await freePort();
  const args = ['serve', 'webdav', path.join(folder, 'files'), '--addr', `127.0.0.1:${port}`, '--user', 'umlauf', '--pass', 'geheim',
    '--config', path.join(folder, 'rclone.conf'), '--dir-cache-time', '0s', '--vfs-cache-mode', 'off'];
  return start('rclone', 'rclone', args, { folder, port });
}
