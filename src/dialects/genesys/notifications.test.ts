import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../../test/kit/until.ts';
import { messagesIn } from '../../campaigns/agentOutbox.ts';
import { agentOutbox } from '../../campaigns/entities.ts';
import { completing, Desktop } from './testing/testDesktop.ts';
import { type Answer, cookiesOf } from './testing/testExchange.ts';
import { AGENT1, AGENT2, basic, startNode, type TestNode } from './testing/testNode.ts';

const HANDSHAKE = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'], id: '1' };

const complete = (node: TestNode, changes: Record<string, unknown> = {}) =>
  node.ask('/me/outbound-records/12', { body: completing(changes), authorization: AGENT1 });

type Received = readonly { readonly channel: string; readonly data?: Record<string, unknown> }[];
const channels = (received: Received) => received.map(each => each.channel);
const PAIR = ['/v2/me/outbound', '/me/internal'];

const outboxIsEmpty = (node: TestNode) =>
  until('the confirmed entries are removed', async () =>
    (await node.rows(agentOutbox)).length === 0 ? true : undefined,
  );

describe('Bayeux over HTTP', () => {
  const shake = (node: TestNode, path: string, sending: Parameters<TestNode['send']>[1] = {}) =>
    node.send(`/notifications${path}`, { body: [HANDSHAKE], authorization: AGENT1, ...sending });
  const replyIn = ({ text }: Answer) => JSON.parse(text)[0];

  test('B1, B22, B23 - every path is the same, and a message may come without its array', async () => {
    await using node = await startNode();
    for (const path of ['', '/', '/handshake', '/connect', '/disconnect']) {
      const answer = await shake(node, path, { body: path === '' ? HANDSHAKE : [HANDSHAKE] });
      assert.equal(answer.status, 200);
      assert.equal(replyIn(answer).successful, true);
      assert.match(answer.headers['content-type']!, /^application\/json/);
    }
  });

  test('B2 - without credentials the handshake is denied, with HTTP 200', async () => {
    await using node = await startNode();
    for (const authorization of [undefined, basic('agent1', 'wrong')]) {
      const answer = await node.send('/notifications', {
        body: [HANDSHAKE],
        ...(authorization === undefined ? {} : { authorization }),
      });
      assert.equal(answer.status, 200);
      const { successful, error, advice } = replyIn(answer);
      assert.deepEqual([successful, error, advice.reconnect], [false, '403::Handshake denied', 'none']);
      assert.equal(answer.headers['www-authenticate'], undefined);
    }
  });

  test('a browser - gets two cookies and needs no other credentials', async () => {
    await using node = await startNode();
    const first = await shake(node, '');
    assert.equal(first.headers['set-cookie']!.length, 2);
    assert.match(cookiesOf(first), /JSESSIONID=.*BAYEUX_BROWSER=/);
    const { clientId } = replyIn(first);
    const connect = { channel: '/meta/connect', connectionType: 'long-polling', clientId, advice: { timeout: 0 } };
    const second = await node.send('/notifications', { body: [connect], cookie: cookiesOf(first) });
    assert.equal(replyIn(second).successful, true);
    assert.equal(second.headers['set-cookie'], undefined);
  });

  test('B24 - what is no message at all is 400, a GET too, with an empty body', async () => {
    await using node = await startNode();
    const answers = [
      ...(await Promise.all(['[]', '{', '', '[1]', 'null'].map(body => shake(node, '', { body })))),
      await node.send('/notifications?message=%5B%5D&jsonp=x', { authorization: AGENT1 }),
    ];
    for (const { status, text, headers } of answers) {
      assert.deepEqual([status, text], [400, '']);
      assert.match(headers['content-type']!, /^application\/json/);
    }
  });

  test('B25 - a body that is too large is 413, and the session goes on', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    const { status, text, headers } = await shake(node, '', { body: ' '.repeat(1024 * 1024 + 1) });
    assert.deepEqual([status, text], [413, '']);
    assert.match(headers['content-type']!, /^application\/json/);
    assert.deepEqual(channels(await desktop.connect(0)), ['/meta/connect']);
  });

  test('B17 - a second connect ends the first with an empty 500, and gets what comes', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    const connect = { channel: '/meta/connect', connectionType: 'long-polling', clientId: desktop.clientId, id: 'a' };
    const sending = { body: [connect], authorization: AGENT1 };
    const first = node.send('/notifications', sending);
    const second = node.send('/notifications', { ...sending, body: [{ ...connect, id: 'b' }] });
    const ended = await Promise.race([first, second]);
    assert.deepEqual([ended.status, ended.text], [500, '']);
    assert.match(ended.headers['content-type']!, /^application\/json/);
    await complete(node);
    const statuses = (await Promise.all([first, second])).map(each => each.status);
    assert.deepEqual(statuses.sort(), [200, 500]);
  });

  test('B18 - what a lost connect would have brought comes with the next one', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    const leaving = new AbortController();
    const lost = assert.rejects(desktop.connect(undefined, leaving.signal));
    await node.send('/diagnostics/version');
    leaving.abort();
    await lost;
    await complete(node);
    assert.deepEqual(channels(await desktop.connect()), [...PAIR, '/meta/connect']);
  });

  test('B30 - another agent’s session is unknown', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    const connect = { channel: '/meta/connect', connectionType: 'long-polling', clientId: desktop.clientId };
    const answer = await node.send('/notifications', { body: [connect], authorization: AGENT2 });
    assert.equal(replyIn(answer).error, '402::Unknown client');
  });

  test('B35 - a server that stops ends what is held with a whole answer', async () => {
    const node = await startNode();
    const desktop = await Desktop.open(node);
    const held = desktop.connect();
    // One round trip later, the connect before it is held.
    await node.send('/diagnostics/version');
    await node.stop();
    const [reply, ...more] = await held;
    assert.deepEqual([reply!.channel, reply!.successful, more.length], ['/meta/connect', true, 0]);
  });
});

describe('the agent outbox', () => {
  test('of an agent without a desktop - the newest two hundred are kept', async () => {
    await using node = await startNode();
    for (let n = 0; n < 203; n++) assert.equal((await complete(node, { referenceId: `r${n}` })).status, 200);
    const kept = await until('three made room', async () => {
      const rows = await node.rows(agentOutbox);
      return rows.length === 200 ? rows : undefined;
    });
    const references = kept.map(each => messagesIn(each)[0]!.data as { referenceId: string });
    assert.deepEqual([references[0]!.referenceId, references.at(-1)!.referenceId], ['r3', 'r202']);
  });

  test('B9 - are removed once the desktop has come back', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    await complete(node);
    assert.deepEqual(channels(await desktop.connect()), [...PAIR, '/meta/connect']);
    assert.equal((await node.rows(agentOutbox)).length, 1);
    await desktop.connect(0);
    await outboxIsEmpty(node);
  });

  test('not confirmed when the process died - are in the answer to the next session’s subscription', async () => {
    await using node = await startNode();
    await complete(node);
    await node.restart();
    const desktop = new Desktop(node);
    await desktop.handshake();
    node.time.now += 1_500;
    const first = await desktop.post([desktop.subscribing('/v2/me/*'), desktop.subscribing('/me/internal')]);
    assert.deepEqual(channels(first), [...PAIR, '/meta/subscribe', '/meta/subscribe']);
    const { eventProcessing } = first[1]!.data!['metrics'] as { eventProcessing: Record<string, number> };
    assert.equal(eventProcessing['serverProcessingTimeTotalMs'], 1_500);
    assert.deepEqual(channels(await desktop.connect(0)), ['/meta/connect']);
    await outboxIsEmpty(node);
  });

  test('come once, however often a session subscribes', async () => {
    await using node = await startNode();
    await complete(node);
    const desktop = new Desktop(node);
    await desktop.handshake();
    const subscribe = async (channel: string) => channels(await desktop.post([desktop.subscribing(channel)]));
    assert.deepEqual(await subscribe('/v2/me/devices'), ['/meta/subscribe']);
    assert.deepEqual(await subscribe('/v2/me/*'), ['/v2/me/outbound', '/meta/subscribe']);
    assert.deepEqual(await subscribe('/v2/me/outbound'), ['/meta/subscribe']);
    assert.deepEqual(await subscribe('/**'), ['/me/internal', '/meta/subscribe']);
    assert.deepEqual(channels(await desktop.connect(0)), ['/meta/connect']);
    const second = await Desktop.open(node);
    assert.deepEqual(channels(await second.connect(0)), ['/meta/connect']);
  });

  test('that a session was given live - do not come again with its next subscription', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    await complete(node);
    const received = await desktop.post([desktop.subscribing('/**')]);
    assert.deepEqual(channels(received), [...PAIR, '/meta/subscribe']);
    assert.deepEqual(channels(await desktop.connect(0)), ['/meta/connect']);
  });

  test('of several operations - come in the order of the operations', async () => {
    await using node = await startNode();
    for (const referenceId of [1, 2, 3]) await complete(node, { referenceId });
    const desktop = new Desktop(node);
    await desktop.handshake();
    const received = await desktop.post([desktop.subscribing('/v2/me/outbound')]);
    assert.deepEqual(
      received.map(each => each.data?.['referenceId']),
      [1, 2, 3, undefined],
    );
  });

  test('older than a minute - are told to nobody', async () => {
    await using node = await startNode();
    await complete(node);
    node.time.now += 60_000;
    const desktop = new Desktop(node);
    await desktop.handshake();
    assert.deepEqual(channels(await desktop.post([desktop.subscribing('/**')])), ['/meta/subscribe']);
    await node.restart();
    const next = new Desktop(node);
    await next.handshake();
    assert.deepEqual(channels(await next.post([next.subscribing('/**')])), ['/meta/subscribe']);
  });
});
