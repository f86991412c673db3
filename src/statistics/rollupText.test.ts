import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_KNOWN } from '../values/secondsBuckets.ts';
import { dayText, type RollupKey, rollupText } from './rollupText.ts';

const KEY: RollupKey = {
  day: 20386,
  dimension: 'line',
  id: 2,
  name: '+254200000000',
  direction: 'inbound',
  outcome: 'answered',
  currency: '',
  waitBucket: NOT_KNOWN,
  ringBucket: NOT_KNOWN,
};
const textOf = (key: Partial<RollupKey>) => rollupText({ ...KEY, ...key }, id => (id === 2 ? 'hq' : `source ${id}`));

test('rollup - its key in words: the day, what it is about, and what sets it apart', () => {
  assert.equal(textOf({}), 'statistics of 2025-10-25, line +254200000000 of hq, inbound, answered');
  assert.equal(
    textOf({ dimension: 'queue', name: '6400', currency: 'EUR', waitBucket: 0, ringBucket: 15 }),
    'statistics of 2025-10-25, queue 6400 of hq, inbound, answered, EUR, waited 0 to 2 s, rang 3600 s or more',
  );
  assert.equal(textOf({ dimension: 'source' }), 'statistics of 2025-10-25, source hq, inbound, answered');
  assert.equal(textOf({ dimension: 'user', id: 0 }), 'statistics of 2025-10-25, nobody, inbound, answered');
  assert.equal(textOf({ dimension: 'user', id: 3 }), 'statistics of 2025-10-25, user 3, inbound, answered');
  assert.equal(
    textOf({ dimension: 'quarter', id: 20386 * 96 + 1, name: '' }),
    'statistics of 2025-10-25, quarter hour from 2025-10-25T00:15:00.000Z, inbound, answered',
  );
});

test('rollup - a key that none of ours can be is told as it is', () => {
  const odd = { dimension: 'xyz' as RollupKey['dimension'], name: '' };
  assert.equal(textOf(odd), 'statistics of 2025-10-25, xyz 2, inbound, answered');
  assert.equal(dayText(99_999_999), '+275760-09-12');
  assert.equal(dayText(100_000_001), 'day 100000001');
  assert.equal(dayText(null), 'no day');
});
