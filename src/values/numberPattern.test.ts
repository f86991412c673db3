import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compilePattern, compilePatterns, matches } from './numberPattern.ts';

describe('number pattern - what it stands for', () => {
  const cases: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
    ['6400', ['6400'], ['640', '64000', '06400', '6401', '', ' 6400', '6400\n']],
    ['62xx', ['6200', '6299'], ['62', '620', '62000', '6300', '62xx', '62٣٣']],
    ['62XX', ['6200', '6299'], ['62XX', '6300']],
    ['[2-4]xxx', ['2000', '3999', '4123'], ['1000', '5000', '200', '20000']],
    ['[135-79]0', ['10', '30', '50', '60', '70', '90'], ['20', '40', '80', '00', '-0', '0']],
    ['[5-5]', ['5'], ['4', '6', '-', '55']],
    ['z0', ['10', '90'], ['00', 'z0']],
    ['Z0', ['10', '90'], ['00']],
    ['n0', ['20', '90'], ['00', '10']],
    ['N0', ['20', '90'], ['10']],
    ['9.', ['91', '912025550123'], ['9', '8', '9.', '9+1', '19']],
    ['.', ['0', '12025550123'], ['', '+1', '.']],
    ['*72.', ['*721'], ['72', '*72', '**721']],
    ['+4420.', ['+442079460123'], ['442079460123', '+4420', '4420']],
    ['#*+', ['#*+'], ['#*', '#']],
    ['*!', ['*', '*4*2005', '*97#'], ['', '4*', '*a']],
    ['7!', ['7', '70'], ['07']],
  ];
  for (const [text, yes, no] of cases) {
    test(text, () => {
      const pattern = compilePattern(text);
      const any = compilePatterns([text]);
      assert.equal(pattern.text, text);
      for (const [numbers, expected] of [
        [yes, true],
        [no, false],
      ] as const) {
        for (const number of numbers) {
          assert.equal(matches(pattern, number), expected, JSON.stringify(number));
          assert.equal(any(number), expected, JSON.stringify(number));
        }
      }
    });
  }
});

describe('number pattern - a mistake is named with its place', () => {
  const cases: readonly (readonly [pattern: string, message: string])[] = [
    ['', 'Number pattern "": nothing is written at position 1.'],
    ['62yx', 'Number pattern "62yx": unexpected "y" at position 3.'],
    ['62 xx', 'Number pattern "62 xx": unexpected " " at position 3.'],
    ['6|7', 'Number pattern "6|7": unexpected "|" at position 2.'],
    ['6(7', 'Number pattern "6(7": unexpected "(" at position 2.'],
    ['6📞', 'Number pattern "6📞": unexpected "📞" at position 2.'],
    ['6]', 'Number pattern "6]": unexpected "]" at position 2.'],
    ['6-7', 'Number pattern "6-7": unexpected "-" at position 2.'],
    ['6.7', 'Number pattern "6.7": a dot that is not the last character at position 2.'],
    ['6!7', 'Number pattern "6!7": an exclamation mark that is not the last character at position 2.'],
    ['6..', 'Number pattern "6..": a dot that is not the last character at position 2.'],
    ['6[2-4', 'Number pattern "6[2-4": a set is opened and not closed at position 2.'],
    ['6[]', 'Number pattern "6[]": a set is empty at position 2.'],
    ['6[^1]', 'Number pattern "6[^1]": a set holds digits and ranges, not "^", at position 3.'],
    ['6[2-]', 'Number pattern "6[2-]": a range has no last digit at position 4.'],
    ['6[-2]', 'Number pattern "6[-2]": a set holds digits and ranges, not "-", at position 3.'],
    ['6[2-x]', 'Number pattern "6[2-x]": a range has no last digit at position 4.'],
    ['6[4-2]', 'Number pattern "6[4-2]": the range 4-2 runs backwards at position 3.'],
    ['6[1-3-5]', 'Number pattern "6[1-3-5]": a set holds digits and ranges, not "-", at position 6.'],
    ['6[[1]', 'Number pattern "6[[1]": a set holds digits and ranges, not "[", at position 3.'],
    ['x'.repeat(65), `Number pattern "${'x'.repeat(65)}": more than 64 characters at position 65.`],
  ];
  for (const [text, message] of cases) {
    test(message.slice(0, 80), () => {
      assert.throws(() => compilePattern(text), { message });
      assert.throws(() => compilePatterns(['6400', text]), { message });
    });
  }
});

test('compilePatterns - any of the list, whole numbers only, an empty list nothing', () => {
  const isInternal = compilePatterns(['62xx', '[2-4]xxx', '9.']);
  for (const number of ['6200', '2000', '91']) assert.equal(isInternal(number), true, number);
  for (const number of ['620', '62000', '1000', '9', 'x6200', '6200x', ''])
    assert.equal(isInternal(number), false, number);
  for (const number of ['', '6200']) assert.equal(compilePatterns([])(number), false);
});

test('number pattern - is refused with its own message or compiles, whatever is written', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0269xXzZnN[]-.*#+^$|()\\ y'), maxLength: 12 });
  fc.assert(
    fc.property(text, fc.string({ unit: fc.constantFrom(...'0269*#+'), maxLength: 8 }), (written, number) => {
      try {
        matches(compilePattern(written), number);
      } catch (error) {
        assert.ok(error instanceof Error);
        assert.match(error.message, /^Number pattern ".*": .* at position \d+\.$/);
      }
    }),
    { numRuns: 5000 },
  );
});

test('number pattern - digits alone stand for themselves and nothing else', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789*#+'), minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(digits, digits, (written, number) => {
      assert.equal(matches(compilePattern(written), number), written === number);
      assert.equal(matches(compilePattern(written), written), true);
    }),
  );
});
