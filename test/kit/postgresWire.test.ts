import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { isCommit, isCommitted, isNotification, isStartup, type PostgresWire, tapPostgres } from './postgresWire.ts';
import { startTcpProxy } from './tcpProxy.ts';

const message = (type: string, text: string): Buffer => {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
};

const startup = (name: string): Buffer => {
  const body = Buffer.from(`\0\x03\0\0application_name\0${name}\0\0`, 'latin1');
  const head = Buffer.alloc(4);
  head.writeUInt32BE(4 + body.length);
  return Buffer.concat([head, body]);
};

/** Both ends of a connection over the wire; what each has received so far. */
async function openWire(t: TestContext) {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer(socket => accepted.resolve(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startTcpProxy({ port: (server.address() as { port: number }).port });
  const wire: PostgresWire = tapPostgres(proxy);
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  const far = await accepted.promise;
  t.after(async () => {
    client.destroy();
    far.destroy();
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  return { wire, client: listen(client), server: listen(far) };
}

function listen(socket: Socket) {
  let received = Buffer.alloc(0);
  const closed = new Promise<void>(resolve => socket.once('close', resolve));
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
  });
  return {
    socket,
    closed,
    get received() {
      return received;
    },
    async has(length: number) {
      while (received.length < length) await once(socket, 'data');
      return received;
    },
  };
}

test('messages in pieces - go on as they were', async t => {
  const { wire, client, server } = await openWire(t);
  const seen: string[] = [];
  wire.onRequest = each => {
    seen.push(isStartup(each, 'aftercall writer') ? 'startup' : isCommit(each) ? 'commit' : 'other');
    return 'pass';
  };
  const sent = Buffer.concat([
    startup('aftercall writer'),
    message('Q', 'SELECT 1'),
    message('Q', 'SET x = 0; COMMIT'),
  ]);
  for (let at = 0; at < sent.length; at += 7) {
    client.socket.write(sent.subarray(at, at + 7));
    await new Promise(resolve => setImmediate(resolve));
  }
  assert.deepEqual(await server.has(sent.length), sent);
  assert.deepEqual(seen, ['startup', 'other', 'commit']);
});

test('a message that is dropped - is missing, and what follows is there', async t => {
  const { wire, client, server } = await openWire(t);
  wire.onAnswer = each => (isNotification(each) ? 'drop' : 'pass');
  const [first, second] = [message('C', 'BEGIN'), message('C', 'COMMIT')];
  assert.ok(isCommitted(second) && !isCommitted(first));
  server.socket.write(Buffer.concat([first, message('A', 'news'), second]));
  assert.deepEqual(await client.has(first.length + second.length), Buffer.concat([first, second]));
});

test('a message that is cut - arrives by half, and the connection ends on both sides', async t => {
  const { wire, client, server } = await openWire(t);
  wire.onRequest = each => (isCommit(each) ? 'cutWithin' : 'pass');
  const [hello, commit] = [startup('x'), message('Q', 'COMMIT')];
  client.socket.write(Buffer.concat([hello, commit, message('Q', 'SELECT 2')]));
  await Promise.all([client.closed, server.closed]);
  assert.deepEqual(server.received, Buffer.concat([hello, commit.subarray(0, commit.length >> 1)]));
});

test('a connection that falls silent - stays, and nothing comes of it any more', async t => {
  const { wire, client, server } = await openWire(t);
  wire.onAnswer = each => (isCommitted(each) ? 'silence' : 'pass');
  const ready = message('Z', 'I');
  server.socket.write(Buffer.concat([ready, message('C', 'COMMIT'), ready]));
  server.socket.write(ready);
  client.socket.write(startup('x'));
  await server.has(startup('x').length);
  assert.deepEqual(await client.has(ready.length), ready);
  assert.ok(!client.socket.destroyed);
});
