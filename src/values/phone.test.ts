import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bareSpellings, isValidCountry, numberReadings, type PhoneContext, toE164 } from './phone.ts';

const context = (
  country: string,
  areaCode: string | null = null,
  outsidePrefix: string | null = null,
): PhoneContext => ({
  country,
  areaCode,
  outsidePrefix,
});

const GB = context('GB');
const US = context('US');
const DE = context('DE');

describe('toE164 - numbers that are whole and valid', () => {
  const cases: readonly (readonly [raw: string, context: PhoneContext, e164: string])[] = [
    ['+442079460123', GB, '+442079460123'],
    ['+442079460123', US, '+442079460123'],
    ['+442079460123', context('XX'), '+442079460123'],
    ['+44 20 7946 0123', DE, '+442079460123'],
    ['+44 (20) 7946-0123', DE, '+442079460123'],
    ['  +442079460123 ', DE, '+442079460123'],
    ['020 7946 0123', GB, '+442079460123'],
    ['442079460123', GB, '+442079460123'],
    ['(202) 555-0123', US, '+12025550123'],
    ['1-202-555-0123', US, '+12025550123'],
    ['+1 202 555 0123 ext. 5', GB, '+12025550123'],
    ['+44(0)20 7946 0123', US, '+442079460123'],
    ['0044 20 7946 0123', DE, '+442079460123'],
    ['0049 30 23125123', DE, '+493023125123'],
    ['00 44 (0)20 7946 0123 x12', DE, '+442079460123'],
    ['8 10 44 20 7946 0123', context('RU'), '+442079460123'],
    ['+44 20 7946 0123 ext 12', DE, '+442079460123'],
    ['(+44) 20 7946 0123', DE, '+442079460123'],
    ['＋442079460123', DE, '+442079460123'],
    ['＋４４ ２０ ７９４６ ０１２３', DE, '+442079460123'],
    ['011 44 20 7946 0123', US, '+442079460123'],
    ['030 23125123', DE, '+493023125123'],
    ['+49 30 23125123', US, '+493023125123'],
  ];
  for (const [raw, where, e164] of cases) {
    test(`${JSON.stringify(raw)} in ${where.country}`, () => assert.equal(toE164(raw, where), e164));
  }
});

describe('toE164 - nothing is corrected', () => {
  const cases: readonly (readonly [raw: string, context: PhoneContext, why: string])[] = [
    ['+44207946012', GB, 'a digit is missing'],
    ['+4420794601234', GB, 'a digit too many'],
    ['+4402079460123', GB, 'trunk prefix after the country code'],
    ['004402079460123', DE, 'trunk prefix after the country code'],
    ['+1 1 202 555 0123', US, 'trunk prefix after the country code'],
    ['00 1 1 202 555 0123', GB, 'trunk prefix after the country code'],
    ['0049 030 23125123', DE, 'trunk prefix after the country code'],
    ['(+44 20 7946 0123', GB, 'a bracket is not closed'],
    ['++442079460123', GB, 'two pluses'],
    ['+0442079460123', GB, 'no country code starts with 0'],
    ['call +12025550123', US, 'text before the number'],
    ['+12025550123abc', US, 'text after the number'],
    ['+1202555O123', US, 'a letter among the digits'],
    ['1-202-555-GIVE', US, 'letters for digits'],
    ['2079460123;phone-context=+44', US, 'a context and no address'],
    ['+12025550123/+12025550124', US, 'two numbers'],
    ['00442079460123', US, 'not the international prefix there'],
    ['5550123', US, 'local, and no area code is known'],
    ['2025550123', GB, 'of another country'],
    ['020 7946 0123', context('XX'), 'no such country'],
    ['020 7946 0123', context('gb'), 'no such country'],
    ['020 7946 0123', context('constructor'), 'no such country'],
    ['+44\t2079460123', GB, 'a control character'],
    ['+442079460123\0', GB, 'a control character'],
    ['📞+442079460123', GB, 'a picture'],
    ['1002', DE, 'an extension'],
    ['112', DE, 'an emergency number'],
    ['*21*02079460123#', GB, 'a feature code'],
  ];
  for (const [raw, where, why] of cases) {
    test(`${JSON.stringify(raw)} in ${where.country}: ${why}`, () => assert.equal(toE164(raw, where), null));
  }
});

describe('toE164 - the outside prefix', () => {
  const office = context('US', '202', '9');
  const cases: readonly (readonly [raw: string, context: PhoneContext, e164: string | null])[] = [
    ['912025550123', office, '+12025550123'],
    ['9 1 202 555 0123', office, '+12025550123'],
    ['9011442079460123', office, '+442079460123'],
    ['9+442079460123', office, '+442079460123'],
    ['95550123', office, '+12025550123'],
    ['12025550123', office, '+12025550123'],
    ['917 555 0123', office, '+19175550123'],
    ['912025550123', US, null],
    ['9', office, null],
    ['902079460123', context('GB', null, '9'), '+442079460123'],
    ['0030 23125123', context('DE', '030', '0'), '+493023125123'],
    // One of Greece, or one of Berlin behind the prefix.
    ['0030 23125 12345', context('DE', '030', '0'), null],
    ['0030 23125 1234', context('DE', '030', '0'), '+4930231251234'],
    ['00044 20 7946 0123', context('DE', '030', '0'), '+442079460123'],
    // One of Britain, or one of Germany behind the prefix.
    ['0044 20 7946 0123', context('DE', null, '0'), null],
    ['0044 20 7946 0123', context('DE'), '+442079460123'],
    // One of Dortmund, or one of Berlin behind the prefix.
    ['0231 25123', context('DE', '030', '0'), null],
    ['0231 25123', context('DE', null, '0'), '+4923125123'],
    ['030 23125123', context('DE', '030', '0'), '+493023125123'],
    ['+44 20 7946 0123', context('DE', '030', '+44 20'), '+442079460123'],
    ['020 7946 0123', context('GB', '', ''), '+442079460123'],
  ];
  for (const [raw, where, e164] of cases) {
    test(`${JSON.stringify(raw)} in ${where.country}, dialled with ${JSON.stringify(where.outsidePrefix)}`, () => {
      assert.equal(toE164(raw, where), e164);
    });
  }
});

describe('toE164 - the area code', () => {
  const cases: readonly (readonly [raw: string, context: PhoneContext, e164: string | null])[] = [
    ['5550123', context('US', '202'), '+12025550123'],
    ['555-0123', context('US', '202'), '+12025550123'],
    ['79460123', context('GB', '020'), '+442079460123'],
    ['7946 0123', context('GB', '20'), '+442079460123'],
    ['1 202 555 0123', context('US', '202'), '+12025550123'],
    ['020 7946 0123', context('GB', '0161'), '+442079460123'],
    ['+5550123', context('US', '202'), null],
    ['110', context('DE', '030'), null],
    ['112', context('DE', '030'), null],
    ['116117', context('DE', '030'), null],
    ['0112', context('DE', '030', '0'), null],
    ['2002', context('DE', '030'), null],
    ['911', context('US', '202'), null],
  ];
  for (const [raw, where, e164] of cases) {
    test(`${JSON.stringify(raw)} in ${where.country} ${where.areaCode}`, () => assert.equal(toE164(raw, where), e164));
  }
});

test('toE164 - never more than fifteen digits, which the German plan would allow', () => {
  assert.equal(toE164(`+4930231250${'0'.repeat(5)}`, DE), '+493023125000000');
  assert.equal(toE164(`+4930231250${'0'.repeat(6)}`, DE), null);
});

describe('toE164 - a number without a plus is never guessed', () => {
  const cases: readonly (readonly [raw: string, context: PhoneContext, e164: string | null, why: string])[] = [
    // Countries that write a trunk prefix.
    ['030 23125123', DE, '+493023125123', 'the trunk prefix is there'],
    ['30 23125123', DE, null, 'the trunk prefix is missing'],
    ['30123456', DE, null, 'the trunk prefix is missing'],
    ['493023125024', DE, '+493023125024', 'its own country code, and valid there'],
    ['4903023125024', DE, null, 'its own country code, and a stray trunk prefix'],
    ['442079460123', DE, null, 'of another country, and long enough for this one'],
    ['33612345678', DE, null, 'of another country, and long enough for this one'],
    ['2079460123', GB, null, 'the trunk prefix is missing'],
    ['9123456789', context('RU'), null, 'the trunk prefix is missing'],
    ['8 (912) 345-67-89', context('RU'), '+79123456789', 'the trunk prefix is there'],
    ['79123456789', context('RU'), '+79123456789', 'its own country code'],
    ['011 15 2345-6789', context('AR'), '+5491123456789', 'as mobiles are written there'],
    ['11 15 2345-6789', context('AR'), null, 'the trunk prefix is missing'],
    ['0412 345 678', context('AU'), '+61412345678', 'the trunk prefix is there'],
    ['1800 123 456', context('AU'), '+611800123456', 'written without a trunk prefix there'],
    ['49891234', DE, null, 'its own country code, or a local number that begins so'],
    ['4930231', DE, null, 'its own country code, or a local number that begins so'],
    ['493023125', DE, '+493023125', 'longer than a local number'],
    ['4312345', context('AT'), null, 'its own country code, or a local number that begins so'],
    ['4312345678', context('AT'), '+4312345678', 'longer than a local number'],
    ['6485943', context('NZ'), null, 'its own country code, or a local number that begins so'],
    ['366457', DE, null, 'a local number, of a kind that the plan names no way to write'],
    ['168885895', DE, null, 'the trunk prefix is missing, and the plan names no way to write it'],
    // Countries that have no local numbers, with plans as short as those.
    ['29022222', context('SH'), '+29022222', 'its own country code'],
    ['50052525', context('FK'), '+50052525', 'its own country code'],
    ['48074', context('KI'), '+68648074', 'as numbers are written there'],
    ['22222', context('SH'), '+29022222', 'as numbers are written there'],
    ['35212345', context('LU'), null, 'its own country code, or a national number'],
    ['39055108', context('IT'), '+39055108', 'its own country code'],
    // Countries that write numbers bare.
    ['32 12 34 56', context('DK'), '+4532123456', 'as numbers are written there'],
    ['4532123456', context('DK'), '+4532123456', 'its own country code'],
    ['612 34 56 78', context('ES'), '+34612345678', 'as numbers are written there'],
    ['0612345678', context('ES'), null, 'there is no trunk prefix there'],
    ['202 555 0123', US, '+12025550123', 'ten digits'],
    ['555 0123', US, null, 'seven digits'],
    ['06 1234 5678', context('IT'), '+390612345678', 'the zero is part of the number'],
    ['312 345 6789', context('IT'), '+393123456789', 'a mobile has none'],
    ['3906123456', context('IT'), null, 'a mobile, or Rome behind the country code'],
    ['(11) 96123-4567', context('BR'), '+5511961234567', 'as numbers are written there'],
    ['138 1234 5678', context('CN'), '+8613812345678', 'mobiles are written without a trunk prefix'],
  ];
  for (const [raw, where, e164, why] of cases) {
    test(`${JSON.stringify(raw)} in ${where.country}: ${why}`, () => assert.equal(toE164(raw, where), e164));
  }
});

describe('toE164 - what an area code says is what local numbers are read with', () => {
  const berlin = context('DE', '030');
  const cases: readonly (readonly [raw: string, e164: string | null, why: string])[] = [
    ['23125123', '+493023125123', 'a local number'],
    ['30123456', '+493030123456', 'a local number that begins as the area code does'],
    ['3023125123', null, 'longer than a local number, and a national one without its trunk prefix'],
    ['33612345678', null, 'longer than a local number, and one of France without its plus'],
    ['49301234', null, 'a local number, or a short one behind the country code'],
  ];
  for (const [raw, e164, why] of cases) test(`${raw}: ${why}`, () => assert.equal(toE164(raw, berlin), e164));
});

test('numberReadings - the sure one first, else all that could be meant, and none for what is no number', () => {
  const cases: readonly (readonly [raw: string | null, context: PhoneContext, readings: readonly string[]])[] = [
    ['+44 20 7946 0123', DE, ['+442079460123']],
    ['030 23125123', DE, ['+493023125123']],
    ['3023125123', DE, ['+493023125123']],
    ['442079460123', DE, ['+442079460123', '+49442079460123']],
    ['3906123456', context('IT'), ['+3906123456', '+393906123456']],
    ['3023125123', context('DE', '030'), ['+493023125123', '+49303023125123']],
    ['9 2025550123', context('US', null, '9'), ['+12025550123']],
    ['0044 20 7946 0123', context('DE', null, '0'), ['+49442079460123', '+442079460123']],
    ['0 23125010', context('DE', '030', '0'), ['+493023125010', '+4923125010']],
    ['49301234', context('DE', '030'), ['+493049301234', '+49301234']],
    ['+4402079460123', GB, ['+442079460123']],
    ['1002', DE, []],
    ['anonymous', DE, []],
    ['', DE, []],
    [null, DE, []],
    ['*21*02079460123#', GB, []],
    ['442079460123', context('XX'), []],
  ];
  for (const [raw, where, readings] of cases) {
    assert.deepEqual(numberReadings(raw, where), readings, `${raw} in ${where.country}`);
  }
});

test('bareSpellings - a number found by its E.164 is found as a source may have written it', () => {
  assert.deepEqual(bareSpellings('+493023125123', DE), ['493023125123', '3023125123']);
  assert.deepEqual(bareSpellings('+493023125123', GB), ['493023125123']);
  assert.deepEqual(bareSpellings('+493023125123', context('XX')), ['493023125123']);
  for (const bare of bareSpellings('+493023125123', DE)) {
    assert.ok(numberReadings(bare, DE).includes('+493023125123'), bare);
  }
});

test('toE164 - names, addresses and marks around a number are left off, and withheld callers are nobody', () => {
  for (const raw of [
    'sip:+12025550123@pbx',
    '"Anna" <tel:+1-202-555-0123;ext=5>',
    ' 12025550123',
    '\u200e+12025550123',
  ]) {
    assert.equal(toE164(raw, GB), '+12025550123', raw);
  }
  for (const raw of [null, '', ' ', 'anonymous', '<unknown>', 'sip:anonymous@anonymous.invalid']) {
    assert.equal(toE164(raw, GB), null, String(raw));
  }
});

test('toE164 - what is longer than a number with a name is not looked at', () => {
  assert.equal(toE164(`+442079460123${' '.repeat(243)}`, GB), '+442079460123');
  assert.equal(toE164(`+442079460123${' '.repeat(244)}`, GB), null);
  assert.equal(toE164('1'.repeat(10_000_000), GB), null);
});

test('toE164 - never throws, and whatever it gives is E.164 and stays the same when asked as such', () => {
  const soup = fc.string({
    unit: fc.constantFrom(...'0123456789+-() ./x#,;~ext*=', '\0', '\n', '\u00A0', '٣', '＋', '😀', '\uD83D'),
    maxLength: 70,
  });
  const nearly = fc.tuple(
    fc.constantFrom('', '+', '00', '011', '9', '0', '+44 ', '+1', '0044', '9+49'),
    fc.constantFrom('20 7946 0', '202 555 01', '(0)30 23125 ', '030/23125'),
    fc.nat(999).map(String),
    fc.constantFrom('', ' ', ' x5', '#1', '\t'),
  );
  const where = fc.record<PhoneContext>({
    country: fc.constantFrom('GB', 'US', 'DE', 'IT', 'BR', 'XX', '', '__proto__'),
    areaCode: fc.constantFrom(null, '', '020', '202', '30', 'x', '+'),
    outsidePrefix: fc.constantFrom(null, '', '0', '9', '+', '('),
  });
  let numbers = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        soup,
        fc.string({ unit: 'binary' }),
        nearly.map(parts => parts.join('')),
      ),
      where,
      (raw, at) => {
        const e164 = toE164(raw, at);
        if (e164 === null) return;
        numbers += 1;
        assert.match(e164, /^\+[1-9]\d{1,14}$/);
        assert.equal(toE164(e164, at), e164);
      },
    ),
    { numRuns: 20_000 },
  );
  assert.ok(numbers > 100, `${numbers} numbers were valid`);
});

test('toE164 - the same spelling in two contexts is two questions', () => {
  for (let n = 0; n < 2; n += 1) {
    assert.equal(toE164('020 7946 0123', GB), '+442079460123');
    assert.equal(toE164('020 7946 0123', US), null);
    assert.equal(toE164('5550123', context('US', '202')), '+12025550123');
    assert.equal(toE164('5550123', US), null);
    assert.equal(toE164('912025550123', context('US', null, '9')), '+12025550123');
    assert.equal(toE164('912025550123', US), null);
  }
});

test('isValidCountry - two upper-case letters of a country with a numbering plan', () => {
  for (const code of ['GB', 'US', 'DE', 'KE', 'CN', 'XK']) assert.equal(isValidCountry(code), true, code);
  for (const code of ['gb', 'XX', 'GBR', '', '44', '001', '__proto__', 'constructor']) {
    assert.equal(isValidCountry(code), false, code);
  }
});

test('toE164 - what people write behind a number never makes it another one', () => {
  const written: readonly (readonly [raw: string, e164: string])[] = [
    ['03023125101', '+493023125101'],
    ['030 23125101', '+493023125101'],
    ['030/23125101', '+493023125101'],
    ['(030) 23125101', '+493023125101'],
    ['+49 30 23125101', '+493023125101'],
    ['+49 (0)30 23125101', '+493023125101'],
    ['+49 (0) 30 / 23125101', '+493023125101'],
    ['0049 30/23125101', '+493023125101'],
  ];
  const words = fc.constantFrom(
    'DW',
    'Dw.',
    'App.',
    'Durchwahl',
    'Nst.',
    'ext.',
    'x',
    'доб.',
    'доп',
    'вн.',
    'poste',
    'int.',
    'p',
  );
  const others = fc.constantFrom('oder', 'Zimmer', 'n°', 'priv.', '№', 'or');
  const signs = fc.constantFrom('#', ';', '*', ',', ',,', '/', ' / ', '//', '|', '&', ';ext=', '=', '@', '?');
  const suffix = fc.oneof(
    fc.tuple(fc.oneof(words, others, signs), fc.constantFrom('', ' ')).map(
      ([word, blank]) =>
        (end: string) =>
          ` ${word}${blank}${end}`,
    ),
    signs.map(sign => (end: string) => sign + end),
    fc.constant((end: string) => ` (${end})`),
    fc.constant((end: string) => `(${end})`),
  );
  const extension = fc.stringMatching(/^[0-9]{1,5}$/);
  const berlin = { country: 'DE', areaCode: null, outsidePrefix: null };
  fc.assert(
    fc.property(fc.constantFrom(...written), suffix, extension, ([raw, e164], behind, end) => {
      assert.equal(toE164(raw, berlin), e164);
      const found = toE164(raw + behind(end), berlin);
      assert.ok(found === null || found === e164, `${raw + behind(end)} is ${found}`);
    }),
    { numRuns: 2_000 },
  );
  for (const known of [
    'DW 12',
    'App. 12',
    'Durchwahl 7',
    'Nst. 12',
    'вн. 12',
    'доп 12',
    'poste 12',
    'int. 12',
    'ext 12',
  ]) {
    assert.equal(toE164(`030 23125101 ${known}`, berlin), '+493023125101', known);
  }
  for (const unsure of [
    '030 23125101 / 02',
    '030 23125101 (2)',
    '03023125101#12',
    '03023125101;12',
    '03023125101*12',
  ]) {
    assert.equal(toE164(unsure, berlin), null, unsure);
  }
});
