import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOTH, pair, TestServer } from './testing/testServer.ts';

const RECORD = [{ channel: '/v2/me/outbound', data: 1 }];

describe('subscribe', () => {
  test('B6 an unknown clientId - is refused, without advice', async () => {
    const server = new TestServer();
    for (const channel of ['/meta/subscribe', '/meta/unsubscribe', '/meta/disconnect', '/v2/me/outbound']) {
      assert.deepEqual(await server.send([{ channel, id: '1', clientId: 'gone', subscription: '/**' }]).read(), [
        { channel, id: '1', successful: false, error: '402::Unknown client' },
      ]);
    }
  });

  test('B10 two in one body - two replies in order, with their ids', async () => {
    const server = new TestServer();
    const client = await server.client();
    const replies = await client
      .send(
        client.message('/meta/subscribe', { subscription: '/v2/me/*' }),
        client.message('/meta/subscribe', { subscription: '/me/internal' }),
      )
      .read();
    assert.deepEqual(replies, [
      { channel: '/meta/subscribe', id: '2', successful: true, subscription: '/v2/me/*' },
      { channel: '/meta/subscribe', id: '3', successful: true, subscription: '/me/internal' },
    ]);
    assert.equal(server.bayeux.deliver('agent1', pair(1)), 1);
    assert.equal((await client.poll()).length, 3);
  });

  test('B11 a forbidden channel - is refused with the reason, and the session lives on', async () => {
    const server = new TestServer();
    const client = await server.client();
    assert.deepEqual(await client.subscribe('/secret/x'), [
      {
        channel: '/meta/subscribe',
        id: '2',
        successful: false,
        error: '403:not yours:subscribe_denied',
        subscription: '/secret/x',
      },
    ]);
    assert.equal(server.bayeux.deliver('agent1', [{ channel: '/secret/x', data: 1 }]), 0);
    assert.ok(await client.connect().isHeld());
  });

  test('B12 the protocol itself, and what is no name - are refused', async () => {
    const client = await new TestServer().client();
    for (const subscription of ['/meta/connect', '/meta/**', 'x', '', '/a/*/b', 7, { a: 1 }, [7], ['/a', ['/b']]]) {
      const [reply] = await client.subscribe(subscription);
      assert.equal(reply?.['error'], '403::subscription_invalid', JSON.stringify(subscription));
      assert.deepEqual(reply?.['subscription'], subscription);
    }
  });

  test('B13 an array with one bad name - is refused as a whole', async () => {
    const server = new TestServer();
    const client = await server.client();
    for (const bad of ['/meta/connect', '/secret/x', 'x']) {
      const [reply] = await client.subscribe(['/v2/me/*', bad]);
      assert.equal(reply?.['successful'], false);
      assert.deepEqual(reply?.['subscription'], ['/v2/me/*', bad]);
    }
    assert.equal(server.bayeux.deliver('agent1', RECORD), 0);
    const [reply] = await client.subscribe(['/v2/me/*', '/me/internal']);
    assert.deepEqual([reply?.['successful'], reply?.['subscription']], [true, ['/v2/me/*', '/me/internal']]);
    assert.equal(server.bayeux.deliver('agent1', RECORD), 1);
  });

  test('B14 no subscription - is missing', async () => {
    const client = await new TestServer().client();
    for (const channel of ['/meta/subscribe', '/meta/unsubscribe']) {
      for (const rest of [{}, { subscription: null }, { subscription: [] }]) {
        const [reply] = await client.send(client.message(channel, rest)).read();
        assert.equal(reply?.['error'], '403::subscription_missing');
      }
    }
  });

  test('B15 a client that publishes - is refused, and the session lives on', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: ['/**'] });
    for (const channel of ['/v2/me/outbound', '/service/x']) {
      const message = client.message(channel, { data: { a: 1 } });
      assert.deepEqual(await client.send(message).read(), [
        { channel, id: message['id'], successful: false, error: '403::publish_denied' },
      ]);
    }
    assert.ok(await client.connect().isHeld());
  });

  test('B21 unsubscribing from what was not subscribed to - succeeds', async () => {
    const client = await new TestServer().client();
    assert.deepEqual(await client.send(client.message('/meta/unsubscribe', { subscription: '/v2/users' })).read(), [
      { channel: '/meta/unsubscribe', id: '2', successful: true, subscription: '/v2/users' },
    ]);
  });

  test('unsubscribing - ends exactly that subscription', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    await client.send(client.message('/meta/unsubscribe', { subscription: ['/v2/me/*'] })).read();
    server.bayeux.deliver('agent1', pair(1));
    assert.deepEqual(
      (await client.poll()).map(each => each['channel']),
      ['/me/internal', '/meta/connect'],
    );
  });

  test('B28 two patterns that match - one copy of each message', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: [['/v2/me/*', '/**'], '/**'] });
    server.bayeux.deliver('agent1', pair(1));
    assert.equal((await client.poll()).length, 3);
  });

  test('B29 only `/v2/me/*` - the public message alone', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: ['/v2/me/*'] });
    server.bayeux.deliver('agent1', pair(1));
    assert.deepEqual(
      (await client.poll()).map(each => each['channel']),
      ['/v2/me/outbound', '/meta/connect'],
    );
  });

  test('a service channel - succeeds and is not kept', async () => {
    const server = new TestServer();
    const client = await server.client();
    const [reply] = await client.subscribe('/service/x');
    assert.equal(reply?.['successful'], true);
    assert.equal(server.bayeux.deliver('agent1', [{ channel: '/service/x', data: 1 }]), 0);
  });

  test('too many, or too long - are refused, and the session lives on', async () => {
    const server = new TestServer({ limits: { subscriptionsPerSession: 2, subscriptionLength: 10 } });
    const client = await server.client({ subscriptions: ['/a', '/b', '/a'] });
    assert.equal((await client.subscribe('/c'))[0]?.['error'], '403:too many subscriptions:subscribe_denied');
    assert.equal((await client.subscribe('/a'))[0]?.['successful'], true);
    assert.equal((await client.subscribe('/0123456789'))[0]?.['error'], '403:name too long:subscribe_denied');
    assert.equal((await client.subscribe('/service/x'))[0]?.['successful'], true);
    assert.ok(await client.connect().isHeld());
  });
});

describe('a body', () => {
  test('B23 a bare object - is processed', async () => {
    const server = new TestServer();
    const client = await server.client();
    const [reply] = await server.send(client.connectMessage({ advice: { timeout: 0 } })).read();
    assert.equal(reply?.['successful'], true);
    assert.ok(await server.send(client.connectMessage()).isHeld());
  });

  test('B24 no message, or none that is an object - is not Bayeux', async () => {
    const server = new TestServer();
    for (const body of [[], 'x', 7, null, true, [7], [[]], [{ channel: '/meta/connect' }, null]]) {
      assert.deepEqual(await server.send(body).answered, { kind: 'malformed' });
    }
  });

  test('more messages than allowed - is not Bayeux either', async () => {
    const server = new TestServer();
    const client = await server.client();
    const of = (count: number) => server.send(Array.from({ length: count }, () => client.message('/v2/me')));
    assert.equal((await of(100).read()).length, 100);
    assert.deepEqual(await of(101).answered, { kind: 'malformed' });
  });

  test('no channel, or none that is a name - says so, whoever sends it', async () => {
    const server = new TestServer();
    const client = await server.client();
    for (const { clientId } of [client, { clientId: 'unknown' }]) {
      assert.deepEqual(
        await server
          .send([
            { id: '1', clientId },
            { id: '2', clientId, channel: 'x' },
            { id: '3', clientId, channel: 7 },
            { id: '4', clientId, channel: '/a/*', data: 1 },
          ])
          .read(),
        [
          { id: '1', successful: false, error: '400::channel_missing' },
          { channel: 'x', id: '2', successful: false, error: '405::channel_invalid' },
          { id: '3', successful: false, error: '405::channel_invalid' },
          { channel: '/a/*', id: '4', successful: false, error: '405::channel_invalid' },
        ],
      );
    }
  });

  test('a channel the protocol does not have - cannot be made', async () => {
    const client = await new TestServer().client();
    const [reply] = await client.send(client.message('/meta/ping')).read();
    assert.equal(reply?.['error'], '403:/meta/ping:create_denied');
  });

  test('messages of another session than the first - are unknown', async () => {
    const server = new TestServer();
    const one = await server.client({ subscriptions: BOTH });
    const other = await server.client({ subscriptions: BOTH });
    const held = [one.connect(), other.connect()];
    const [mine, ...others] = await server
      .send([
        one.message('/meta/subscribe', { subscription: '/v2/me/*' }),
        other.message('/meta/subscribe', { subscription: '/v2/me/*' }),
        other.connectMessage(),
        { channel: '/meta/subscribe', id: 'x', subscription: '/v2/me/*' },
      ])
      .read();
    assert.equal(mine?.['successful'], true);
    assert.deepEqual(
      others.map(each => each['error']),
      ['402::Unknown client', '402::Unknown client', '402::Unknown client'],
    );
    for (const request of held) assert.ok(await request.isHeld());
    server.bayeux.deliver('agent1', pair(1));
    for (const request of held) assert.equal((await request.read()).length, 3);
  });

  test('what comes after a disconnect - is unknown', async () => {
    const server = new TestServer();
    const client = await server.client();
    const replies = await client
      .send(client.message('/meta/disconnect'), client.connectMessage(), client.message('/meta/disconnect'))
      .read();
    assert.deepEqual(
      replies.map(each => each['successful']),
      [true, false, false],
    );
    assert.equal(server.removed.length, 1);
    server.assertNothingLeft();
  });
});
