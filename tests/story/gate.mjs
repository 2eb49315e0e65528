// gate.mjs - a door in front of a server, at one address: it can be shut, lead elsewhere, or break off what passes.
//
// So what was broken can be repaired without the engine being told another address.
import { once } from 'node:events';
import net from 'node:net';

const answerBytes = 12; // "HTTP/1.1 201": as much as gets through of an answer that breaks off

class Gate {
  #server = null;
  #sockets = new Set();
  #target;
  #break = null; // { what: 'request' | 'answer', word }

  constructor(target) {
    this.#target = target;
  }

  async open() {
    this.#server = net.createServer((client) => this.#pass(client));
    this.#server.listen(this.port ?? 0, '127.0.0.1');
    this.#server.unref();
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
  }

  /** Nobody answers any more. */
  async shut() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#dropAll();
    await closed;
  }

  /** From now on to this port of 127.0.0.1, unbroken; who is under way is cut off. */
  leadTo(target) {
    this.#target = target;
    this.#break = null;
    this.#dropAll();
  }

  /** Requests that begin with `word` get half of their body through, and no answer. */
  breakRequest(word) {
    this.#break = { what: 'request', word };
  }

  /** Requests that begin with `word` get through, and only the first bytes of their answer come back. */
  breakAnswer(word) {
    this.#break = { what: 'answer', word };
  }

  stop() {
    return this.#server.listening ? this.shut() : undefined;
  }

  #dropAll() {
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket, other) {
    this.#sockets.add(socket);
    socket.unref();
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }

  #pass(client) {
    const server = net.connect(this.#target, '127.0.0.1');
    let cut = null; // what of this exchange is broken off
    let held = Buffer.alloc(0);
    this.#keep(client, server);
    this.#keep(server, client);
    client.on('data', (bytes) => {
      if (this.#break && bytes.toString('latin1').startsWith(`${this.#break.word} `)) cut = this.#break.what;
      if (cut !== 'request') {
        server.write(bytes);
        return;
      }
      held = Buffer.concat([held, bytes]);
      const body = held.indexOf('\r\n\r\n') + 4;
      if (body < 4 || held.length === body) return; // the body has not come yet
      server.write(held.subarray(0, body + ((held.length - body) >> 1)), () => client.destroy());
    });
    server.on('data', (bytes) => {
      if (cut === 'answer') client.end(bytes.subarray(0, answerBytes));
      else client.write(bytes);
    });
  }
}

/** In front of this port of 127.0.0.1. */
export async function startGate(target) {
  const gate = new Gate(target);
  await gate.open();
  return gate;
}
