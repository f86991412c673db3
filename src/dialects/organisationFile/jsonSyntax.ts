/**
 * Where a text stops being JSON, for people who write it by hand. `JSON.parse` would say so as well, but quotes what stands
 * there, and that may be a password.
 */

export interface SyntaxMistake {
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;
  /** `a comma or ] is expected` */
  readonly what: string;
}

/** Deeper than any file that is meant. */
const MAX_DEPTH = 200;

/** Null when it is JSON. */
export function syntaxMistake(text: string): SyntaxMistake | null {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return null;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { line: before.length, column: before.at(-1)!.length + 1, what: error.message };
  }
}

class Mistake extends Error {
  readonly at: number;
  constructor(at: number, what: string) {
    super(what);
    this.at = at;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#mistake('nothing more is expected');
  }

  #value(): void {
    this.#blanks();
    if (++this.#depth > MAX_DEPTH) throw this.#mistake('this is nested too deeply');
    const next = this.#text[this.#at];
    if (next === '{') this.#members('}', () => this.#member());
    else if (next === '[') this.#members(']', () => this.#value());
    else if (next === '"') this.#string();
    else if (!this.#skip(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/y)) {
      throw this.#mistake(this.#insteadOfValue());
    }
    this.#depth--;
  }

  #members(end: '}' | ']', member: () => void): void {
    this.#at++;
    this.#blanks();
    if (this.#text[this.#at] === end) {
      this.#at++;
      return;
    }
    for (;;) {
      member();
      this.#blanks();
      const next = this.#text[this.#at];
      if (next === end) break;
      if (next !== ',') throw this.#mistake(`a comma or ${end} is expected`);
      const comma = this.#at++;
      this.#blanks();
      if (this.#text[this.#at] === end) throw new Mistake(comma, `no comma may stand before ${end}`);
    }
    this.#at++;
  }

  #member(): void {
    this.#blanks();
    if (this.#text[this.#at] !== '"') throw this.#mistake('a name in double quotes is expected');
    this.#string();
    this.#blanks();
    if (this.#text[this.#at] !== ':') throw this.#mistake('a colon is expected');
    this.#at++;
    this.#value();
  }

  #string(): void {
    const start = this.#at++;
    for (;;) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside quotes
      this.#skip(/[^"\\\u0000-\u001f]+/y);
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next === undefined || next === '\n')
        throw new Mistake(start, 'the text that begins here has no closing quote');
      if (next !== '\\') throw this.#mistake('a control character must be written as \\t, \\n or \\u…');
      if (!this.#skip(/\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y)) throw this.#mistake('a backslash must be written as \\\\');
    }
    this.#at++;
  }

  #insteadOfValue(): string {
    const next = this.#text[this.#at];
    if (next === '/' || next === '#') return 'comments are not allowed';
    if (next === "'") return 'text stands in double quotes';
    return 'a value is expected';
  }

  #blanks(): void {
    this.#skip(/[ \t\r\n]+/y);
  }

  #skip(what: RegExp): boolean {
    what.lastIndex = this.#at;
    const match = what.exec(this.#text);
    if (match === null) return false;
    this.#at = what.lastIndex;
    return true;
  }

  #mistake(what: string): Mistake {
    return new Mistake(this.#at, this.#at >= this.#text.length ? `the file ends where ${what}` : what);
  }
}
