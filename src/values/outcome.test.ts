import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIRECTIONS } from './direction.ts';
import { isOutcome, OUTCOMES, outcomeInDirection } from './outcome.ts';

test('outcome - the list is closed', () => {
  assert.equal(
    OUTCOMES.join(', '),
    'answered, missed, abandoned, unanswered, busy, declined, cancelled, voicemail, ivr_only, failed, unreachable, ' +
      'invalid_number, blocked, unknown',
  );
});

test('outcome - exactly the listed words are outcomes', () => {
  for (const outcome of OUTCOMES) assert.equal(isOutcome(outcome), true, outcome);
  for (const other of ['Answered', 'ANSWERED', 'no_answer', '', ' busy', 'constructor', null, undefined, 0, ['busy']]) {
    assert.equal(isOutcome(other), false, String(other));
  }
});

test('outcome - missed and abandoned are inbound, unanswered is every other direction', () => {
  assert.equal(outcomeInDirection('unanswered', 'inbound'), 'missed');
  for (const direction of ['outbound', 'internal', 'unknown'] as const) {
    assert.equal(outcomeInDirection('missed', direction), 'unanswered');
    assert.equal(outcomeInDirection('abandoned', direction), 'unanswered');
  }
  for (const direction of DIRECTIONS) {
    for (const outcome of OUTCOMES) {
      const read = outcomeInDirection(outcome, direction);
      assert.equal(outcomeInDirection(read, direction), read);
      if (!['missed', 'abandoned', 'unanswered'].includes(outcome)) assert.equal(read, outcome);
    }
  }
});
