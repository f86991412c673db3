import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameUser } from './sameUser.ts';

test('two users - are the same by their id, and nobody is nobody', () => {
  assert.equal(isSameUser(7, 7), true);
  assert.equal(isSameUser(7, 8), false);
  assert.equal(isSameUser(7, null), false);
  assert.equal(isSameUser(null, null), false);
  assert.equal(isSameUser(undefined, null), false);
});
