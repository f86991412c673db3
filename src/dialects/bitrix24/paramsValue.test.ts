import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  amountTextOf,
  flagOf,
  integerOf,
  isGiven,
  JsonNumber,
  listOf,
  mapOf,
  type ParamValue,
  paramOf,
  textOf,
  truncatedOf,
  UploadedFile,
} from './paramsValue.ts';
import { plain } from './testing/testParams.ts';

const number = (text: string) => new JsonNumber(text);
const FILE = new UploadedFile('a.mp3', 'audio/mpeg', new Uint8Array(3));
/** What no reader of a scalar can read. */
const SHAPES: readonly ParamValue[] = [[], ['1'], new Map(), new Map([['a', '1']]), FILE];

test('given - is all but missing, null and the empty text', () => {
  for (const value of [undefined, null, '']) assert.ok(!isGiven(value));
  for (const value of [' ', '0', false, number('0'), ...SHAPES]) assert.ok(isGiven(value));
});

test('texts - come from text, numbers and flags, as they were written', () => {
  for (const [value, text] of [
    ['x', 'x'],
    [' x ', ' x '],
    ['a\0b\ud800', 'a\ufffdb\ufffd'],
    [number('1.10'), '1.10'],
    [number('200'), '200'],
    [true, '1'],
    [false, null],
    ['', null],
    [null, null],
    [undefined, null],
  ] as const) {
    assert.equal(textOf(value), text);
  }
  for (const value of SHAPES) assert.equal(textOf(value), null);
});

test('flags - every spelling in the field (section 2.2)', () => {
  for (const value of [
    true,
    number('1'),
    '1',
    'Y',
    'y',
    'true',
    'True',
    'TRUE',
    ' 1 ',
    'on',
    'yes',
    number('2'),
    '-1',
  ]) {
    assert.equal(flagOf(value, false), true, plainText(value));
  }
  for (const value of [false, number('0'), '0', 'N', 'n', 'false', 'False', 'off', 'no', number('0.0'), '00']) {
    assert.equal(flagOf(value, true), false, plainText(value));
  }
  for (const value of [undefined, null, '', ' ', 'maybe', 'y'.repeat(1_000_000), ...SHAPES]) {
    assert.deepEqual([flagOf(value, true), flagOf(value, false)], [true, false]);
  }
});

const plainText = (value: ParamValue): string => String(plain(value));

test('whole numbers - from JSON or digits; what was given and is none is null', () => {
  for (const [value, integer] of [
    [number('7'), 7],
    [number('7.0'), 7],
    [number('7e1'), 70],
    [number('-0'), 0],
    ['7', 7],
    [' 007 ', 7],
    ['-1', -1],
    ['+7', 7],
    [number('7.5'), null],
    ['7.0', null],
    ['7a', null],
    ['0x7', null],
    ['9007199254740992', null],
    [number('1e999'), null],
    ['7'.repeat(1_000_000), null],
    [' ', null],
    [true, null],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ] as const) {
    assert.equal(integerOf(value), integer);
  }
  for (const value of SHAPES) assert.equal(integerOf(value), null);
});

test('truncated - a fraction is cut off towards zero', () => {
  for (const [value, integer] of [
    [number('12.99'), 12],
    ['12.34', 12],
    ['-0.5', 0],
    [number('-3.7'), -3],
    ['95', 95],
    ['ninety', null],
    ['12,5', 12],
    ['65 s', 65],
    ['1:05', 1],
    ['x65', null],
    ['9'.repeat(40), null],
    [true, null],
    ['', undefined],
    [' ', undefined],
  ] as const) {
    assert.ok(Object.is(truncatedOf(value), integer));
  }
});

test('decimals - keep how they were written', () => {
  for (const [value, text] of [
    [number('1.10'), '1.10'],
    [number('123456789012345678.5'), '123456789012345678.5'],
    [number('1e-2'), '1e-2'],
    ['100.00', '100.00'],
    [' .5 ', '.5'],
    ['5.', '5.'],
    ['1,50', '1.50'],
    ['1,5 EUR', '1.5'],
    ['2 USD', '2'],
    ['1 000', null],
    ['1.234,56', null],
    ['.', null],
    ['free', null],
    ['', undefined],
    [' ', undefined],
    [true, null],
    [undefined, undefined],
  ] as const) {
    assert.equal(amountTextOf(value), text);
  }
  for (const value of SHAPES) assert.equal(amountTextOf(value), null);
});

test('lists - are lists and maps with whole keys, gaps or not', () => {
  assert.deepEqual(listOf(['a']), ['a']);
  assert.deepEqual(listOf(new Map()), []);
  const numbered = new Map([
    ['2', 'c'],
    ['0', 'a'],
    ['-5', 'x'],
  ]);
  assert.deepEqual(listOf(numbered), ['c', 'a', 'x']);
  for (const key of ['a', '', '01', '1.0', ' 1', '-0', '12345678901234567']) {
    assert.equal(listOf(new Map([[key, 'a']])), null, key);
  }
  for (const value of ['a', number('1'), null, undefined, FILE]) assert.equal(listOf(value), null);
});

test('maps - are maps and lists by position', () => {
  const map = new Map([['a', '1']]);
  assert.equal(mapOf(map), map);
  assert.deepEqual(mapOf([]), new Map());
  assert.deepEqual(mapOf(['x', 'y']), new Map(Object.entries({ 0: 'x', 1: 'y' })));
  for (const value of ['a', number('1'), null, undefined, FILE]) assert.equal(mapOf(value), null);
});

test('results of a batch - become parameters', () => {
  const result = { ID: 7, LIST: [1.5, null, true], MAP: {}, TEXT: 'x', NONE: undefined };
  assert.deepEqual(plain(paramOf(result)), { ID: '#7', LIST: ['#1.5', null, true], MAP: {}, TEXT: 'x' });
  assert.equal(integerOf(paramOf(7)), 7);
});
