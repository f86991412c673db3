import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatMoney, isCurrency, parseMoney } from './money.ts';

describe('parseMoney - decimals as written', () => {
  const cases: readonly (readonly [text: string, micros: number])[] = [
    ['0', 0],
    ['0.0150', 15_000],
    ['1.5', 1_500_000],
    ['1.5e1', 15_000_000],
    ['15E-1', 1_500_000],
    ['1e+3', 1_000_000_000],
    ['-3', -3_000_000],
    ['+3', 3_000_000],
    ['.5', 500_000],
    ['5.', 5_000_000],
    ['007', 7_000_000],
    ['0.1', 100_000],
    ['0.000001', 1],
    ['1.0000000000', 1_000_000],
    ['1000000e-12', 1],
    ['0.0000000001e4', 1],
    ['0e999999999', 0],
    ['9007199254.740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254.740991', -Number.MAX_SAFE_INTEGER],
  ];
  for (const [text, micros] of cases) {
    test(`${text} is ${micros} micros`, () => assert.equal(parseMoney(text), micros));
  }

  test('minus nothing is nothing', () => assert.ok(Object.is(parseMoney('-0.00'), 0)));
});

test('parseMoney - what is no decimal, loses digits or is too large is null', () => {
  const refused = [
    ...['', '.', '-', '+', 'e5', '.e5', '1e', '1e1.5', 'NaN', 'Infinity', 'null', '0x10', '1_000', '1 000', '1,5'],
    ...[' 1', '1 ', '1\n', '--1', '1.2.3', '١', '€1'],
    ...['0.0000001', '1.2345678', '1e-7', '1.5e-6', '1e-999999999'],
    ...['9007199254.740992', '-9007199254.740993', '10000000000', '1e10', '1e999999999', '1e9999999999'],
    ...[`0.${'0'.repeat(100)}`, '9'.repeat(100_000)],
  ];
  for (const text of refused) assert.equal(parseMoney(text), null, text.slice(0, 40));
});

test('formatMoney - the shortest plain decimal', () => {
  assert.deepEqual(
    [0, 1, 15_000, 1_500_000, -3_000_000, -1, 100_000_000_000, Number.MAX_SAFE_INTEGER].map(formatMoney),
    ['0', '0.000001', '0.015', '1.5', '-3', '-0.000001', '100000', '9007199254.740991'],
  );
  assert.equal(formatMoney(-0), '0');
});

test('formatMoney - refuses what is not a whole number of micros', () => {
  for (const wrong of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => formatMoney(wrong), RangeError);
  }
});

test('money - any amount is read back as it was written', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), micros => {
      const text = formatMoney(micros);
      assert.equal(parseMoney(text), micros);
      assert.match(text, /^-?(0|[1-9]\d*)(\.\d{0,5}[1-9])?$/);
    }),
    { numRuns: 2000 },
  );
});

test('parseMoney - agrees with exact fractions for any digits, point and exponent', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 18n }),
      fc.nat(9),
      fc.nat(24),
      fc.integer({ min: -24, max: 24 }),
      (number, zeros, decimals, exponent) => {
        const mantissa = number * 10n ** BigInt(zeros);
        const digits = String(mantissa).padStart(decimals + 1, '0');
        const point = digits.length - decimals;
        const power = exponent - decimals + 6;
        const divisor = 10n ** BigInt(Math.max(0, -power));
        const micros = (mantissa * 10n ** BigInt(Math.max(0, power))) / divisor;
        const isExact = mantissa % divisor === 0n && micros <= BigInt(Number.MAX_SAFE_INTEGER);
        assert.equal(
          parseMoney(`${digits.slice(0, point)}.${digits.slice(point)}e${exponent}`),
          isExact ? Number(micros) : null,
        );
      },
    ),
    { numRuns: 5000 },
  );
});

test('isCurrency - three upper-case letters that are a currency', () => {
  for (const code of ['EUR', 'USD', 'KES', 'JPY']) assert.equal(isCurrency(code), true, code);
  for (const code of ['eur', 'Eur', 'EU', 'EURO', 'ZZZ', '', '€', 'E1R', 'size'])
    assert.equal(isCurrency(code), false, code);
});
