import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIRECTIONS } from '../../values/direction.ts';
import { callTypeOf, directionOfCallType, isCallType } from './callType.ts';

test('call types - each has a direction', () => {
  const types = [1, 2, 3, 4, 5] as const;
  assert.deepEqual(types.map(directionOfCallType), ['outbound', 'inbound', 'inbound', 'outbound', 'outbound']);
});

test('case 12 - what is none of the five is no call type', () => {
  for (const type of [1, 2, 3, 4, 5]) assert.ok(isCallType(type));
  for (const type of [0, 6, 9, -1, 1.5, Number.NaN, null, undefined]) assert.ok(!isCallType(type), String(type));
});

test('directions - each has a type, and inbound and outbound come back', () => {
  assert.deepEqual(DIRECTIONS.map(callTypeOf), [2, 1, 1, 2]);
  for (const direction of ['inbound', 'outbound'] as const) {
    assert.equal(directionOfCallType(callTypeOf(direction)), direction);
  }
});
