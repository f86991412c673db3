import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blankToNull, cleanText } from './text.ts';

test('cleanText - NUL and lone surrogates become the replacement character, one for one', () => {
  assert.equal(cleanText('a\0b'), 'a\uFFFDb');
  assert.equal(cleanText('\0\0'), '\uFFFD\uFFFD');
  assert.equal(cleanText('\uD83D'), '\uFFFD');
  assert.equal(cleanText('x\uDE00\uD83Dy'), 'x\uFFFD\uFFFDy');
  assert.equal(cleanText('\uD83D\0\uDE00'), '\uFFFD\uFFFD\uFFFD');
});

test('cleanText - everything else stays, other control characters and emoji included', () => {
  for (const text of ['', 'plain', 'tab\tbell\x07', 'Grüße 😀 你好', '\uFFFD']) assert.equal(cleanText(text), text);
});

test('cleanText - any text can be written as UTF-8 and read back afterwards', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\0', '\uD800', '\uDC00', 'a') }),
      (a, b) => {
        const clean = cleanText(a + b);
        assert.equal(clean.length, (a + b).length);
        assert.equal(Buffer.from(clean, 'utf8').toString('utf8'), clean);
        assert.equal(clean.includes('\0'), false);
      },
    ),
  );
});

test('blankToNull - blanks in every spelling are null, other text loses its outer white space', () => {
  for (const blank of [null, undefined, '', ' ', '\t\r\n', '\u00A0']) assert.equal(blankToNull(blank), null);
  assert.equal(blankToNull(' SIP Main '), 'SIP Main');
  assert.equal(blankToNull('0'), '0');
});
