/**
 * Reads what a person wrote, field by field. Every mistake is collected with its path (`users[0].extension`), values are
 * repeated only where they cannot be secret.
 */
import { cleanText } from '../../values/text.ts';
import { suggestion } from './suggestion.ts';

/** What fits on a screen; with more mistakes than that, the first ones explain the others. */
const MAX_LISTED = 20;

export class Problems {
  readonly #listed: string[] = [];
  #count = 0;

  /** `what` goes on after the path: `users[0].login` + `is missing`. */
  add(path: string, what: string): void {
    this.#count++;
    if (this.#listed.length < MAX_LISTED) this.#listed.push(`${path} ${what}${what.endsWith('?') ? '' : '.'}`);
  }

  get count(): number {
    return this.#count;
  }

  get lines(): readonly string[] {
    const more = this.#count - this.#listed.length;
    return more > 0 ? [...this.#listed, `… and ${more} more.`] : this.#listed;
  }
}

export interface TextRule {
  readonly max: number;
  readonly pattern?: RegExp;
  /** What the pattern means: `must be …`. */
  readonly meaning?: string;
  /** Whether what is there may be repeated in a message. */
  readonly shown?: boolean;
}

/** An object of the file. Fields that are wrong or missing read as null, after the mistake was noted. */
export class Fields {
  readonly problems: Problems;
  /** Empty for the file itself. */
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** Null, after the mistake was noted, when the value is no object. */
  static of(
    value: unknown,
    path: string,
    known: readonly string[],
    problems: Problems,
    renamed: Readonly<Record<string, string>> = {},
  ): Fields | null {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problems.add(path === '' ? 'the file' : path, 'must be an object in braces');
      return null;
    }
    const fields = new Fields(value as Record<string, unknown>, path, problems);
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      if (Object.hasOwn(renamed, name)) {
        problems.add(fields.path(name), `is not known: ${name} is now ${renamed[name]}`);
        continue;
      }
      const meant = suggestion(name, known);
      const hint = meant === null || Object.hasOwn(value, meant) ? '' : `; did you mean ${meant}?`;
      problems.add(fields.path(name), `is not known${hint}`);
    }
    return fields;
  }

  private constructor(values: Readonly<Record<string, unknown>>, path: string, problems: Problems) {
    this.#values = values;
    this.#path = path;
    this.problems = problems;
  }

  path(name: string): string {
    if (!/^\w{1,60}$/.test(name)) return `${this.#path}[${JSON.stringify(name.slice(0, 60))}]`;
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  /** Undefined when it is not there. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** Notes that a field that must be there is not; null counts as a value. */
  require(name: string): void {
    if (!this.has(name)) this.problems.add(this.path(name), 'is missing');
  }

  /** Null when it is not there or is null. */
  text(name: string, rule: TextRule): string | null {
    const value = this.raw(name);
    if (value === undefined || value === null) return null;
    return checkedText(value, this.path(name), rule, this.problems);
  }

  requiredText(name: string, rule: TextRule): string | null {
    if (this.raw(name) === null) this.problems.add(this.path(name), 'must be text');
    else this.require(name);
    return this.text(name, rule);
  }

  integer(name: string, { min, max }: { readonly min: number; readonly max: number }): number | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    this.problems.add(this.path(name), `must be a whole number from ${min} to ${max}`);
    return null;
  }

  boolean(name: string, byDefault: boolean): boolean {
    const value = this.raw(name);
    if (value === undefined) return byDefault;
    if (typeof value !== 'boolean') this.problems.add(this.path(name), 'must be true or false');
    return value === true;
  }

  /** Entries of a list that could be read; empty when it is not there. */
  list<T>(name: string, max: number, read: (value: unknown, path: string) => T | null): readonly T[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.problems.add(this.path(name), 'must be a list in square brackets');
      return [];
    }
    if (value.length > max) {
      this.problems.add(this.path(name), `has ${value.length} entries, and ${max} is the limit`);
      return [];
    }
    return value.map((each, i) => read(each, `${this.path(name)}[${i}]`)).filter(each => each !== null);
  }

  texts(name: string, max: number, rule: TextRule): readonly string[] {
    return this.list(name, max, (value, path) => checkedText(value, path, rule, this.problems));
  }
}

export function checkedText(value: unknown, path: string, rule: TextRule, problems: Problems): string | null {
  const { max, pattern, meaning, shown } = rule;
  if (typeof value !== 'string') problems.add(path, 'must be text in double quotes');
  else if (value.trim() === '') problems.add(path, 'must not be empty');
  else if (value.length > max) problems.add(path, `must not be longer than ${max} characters`);
  else if (cleanText(value) !== value || /\p{Cc}/u.test(value)) problems.add(path, 'must not hold control characters');
  else if (pattern !== undefined && !pattern.test(value)) {
    problems.add(
      path,
      `must be ${meaning ?? 'written otherwise'}${shown === true ? `, not ${shownValue(value)}` : ''}`,
    );
  } else return value;
  return null;
}

/** A value in a message. */
export const shownValue = (value: string): string =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
