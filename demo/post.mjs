// post.mjs - the demo's mail server: takes every mail and puts it into a folder, a file each. Nothing is sent on.
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const LINE_BYTES_MAX = 4096;
const MAIL_BYTES_MAX = 32 * 1024 * 1024;

const replies = {
  HELO: '250 demo', MAIL: '250 fine', RCPT: '250 fine', RSET: '250 fine', NOOP: '250 fine',
  EHLO: `250-demo\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE ${MAIL_BYTES_MAX}`,
  DATA: '354 end it with a line that is a dot', QUIT: '221 bye',
};

/** One client. `keep` gets each mail: its recipients and its bytes. */
function serve(socket, keep) {
  let bytes = Buffer.alloc(0);
  let recipients = [];
  let isMail = false;
  const say = (text) => socket.write(`${text}\r\n`);

  function takeMail() {
    const end = bytes.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    const mail = bytes.subarray(0, end + 2).toString('latin1').replace(/^\.\./gm, '.');
    bytes = bytes.subarray(end + 5);
    keep(recipients, Buffer.from(mail, 'latin1'));
    recipients = [];
    isMail = false;
    say('250 kept');
    return true;
  }

  function takeCommand() {
    const end = bytes.indexOf('\r\n');
    if (end < 0) return false;
    const line = bytes.subarray(0, end).toString('utf8');
    bytes = bytes.subarray(end + 2);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'RCPT') recipients.push(/<([^>]*)>/.exec(line)?.[1] ?? '');
    if (verb === 'RSET' || verb === 'MAIL') recipients = [];
    say(replies[verb] ?? '502 not here');
    isMail = verb === 'DATA';
    if (verb === 'QUIT') socket.end();
    return true;
  }

  socket.on('error', () => {});
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more]);
    if (bytes.length > (isMail ? MAIL_BYTES_MAX : LINE_BYTES_MAX)) return socket.destroy();
    while (isMail ? takeMail() : takeCommand());
  });
  say('220 demo');
}

/** Listens on 127.0.0.1:`port`; calls kept(recipients, file) after each mail. */
export async function openPost(port, folder, kept) {
  mkdirSync(folder, { recursive: true });
  let count = readdirSync(folder).filter((name) => name.endsWith('.eml')).length;
  const server = net.createServer((socket) => serve(socket, (recipients, mail) => {
    count += 1;
    const file = path.join(folder, `${String(count).padStart(4, '0')}.eml`);
    writeFileSync(file, mail);
    kept(recipients, file);
  }));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
