import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic } from '../../kit/v1Client.ts';
import { channelsOf, Desktop, HANDSHAKE, kindsOf, type Message } from './desktop.ts';
import { answerOn, cookiesOf, openRequest } from './exchange.ts';
import { AGENT1, AGENT2, authorizationOf, startNode } from './node.ts';

const node = await startNode(1);
const authorization = authorizationOf(AGENT1);
const PATHS = ['', '/', '/handshake', '/connect', '/disconnect'];
const MEGABYTE = 1024 * 1024;

const shake = (changes: object = {}, path = '') =>
  node.send(`/notifications${path}`, { body: [{ ...HANDSHAKE, ...changes }], authorization });
const read = ({ status, text }: { readonly status: number; readonly text: string }): readonly Message[] => {
  assert.equal(status, 200, text);
  return JSON.parse(text);
};

/** That a session is there, and nothing waits for it. */
async function assertAlive(desktop: Desktop): Promise<void> {
  const received = await desktop.connect({ timeout: 0 });
  assert.deepEqual(
    received.map(({ channel, successful }) => [channel, successful]),
    [['/meta/connect', true]],
  );
}

test('B1 a handshake - a session, long-polling, and the advice of the vendor', async () => {
  const answer = await shake();
  assert.match(answer.headers['content-type']!, /^application\/json(;|$)/);
  const [reply, ...rest] = read(answer);
  assert.equal(rest.length, 0);
  const { clientId, ...said } = reply!;
  assert.deepEqual(said, {
    id: '1',
    channel: '/meta/handshake',
    successful: true,
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: ['long-polling'],
    advice: { interval: 0, timeout: 30_000, reconnect: 'retry' },
  });
  assert.match(clientId!, /^[0-9A-Za-z]{27,}$/, '128 random bits, alphanumeric');
  assert.notEqual(read(await shake())[0]!.clientId, clientId);
  const cookie = answer.headers['set-cookie']!.find(each => each.startsWith('BAYEUX_BROWSER='))!;
  assert.match(cookie, /; Path=\//);
  assert.match(cookie, /; HttpOnly/);
});

test('B2 a handshake without authentication, or with a wrong password - 200, denied for good', async () => {
  for (const given of [{}, { authorization: basic('agent2', 'wrong') }, { cookie: 'JSESSIONID=1.2.3.4' }]) {
    const answer = await node.send('/notifications', { body: [HANDSHAKE], ...given });
    assert.deepEqual(read(answer), [
      {
        id: '1',
        channel: '/meta/handshake',
        successful: false,
        error: '403::Handshake denied',
        advice: { reconnect: 'none' },
      },
    ]);
    assert.equal(answer.headers['www-authenticate'], undefined);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
});

test('B3 a handshake with no connection type in common - refused, and told which there are', async () => {
  for (const supportedConnectionTypes of [['eventsource'], [], 'long-polling', null]) {
    const [reply] = read(await shake({ supportedConnectionTypes }));
    assert.equal(reply!.successful, false);
    assert.deepEqual(reply!.advice, { reconnect: 'none' });
    assert.deepEqual((reply as { supportedConnectionTypes?: unknown }).supportedConnectionTypes, ['long-polling']);
  }
});

test('B4 a handshake and a subscription in one body - only the handshake is answered, nothing is subscribed', async () => {
  await using desktop = new Desktop(node);
  const received = await desktop.post([HANDSHAKE, { channel: '/meta/subscribe', id: '2', subscription: '/**' }]);
  assert.deepEqual(channelsOf(received), ['/meta/handshake']);
  desktop.clientId = received[0]!.clientId!;
  await node.preview('StartPreviewSession');
  await assertAlive(desktop);
  // What the agent was not told by anybody is told once there is a subscription.
  assert.deepEqual(kindsOf(await desktop.subscribe('/v2/me/outbound')), ['PreviewSessionStarted', '/meta/subscribe']);
});

test('B5 a connect of an unknown client - 402, and to shake hands again at once', async () => {
  for (const clientId of ['unknown', 'f'.repeat(40), '', 7, null, undefined]) {
    const connect = { id: '5', channel: '/meta/connect', connectionType: 'long-polling', clientId };
    const received = read(await node.send('/notifications', { body: [connect], authorization }));
    assert.deepEqual(received, [
      {
        channel: '/meta/connect',
        id: '5',
        successful: false,
        error: '402::Unknown client',
        advice: { reconnect: 'handshake', interval: 0 },
      },
    ]);
  }
});

test('B6 anything else of an unknown client - 402 without advice', async () => {
  for (const channel of ['/meta/subscribe', '/meta/unsubscribe', '/meta/disconnect', '/v2/me/outbound']) {
    const message = { id: '6', channel, subscription: '/v2/me/*', clientId: 'f'.repeat(40), data: {} };
    const received = read(await node.send('/notifications', { body: [message], authorization }));
    assert.deepEqual(received, [{ channel, id: '6', successful: false, error: '402::Unknown client' }]);
  }
});

test('B10 two subscriptions in one body - two replies in their order, ids matched', async () => {
  await using desktop = new Desktop(node);
  await desktop.handshake();
  const messages = ['/v2/me/*', '/me/internal'].map((subscription, place) =>
    desktop.message('/meta/subscribe', { subscription, id: `s${place}` }),
  );
  assert.deepEqual(await desktop.post(messages), [
    { channel: '/meta/subscribe', id: 's0', successful: true, subscription: '/v2/me/*' },
    { channel: '/meta/subscribe', id: 's1', successful: true, subscription: '/me/internal' },
  ]);
});

test('B11 a subscription to a forbidden channel - 403, and the session goes on', async () => {
  await using desktop = await Desktop.open(node);
  for (const subscription of ['/v2/me/secrets', '/somebody/else', '/foo/**', `/${'a'.repeat(2_000)}`]) {
    const [reply] = await desktop.post([desktop.message('/meta/subscribe', { subscription })]);
    assert.equal(reply!.successful, false, subscription);
    assert.match(reply!.error!, /^403:[^:]*:subscribe_denied$/);
    assert.equal(reply!.subscription, subscription);
  }
  await assertAlive(desktop);
});

test('B12 a subscription to the protocol’s own channels, or to what is no channel - refused', async () => {
  await using desktop = await Desktop.open(node);
  for (const subscription of [
    '/meta/connect',
    '/meta/*',
    '/meta/**',
    'v2',
    '/',
    '//',
    '/v2//me',
    '/v2/*/me',
    '/v2/**/x',
    '/v2/mé',
    ' /**',
  ]) {
    const [reply] = await desktop.post([desktop.message('/meta/subscribe', { subscription })]);
    assert.deepEqual([reply!.successful, reply!.error], [false, '403::subscription_invalid'], subscription);
  }
  await assertAlive(desktop);
});

test('B13 one bad entry among several subscriptions - refused as a whole', async () => {
  await using desktop = new Desktop(node);
  await desktop.handshake();
  for (const bad of ['/meta/connect', '/foo', 7, null, ['/v2/me/*']]) {
    const subscription = ['/v2/me/*', bad, '/me/internal'];
    const [reply] = await desktop.post([desktop.message('/meta/subscribe', { subscription })]);
    assert.equal(reply!.successful, false);
    assert.match(reply!.error!, /^403:/);
    assert.deepEqual(reply!.subscription, subscription, 'verbatim');
  }
  await node.preview('StartPreviewSession');
  await assertAlive(desktop);
  const received = await desktop.post([
    desktop.message('/meta/subscribe', { subscription: ['/v2/me/*', '/me/internal'] }),
  ]);
  assert.deepEqual(kindsOf(received), ['PreviewSessionStarted', '/meta/subscribe']);
});

test('B14 a subscription without its name - 403::subscription_missing', async () => {
  await using desktop = await Desktop.open(node);
  for (const fields of [{}, { subscription: null }, { subscription: [] }]) {
    const [reply] = await desktop.post([desktop.message('/meta/subscribe', fields)]);
    assert.deepEqual([reply!.successful, reply!.error], [false, '403::subscription_missing']);
  }
});

test('B15 a client that publishes - 403::publish_denied, and the session goes on', async () => {
  await using desktop = await Desktop.open(node);
  await using other = await Desktop.open(node, AGENT2);
  const held = other.connect();
  for (const channel of ['/v2/me/outbound', '/me/internal', '/service/x', '/foo']) {
    const [reply, ...rest] = await desktop.post([desktop.message(channel, { data: { a: 1 } })]);
    assert.deepEqual([reply!.channel, reply!.successful, reply!.error], [channel, false, '403::publish_denied']);
    assert.equal(rest.length, 0);
  }
  await assertAlive(desktop);
  await node.preview('StartPreviewSession', AGENT2);
  assert.deepEqual(kindsOf(await held), ['PreviewSessionStarted', '/meta/connect'], 'nobody was told');
});

test('8.2 a message without a channel, with what is none, or with one of the protocol that there is not', async () => {
  await using desktop = await Desktop.open(node);
  const { clientId } = desktop;
  const received = await desktop.post([
    { id: '1', clientId },
    { id: '2', clientId, channel: 'v2' },
    { id: '3', clientId, channel: '/meta/reload' },
    { id: '4', clientId, channel: 7 },
    { id: '5', clientId, channel: '/v2/me/*' },
    { id: 6, clientId: 'another', channel: '/meta/unsubscribe', subscription: '/**' },
  ]);
  assert.deepEqual(
    received.map(({ id, successful, error }) => [id, successful, error]),
    [
      ['1', false, '400::channel_missing'],
      ['2', false, '405::channel_invalid'],
      ['3', false, '403:/meta/reload:create_denied'],
      ['4', false, '405::channel_invalid'],
      ['5', false, '405::channel_invalid'],
      [6, false, '402::Unknown client'],
    ],
  );
  await assertAlive(desktop);
});

test('B21 unsubscribing - what was subscribed is not told any more, what was not succeeds too', async () => {
  await using desktop = await Desktop.open(node);
  const unsubscribe = (subscription: string) => desktop.post([desktop.message('/meta/unsubscribe', { subscription })]);
  for (const subscription of ['/v2/me/calls', '/v2/me/*']) {
    const [reply] = await unsubscribe(subscription);
    assert.deepEqual([reply!.successful, reply!.subscription], [true, subscription]);
  }
  await node.preview('StartPreviewSession');
  await assertAlive(desktop);
  assert.deepEqual(kindsOf(await desktop.subscribe('/v2/me/*')), ['PreviewSessionStarted', '/meta/subscribe']);
});

test('B22 every form of the URL - the same for every kind of message', async () => {
  for (const path of PATHS) {
    const [reply] = read(await shake({}, path));
    assert.equal(reply!.successful, true, path);
    await using desktop = new Desktop(node);
    desktop.clientId = reply!.clientId!;
    for (const [channel, fields] of [
      ['/meta/subscribe', { subscription: '/**' }],
      ['/meta/connect', { connectionType: 'long-polling', advice: { timeout: 0 } }],
      ['/meta/disconnect', {}],
    ] as const) {
      const [received] = read(await desktop.send([desktop.message(channel, fields)], path));
      assert.deepEqual([received!.channel, received!.successful], [channel, true], path);
    }
  }
});

test('B23 a bare message - as the array of it', async () => {
  await using desktop = new Desktop(node);
  const [reply, ...rest] = await desktop.post(HANDSHAKE);
  assert.deepEqual([reply!.successful, rest.length], [true, 0]);
  desktop.clientId = reply!.clientId!;
  const received = await desktop.post(desktop.connecting({ timeout: 0 }));
  assert.deepEqual(channelsOf(received), ['/meta/connect']);
});

test('B24 what is no message - 400 and nothing in it', async () => {
  await using desktop = await Desktop.open(node);
  for (const body of [
    '[]',
    '{',
    '',
    'null',
    '7',
    '"text"',
    '[null]',
    '[[]]',
    '[1]',
    '[{}',
    "[{'channel':'/meta/connect'}]",
  ]) {
    for (const path of PATHS) {
      const { status, text } = await node.send(`/notifications${path}`, { body, authorization });
      assert.deepEqual([status, text], [400, ''], `${body} to ${path}`);
    }
  }
  assert.equal((await desktop.send(Array(101).fill(desktop.connecting()))).status, 400, 'and more than anybody sends');
  await assertAlive(desktop);
});

test('B24 a GET, for which only callback-polling would have a use - 400', async () => {
  const { status } = await node.send('/notifications?message=%5B%5D&jsonp=alert', { authorization });
  assert.equal(status, 400);
});

test('B25 a body above the limit - 413, and the session is as it was', async () => {
  await using desktop = await Desktop.open(node);
  const chunked = { body: ' '.repeat(MEGABYTE + 1), authorization, chunked: true };
  const { status, text } = await node.send('/notifications', chunked);
  assert.deepEqual([status, text], [413, '']);
  for (const announcedBytes of [MEGABYTE + 1, 1_000 * MEGABYTE]) {
    const request = { authorization, body: '[', announcedBytes };
    const answer = await answerOn(openRequest(node.server.port, '/api/v2/notifications/', request));
    assert.match(answer, /^HTTP\/1\.1 413 [\s\S]+\r\n\r\n$/, 'answered without reading it');
  }
  const padded = JSON.stringify([desktop.connecting({ timeout: 0 })]).padEnd(MEGABYTE);
  assert.deepEqual(channelsOf(read(await desktop.send(padded))), ['/meta/connect'], 'what just fits is read');
  await assertAlive(desktop);
});

test('B24 nested beyond all measure - 400, and what waits is told afterwards', async () => {
  await using desktop = await Desktop.open(node);
  await node.preview('StartPreviewSession');
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const { clientId } = desktop;
  for (const body of [
    deep,
    `[{"channel":"/meta/subscribe","clientId":"${clientId}","subscription":${deep}}]`,
    `[{"channel":"/meta/connect","clientId":"${clientId}","connectionType":"long-polling","advice":${deep}}]`,
    `[{"channel":"/meta/subscribe","clientId":"${clientId}","subscription":"/**","ext":{"referenceId":${deep}}}]`,
  ]) {
    const { status, text } = await desktop.send(body);
    assert.deepEqual([status, text], [400, ''], body.slice(0, 60));
  }
  assert.deepEqual(kindsOf(await desktop.connect({ timeout: 0 })), ['PreviewSessionStarted', '/meta/connect']);
  await assertAlive(desktop);
});

test('B31 a browser with its cookies and nothing else - the whole cycle', async () => {
  const answer = await shake();
  const cookie = cookiesOf(answer);
  assert.match(cookie, /JSESSIONID=\S+; BAYEUX_BROWSER=\S+/);
  const { clientId } = read(answer)[0]!;
  for (const [channel, fields] of [
    ['/meta/subscribe', { subscription: ['/v2/me/*', '/me/internal'] }],
    ['/meta/connect', { connectionType: 'long-polling', advice: { timeout: 0 } }],
    ['/meta/disconnect', {}],
  ] as const) {
    const [reply] = read(await node.send('/notifications', { body: [{ channel, clientId, ...fields }], cookie }));
    assert.deepEqual([reply!.channel, reply!.successful], [channel, true]);
  }
});

test('B30 a session with another agent’s credentials - unknown', async () => {
  await using desktop = await Desktop.open(node);
  const sending = { body: [desktop.connecting({ timeout: 0 })], authorization: authorizationOf(AGENT2) };
  assert.equal(read(await node.send('/notifications', sending))[0]!.error, '402::Unknown client');
  await assertAlive(desktop);
});
