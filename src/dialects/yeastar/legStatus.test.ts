import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldCall } from '../../calls/fold/fold.ts';
import { numberPlanOf } from '../../calls/fold/numberPlan.ts';
import { legFact, PBX } from '../../calls/testing/testReports.ts';
import { OUTCOMES, type Outcome, outcomeInDirection } from '../../values/outcome.ts';
import { legStatusOf, statusWordOf } from './legStatus.ts';

const PARTIES = {
  inbound: ['+442079460123', '2005'],
  outbound: ['2005', '+442079460123'],
  internal: ['2006', '2005'],
} as const;

/** What a call is whose only leg went this way and ended with this word. */
function outcomeOf(word: string, direction: keyof typeof PARTIES): Outcome {
  const [from, to] = PARTIES[direction];
  const fact = legFact(to, 0, legStatusOf(word), [42, 30], { direction, from });
  const { fields } = foldCall([{ reportId: 1, sourceCallId: 1, sourceId: PBX.id, key: 'leg', fact }], {
    planOf: () => numberPlanOf(PBX, { listsOf: () => [], hasExtensions: () => true }),
    holderOf: () => null,
  });
  return fields.outcome;
}

test('outcomes - each leads to one word, and an exact one back again', () => {
  for (const direction of ['inbound', 'outbound', 'internal'] as const) {
    for (const outcome of OUTCOMES) {
      if (outcomeInDirection(outcome, direction) !== outcome) continue;
      const { word, exact } = statusWordOf(outcome);
      assert.notEqual(legStatusOf(word), 'unknown', outcome);
      assert.equal(outcomeOf(word, direction) === outcome, exact, `${outcome} ${direction}`);
    }
  }
  assert.deepEqual(
    OUTCOMES.filter(outcome => !statusWordOf(outcome).exact),
    ['declined', 'cancelled', 'ivr_only', 'unreachable', 'invalid_number', 'blocked', 'unknown'],
  );
});

test('words - those of every edition of the guide, in any case; another is unknown', () => {
  for (const [word, status] of [
    ['ANSWERED', 'answered'],
    ['ANSWERD', 'answered'],
    ['NO ANSWER', 'no_answer'],
    ['no answer', 'no_answer'],
    [' Busy ', 'busy'],
    ['VOICEMAIL', 'voicemail'],
    ['FAILED', 'failed'],
    ['ABANDONED', 'abandoned'],
    ['NOANSWER', 'unknown'],
    ['', 'unknown'],
    ['__proto__', 'unknown'],
  ] as const) {
    assert.equal(legStatusOf(word), status, word);
  }
});
