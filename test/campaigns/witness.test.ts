import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Witness } from './witness.ts';

test('witness - only what was sent after an answer proves what was due before the question of that answer', () => {
  let now = 0;
  const witness = new Witness(() => now);
  const first = now;
  now = 1;
  witness.answered(first);
  assert.equal(witness.provenUntil, Number.NEGATIVE_INFINITY);
  // Sent together with the first: the server may have read both before its timers.
  witness.answered(first);
  assert.equal(witness.provenUntil, Number.NEGATIVE_INFINITY);
  const second = now;
  now = 2;
  witness.answered(second);
  assert.equal(witness.provenUntil, first);
  witness.answered(first);
  assert.equal(witness.provenUntil, first, 'a late answer takes nothing back');
  witness.answered(now);
  assert.equal(witness.provenUntil, second);
});
