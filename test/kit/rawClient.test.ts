import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { startLoad } from './rawClient.ts';

/** A server that answers each request with these pieces, one write each. */
async function serve(pieces: (socket: Socket) => void): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {});
    socket.on('data', () => pieces(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

interface Seen {
  readonly statuses: number[];
  readonly broken: boolean[];
}

async function load(port: number, requests: number, connections: number): Promise<Seen> {
  const seen: Seen = { statuses: [], broken: [] };
  let left = requests;
  await startLoad({
    host: '127.0.0.1',
    port,
    connections,
    next: () => (left-- > 0 ? Buffer.from('GET / HTTP/1.1\r\nHost: test\r\n\r\n') : null),
    answered: (_, status) => seen.statuses.push(status),
    closed: (_, inFlight) => seen.broken.push(inFlight),
  }).ended;
  return seen;
}

test('raw client - answers in one piece, in many, and without a body', async () => {
  const answers = [
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/1.1 503 Service Una', 'vailable\r\ncontent-length:  12\r\nx: y\r', '\n\r\nhello ', 'world!'],
    ['HTTP/1.1 204 No Content\r\n\r\n'],
  ];
  let n = 0;
  await using server = await serve(async socket => {
    for (const piece of answers[n++ % answers.length]!) {
      socket.write(piece);
      await new Promise(resolve => setImmediate(resolve));
    }
  });
  const { statuses, broken } = await load(server.port, 6, 1);
  assert.deepEqual(statuses, [200, 503, 204, 200, 503, 204]);
  assert.deepEqual(broken, [false]);
});

test('raw client - a connection that ends under a request is told, one that is not there too', async () => {
  await using server = await serve(socket => socket.destroy());
  assert.deepEqual(await load(server.port, 3, 3), { statuses: [], broken: [true, true, true] });
  assert.deepEqual(await load(1, 1, 1), { statuses: [], broken: [false] });
});
