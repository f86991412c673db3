import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GIVEN_MAX_CHARS, isWithheld, readNumber } from './givenNumber.ts';

const numberIn = (raw: string) => {
  const { number, dialable, withheld } = readNumber(raw);
  assert.deepEqual([dialable, withheld], [true, false], raw);
  return number;
};

describe('readNumber - a number, whatever stands around it', () => {
  const cases: readonly (readonly [raw: string, number: string])[] = [
    ['+442079460123', '+442079460123'],
    ['8 (415) 555-01-23', '84155550123'],
    ['030/23125-123', '03023125123'],
    ['+44 (0)20 7946 0123', '+442079460123'],
    ['(+44) 20 7946 0123', '+442079460123'],
    ['(0)30 23125123', '03023125123'],
    ['+44\u00a020\u2011 7946\u20130123', '+442079460123'],
    ['1002', '1002'],
    ['*21*02079460123#', '*21*02079460123#'],
    // Names.
    ['"Anna" <+442079460123>', '+442079460123'],
    ['Sales<6400>', '6400'],
    ['"6400" <>', '6400'],
    ['<6400>', '6400'],
    ['"a <b> c" <6400>;tag=1', '6400'],
    // Addresses.
    ['sip:+442079460123@pbx.example:5060;user=phone', '+442079460123'],
    ['SIPS:6400@pbx.example', '6400'],
    ['sip:+442079460123;ext=12@pbx.example', '+442079460123'],
    ['sip:6400:secret@pbx.example', '6400'],
    ['sip:%2B442079460123@pbx.example', '+442079460123'],
    ['6400@pbx.example', '6400'],
    ['"Anna" <sip:+442079460123@pbx.example>;tag=76341', '+442079460123'],
    ['tel:+44-20-7946-0123;ext=12', '+442079460123'],
    ['tel:7946-0123;phone-context=+44-20', '+442079460123'],
    ['tel:6400;phone-context=pbx.example', '6400'],
    ['callto://+442079460123', '+442079460123'],
    // Extensions behind it.
    ['+1 202 555 0123 ext. 5', '+12025550123'],
    ['2025550123x5', '2025550123'],
    ['+12025550123#5', '+12025550123'],
    ['030 23125024 p12', '03023125024'],
    ['03023125024w12#', '03023125024'],
    ['+493023125024,,12', '+493023125024'],
    ['+493023125024,12', '+493023125024'],
    ['+493023125024pp12,34#', '+493023125024'],
    // Marks that are not seen, and digits of other keyboards.
    ['\u202a+442079460123\u202c', '+442079460123'],
    ['\ufeff+4420\u200b7946\u00ad0123', '+442079460123'],
    ['＋４４２０７９４６０１２３', '+442079460123'],
    ['٠٣٠٢٣١٢٥١٢٣', '03023125123'],
  ];
  for (const [raw, number] of cases) test(JSON.stringify(raw), () => assert.equal(numberIn(raw), number));
});

test('K3 - a number that begins with a blank has a plus, which a form decoded', () => {
  assert.equal(numberIn(' 442079460123'), '+442079460123');
  assert.equal(numberIn(' 44 20 7946 0123'), '+442079460123');
  // No country code begins with 0, and no number of the world is that short.
  assert.equal(numberIn(' 02079460123'), '02079460123');
  assert.equal(numberIn(' 1002'), '1002');
  assert.equal(numberIn('\u00a0442079460123'), '442079460123');
  assert.equal(numberIn(' +442079460123'), '+442079460123');
});

test('K7 - every spelling of withheld is nobody', () => {
  for (const raw of [
    ...['', ' ', '-', 'anonymous', 'Anonymous', ' UNKNOWN ', 'private', 'withheld', 'restricted', 'unavailable'],
    ...['Asterisk', '<unknown>', '"unknown"', 'Private Number', 'private_number', 'No Caller ID', 'Not available'],
    ...['anonymous@anonymous.invalid', 'sip:anonymous@anonymous.invalid', 'sip:Restricted@10.0.0.5;user=phone'],
    ...['"Anonymous" <sip:anonymous@anonymous.invalid>', '"Anna" <anonymous>', '"Anonymous" <>', '"" <>', '"Anna" <>'],
    ...['\u200b', '\ufeffanonymous', 'null', 'tel:anonymous', 'N/A', 'P', 'Out of area', 'Unbekannt', 'UNTERDRÜCKT'],
    ...[
      'Rufnummer unterdrückt',
      'Nummer unterdru\u0308ckt',
      'Inconnu',
      'prive',
      'Numéro masqué',
      'NUMERO MASQUE',
      'Desconocido',
    ],
    ...[
      'Número oculto',
      'Privado',
      'sconosciuto',
      'Numero privato',
      'nascosto',
      'Onbekend',
      'afgeschermd nummer',
      'nieznany',
    ],
    ...[
      'Numer zastrzeżony',
      'ukryty',
      'Номер скрыт',
      'скрытый номер',
      'НЕИЗВЕСТНЫЙ',
      'sip:Unbekannt@10.0.0.5',
      '"Unbekannt" <>',
    ],
  ]) {
    assert.deepEqual(readNumber(raw), { number: null, withheld: true, dialable: false }, raw);
  }
  assert.equal(isWithheld(null), true);
  for (const raw of [
    '+442079460123',
    '0',
    '1002',
    '--',
    'anonymous2',
    'Meier',
    'Privatbank',
    'Numero',
    'Unbekannt 2',
    'constructor',
    ' '.repeat(1_000_000),
  ]) {
    assert.equal(isWithheld(raw), false, raw.slice(0, 20));
  }
});

test('readNumber - what is no number stays as it came, trimmed', () => {
  for (const raw of [
    ...['Satisfaction Survey', 'welcome.wav', '10.0.0.5', 'sip:10.0.0.5', 'sip:alice@pbx.example', '"Anna" <alice>'],
    ...[
      '+1415CALLNOW',
      '++442079460123',
      '+12025550123/+12025550124',
      '+12025550123,+12025550124',
      '2025550123 p',
      '+44\t2079460123',
      '+',
      '()',
      '--',
      '0:30',
      'x5',
    ],
    ...['1002x5', '2079460123;phone-context=+44', '%E0%A4%A@x', '<>a', 'a<b>c'],
  ]) {
    const { number, ...is } = readNumber(` ${raw} `);
    assert.deepEqual([number, is], [raw, { withheld: false, dialable: false }], raw);
  }
  const long = `${'a'.repeat(GIVEN_MAX_CHARS)}<6400>`;
  assert.deepEqual(readNumber(long), { number: long, withheld: false, dialable: false });
});

test('readNumber - never throws; a number is digits behind an optional plus, and read again is itself', () => {
  const soup = fc.string({
    unit: fc.constantFrom(...'0123456789+-() ./x#*,;=<>"@:%', 'sip:', 'tel:', 'ext', '\u200b', '\u00a0', '＋', '(0)'),
    maxLength: 40,
  });
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 300 })), raw => {
      const { number, withheld, dialable } = readNumber(raw);
      assert.equal(number === null, withheld);
      if (!dialable) return;
      assert.match(number!, /^\+?[\d*#]+$/);
      assert.equal(readNumber(number).number, number);
    }),
    { numRuns: 20_000 },
  );
});
