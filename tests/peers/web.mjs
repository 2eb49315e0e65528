// web.mjs - HTTP servers that answer as a test says, well or badly.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

/** `answer(request, response, body)`; keeps what was asked in `requests`. */
export async function startWeb(answer, { tls, host = '127.0.0.1' } = {}) {
  const requests = [];
  const handle = (request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      requests.push({ method: request.method, url: request.url, headers: request.headers, body: body.toString() });
      answer(request, response, body);
    });
  };
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
  server.on('connection', (socket) => socket.unref());
  server.listen(0, host);
  server.unref(); // a test that fails before stop() ends all the same
  await once(server, 'listening');
  const { port } = server.address();
  return {
    port,
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Writes `bytes` to whoever connects and asks, then closes in the middle. */
export async function startRaw(bytes) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.unref();
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () => socket.end(bytes));
  });
  server.listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
