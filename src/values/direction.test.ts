import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIRECTIONS, isDirection } from './direction.ts';

test('direction - exactly the listed words are directions', () => {
  assert.deepEqual(DIRECTIONS, ['inbound', 'outbound', 'internal', 'unknown']);
  for (const direction of DIRECTIONS) assert.equal(isDirection(direction), true, direction);
  for (const other of ['Inbound', 'in', '', 'toString', null, undefined, 1, ['inbound']]) {
    assert.equal(isDirection(other), false, String(other));
  }
});
