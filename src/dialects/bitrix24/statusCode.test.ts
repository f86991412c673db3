import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DIRECTIONS } from '../../values/direction.ts';
import { isOutcome, OUTCOMES, outcomeInDirection } from '../../values/outcome.ts';
import { defaultStatusCode, normaliseStatusCode, outcomeOfStatusCode, statusCodeOf } from './statusCode.ts';

test('outcomes - each leads to one code, and an exact one back again', () => {
  for (const direction of DIRECTIONS) {
    for (const outcome of OUTCOMES) {
      if (outcomeInDirection(outcome, direction) !== outcome) continue;
      const { code, exact } = statusCodeOf(outcome);
      assert.equal(outcomeOfStatusCode(code, direction) === outcome, exact, `${outcome} ${direction}`);
      assert.equal(normaliseStatusCode(code), code);
    }
  }
  assert.deepEqual(
    OUTCOMES.filter(outcome => !statusCodeOf(outcome).exact),
    ['abandoned', 'voicemail', 'ivr_only', 'failed'],
  );
});

test('codes - the portal’s and those of SIP', () => {
  for (const [code, outcome] of [
    ['200', 'answered'],
    ['304', 'missed'],
    ['402', 'failed'],
    ['403', 'blocked'],
    ['404', 'invalid_number'],
    ['408', 'missed'],
    ['410', 'invalid_number'],
    ['423', 'blocked'],
    ['480', 'unreachable'],
    ['484', 'unreachable'],
    ['486', 'busy'],
    ['487', 'cancelled'],
    ['488', 'failed'],
    ['500', 'failed'],
    ['503', 'unreachable'],
    ['505', 'failed'],
    ['600', 'busy'],
    ['603', 'declined'],
    ['603-S', 'cancelled'],
    ['603-s', 'cancelled'],
    ['604', 'invalid_number'],
    ['606', 'failed'],
    ['OTHER', 'unknown'],
    ['183', 'unknown'],
    ['5000', 'unknown'],
    ['no answer', 'unknown'],
    ['__proto__', 'unknown'],
  ] as const) {
    assert.equal(outcomeOfStatusCode(code, 'inbound'), outcome, code);
    for (const direction of ['outbound', 'internal', 'unknown'] as const) {
      const other = outcome === 'missed' ? 'unanswered' : outcome;
      assert.equal(outcomeOfStatusCode(code, direction), other, `${code} ${direction}`);
    }
  }
});

test('case 23 - a code is kept as it was sent, without the name it has on old pages', () => {
  for (const [given, kept] of [
    ['200', '200'],
    ['VI_STATUS_486', '486'],
    ['$MESS["VI_STATUS_603-S"]', '603-S'],
    ["$MESS['VI_STATUS_200']", '200'],
    ['VI_STATUS_VI_STATUS_200', 'VI_STATUS_200'],
    ['505', '505'],
    [' 487 ', '487'],
    ['Normal Clearing', 'Normal Clearing'],
    ['603-s', '603-s'],
    ['x\0', 'x\ufffd'],
    ['', null],
    ['  ', null],
    ['VI_STATUS_', null],
  ] as const) {
    assert.equal(normaliseStatusCode(given), kept, given);
  }
});

test('cases 20 to 22 - without a code the duration says whether somebody talked', () => {
  assert.deepEqual([defaultStatusCode(0), defaultStatusCode(7)], ['304', '200']);
});

test('fuzz - any text becomes a short, storable code with one outcome', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), given => {
      const code = normaliseStatusCode(given);
      if (code === null) return;
      assert.ok(code.length <= 64 && code.isWellFormed() && !code.includes('\0'));
      assert.ok(isOutcome(outcomeOfStatusCode(code, 'inbound')));
    }),
  );
});
