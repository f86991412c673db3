import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFollows, assertIsNotBehind } from './changeSet.ts';
import { type ChangeSet, EngineFault, type Head } from './engine.ts';
import { journal } from './journal.ts';

const BEFORE: Head = { schemaVersion: 1, position: 7, now: 1_000, sequences: { item: 3 } };

const entry = (position: number, at = 1_010) => ({ position, at, kind: 'item.made', callId: null, data: null });

function batch(entries: readonly ReturnType<typeof entry>[], head: Partial<Head> = {}): ChangeSet {
  const after = { ...BEFORE, position: 7 + entries.length, now: 1_010, ...head };
  const rows = [{ entity: journal, inserts: entries, updates: [], deletes: [] }];
  return { number: 2, after: 1, head: after, tookNumbers: false, rows, counters: [] };
}

test('a batch that goes on where the one before ends - may be handed over', () => {
  assertFollows(BEFORE, batch([entry(8), entry(9)], { sequences: { item: 4, call: 1 } }));
  assertFollows(BEFORE, batch([]));
});

for (const [what, changes] of [
  ['entries with a gap', batch([entry(8), entry(10)])],
  ['entries that begin too early', batch([entry(7), entry(8)])],
  ['an entry of another time', batch([entry(8, 999)])],
  ['a position that its entries do not lead to', batch([entry(8)], { position: 9 })],
  ['a time before that of the batch before', batch([], { now: 999 })],
  ['a number that was taken before', batch([], { sequences: { item: 2 } })],
  ['no numbers where some were taken', batch([], { sequences: {} })],
] as const) {
  test(`a batch with ${what} - is a bug, before the store has it`, () => {
    assert.throws(() => assertFollows(BEFORE, changes));
  });
}

test('a store that lacks what is durable - cannot be trusted', () => {
  assertIsNotBehind(BEFORE, BEFORE);
  assertIsNotBehind(BEFORE, { ...BEFORE, position: 8, sequences: { item: 4 } });
  // A batch that wrote nothing moves the time here, and not in the store.
  assertIsNotBehind(BEFORE, { ...BEFORE, now: 900 });
  for (const head of [{ position: 6 }, { sequences: { item: 2 } }, { sequences: {} }]) {
    assert.throws(
      () => assertIsNotBehind(BEFORE, { ...BEFORE, ...head }),
      error => error instanceof EngineFault && error.kind === 'fatal',
    );
  }
});
