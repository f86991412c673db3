import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOutcome, OUTCOMES } from './outcome.ts';

test('outcome - the list is closed', () => {
  assert.equal(
    OUTCOMES.join(', '),
    'answered, missed, abandoned, busy, declined, cancelled, voicemail, ivr_only, failed, unreachable, ' +
      'invalid_number, blocked, unknown',
  );
});

test('outcome - exactly the listed words are outcomes', () => {
  for (const outcome of OUTCOMES) assert.equal(isOutcome(outcome), true, outcome);
  for (const other of ['Answered', 'ANSWERED', 'no_answer', '', ' busy', 'constructor', null, undefined, 0, ['busy']]) {
    assert.equal(isOutcome(other), false, String(other));
  }
});
