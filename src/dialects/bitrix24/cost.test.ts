import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCost } from './cost.ts';

test('a cost - millionths of what was written', () => {
  for (const [written, micros] of [
    ['1.10', 1_100_000],
    ['100.00', 100_000_000],
    ['.5', 500_000],
    ['5.', 5_000_000],
    [' -2.5 ', -2_500_000],
    ['12.345678', 12_345_678],
    ['1e2', 100_000_000],
    ['1.5e-05', 15],
  ] as const) {
    assert.equal(readCost(written), micros, written);
  }
});

test('a cost of more than six decimals - rounded, half away from zero', () => {
  for (const [written, micros] of [
    ['0.30000000000000004', 300_000],
    ['3.3000000000000003', 3_300_000],
    ['0.0000005', 1],
    ['-0.0000005', -1],
    ['0.00000049', 0],
    ['1.9999999', 2_000_000],
    ['5e-07', 1],
    ['1e-7', 0],
    ['1.2345678e-3', 1_235],
    ['123.4567891e-2', 1_234_568],
    ['1.23456789e1', 12_345_679],
    ['1e-999', 0],
  ] as const) {
    assert.equal(readCost(written), micros, written);
  }
});

test('what is no amount, or larger than any - null', () => {
  for (const written of [null, '', '.', '-', 'e5', '1,50', '1 000', '0x10', 'NaN', '1e21', '1e999', '9'.repeat(40)]) {
    assert.equal(readCost(written), null, String(written));
  }
});

test('an amount in millionths - read as it is, however a program prints the double next to it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), micros => {
      const double = micros / 1e6;
      assert.equal(readCost(String(double)), micros);
      assert.equal(readCost(double.toExponential()), micros);
      assert.equal(readCost(double.toPrecision(17)), micros);
    }),
  );
});
