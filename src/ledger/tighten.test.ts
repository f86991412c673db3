import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from './query.ts';
import { tightened } from './tighten.ts';

const bound = (column: string, is: '<' | '<=' | '>' | '>=', value: number | string): Condition => ({
  column,
  is,
  value,
});

test('bounds of one column - the tightest on either side stays', () => {
  const lower = bound('at', '>=', 10);
  const upper = bound('at', '<', 20);
  assert.deepEqual(tightened([bound('at', '<=', 20), lower, bound('at', '>', 9), upper]), [lower, upper]);
  assert.deepEqual(tightened([bound('at', '>=', 10), bound('at', '>', 10)]), [bound('at', '>', 10)]);
  assert.deepEqual(tightened([lower, lower]), [lower]);
});

test('bounds - of texts are compared by code point, and of other columns left alone', () => {
  const high = bound('name', '>', '\u{10000}');
  assert.deepEqual(tightened([bound('name', '>', '\uffff'), high, bound('at', '>', 1)]), [high, bound('at', '>', 1)]);
});

test('what is no bound - stays as it is', () => {
  const others: Condition[] = [
    { column: 'at', is: '=', value: 3 },
    { column: 'at', is: '!=', value: 4 },
    { any: [bound('at', '<', 1), bound('at', '<', 2)] },
    { column: 'at', null: false },
    { column: 'at', in: [1, 2] },
  ];
  assert.deepEqual(tightened(others), others);
});
