// imap.mjs - as much of an IMAP client (RFC 9051) as reading a mailbox takes.
import { once } from 'node:events';
import net from 'node:net';

export class Imap {
  #socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #number = 0;

  static async connect(port, user, password) {
    const imap = new Imap();
    imap.#socket = net.connect(port, '127.0.0.1');
    imap.#socket.on('data', (bytes) => { imap.#bytes = Buffer.concat([imap.#bytes, bytes]); });
    imap.#socket.on('close', () => { imap.#ended = true; });
    imap.#socket.on('error', () => { imap.#ended = true; });
    await imap.#line();
    await imap.#command(`LOGIN ${user} ${password}`);
    return imap;
  }

  async #more() {
    if (this.#ended) throw new Error('the IMAP server closed the connection');
    await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')]);
  }

  async #line() {
    for (;;) {
      const end = this.#bytes.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#bytes.subarray(0, end).toString('latin1');
        this.#bytes = this.#bytes.subarray(end + 2);
        return line;
      }
      await this.#more();
    }
  }

  async #literal(count) {
    while (this.#bytes.length < count) await this.#more();
    const literal = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return Buffer.from(literal);
  }

  /** Untagged lines and literals up to the tagged answer, which must be OK. */
  async #command(text) {
    const tag = `a${++this.#number}`;
    const lines = [];
    const literals = [];
    this.#socket.write(`${tag} ${text}\r\n`);
    for (;;) {
      const line = await this.#line();
      const literal = /\{(\d+)\}$/.exec(line);
      if (literal) literals.push(await this.#literal(Number(literal[1])));
      if (line.startsWith(`${tag} `)) {
        if (!line.startsWith(`${tag} OK`)) throw new Error(`${text}: ${line}`);
        return { lines, literals };
      }
      lines.push(line);
    }
  }

  async messages() {
    const { lines } = await this.#command('SELECT INBOX');
    const count = Number(lines.map((line) => /^\* (\d+) EXISTS/.exec(line)).find(Boolean)?.[1] ?? 0);
    if (count === 0) return [];
    const { literals } = await this.#command('FETCH 1:* (BODY.PEEK[])');
    return literals;
  }

  close() {
    this.#socket.destroy();
  }
}
