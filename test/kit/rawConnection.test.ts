import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { ConnectionEnded, RawConnection } from './rawConnection.ts';

const HOST = '127.0.0.1';

/** A server that answers what is asked as it is told to. */
async function serve(answer: (socket: Socket, requested: string) => void): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {});
    socket.on('data', bytes => answer(socket, bytes.toString()));
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

const whole = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test('raw connection - one answer after another, in one piece or in many, larger than its buffer too', async () => {
  const bodies = ['{"n":1}', 'x'.repeat(50_000), ''];
  await using server = await serve((socket, requested) => socket.write(whole(bodies[Number(requested)]!)));
  const connection = await RawConnection.open({ host: HOST, port: server.port });
  for (const n of [0, 1, 2, 0]) {
    const { status, body } = await connection.ask(String(n));
    assert.deepEqual([status, body.toString()], [200, bodies[n]]);
  }
  connection.close();
});

test('raw connection - what was asked when it ended, and afterwards, rejects', async () => {
  await using server = await serve(socket => socket.destroy());
  const connection = await RawConnection.open({ host: HOST, port: server.port });
  await assert.rejects(connection.ask('a'), ConnectionEnded);
  await assert.rejects(connection.ask('b'), ConnectionEnded);
});

test('raw connection - nobody listens', async () => {
  const gone = await serve(() => {});
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  await assert.rejects(RawConnection.open({ host: HOST, port }), ConnectionEnded);
});
