import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('numberKey - what was dialled behind an outside prefix is read as the source is configured', () => {
  const office = (areaCode: string | null): PhoneContext => ({ country: 'DE', areaCode, outsidePrefix: '0' });
  for (const [dialled, areaCode, key] of [
    // Of Dortmund, were it without the prefix.
    ['023125010', '30', '+493023125010'],
    ['0231 25010', '030', '+493023125010'],
    ['0023125010', '30', '+4923125010'],
    // Of Greece, were it without the prefix.
    ['0030 23125 12345', '30', '+49302312512345'],
    ['0030 23125 12345', null, '+49302312512345'],
    ['00030 23125 12345', null, '+302312512345'],
    // A local number that begins with the country's code.
    ['049301234', '30', '+493049301234'],
  ] as const) {
    assert.equal(numberKey(dialled, office(areaCode)), key, `${dialled} behind ${areaCode}`);
  }
  // Nobody who calls in has dialled it.
  assert.equal(numberKey('023125010', { ...office('30'), outsidePrefix: null }), '+4923125010');
});

/** The beginnings of numbers that regulators keep for fiction, and what is dialled for an outside line. */
const FOR_FICTION = [
  ['DE', '+49', '30', '23125', '0'],
  ['DE', '+49', '40', '66969', '0'],
  ['DE', '+49', '69', '90009', '0'],
  ['DE', '+49', '89', '99998', '0'],
  ['DE', '+49', '221', '4710', '0'],
  ['DE', '+49', '30', '23125', '9'],
  ['GB', '+44', '20', '79460', '9'],
  ['GB', '+44', '20', '79460', '0'],
] as const;

test('numberKey - whoever calls a number of the own town behind an outside prefix calls that one and no other', () => {
  const digits = fc.stringMatching(/^[0-9]{3}$/);
  fc.assert(
    fc.property(fc.constantFrom(...FOR_FICTION), digits, ([country, code, areaCode, beginning, outsidePrefix], end) => {
      const local = beginning + end;
      const office = { country, areaCode, outsidePrefix };
      const e164 = `${code}${areaCode}${local}`;
      for (const dialled of [local, `0${areaCode}${local}`, `00${e164.slice(1)}`]) {
        assert.equal(numberKey(outsidePrefix + dialled, office), e164, outsidePrefix + dialled);
      }
      assert.ok(
        [null, e164].includes(toE164(outsidePrefix + local, office)),
        `what is sure of ${outsidePrefix + local}`,
      );
    }),
    { numRuns: 1_000 },
  );
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
