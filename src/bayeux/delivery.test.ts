import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOTH, numbers, pair, TestServer } from './testing/testServer.ts';

describe('deliver', () => {
  test('two pairs at once - leave in order, each in one response', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    const held = client.connect();
    assert.ok(await held.isHeld());
    server.bayeux.deliver('agent1', pair(1));
    server.bayeux.deliver('agent1', pair(2));
    assert.deepEqual(numbers(await held.read()), [1, 1, 2, 2]);
  });

  test('two pairs, one while the answer with the other is on its way - each in its own response, in order', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    const first = client.connect();
    server.bayeux.deliver('agent1', pair(1));
    await first.answered;
    server.bayeux.deliver('agent1', pair(2));
    assert.deepEqual(numbers(await first.read()), [1, 1]);
    assert.deepEqual(numbers(await client.connect().read()), [2, 2]);
  });

  test('every session of the identity - is told, and nobody else', async () => {
    const server = new TestServer();
    const one = await server.client({ subscriptions: BOTH });
    const other = await server.client({ subscriptions: ['/me/internal'] });
    await server.client();
    const stranger = await server.client({ identity: 'agent2', subscriptions: ['/**'] });
    assert.equal(server.bayeux.deliver('agent1', pair(1)), 2);
    assert.equal(server.bayeux.queued, 3);
    assert.deepEqual(numbers(await one.poll()), [1, 1]);
    assert.deepEqual(numbers(await other.poll()), [1]);
    assert.deepEqual(numbers(await stranger.poll()), []);
    assert.equal(server.bayeux.queued, 0);
    assert.equal(server.bayeux.deliver('nobody', pair(1)), 0);
  });

  test('one session - is told alone', async () => {
    const server = new TestServer();
    const one = await server.client({ subscriptions: BOTH });
    const other = await server.client({ subscriptions: BOTH });
    assert.ok(server.bayeux.deliverTo(one.clientId, pair(1)));
    assert.deepEqual(numbers(await one.poll()), [1, 1]);
    assert.deepEqual(numbers(await other.poll()), []);
    await one.disconnect();
    assert.ok(!server.bayeux.deliverTo(one.clientId, pair(2)));
    assert.ok(!server.bayeux.deliverTo(other.clientId, [{ channel: '/v2/users', data: 1 }]));
  });

  test('what is delivered on subscribing - leaves with the reply, before it', async () => {
    const server: TestServer = new TestServer({
      onSubscribed: ({ id }) => server.bayeux.deliverTo(id, pair(1)),
    });
    const client = await server.client();
    const replies = await client.subscribe(BOTH);
    assert.deepEqual(
      replies.map(each => each['channel']),
      ['/v2/me/outbound', '/me/internal', '/meta/subscribe'],
    );
    assert.deepEqual(numbers(await client.poll()), []);
  });

  test('what is delivered on subscribing while a connect is held - leaves once', async () => {
    const server: TestServer = new TestServer({
      onSubscribed: ({ id }) => server.bayeux.deliverTo(id, pair(1)),
    });
    const client = await server.client();
    const held = client.connect();
    assert.deepEqual(numbers(await client.subscribe(BOTH)), [1, 1]);
    assert.ok(await held.isHeld());
  });

  test('any answer - takes along what waits', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    server.bayeux.deliver('agent1', pair(1));
    const replies = await client.send(client.message('/v2/me', { data: {} })).read();
    assert.deepEqual(
      replies.map(each => each['channel']),
      ['/v2/me/outbound', '/me/internal', '/v2/me'],
    );
  });

  test('connect replies only, when told so - other answers take nothing along, and a held connect is woken', async () => {
    const server: TestServer = new TestServer({
      metaConnectDeliverOnly: true,
      onSubscribed: ({ id }) => server.bayeux.deliverTo(id, pair(1)),
    });
    const client = await server.client();
    const held = client.connect();
    assert.equal((await client.subscribe(BOTH)).length, 1);
    const replies = await held.read();
    assert.deepEqual(numbers(replies), [1, 1]);
    assert.ok(replies.every(each => !('ext' in each)));
  });

  test('a queue that is too long - ends its session, and tells what was not confirmed', async () => {
    const server = new TestServer({ limits: { queueLength: 4 } });
    const client = await server.client({ subscriptions: BOTH });
    const sibling = await server.client({ subscriptions: ['/me/internal'] });
    const lost = client.connect();
    assert.equal(server.bayeux.deliver('agent1', pair(1), 1), 2);
    await lost.answered;
    const held = client.connect();
    assert.equal(server.bayeux.deliver('agent1', pair(2), 2), 2);
    assert.ok(await held.isHeld(), 'until it is known what became of the first answer');
    assert.equal(server.bayeux.deliver('agent1', pair(3), 3), 1);
    assert.deepEqual(server.removed, [{ id: client.clientId, why: 'overflow', unconfirmed: [1, 2, 3] }]);
    const [reply] = await held.read();
    assert.deepEqual(reply, {
      channel: '/meta/connect',
      id: '5',
      successful: false,
      error: '402::Unknown client',
      advice: { reconnect: 'handshake', interval: 0 },
    });
    lost.written(false);
    assert.deepEqual(numbers(await sibling.poll()), [1, 2, 3]);
    await sibling.disconnect();
    server.assertNothingLeft();
  });

  test('a client that subscribes and never connects - does not pile up receipts for ever', async () => {
    const server = new TestServer({ limits: { queueLength: 10 } });
    const client = await server.client({ subscriptions: BOTH });
    for (let n = 1; n <= 10; n++) {
      server.bayeux.deliver('agent1', [{ channel: '/me/internal', data: { n } }], n);
      assert.deepEqual(numbers(await client.subscribe('/me/internal')), [n]);
    }
    server.bayeux.deliver('agent1', [{ channel: '/me/internal', data: { n: 11 } }], 11);
    assert.deepEqual(
      server.removed.map(each => [each.why, each.unconfirmed.length]),
      [['overflow', 11]],
    );
  });
});

describe('confirmation without the ack extension', () => {
  async function setUp() {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    return { server, client, confirmed: () => server.confirmed.map(([, receipts]) => receipts) };
  }

  test('the connect after a written answer - confirms what it carried, once', async () => {
    const { server, client, confirmed } = await setUp();
    const held = client.connect();
    server.bayeux.deliver('agent1', pair(1), 1);
    server.bayeux.deliver('agent1', pair(2));
    server.bayeux.deliver('agent1', pair(3), 3);
    await held.read();
    assert.deepEqual(confirmed(), []);
    assert.equal(server.bayeux.queued, 0);
    client.connect();
    assert.deepEqual(server.confirmed, [[client.clientId, [1, 3]]]);
    client.connect();
    assert.deepEqual(confirmed(), [[1, 3]]);
  });

  test('what another answer carried - is confirmed by the next connect as well, and by no other message', async () => {
    const { server, client, confirmed } = await setUp();
    server.bayeux.deliver('agent1', pair(1), 1);
    await client.subscribe('/v2/users');
    await client.subscribe('/v2/users');
    assert.deepEqual(confirmed(), []);
    await client.poll();
    assert.deepEqual(confirmed(), [[1]]);
  });

  test('a disconnect after a written answer - confirms, what was not written stays unconfirmed', async () => {
    const { server, client, confirmed } = await setUp();
    server.bayeux.deliver('agent1', pair(1), 1);
    await client.poll();
    server.bayeux.deliver('agent1', pair(2), 2);
    const unread = client.connect();
    await unread.answered;
    server.bayeux.deliver('agent1', pair(3), 3);
    await client.disconnect();
    assert.deepEqual(confirmed(), [[1]]);
    assert.deepEqual(
      server.removed.map(each => each.unconfirmed),
      [[2, 3]],
    );
    unread.written(true);
    assert.deepEqual(confirmed(), [[1]]);
    server.assertNothingLeft();
  });

  test('a session that expires - tells what was written and never confirmed', async () => {
    const { server, client, confirmed } = await setUp();
    server.bayeux.deliver('agent1', pair(1), 1);
    await client.poll();
    server.bayeux.deliver('agent1', pair(2), 2);
    await server.time.pass(11_000);
    assert.deepEqual(confirmed(), []);
    assert.deepEqual(
      server.removed.map(each => each.unconfirmed),
      [[1, 2]],
    );
  });

  test('a lost answer - goes out again, in order and before what came later', async () => {
    for (const lose of ['fails', 'closes'] as const) {
      const { server, client, confirmed } = await setUp();
      server.bayeux.deliver('agent1', pair(1), 1);
      server.bayeux.deliver('agent1', pair(2), 2);
      const lost = client.connect();
      await lost.answered;
      server.bayeux.deliver('agent1', pair(3), 3);
      if (lose === 'fails') lost.written(false);
      else lost.close();
      assert.equal(server.bayeux.queued, 6);
      assert.deepEqual(numbers(await client.poll()), [1, 1, 2, 2, 3, 3]);
      assert.deepEqual(confirmed(), []);
      await client.poll();
      assert.deepEqual(confirmed(), [[1, 2, 3]]);
    }
  });

  test('the first word about an answer - counts', async () => {
    const { server, client } = await setUp();
    server.bayeux.deliver('agent1', pair(1), 1);
    const written = client.connect();
    await written.read();
    written.written(false);
    written.close();
    assert.equal(server.bayeux.queued, 0);

    server.bayeux.deliver('agent1', pair(2), 2);
    const lost = client.connect();
    await lost.answered;
    lost.close();
    lost.written(true);
    lost.written(false);
    assert.equal(server.bayeux.queued, 2);
    assert.deepEqual(numbers(await client.poll()), [2, 2]);
  });

  test('while an answer is on its way - another takes nothing along, and a held connect waits for its fate', async () => {
    const { server, client } = await setUp();
    const first = client.connect();
    server.bayeux.deliver('agent1', pair(1), 1);
    await first.answered;
    server.bayeux.deliver('agent1', pair(2), 2);
    assert.deepEqual(numbers(await client.subscribe('/v2/users')), []);
    const held = client.connect();
    assert.ok(await held.isHeld());
    first.written(false);
    assert.deepEqual(numbers(await held.read()), [1, 1, 2, 2]);
  });

  test('a socket that closed before its body was read - holds nothing, loses nothing, and what it asks for is done', async () => {
    const { server, client } = await setUp();
    await client.subscribe('/v2/users');
    server.bayeux.deliver('agent1', pair(1), 1);
    const closed = new AbortController();
    closed.abort();
    const exchange = { identity: 'agent1', browser: null, closed: closed.signal };
    await server.bayeux.receive(client.message('/meta/unsubscribe', { subscription: '/v2/users' }), exchange);
    await server.bayeux.receive(client.connectMessage(), exchange);
    assert.equal(server.bayeux.deliver('agent1', [{ channel: '/v2/users', data: 1 }]), 0);
    assert.deepEqual(numbers(await client.poll()), [1, 1]);
    await server.bayeux.receive(client.connectMessage(), exchange);
    assert.equal(server.bayeux.held, 0);
    await server.time.pass(11_000);
    server.assertNothingLeft();
  });

  test('a session that ends while answers are on their way - forgets them', async () => {
    const { server, client } = await setUp();
    const connect = client.connect({ advice: { timeout: 0 } });
    await connect.answered;
    server.bayeux.deliver('agent1', pair(1), 1);
    const carrier = client.send(client.message('/meta/subscribe', { subscription: '/v2/users' }));
    await carrier.answered;
    assert.equal(numbers(carrier.messages).length, 2);
    server.bayeux.stop();
    server.assertNothingLeft();
  });

  test('a confirmation upon which more is delivered than is kept - ends the session, and the connect is told', async () => {
    for (const among of [[], [{ channel: '/v2/me' }]]) {
      const server: TestServer = new TestServer({
        limits: { queueLength: 3 },
        onConfirmed: ({ id }) => {
          server.bayeux.deliverTo(id, [...pair(2), ...pair(3)]);
        },
      });
      const client = await server.client({ subscriptions: BOTH });
      server.bayeux.deliver('agent1', pair(1), 1);
      await client.poll();
      const [reply] = await client.send(client.connectMessage(), ...among).read();
      assert.equal(reply?.['error'], '402::Unknown client');
      assert.deepEqual(reply?.['advice'], { reconnect: 'handshake', interval: 0 });
      server.assertNothingLeft();
    }
  });

  test('an answer that nobody reports on - is lost when its client has given up', async () => {
    const { server, client } = await setUp();
    server.bayeux.deliver('agent1', pair(1), 1);
    const silent = client.send(client.message('/meta/subscribe', { subscription: '/v2/users' }));
    await silent.answered;
    const held = client.connect();
    await server.time.pass(30_000);
    assert.deepEqual(numbers(await held.read()), []);
    const next = client.connect();
    await server.time.pass(9_000);
    assert.ok(await next.isHeld());
    await server.time.pass(2_000);
    assert.ok(!(await next.isHeld()));
    assert.deepEqual(numbers(await next.read()), [1, 1]);
  });
});
