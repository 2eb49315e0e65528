// smtp.mjs - a mail server that misbehaves as a test says.
import { once } from 'node:events';
import net from 'node:net';

/** `replies`: what to say to a command instead of the usual ({ RCPT: '550 no', greeting: '554 closed', data: null }); null: nothing ever,
 * 'close': hang up. `data` is what follows the mail's final dot. */
export async function startSmtp(replies = {}) {
  const usual = { greeting: '220 peer ESMTP', EHLO: '250 peer', HELO: '250 peer', MAIL: '250 ok', RCPT: '250 ok', DATA: '354 go on', data: '250 queued', QUIT: '221 bye', RSET: '250 ok', STARTTLS: '502 no' };
  const sockets = new Set();
  const mails = [];
  const say = (socket, what) => {
    const reply = what in replies ? replies[what] : usual[what] ?? '500 what';
    if (reply === 'close') socket.destroy();
    else if (reply !== null) socket.write(`${reply}\r\n`);
  };
  const server = net.createServer((socket) => {
    let text = '';
    let inData = false;
    sockets.add(socket);
    socket.unref();
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    say(socket, 'greeting');
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (;;) {
        const end = inData ? text.indexOf('\r\n.\r\n') : text.indexOf('\r\n');
        if (end < 0) return;
        const part = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        if (inData) {
          mails.push(part);
          inData = false;
          say(socket, 'data');
          continue;
        }
        const verb = part.split(' ')[0].toUpperCase();
        say(socket, verb);
        inData = verb === 'DATA' && !('DATA' in replies);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  server.unref(); // a test that fails before stop() ends all the same
  await once(server, 'listening');
  const { port } = server.address();
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
