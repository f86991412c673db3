import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOTH, pair, RETRY, TestServer } from './testing/testServer.ts';
import { settled } from './testing/testTime.ts';

const AT_ONCE = { advice: { timeout: 0 } };

describe('connect', () => {
  test('B5 an unknown clientId - is told to handshake again', async () => {
    const server = new TestServer();
    const connect = { channel: '/meta/connect', id: '7', clientId: 'never-existed', connectionType: 'long-polling' };
    const expected = {
      channel: '/meta/connect',
      id: '7',
      successful: false,
      error: '402::Unknown client',
      advice: { reconnect: 'handshake', interval: 0 },
    };
    for (const clientId of ['never-existed', undefined, 7, null, ['x']]) {
      assert.deepEqual(await server.send([{ ...connect, clientId }]).read(), [expected]);
    }
  });

  test('B7 a hold of 0 - is answered at once, with advice', async () => {
    const client = await new TestServer().client();
    const request = client.connect(AT_ONCE);
    assert.ok(!(await request.isHeld()));
    assert.deepEqual(request.messages, [{ channel: '/meta/connect', id: '2', successful: true, advice: RETRY }]);
  });

  test('B8 nothing to tell - is held as long as announced, never longer', async () => {
    const server = new TestServer();
    const client = await server.client();
    for (const [advice, heldMs] of [
      [undefined, 30_000],
      [{ timeout: 5_000 }, 5_000],
      [{ timeout: 300 }, 300],
      [{ timeout: 60_000 }, 30_000],
      [{ timeout: -1 }, 30_000],
      [{ timeout: '5000' }, 30_000],
      [7, 30_000],
    ] as const) {
      // Wherever in a tenth of a second it begins.
      await server.time.pass(37);
      const request = client.connect(advice === undefined ? {} : { advice });
      await server.time.pass(heldMs - 250);
      assert.ok(await request.isHeld(), `${JSON.stringify(advice)} is held`);
      assert.equal(server.bayeux.held, 1);
      await server.time.pass(250);
      const [reply] = await request.read();
      assert.deepEqual({ ...reply, id: '' }, { channel: '/meta/connect', id: '', successful: true, advice: RETRY });
      assert.equal(server.bayeux.held, 0);
    }
  });

  test('connects with different holds - each ends in its own time', async () => {
    const server = new TestServer();
    const ended: number[] = [];
    for (const timeout of [3_000, 1_000, 30_000, 2_000]) {
      const client = await server.client();
      void client.connect({ advice: { timeout } }).answered.then(() => ended.push(timeout));
    }
    await server.time.pass(1_500);
    assert.deepEqual(ended, [1_000]);
    await server.time.pass(28_500);
    assert.deepEqual(ended, [1_000, 2_000, 3_000, 30_000]);
  });

  test('B9 a delivery while it is held - is answered at once: messages, then the connect reply', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    const request = client.connect();
    assert.ok(await request.isHeld());
    assert.equal(server.bayeux.deliver('agent1', pair(1)), 1);
    assert.deepEqual(await request.read(), [
      { channel: '/v2/me/outbound', data: { n: 1 } },
      { channel: '/me/internal', data: { n: 1 } },
      { channel: '/meta/connect', id: '4', successful: true, advice: RETRY },
    ]);
  });

  test('the keys of its reply - are in the order of the anchor sample', async () => {
    const [reply] = await (await new TestServer().client()).poll();
    assert.equal(
      JSON.stringify(reply),
      '{"channel":"/meta/connect","id":"2","successful":true,"advice":{"interval":0,"timeout":30000,"reconnect":"retry"}}',
    );
  });

  test('B16 a connect and anything else in one body - is answered at once', async () => {
    const client = await new TestServer().client();
    const request = client.send(
      client.connectMessage(),
      client.message('/meta/subscribe', { subscription: '/v2/me/*' }),
    );
    assert.ok(!(await request.isHeld()));
    assert.deepEqual(
      request.messages.map(each => [each['channel'], each['id'], each['successful']]),
      [
        ['/meta/connect', '2', true],
        ['/meta/subscribe', '3', true],
      ],
    );
    assert.deepEqual(request.messages[0]?.['advice'], RETRY);
  });

  test('B36 a subscribe, then a connect in one body - both are answered at once, the subscription holds', async () => {
    const server = new TestServer();
    const client = await server.client();
    const request = client.send(client.message('/meta/subscribe', { subscription: '/**' }), client.connectMessage());
    const replies = await request.read();
    assert.deepEqual(
      replies.map(each => [each['channel'], each['successful']]),
      [
        ['/meta/subscribe', true],
        ['/meta/connect', true],
      ],
    );
    assert.equal(server.bayeux.deliver('agent1', pair(1)), 1);
  });

  test('B17 a second connect while one is held - ends the first, and is told what comes', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    const first = client.connect();
    const second = client.connect();
    assert.deepEqual(await first.answered, { kind: 'superseded' });
    assert.ok(await second.isHeld());
    assert.equal(server.bayeux.held, 1);
    server.bayeux.deliver('agent1', pair(1));
    assert.equal((await second.read()).length, 3);
    assert.equal(first.listeners, 0);
  });

  test('B17 a second connect among other messages - ends the first as well', async () => {
    const client = await new TestServer().client();
    const first = client.connect();
    await client.send(client.connectMessage(), client.message('/meta/unsubscribe', { subscription: '/x' })).read();
    assert.deepEqual(await first.answered, { kind: 'superseded' });
  });

  test('B18 its socket closes, a message comes, the client is back within ten seconds - the message is told once', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    const request = client.connect();
    assert.ok(await request.isHeld());
    request.close();
    await request.answered;
    assert.equal(server.bayeux.held, 0);
    server.bayeux.deliver('agent1', pair(1));
    await server.time.pass(9_000);
    assert.equal((await client.connect().read()).length, 3);
    assert.equal((await client.poll()).length, 1);
  });

  test('B19 no connect for ten seconds - ends the session, the next one is told to handshake', async () => {
    const server = new TestServer();
    const client = await server.client();
    await client.poll();
    await server.time.pass(9_999);
    assert.equal(server.bayeux.sessions, 1);
    await server.time.pass(998);
    assert.deepEqual(server.removed, [{ id: client.clientId, why: 'timeout', unconfirmed: [] }]);
    const [reply] = await client.connect().read();
    assert.equal(reply?.['error'], '402::Unknown client');
    assert.deepEqual(reply?.['advice'], { reconnect: 'handshake', interval: 0 });
    server.assertNothingLeft();
  });

  test('B19 other messages - wind the clock up, and do not stop it', async () => {
    const server = new TestServer();
    const client = await server.client();
    await client.poll();
    await server.time.pass(9_000);
    await client.subscribe('/v2/me/*');
    await server.time.pass(9_000);
    assert.equal(server.bayeux.sessions, 1);
    await server.time.pass(2_000);
    server.assertNothingLeft();
  });

  test('B19 a connect that is held, or whose answer is being written - does not expire', async () => {
    const server = new TestServer();
    const client = await server.client();
    const request = client.connect();
    await server.time.pass(30_000);
    assert.notEqual(request.answer, undefined);
    await server.time.pass(20_000);
    assert.equal(server.bayeux.sessions, 1);
    request.written(true);
    await server.time.pass(11_000);
    server.assertNothingLeft();
  });

  test('an answer that nobody reports on - is taken for lost, and the session expires', async () => {
    const server = new TestServer();
    const client = await server.client();
    const request = client.connect(AT_ONCE);
    await request.answered;
    await server.time.pass(30_000 + 10_000 + 1_000 + 10_000 + 1_000);
    assert.deepEqual(
      server.removed.map(each => each.why),
      ['timeout'],
    );
    server.assertNothingLeft();
  });

  test('B20 a disconnect while one is held - both are answered, the next connect is unknown', async () => {
    const server = new TestServer();
    const client = await server.client();
    const held = client.connect();
    const replies = await client.disconnect();
    assert.deepEqual(replies, [{ channel: '/meta/disconnect', id: '3', successful: true }]);
    assert.deepEqual(await held.read(), [
      { channel: '/meta/connect', id: '2', successful: true, advice: { reconnect: 'none' } },
    ]);
    const [reply] = await client.connect().read();
    assert.equal(reply?.['error'], '402::Unknown client');
    assert.deepEqual(server.removed, [{ id: client.clientId, why: 'disconnected', unconfirmed: [] }]);
    server.assertNothingLeft();
  });

  test('B30 a clientId with the credentials of somebody else - is unknown, and its owner notices nothing', async () => {
    const server = new TestServer();
    const client = await server.client({ identity: 'agent1' });
    const held = client.connect();
    for (const identity of ['agent2', null]) {
      const [connect, disconnect] = await server
        .send([client.connectMessage(), client.message('/meta/disconnect')], { identity })
        .read();
      assert.equal(connect?.['error'], '402::Unknown client');
      assert.equal(disconnect?.['error'], '402::Unknown client');
    }
    assert.ok(await held.isHeld());
  });

  test('B31 a client without the cookie - goes through its whole life', async () => {
    const server = new TestServer();
    const client = await server.client({ subscriptions: BOTH });
    const held = client.connect();
    server.bayeux.deliver('agent1', pair(1));
    assert.equal((await held.read()).length, 3);
    await client.disconnect();
    server.assertNothingLeft();
  });

  test('B33 ids - go back as they came', async () => {
    const client = await new TestServer().client();
    for (const id of [7, 0, '7', 'a-b', ''])
      assert.equal((await client.connect({ id, ...AT_ONCE }).read())[0]?.['id'], id);
    for (const id of [undefined, null, { a: 1 }, [1], true]) {
      const [reply] = await client.connect({ id, ...AT_ONCE }).read();
      assert.ok(reply !== undefined && !('id' in reply));
    }
    const held = client.connect({ id: 12 });
    await client.disconnect();
    assert.equal(held.messages[0]?.['id'], 12);
  });

  test('B34 ten thousand sessions held, one delivery each - all are told, and two timers wait for all of them', async () => {
    const server = new TestServer();
    const requests = [];
    for (let n = 0; n < 10_000; n++) {
      const client = await server.client({ identity: `agent${n}`, subscriptions: ['/v2/me/*'] });
      requests.push(client.connect());
    }
    assert.equal(server.bayeux.held, 10_000);
    assert.equal(server.time.pending, 2);
    for (let n = 0; n < 10_000; n++) {
      assert.equal(server.bayeux.deliver(`agent${n}`, [{ channel: '/v2/me/outbound', data: n }]), 1);
    }
    for (const [n, request] of requests.entries()) assert.equal((await request.read())[0]?.['data'], n);
    assert.equal(server.bayeux.held, 0);
    await server.time.pass(11_000);
    server.assertNothingLeft();
  });

  test('B35 the server stops - held connects end with a reply that says to come back', async () => {
    const server = new TestServer();
    const clients = [await server.client({ subscriptions: BOTH }), await server.client({ ack: true })];
    const held = clients.map(each => each.connect());
    server.bayeux.deliver('agent1', pair(1), 1);
    server.bayeux.stop();
    await settled();
    assert.equal(held[0]!.messages.length, 3);
    for (const { messages } of held) {
      assert.equal(messages.at(-1)?.['successful'], true);
      assert.deepEqual(messages.at(-1)?.['advice'], { ...RETRY, interval: 1_000 });
    }
    assert.deepEqual(
      server.removed.map(each => [each.why, each.unconfirmed]),
      [
        ['stopped', [1]],
        ['stopped', []],
      ],
    );
    for (const request of held) request.written(true);
    server.assertNothingLeft();
    const [reply] = await clients[0]!.connect().read();
    assert.deepEqual(reply?.['advice'], { reconnect: 'handshake', interval: 0 });
    server.assertNothingLeft();
  });

  test('more connects held for one browser than allowed - the further one is to come back in two seconds', async () => {
    const server = new TestServer({ maxSessionsPerBrowser: 1 });
    const one = await server.client({ browser: 'tabs' });
    const two = await server.client({ browser: 'tabs' });
    const elsewhere = await server.client({ browser: 'other' });
    const held = one.connect();
    const [reply] = await two.connect().read();
    assert.equal(reply?.['successful'], true);
    assert.deepEqual(reply?.['advice'], { 'multiple-clients': true, reconnect: 'retry', interval: 2_000 });
    assert.ok(await elsewhere.connect().isHeld());
    assert.ok(await (await server.client()).connect().isHeld(), 'without the cookie nobody is counted');

    // Its clock starts when the two seconds are over, and no other message brings that forward.
    await two.subscribe('/v2/me/*');
    await server.time.pass(11_900);
    assert.equal(server.bayeux.sessions, 4);

    const again = one.connect();
    assert.deepEqual(await held.answered, { kind: 'superseded' });
    assert.ok(await again.isHeld(), 'the one it supersedes does not count');
    again.close();
    assert.ok(await two.connect().isHeld());
  });

  test('any number of connects for one browser - is the default, for two desktops are one agent', async () => {
    const server = new TestServer();
    for (const client of [await server.client({ browser: 'tabs' }), await server.client({ browser: 'tabs' })]) {
      assert.ok(await client.connect().isHeld());
    }
  });
});
