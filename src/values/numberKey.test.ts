import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberKey, sureNumberKey, WITHHELD_KEY } from './numberKey.ts';
import { type PhoneContext, toE164 } from './phone.ts';

const DE: PhoneContext = { country: 'DE', areaCode: null, outsidePrefix: null };

test('numberKey - one party, whoever writes its number, bare or with a plus', () => {
  for (const [key, writings] of [
    ['+493023125123', ['+49 30 23125123', '493023125123', '030/23125123', '30 23125123', 'sip:+493023125123@pbx']],
    [
      '+442079460123',
      ['+44 20 7946 0123', '442079460123', '0044 20 7946 0123', ' 442079460123', '"Anna" <442079460123>'],
    ],
    ['1002', ['1002', '+1002', '"Anna" <1002>', 'sip:1002@pbx.example']],
    ['*44', ['*44', ' *44 ']],
    ['Alice', ['Alice', ' Alice ']],
  ] as const) {
    for (const written of writings) assert.equal(numberKey(written, DE), key, written);
  }
});

test('numberKey - a reading that is likely is a key and no truth', () => {
  for (const guessed of ['30 23125123', '442079460123']) {
    assert.notEqual(numberKey(guessed, DE), guessed);
    assert.equal(toE164(guessed, DE), null);
  }
});

test('sureNumberKey - E.164 or the digits as written, never a reading', () => {
  for (const [key, writings] of [
    ['+494155550101', ['+49 4155 550101', '04155 550101', '494155550101']],
    ['4155550101', ['4155550101', '"Anna" <4155 550101>']],
    ['15123456789', ['15123456789']],
    ['442079460123', ['442079460123']],
    ['1002', ['1002', '+1002']],
    ['Alice', [' Alice ']],
    [null, [null, '', 'anonymous', '<unknown>']],
  ] as const) {
    for (const written of writings) assert.equal(sureNumberKey(written, DE), key, String(written));
  }
});

test('numberKey - withheld numbers are one party', () => {
  for (const raw of [null, '', ' ', 'anonymous', '<unknown>', 'sip:anonymous@anonymous.invalid']) {
    assert.equal(numberKey(raw, DE), WITHHELD_KEY, String(raw));
  }
});

test('numberKey - the same spelling in two contexts is two questions, and what is too long is not read', () => {
  assert.equal(numberKey('2025550123', { ...DE, country: 'US' }), '+12025550123');
  assert.equal(numberKey('2025550123', DE), '+492025550123');
  const long = '1'.repeat(1_000_000);
  assert.equal(numberKey(long, DE), long);
});
