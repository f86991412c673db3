import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RETRY, TestServer } from './testing/testServer.ts';

const HANDSHAKE = { channel: '/meta/handshake', id: '1', version: '1.0', supportedConnectionTypes: ['long-polling'] };

describe('handshake', () => {
  test('B1 a handshake - gives a session, says how to connect, and sets the cookie', async () => {
    const server = new TestServer();
    const request = server.send([HANDSHAKE]);
    const answer = await request.answered;
    assert.deepEqual(request.messages, [
      {
        id: '1',
        channel: '/meta/handshake',
        successful: true,
        clientId: 'random1',
        version: '1.0',
        minimumVersion: '1.0',
        supportedConnectionTypes: ['long-polling'],
        advice: RETRY,
      },
    ]);
    assert.equal(answer.kind === 'messages' && answer.setBrowser, 'random2');
    assert.equal(server.bayeux.sessions, 1);
  });

  test('line 12 clientIds that say more - are what the session is known by; the cookie stays a random id', async () => {
    const server = new TestServer({ newClientId: () => 'n7xrandom' });
    const answer = await server.send([HANDSHAKE]).answered;
    assert.ok(answer.kind === 'messages');
    const [reply] = answer.messages as readonly [{ clientId: string }];
    assert.deepEqual([reply.clientId, answer.setBrowser], ['n7xrandom', 'random1']);
    const connect = { channel: '/meta/connect', clientId: 'n7xrandom', advice: { timeout: 0 } };
    assert.equal((await server.send([connect]).read())[0]!['successful'], true);
  });

  test('B2 nobody authenticated - is told to stop for good, and gets no cookie', async () => {
    const server = new TestServer();
    const request = server.send([HANDSHAKE], { identity: null });
    const answer = await request.answered;
    assert.deepEqual(request.messages, [
      {
        id: '1',
        channel: '/meta/handshake',
        successful: false,
        error: '403::Handshake denied',
        advice: { reconnect: 'none' },
      },
    ]);
    assert.equal(answer.kind === 'messages' && answer.setBrowser, null);
    server.assertNothingLeft();
  });

  test('B3 no transport in common - is refused, and told which there are', async () => {
    const server = new TestServer();
    for (const supportedConnectionTypes of [['eventsource'], [], 'long-polling', { 0: 'long-polling' }]) {
      const [reply] = await server.send([{ ...HANDSHAKE, supportedConnectionTypes }]).read();
      assert.deepEqual(reply, {
        id: '1',
        channel: '/meta/handshake',
        successful: false,
        error: '301::Connection types not supported',
        supportedConnectionTypes: ['long-polling'],
        advice: { reconnect: 'none' },
      });
    }
    server.assertNothingLeft();
  });

  test('B4 a handshake and a subscribe in one body - only the handshake is answered, nothing is subscribed to', async () => {
    const server = new TestServer();
    const subscribe = { channel: '/meta/subscribe', id: '2', clientId: 'random1', subscription: '/**' };
    for (const body of [
      [HANDSHAKE, subscribe],
      [subscribe, HANDSHAKE],
    ]) {
      const replies = await server.send(body).read();
      assert.deepEqual(
        replies.map(each => each['channel']),
        ['/meta/handshake'],
      );
    }
    assert.equal(server.bayeux.deliver('agent1', [{ channel: '/v2/me', data: 1 }]), 0);
  });

  test('a browser that has the cookie - keeps it', async () => {
    const server = new TestServer();
    const answer = await server.send([HANDSHAKE], { browser: 'known' }).answered;
    assert.equal(answer.kind === 'messages' && answer.setBrowser, null);
  });

  test('a handshake that is never followed by a connect - is swept, and so is one whose answer was lost', async () => {
    const server = new TestServer();
    await server.send([HANDSHAKE]).read();
    const lost = server.send([HANDSHAKE]);
    await lost.answered;
    lost.close();
    await server.time.pass(9_990);
    assert.equal(server.bayeux.sessions, 2);
    await server.time.pass(1_000);
    assert.deepEqual(
      server.removed.map(each => each.why),
      ['timeout', 'timeout'],
    );
    server.assertNothingLeft();
  });

  test('too many sessions of one identity - are refused until some have expired', async () => {
    const server = new TestServer({ limits: { sessionsPerIdentity: 2 } });
    const clients = [await server.client(), await server.client()];
    const [refused] = await server.send([HANDSHAKE]).read();
    assert.equal(refused?.['error'], '403:too many sessions:Handshake denied');
    assert.deepEqual(refused?.['advice'], { reconnect: 'handshake', interval: 10_000 });
    await server.client({ identity: 'agent2' });
    await clients[0]!.disconnect();
    await server.client();
  });

  test('too many sessions in all - are refused', async () => {
    const server = new TestServer({ limits: { sessions: 1 } });
    await server.client();
    const [refused] = await server.send([HANDSHAKE], { identity: 'agent2' }).read();
    assert.equal(refused?.['error'], '503::server_full');
    assert.deepEqual(refused?.['advice'], { reconnect: 'handshake', interval: 10_000 });
  });

  test('a stopping server - refuses and says to try again', async () => {
    const server = new TestServer();
    server.bayeux.stop();
    const [refused] = await server.send([HANDSHAKE]).read();
    assert.equal(refused?.['error'], '503::server_stopping');
    assert.deepEqual(refused?.['advice'], { reconnect: 'handshake', interval: 1_000 });
    server.assertNothingLeft();
  });
});
