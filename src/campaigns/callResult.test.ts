import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DIRECTIONS } from '../values/direction.ts';
import { OUTCOMES, outcomeInDirection } from '../values/outcome.ts';
import { CALL_RESULTS, callResultName, callResultOf } from './callResult.ts';
import { PHONE_TYPES, phoneTypeOf } from './phoneType.ts';
import { outcomeOfResult, resultOfOutcome } from './resultOutcome.ts';

const CODES = Array.from({ length: CALL_RESULTS }, (_, code) => code);

describe('callResultOf', () => {
  test('the 54 names - lead to their codes and back', () => {
    assert.equal(CALL_RESULTS, 54);
    for (const code of CODES) assert.equal(callResultOf(callResultName(code)), code);
    assert.equal(new Set(CODES.map(callResultName)).size, 54);
    // The corners of the vendor's table, which is read by columns.
    assert.deepEqual([0, 17, 18, 35, 36, 53].map(callResultName), [
      'Ok',
      'FaxDetected',
      'QueueFull',
      'NoDialTone',
      'NoProgress',
      'WrongNumber',
    ]);
    assert.deepEqual([7, 9, 28, 33, 51, 52].map(callResultName), [
      'NoAnswer',
      'AnsweringMachine',
      'Unknown',
      'Answer',
      'DoNotCall',
      'CancelRecord',
    ]);
  });

  test('other spellings - are understood (docs/genesys.md, section 3.1)', () => {
    const spellings = {
      answeringmachinedetected: 9,
      'Answering Machine': 9,
      NO_ANSWER: 7,
      'no-answer': 7,
      SitInvalidnum: 11,
      SITIntercept: 13,
      SITOper: 13,
      SITOperIntercept: 13,
      Fax: 17,
      Pickedup: 25,
      DroppedOnNoAnswer: 27,
      UnknownCallResult: 28,
      Answered: 33,
      NUTone: 34,
      NoRingBackTone: 37,
      NoEstablished: 38,
      Pager: 39,
      DropError: 42,
      NoPortAvailable: 44,
      NoFreePort: 44,
      AgentCallBackError: 47,
      GroupCallBackError: 48,
      Cancelled: 52,
      Canceled: 52,
    };
    for (const [given, code] of Object.entries(spellings)) assert.equal(callResultOf(given), code, given);
  });

  test('codes - are taken as numbers and as digits', () => {
    assert.deepEqual([callResultOf(0), callResultOf(53), callResultOf('33'), callResultOf(' 7 ')], [0, 53, 33, 7]);
  });

  test('anything else - is none', () => {
    for (const given of [
      'Nonsense',
      '',
      '54',
      '-1',
      '007',
      54,
      -1,
      7.5,
      Number.NaN,
      null,
      undefined,
      true,
      {},
      ['Busy'],
    ]) {
      assert.equal(callResultOf(given), null, String(given));
    }
    assert.equal(callResultOf(' '.repeat(100_000)), null);
    assert.throws(() => callResultName(54), RangeError);
  });
});

describe('outcomes and call results', () => {
  test('every outcome - has a code, and an exact one comes back', () => {
    for (const direction of DIRECTIONS) {
      const outcomes = OUTCOMES.filter(each => outcomeInDirection(each, direction) === each);
      for (const outcome of outcomes) {
        const { code, exact } = resultOfOutcome(outcome);
        callResultName(code);
        if (exact) assert.equal(outcomeOfResult(code, direction), outcome, `${code} ${direction}`);
      }
      assert.equal(new Set(outcomes.map(each => resultOfOutcome(each).code)).size, outcomes.length);
    }
  });

  test('every code - has one outcome in each direction, and one that this direction has', () => {
    for (const direction of DIRECTIONS) {
      for (const code of CODES) {
        const outcome = outcomeOfResult(code, direction);
        assert.ok(OUTCOMES.includes(outcome));
        assert.equal(outcomeInDirection(outcome, direction), outcome);
      }
      assert.throws(() => outcomeOfResult(54, direction), RangeError);
    }
  });

  test('Abandoned and Dropped - make a call that went out unanswered, as NoAnswer does', () => {
    assert.deepEqual(
      [7, 21, 26].map(code => outcomeOfResult(code, 'inbound')),
      ['missed', 'abandoned', 'abandoned'],
    );
    assert.deepEqual(
      [7, 21, 26].map(code => outcomeOfResult(code, 'outbound')),
      Array(3).fill('unanswered'),
    );
    assert.deepEqual(resultOfOutcome('unanswered'), { code: 7, exact: true });
  });

  test('no outcome - says what only the customer or the agent can say', () => {
    for (const outcome of OUTCOMES) assert.ok(![51, 52, 53].includes(resultOfOutcome(outcome).code), outcome);
  });
});

describe('phoneTypeOf', () => {
  test('names and codes - are the same (docs/genesys.md, section 3.4)', () => {
    for (const [code, name] of PHONE_TYPES.entries()) {
      assert.deepEqual([phoneTypeOf(name), phoneTypeOf(code), phoneTypeOf(String(code))], [code, code, code]);
    }
    assert.equal(phoneTypeOf('instantmessaging'), 11);
    for (const given of ['Phone', '12', '', 12, -1, 1.5, null]) assert.equal(phoneTypeOf(given), null);
  });
});
