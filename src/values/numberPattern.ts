/**
 * Patterns of a number plan: which numbers are extensions, which ring a queue, which reach an IVR (ARCHITECTURE.md, section
 * 2).
 *
 * | written | stands for |
 * |---|---|
 * | `0`-`9`, `*`, `#`, `+` | itself |
 * | `x` or `X` | one digit |
 * | `z` or `Z` | one digit, not 0 |
 * | `n` or `N` | one digit, not 0 or 1 |
 * | `[2-4]`, `[135]`, `[13-57]` | one digit of the set |
 * | `.` at the end | one or more further digits |
 * | `!` at the end | anything that can be dialled, or nothing |
 */

export interface NumberPattern {
  /** As written. */
  readonly text: string;
  /** Anchored at both ends. */
  readonly regExp: RegExp;
}

/** Longer than any number that can be dialled, so a longer pattern is a mistake in the file. */
const MAX_PATTERN_LENGTH = 64;

const LETTERS: Readonly<Record<string, string>> = {
  x: '[0-9]',
  X: '[0-9]',
  z: '[1-9]',
  Z: '[1-9]',
  n: '[2-9]',
  N: '[2-9]',
};

const LITERAL = /^[0-9*#+]$/;
const DIGIT = /^[0-9]$/;

function mistake(text: string, index: number, what: string): Error {
  return new Error(`Number pattern ${JSON.stringify(text)}: ${what} at position ${index + 1}.`);
}

/** The source of the set that opens at `start`, and where it ends. */
function digitSet(text: string, start: number): { readonly source: string; readonly end: number } {
  const end = text.indexOf(']', start);
  if (end === -1) throw mistake(text, start, 'a set is opened and not closed');
  if (end === start + 1) throw mistake(text, start, 'a set is empty');
  let index = start + 1;
  while (index < end) {
    const from = text[index]!;
    if (!DIGIT.test(from)) throw mistake(text, index, `a set holds digits and ranges, not ${JSON.stringify(from)},`);
    if (text[index + 1] !== '-') {
      index += 1;
      continue;
    }
    const to = text[index + 2]!;
    if (!DIGIT.test(to)) throw mistake(text, index + 1, 'a range has no last digit');
    if (to < from) throw mistake(text, index, `the range ${from}-${to} runs backwards`);
    index += 3;
  }
  return { source: text.slice(start, end + 1), end };
}

function regExpSource(text: string): string {
  if (text === '') throw mistake(text, 0, 'nothing is written');
  if (text.length > MAX_PATTERN_LENGTH) {
    throw mistake(text, MAX_PATTERN_LENGTH, `more than ${MAX_PATTERN_LENGTH} characters`);
  }
  let source = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (LITERAL.test(character)) source += DIGIT.test(character) ? character : `\\${character}`;
    else if (Object.hasOwn(LETTERS, character)) source += LETTERS[character];
    else if (character === '[') {
      const set = digitSet(text, index);
      source += set.source;
      index = set.end;
    } else if (character === '.') {
      if (index !== text.length - 1) throw mistake(text, index, 'a dot that is not the last character');
      source += '[0-9]+';
    } else if (character === '!') {
      if (index !== text.length - 1) throw mistake(text, index, 'an exclamation mark that is not the last character');
      source += '[0-9*#+]*';
    } else throw mistake(text, index, `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(index)!))}`);
  }
  return source;
}

/** Throws an Error of one sentence, with the pattern and the position counted from 1, when `text` is not a pattern. */
export function compilePattern(text: string): NumberPattern {
  return { text, regExp: new RegExp(`^${regExpSource(text)}$`) };
}

/** Whether the whole number, as given, is one of those the pattern stands for. */
export function matches(pattern: NumberPattern, number: string): boolean {
  return pattern.regExp.test(number);
}

/**
 * One test for a whole list: true for a number that any of the patterns stands for. An empty list matches nothing.
 * Throws as `compilePattern` does.
 */
export function compilePatterns(texts: readonly string[]): (number: string) => boolean {
  if (texts.length === 0) return () => false;
  const any = new RegExp(`^(?:${texts.map(regExpSource).join('|')})$`);
  return number => any.test(number);
}
