import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Delivery } from '../../bayeux/bayeux.ts';
import { NoticeBoard, type Told } from './noticeBoard.ts';

const NOW = 1_000_000;
const told = (id: number, changes: Partial<Told> = {}): Told => ({
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
  const board = new NoticeBoard(deliverTo, () => time.now);
  const subscribe = (id: string, identity = '1') => board.subscribed({ id, identity });
  return { board, delivered, time, subscribe };
}

describe('a notice board, of several', () => {
  test('told here and heard of elsewhere - is delivered once', () => {
    const { board, delivered, subscribe } = open();
    subscribe('a');
    board.tell(told(5), 3);
    assert.ok(board.knows(5));
    board.tell(told(5), 0);
    board.tell(told(6), 0);
    assert.deepEqual(delivered, ['a 5', 'a 6']);
    // Also when the client has confirmed it meanwhile.
    board.confirmed({ id: 'a', identity: '1' }, [5, 6]);
    board.tell(told(5), 0);
    assert.deepEqual(delivered, ['a 5', 'a 6']);
  });

  test('catching up - forgets what was confirmed elsewhere, and hears what was told there, in its order', async () => {
    const { board, delivered, subscribe } = open();
    for (const id of [2, 4]) board.tell(told(id), 0);
    await board.catchUp('1', async () => [told(3), told(4)]);
    subscribe('a');
    assert.deepEqual(delivered, ['a 3', 'a 4']);
  });

  test('catching up - keeps what is told while it reads', async () => {
    const { board, delivered, subscribe } = open();
    board.tell(told(2), 0);
    await board.catchUp('1', async () => {
      board.tell(told(7), 0);
      board.tell(told(8, { userId: 2 }), 0);
      return [];
    });
    subscribe('a');
    subscribe('b', '2');
    assert.deepEqual(delivered, ['a 7', 'b 8']);
  });

  test('what was confirmed here and is not taken out of the ledger yet - is not told again', async () => {
    const { board, delivered, subscribe } = open();
    subscribe('a');
    board.tell(told(2), 0);
    board.confirmed({ id: 'a', identity: '1' }, [2]);
    await board.catchUp('1', async () => [told(2)]);
    subscribe('b');
    assert.deepEqual(delivered, ['a 2']);
  });

  test('a minute later - nothing is known of it', () => {
    const { board, time } = open();
    board.tell(told(2), 0);
    time.now += 60_000;
    board.expire();
    assert.equal(board.knows(2), false);
  });
});
