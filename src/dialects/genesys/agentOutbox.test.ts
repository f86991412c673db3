import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Delivery } from '../../bayeux/bayeux.ts';
import { AgentOutbox, type AgentOutboxEntry } from './agentOutbox.ts';

const NOW = 1_000_000;
const entryOf = (id: number, changes: Partial<AgentOutboxEntry> = {}): AgentOutboxEntry => ({
  id,
  userId: 1,
  at: NOW,
  messages: [{ channel: '/v2/me/outbound', data: { n: id } }],
  ...changes,
});

/** A board, and what it has delivered: `session n`. */
function open() {
  const delivered: string[] = [];
  const time = { now: NOW };
  const deliverTo = (session: string, messages: readonly Delivery[]) => {
    for (const { data } of messages) delivered.push(`${session} ${(data as { n: number }).n}`);
    return true;
  };
  const outbox = new AgentOutbox(deliverTo, () => time.now);
  const subscribe = (id: string, identity = '1') => outbox.subscribed({ id, identity });
  return { outbox, delivered, time, subscribe };
}

describe('the agent outbox, of several', () => {
  test('told here and heard of elsewhere - is delivered once', () => {
    const { outbox, delivered, subscribe } = open();
    subscribe('a');
    outbox.deliver(entryOf(5), 3);
    assert.ok(outbox.knows(5));
    outbox.deliver(entryOf(5), 0);
    outbox.deliver(entryOf(6), 0);
    assert.deepEqual(delivered, ['a 5', 'a 6']);
    // Also when the client has confirmed it meanwhile.
    outbox.confirmed({ id: 'a', identity: '1' }, [5, 6]);
    outbox.deliver(entryOf(5), 0);
    assert.deepEqual(delivered, ['a 5', 'a 6']);
  });

  test('catching up - forgets what was confirmed elsewhere, and hears what was told there, in its order', async () => {
    const { outbox, delivered, subscribe } = open();
    for (const id of [2, 4]) outbox.deliver(entryOf(id), 0);
    await outbox.catchUp('1', async () => [entryOf(3), entryOf(4)]);
    subscribe('a');
    assert.deepEqual(delivered, ['a 3', 'a 4']);
  });

  test('catching up - keeps what is told while it reads', async () => {
    const { outbox, delivered, subscribe } = open();
    outbox.deliver(entryOf(2), 0);
    await outbox.catchUp('1', async () => {
      outbox.deliver(entryOf(7), 0);
      outbox.deliver(entryOf(8, { userId: 2 }), 0);
      return [];
    });
    subscribe('a');
    subscribe('b', '2');
    assert.deepEqual(delivered, ['a 7', 'b 8']);
  });

  test('what was confirmed here and is not taken out of the ledger yet - is not told again', async () => {
    const { outbox, delivered, subscribe } = open();
    subscribe('a');
    outbox.deliver(entryOf(2), 0);
    outbox.confirmed({ id: 'a', identity: '1' }, [2]);
    await outbox.catchUp('1', async () => [entryOf(2)]);
    subscribe('b');
    assert.deepEqual(delivered, ['a 2']);
  });

  test('of one user the newest two hundred are kept - in whatever order they come', () => {
    const { outbox, delivered, subscribe } = open();
    for (let id = 2; id <= 203; id++) if (id !== 50) outbox.deliver(entryOf(id), 0);
    outbox.deliver(entryOf(204, { userId: 2 }), 0);
    outbox.deliver(entryOf(50), 0);
    outbox.deliver(entryOf(1), 0);
    subscribe('a');
    const expected = Array.from({ length: 200 }, (_, n) => `a ${n + 4}`);
    assert.deepEqual(delivered, expected);
  });

  test('what made room for messages that were confirmed elsewhere - comes back with catching up, once', async () => {
    const { outbox, delivered, subscribe } = open();
    for (let id = 1; id <= 203; id++) outbox.deliver(entryOf(id), 0);
    await outbox.catchUp('1', async () => [entryOf(2), entryOf(203)]);
    subscribe('a');
    assert.deepEqual(delivered, ['a 2', 'a 203']);
    await outbox.catchUp('1', async () => [entryOf(2), entryOf(203)]);
    subscribe('a');
    assert.deepEqual(delivered, ['a 2', 'a 203']);
  });

  test('what made room and was confirmed here after all - does not come back', async () => {
    const { outbox, delivered, subscribe } = open();
    subscribe('a');
    for (let id = 1; id <= 201; id++) outbox.deliver(entryOf(id), 0);
    outbox.confirmed({ id: 'a', identity: '1' }, [1]);
    await outbox.catchUp('1', async () => [entryOf(1), entryOf(201)]);
    subscribe('b');
    assert.deepEqual(delivered.slice(201), ['b 201']);
  });

  test('a minute later - nothing is known of it', () => {
    const { outbox, time } = open();
    outbox.deliver(entryOf(2), 0);
    time.now += 60_000;
    outbox.expire();
    assert.equal(outbox.knows(2), false);
  });
});
