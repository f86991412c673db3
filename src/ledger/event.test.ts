import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defineEvent, flag, id, ids, optional, orNull, readHappened, whole, word, words } from './event.ts';
import { journal } from './journal.ts';
import { testEntities } from './testing/testEntities.ts';
import { TestLedger } from './testing/testLedger.ts';
import { memoryStore } from './testing/testStores.ts';

const painted = defineEvent({
  kind: 'item.painted',
  call: 'sometimes',
  description: 'An item was painted.',
  data: {
    itemId: id('The item.'),
    otherIds: ids('Others.'),
    coats: whole('How often.'),
    dry: flag('Whether it is dry.'),
    colour: orNull(word(['red', 'blue'], 'The colour.')),
    sides: optional(words(['front', 'back'], 'Where.')),
  },
  example: { callId: null, itemId: 1, otherIds: [], coats: 1, dry: true, colour: 'red' },
});
const sold = defineEvent({ kind: 'item.sold', call: 'always', description: 'Sold.', data: {}, example: { callId: 1 } });
const lost = defineEvent({ kind: 'item.lost', call: 'never', description: 'Lost.', data: {}, example: {} });

const PAINTED = { callId: 7, itemId: 1, otherIds: [2], coats: 0, dry: false, colour: null } as const;

describe('an event', () => {
  test('as it is declared - is kept, its call beside its data', () => {
    const { callId: _callId, ...data } = PAINTED;
    assert.deepEqual(readHappened(painted, PAINTED), { callId: 7, data });
    const whole = { ...data, callId: null, sides: ['front', 'back'] };
    assert.deepEqual(readHappened(painted, whole), { callId: null, data: { ...data, sides: ['front', 'back'] } });
    assert.deepEqual(readHappened(painted, { ...PAINTED, sides: undefined }), { callId: 7, data });
    assert.deepEqual(readHappened(sold, { callId: 3 }), { callId: 3, data: null });
    assert.deepEqual(readHappened(lost, {}), { callId: null, data: null });
  });

  test('otherwise than declared - is an error that names the event and the field', () => {
    for (const [changes, message] of [
      [{ price: 5 }, /^item\.painted declares no price$/],
      [{ toString: 5 }, /^item\.painted declares no toString$/],
      [{ itemId: 0 }, /itemId/],
      [{ itemId: 1.5 }, /itemId/],
      [{ itemId: '1' }, /itemId/],
      [{ itemId: null }, /itemId/],
      [{ itemId: undefined }, /itemId/],
      [{ otherIds: ['2'] }, /otherIds/],
      [{ otherIds: 2 }, /otherIds/],
      [{ coats: -1 }, /coats/],
      [{ dry: 1 }, /dry/],
      [{ colour: 'green' }, /colour/],
      [{ sides: ['top'] }, /sides/],
      [{ sides: null }, /sides/],
      [{ callId: 0 }, /concerns a call/],
    ] as const) {
      assert.throws(() => readHappened(painted, { ...PAINTED, ...changes }), { message }, JSON.stringify(changes));
    }
    const { coats: _coats, ...rest } = PAINTED;
    assert.throws(() => readHappened(painted, rest), { message: 'item.painted needs coats' });
    assert.throws(() => readHappened(sold, {}), { message: /always concerns a call/ });
    assert.throws(() => readHappened(lost, { callId: 1 }), { message: /never concerns a call/ });
  });

  test('of the wrong shape - does not compile', async () => {
    const on = await TestLedger.open(memoryStore(testEntities));
    try {
      const [outcome, ...others] = await on.outcomes([
        state => state.journal(painted, { ...PAINTED, colour: 'blue' }),
        // @ts-expect-error: the kind is declared, not named.
        state => state.journal({ kind: 'item.painted' }, { itemId: 1 }),
        // @ts-expect-error: no such field.
        state => state.journal(painted, { ...PAINTED, price: 5 }),
        // @ts-expect-error: no such word.
        state => state.journal(painted, { ...PAINTED, colour: 'green' }),
        // @ts-expect-error: a field is missing.
        state => state.journal(painted, { callId: 1, itemId: 1 }),
        // @ts-expect-error: it always concerns a call.
        state => state.journal(sold, {}),
        // @ts-expect-error: it never does.
        state => state.journal(lost, { callId: 1 }),
      ]);
      assert.equal(outcome, undefined);
      for (const each of others) assert.ok(each instanceof Error, 'nor is it stored');
      assert.deepEqual(
        (await on.rows(journal)).map(row => row.kind),
        ['item.painted'],
      );
    } finally {
      await on.close();
    }
  });
});
