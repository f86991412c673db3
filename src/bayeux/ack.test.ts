import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOTH, type Message, numbers, pair, RETRY, type TestClient, TestServer } from './testing/testServer.ts';

/** The number of the connect reply, as the stock client remembers it. */
function read(client: TestClient, messages: readonly Message[]): unknown[] {
  client.ack = (messages.at(-1)!['ext'] as { ack: number }).ack;
  return numbers(messages);
}

describe('the ack extension', () => {
  test('B26 a handshake that asks for it - gets it, and connect replies carry rising numbers', async () => {
    const server = new TestServer();
    const client = await server.client();
    const [handshake] = await client.handshake({ ext: { ack: true, other: 7 } });
    assert.deepEqual(handshake?.['ext'], { ack: true });
    const acks = [];
    for (let n = 0; n < 3; n++) acks.push((await client.poll())[0]?.['ext']);
    assert.deepEqual(acks, [{ ack: 1 }, { ack: 2 }, { ack: 3 }]);
    const held = client.connect();
    await server.time.pass(30_000);
    assert.deepEqual(await held.read(), [
      { channel: '/meta/connect', id: '6', successful: true, advice: RETRY, ext: { ack: 4 } },
    ]);
    assert.deepEqual(Object.keys(held.messages[0]!), ['channel', 'id', 'successful', 'advice', 'ext']);
  });

  test('B26 a stale number - gets the messages again, in order, before newer ones and under a new number', async () => {
    const server = new TestServer();
    const client = await server.client({ ack: true, subscriptions: BOTH });
    assert.deepEqual(read(client, await client.poll()), []);
    server.bayeux.deliver('agent1', pair(1), 1);
    const first = await client.connect().read();
    assert.deepEqual([numbers(first), first.at(-1)?.['ext']], [[1, 1], { ack: 2 }]);
    server.bayeux.deliver('agent1', pair(2), 2);
    const second = await client.connect().read();
    assert.deepEqual([numbers(second), second.at(-1)?.['ext']], [[1, 1, 2, 2], { ack: 3 }]);
    assert.deepEqual(server.confirmed, []);
    client.ack = 2;
    const third = await client.connect().read();
    assert.deepEqual([numbers(third), third.at(-1)?.['ext']], [[1, 1, 2, 2], { ack: 4 }]);
    client.ack = 4;
    assert.ok(await client.connect().isHeld());
    assert.deepEqual(server.confirmed, [[client.clientId, [1, 2]]]);
    assert.equal(server.bayeux.queued, 0);
  });

  test('B27 a client that does not ask for it - sees no `ext`', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    for (const ext of [undefined, {}, { ack: false }, { ack: 'true' }, { timesync: {} }, 'x', null]) {
      const [handshake] = await client.handshake({ ext });
      assert.ok(handshake !== undefined && !('ext' in handshake), JSON.stringify(ext));
      const [reply] = await client.connect({ advice: { timeout: 0 }, ext: { ack: 5 } }).read();
      assert.ok(reply !== undefined && !('ext' in reply));
    }
  });

  test('messages - leave with connect replies only', async () => {
    const server = new TestServer();
    const client = await server.client({ ack: true, subscriptions: BOTH });
    server.bayeux.deliver('agent1', pair(1), 1);
    assert.equal((await client.subscribe('/v2/users')).length, 1);
    const replies = await client.send(client.connectMessage(), client.message('/v2/me', { data: 1 })).read();
    assert.deepEqual(
      replies.map(each => each['channel']),
      ['/v2/me/outbound', '/me/internal', '/meta/connect', '/v2/me'],
    );
    client.ack = 1;
    client.connect();
    assert.deepEqual(server.confirmed, [[client.clientId, [1]]]);
  });

  test('a failed write - leaves it to the client to say what it has read', async () => {
    const server = new TestServer();
    const client = await server.client({ ack: true, subscriptions: BOTH });
    server.bayeux.deliver('agent1', pair(1), 1);
    const failed = client.connect();
    await failed.answered;
    failed.written(false);
    assert.equal(server.bayeux.queued, 2);
    read(client, failed.messages);
    assert.ok(await client.connect().isHeld(), 'it has read it all the same');
    assert.deepEqual(server.confirmed, [[client.clientId, [1]]]);

    const lost = client.connect();
    server.bayeux.deliver('agent1', pair(2), 2);
    await lost.answered;
    lost.close();
    assert.deepEqual(read(client, await client.connect().read()), [2, 2]);
  });

  test('a written answer - confirms nothing, nor does a disconnect', async () => {
    const server = new TestServer();
    const client = await server.client({ ack: true, subscriptions: BOTH });
    server.bayeux.deliver('agent1', pair(1), 1);
    await client.poll();
    server.bayeux.deliver('agent1', pair(2), 2);
    await client.disconnect();
    assert.deepEqual(server.confirmed, []);
    assert.deepEqual(
      server.removed.map(each => each.unconfirmed),
      [[1, 2]],
    );
    server.assertNothingLeft();
  });

  test('a connect that names no number - neither confirms nor asks again', async () => {
    const server = new TestServer();
    const client = await server.client({ ack: true, subscriptions: BOTH });
    server.bayeux.deliver('agent1', pair(1), 1);
    await client.poll();
    for (const ext of [undefined, null, 7, {}, { ack: '1' }, { ack: null }]) {
      assert.deepEqual(numbers(await client.connect({ ext, advice: { timeout: 0 } }).read()), []);
    }
    assert.deepEqual(server.confirmed, []);
    assert.equal(server.bayeux.queued, 2);
  });

  test('messages that are never confirmed - count for the length of the queue', async () => {
    const server = new TestServer({ limits: { queueLength: 4 } });
    const client = await server.client({ ack: true, subscriptions: BOTH });
    for (const n of [1, 2, 3]) {
      server.bayeux.deliver('agent1', pair(n), n);
      await client.connect({ ext: {}, advice: { timeout: 0 } }).read();
    }
    assert.deepEqual(server.removed, [{ id: client.clientId, why: 'overflow', unconfirmed: [1, 2, 3] }]);
  });
});
