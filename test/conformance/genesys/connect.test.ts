import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { CHANNELS, channelsOf, Desktop, kindsOf, type Message, PAIR, resultOf } from './desktop.ts';
import { openRequest } from './exchange.ts';
import { AGENT2, authorizationOf, DONE, startNode } from './node.ts';

const node = await startNode(30);
const ADVICE = { interval: 0, timeout: 30_000, reconnect: 'retry' };

/** After it, the server has read what was sent before. */
const roundTrip = () => node.send('/diagnostics/version');

test('B7 a connect that asks for no hold - answered at once, with advice', async () => {
  await using desktop = new Desktop(node);
  await desktop.handshake();
  assert.deepEqual(await desktop.connect({ id: '7', timeout: 0 }), [
    { channel: '/meta/connect', id: '7', successful: true, advice: ADVICE },
  ]);
});

test('B8 a connect with nothing to tell - held, and answered when the hold is over', async () => {
  await using desktop = await Desktop.open(node);
  await using other = await Desktop.open(node, AGENT2);
  // Held for as long as the server allows, and still when the shorter hold is over.
  const longer = other.connect({ id: 'longer' });
  let isOver = false;
  const held = desktop.connect({ id: '8', timeout: 2_000 }).finally(() => {
    isOver = true;
  });
  await roundTrip();
  assert.ok(!isOver, 'not at once');
  const [first] = (await Promise.race([held, longer])) as readonly Message[];
  assert.deepEqual(first, { channel: '/meta/connect', id: '8', successful: true, advice: ADVICE });
  await other.disconnect();
  await longer;
});

test('B9 a delivery while a connect is held - the messages at once, then the connect reply', async () => {
  await using desktop = await Desktop.open(node);
  await using other = await Desktop.open(node, AGENT2);
  const { handle } = await desktop.retrieve();
  const held = desktop.connect({ id: '9' });
  // Began later and is shorter: what waited for the end of its hold would come after it.
  const shorter = other.connect({ id: 'shorter', timeout: 20_000 });
  await roundTrip();
  assert.deepEqual(await node.complete(handle), DONE);
  const received = await Promise.race([held, shorter]);
  assert.deepEqual(channelsOf(received), [...PAIR, '/meta/connect']);
  assert.deepEqual(received[2], { channel: '/meta/connect', id: '9', successful: true, advice: ADVICE });
  await other.disconnect();
  await shorter;
});

test('B16 a connect and anything else in one body - answered at once, in their order', async () => {
  for (const isFirst of [true, false]) {
    await using desktop = new Desktop(node);
    await desktop.handshake();
    const messages = [desktop.connecting(), desktop.message('/meta/subscribe', { subscription: '/**' })];
    const received = await desktop.post(isFirst ? messages : messages.toReversed());
    const channels = ['/meta/connect', '/meta/subscribe'];
    assert.deepEqual(channelsOf(received), isFirst ? channels : channels.toReversed());
    const held = desktop.connect();
    await roundTrip();
    await node.preview('StartPreviewSession');
    assert.deepEqual(kindsOf(await held), ['PreviewSessionStarted', '/meta/connect']);
  }
});

test('B17 a second connect while one is held - the first ends empty, the second is told', async () => {
  await using desktop = await Desktop.open(node);
  const { handle } = await desktop.retrieve();
  const first = desktop.send([desktop.connecting({ id: 'first' })], '/connect');
  await roundTrip();
  const second = desktop.send([desktop.connecting({ id: 'second' })], '/connect');
  const { status, text } = await first;
  assert.deepEqual([status, text], [500, '']);
  await node.complete(handle);
  const answer = await second;
  assert.equal(answer.status, 200);
  const received = JSON.parse(answer.text);
  assert.deepEqual(channelsOf(received), [...PAIR, '/meta/connect']);
  assert.equal(received[2].id, 'second');
});

/** A connect on a socket of its own, whose answer nobody reads. */
async function holdOn(desktop: Desktop): Promise<Socket> {
  const socket = openRequest(node.server.port, '/api/v2/notifications/connect', {
    authorization: authorizationOf(desktop.agent),
    body: JSON.stringify([desktop.connecting()]),
  });
  await roundTrip();
  return socket;
}

for (const [how, cut] of [
  ['closed', (socket: Socket) => socket.destroy()],
  ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ['ended and left', (socket: Socket) => socket.end()],
] as const) {
  test(`B18 the held connect’s socket is ${how}, then a delivery - it comes with the next connect, once`, async () => {
    await using desktop = await Desktop.open(node);
    for (let n = 0; n < 3; n++) {
      const { handle } = await desktop.retrieve();
      const socket = await holdOn(desktop);
      const isClosed = new Promise(resolve => socket.once('close', resolve));
      cut(socket);
      await isClosed;
      assert.equal(resultOf(await desktop.complete(handle, { callResult: 'Busy' })), 6);
      assert.deepEqual(channelsOf(await desktop.connect({ timeout: 0 })), ['/meta/connect']);
    }
  });
}

test('B18 a desktop that is away when it happens - is told in order when it comes back', async () => {
  await using desktop = await Desktop.open(node);
  const { handle } = await desktop.retrieve();
  (await holdOn(desktop)).resetAndDestroy();
  await node.preview('StartPreviewSession');
  await node.complete(handle);
  await node.preview('EndPreviewSession');
  assert.deepEqual(kindsOf(await desktop.connect()), [
    'PreviewSessionStarted',
    'RecordProcessedAcknowledge',
    'RecordProcessedAcknowledge',
    'PreviewSessionEnded',
    '/meta/connect',
  ]);
});

test('B18 two desktops of one agent, one of them cut - both are told', async () => {
  const desktops = [await Desktop.open(node), await Desktop.open(node)] as const;
  const socket = await holdOn(desktops[0]);
  const held = desktops[1].connect();
  await roundTrip();
  socket.resetAndDestroy();
  await node.preview('StartPreviewSession');
  for (const received of [await held, await desktops[0].connect()]) {
    assert.deepEqual(kindsOf(received), ['PreviewSessionStarted', '/meta/connect']);
  }
  for (const each of desktops) await each.disconnect();
});

test('a session that ended unread - the next one of its user is told, another user’s is not', async () => {
  const lost = await Desktop.open(node);
  const { handle } = await lost.retrieve();
  await lost.connect({ timeout: 0 });
  await node.complete(handle);
  // It takes its leave without having been told.
  await lost.disconnect();
  await using other = new Desktop(node, AGENT2);
  await other.handshake();
  assert.deepEqual(channelsOf(await other.subscribe('/**')), ['/meta/subscribe']);
  await using next = new Desktop(node);
  await next.handshake();
  assert.deepEqual(channelsOf(await next.subscribe('/**')), [...PAIR, '/meta/subscribe']);
});

test('B20 a disconnect while a connect is held - both are answered, and the client is unknown from then on', async () => {
  await using desktop = await Desktop.open(node);
  const held = desktop.connect({ id: '20' });
  await roundTrip();
  await desktop.disconnect();
  assert.deepEqual(await held, [
    { channel: '/meta/connect', id: '20', successful: true, advice: { reconnect: 'none' } },
  ]);
  const [reply] = await desktop.connect();
  assert.deepEqual(
    [reply!.successful, reply!.error, reply!.advice],
    [false, '402::Unknown client', { reconnect: 'handshake', interval: 0 }],
  );
});

test('B28 patterns that match the same message - one copy of it', async () => {
  await using desktop = await Desktop.open(node, undefined, [...CHANNELS, '/**', '/v2/**', '/v2/me/outbound', '/me/*']);
  const { handle } = await desktop.retrieve();
  await desktop.complete(handle);
});

test('B29 only /v2/me/* subscribed - only the public message', async () => {
  await using desktop = await Desktop.open(node, undefined, ['/v2/me/*']);
  const { handle } = await desktop.retrieve();
  await node.complete(handle);
  assert.deepEqual(channelsOf(await desktop.connect()), ['/v2/me/outbound', '/meta/connect']);
});
