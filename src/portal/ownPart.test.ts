/** What became of an answered call for one user, and how long that one talked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ListablePart, outcomeFor, talkOf } from './ownPart.ts';

/** User 1 has the call, of whose 90 seconds the others talked what user 1 did not. */
const CALL = { outcome: 'answered', userId: 1, talkSeconds: 90 } as const;

for (const [role, talkSeconds, outcome, asAnother, seconds] of [
  ['answered', 60, 'answered', 'answered', 60],
  ['answered', null, 'answered', 'answered', 90],
  ['transferred', 30, 'answered', 'answered', 30],
  ['caller', 40, 'answered', 'answered', 40],
  ['caller', 0, 'missed', 'missed', 0],
  ['forwarded', 0, 'answered', null, 90],
  ['rang', 0, 'missed', 'missed', 0],
] as const) {
  test(`a part of one who ${role} and talked ${talkSeconds} s - ${outcome}, ${seconds} s of talk`, () => {
    const parts: readonly ListablePart[] = [1, 2].map(userId => ({ userId, role, talkSeconds }));
    assert.deepEqual(
      [outcomeFor(1, CALL, parts), outcomeFor(2, CALL, parts), talkOf(CALL, parts)],
      [outcome, asAnother, seconds],
    );
  });
}

test('a user without a part - nothing tells', () => {
  assert.deepEqual([outcomeFor(3, CALL, []), talkOf(CALL, [])], [null, 90]);
});
