/**
 * JSON as `JSON.parse` reads it, except that numbers keep their digits, keys keep the order in which they were sent
 * (`JSON.parse` moves numbered ones to the front, and a batch runs in its map's order), and that depth and count are
 * bounded while reading. One pass, whatever the text.
 */
import {
  DEPTH_MAX,
  KEY_MAX_CHARS,
  keyTooLong,
  ParamsProblem,
  tooDeep,
  tooManyValues,
  VALUES_MAX,
} from './paramsLimits.ts';
import { JsonNumber, type ParamValue } from './paramsValue.ts';

/** No double needs more, and a pattern meets no megabytes of digits. */
const NUMBER_MAX_CHARS = 1_100;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Reads one JSON value. Throws `ParamsProblem`. */
export function readParamsJson(text: string): ParamValue {
  return new JsonReader(text).whole();
}

class JsonReader {
  private readonly text: string;
  private at = 0;
  private values = 0;
  /** The nearest backslash not before `at`: looked for anew in every string, it would make the time quadratic. */
  private backslash = -1;

  constructor(text: string) {
    this.text = text;
  }

  whole(): ParamValue {
    const value = this.value(0);
    this.skipBlanks();
    if (this.at < this.text.length) throw this.wrong();
    return value;
  }

  private value(depth: number): ParamValue {
    if (depth > DEPTH_MAX) throw tooDeep();
    this.values += 1;
    if (this.values > VALUES_MAX) throw tooManyValues();
    this.skipBlanks();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.list(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(depth: number): ParamValue {
    const map = new Map<string, ParamValue>();
    if (this.opens('}')) return map;
    do {
      this.skipBlanks();
      if (this.text[this.at] !== '"') throw this.wrong();
      const key = this.string();
      if (key.length > KEY_MAX_CHARS) throw keyTooLong();
      this.skipBlanks();
      if (this.text[this.at] !== ':') throw this.wrong();
      this.at += 1;
      map.set(key, this.value(depth + 1));
    } while (this.goesOn('}'));
    return map;
  }

  private list(depth: number): ParamValue {
    const list: ParamValue[] = [];
    if (this.opens(']')) return list;
    do list.push(this.value(depth + 1));
    while (this.goesOn(']'));
    return list;
  }

  /** Steps over the opening sign, and over the closing one when nothing is between them. */
  private opens(close: string): boolean {
    this.at += 1;
    this.skipBlanks();
    if (this.text[this.at] !== close) return false;
    this.at += 1;
    return true;
  }

  /** Steps over a comma, after which more must come, or over the closing sign. */
  private goesOn(close: string): boolean {
    this.skipBlanks();
    const sign = this.text[this.at];
    if (sign !== ',' && sign !== close) throw this.wrong();
    this.at += 1;
    return sign === ',';
  }

  private string(): string {
    const start = this.at;
    let end = this.text.indexOf('"', start + 1);
    let from = start + 1;
    while (end !== -1 && this.nextBackslash(from) < end) {
      // Over the backslash and the sign it escapes, which may be the quote.
      from = this.backslash + 2;
      if (from > end) end = this.text.indexOf('"', from);
    }
    if (end === -1) throw this.wrong();
    this.at = end + 1;
    try {
      return JSON.parse(this.text.slice(start, end + 1)) as string;
    } catch {
      this.at = start;
      throw this.wrong();
    }
  }

  private nextBackslash(from: number): number {
    if (this.backslash < from) {
      const found = this.text.indexOf('\\', from);
      this.backslash = found === -1 ? this.text.length : found;
    }
    return this.backslash;
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.wrong();
    this.at += word.length;
    return value;
  }

  private number(): JsonNumber {
    const start = this.at;
    let end = start;
    while (isNumberSign(this.text.charCodeAt(end)) && end - start <= NUMBER_MAX_CHARS) end += 1;
    if (end - start > NUMBER_MAX_CHARS) {
      throw new ParamsProblem(`The body has a number of more than ${NUMBER_MAX_CHARS} digits.`);
    }
    const written = this.text.slice(start, end);
    if (!NUMBER.test(written)) throw this.wrong();
    this.at = end;
    return new JsonNumber(written);
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private wrong(): ParamsProblem {
    return this.at >= this.text.length
      ? new ParamsProblem('The body is not JSON: it ends too early.')
      : new ParamsProblem(`The body is not JSON: character ${this.at + 1} is wrong.`);
  }
}

/** Digits and `+ - . e E`. */
function isNumberSign(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || code === 0x45 || code === 0x65
  );
}
