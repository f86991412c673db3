/**
 * Queries outside a command, as data, so that every engine answers them with the same rows: text by code point, NULLs
 * first, ties by the key (ARCHITECTURE.md, section 4).
 */
import type { Counter, Entity } from './entity.ts';
import type { ExactSum } from './exactSum.ts';

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Scalar = number | string | boolean;

/**
 * What a row must meet. A column that is null meets `null: true` and nothing else, no negation either: what is unknown is
 * not said to differ (so `notIn: []` asks for every value, and `any` with `null: true` for the unknown ones too).
 *
 * `contains` and `notContains` look for a piece of text in a text or integer column, an integer being its decimal digits:
 * literally, with case folded as `foldCase` in `condition.ts` does and accents as they are written. Everything contains
 * the empty text.
 */
export type Condition<C extends string = string> =
  | { readonly column: C; readonly is: Comparison; readonly value: Scalar }
  | { readonly column: C; readonly in: readonly Scalar[] }
  | { readonly column: C; readonly notIn: readonly Scalar[] }
  | { readonly column: C; readonly contains: string }
  | { readonly column: C; readonly notContains: string }
  | { readonly column: C; readonly null: boolean }
  | { readonly any: readonly Condition<C>[] };

export interface Sort<C extends string = string> {
  readonly column: C;
  readonly descending?: boolean;
}

/**
 * The index, by its name, or the key along which a window of rows is read. Of an engine that counts nothing before it chooses, the
 * ones that look better may read all rows of a user or of the table for each window; one that does goes by its statistics.
 */
export type Along = { readonly index: string } | 'key';

export interface Select<R extends object> {
  readonly from: Entity<R>;
  readonly along?: Along;
  /** All when left out; rows then lack the others. */
  readonly columns?: readonly (keyof R & string)[];
  /** All of them must hold. */
  readonly where?: readonly Condition<keyof R & string>[];
  /** The key is always the last tie-breaker, in the direction of the last sort. */
  readonly orderBy?: readonly Sort<keyof R & string>[];
  /** Any of them, as they come, instead of the first by an order: whether there are more than so many is then soon known. */
  readonly unordered?: true;
  /** Rows to pass over first; small, for finding where a window ends. */
  readonly offset?: number;
  readonly limit: number;
}

export interface Aggregate<R extends object> {
  readonly from: Entity<R> | Counter<R, string>;
  /** As in `Select`; of an entity only. */
  readonly along?: Along;
  readonly where?: readonly Condition<keyof R & string>[];
  readonly groupBy: readonly (keyof R & string)[];
  readonly sum: readonly string[];
}

/** A sum beyond 2^53 is a bigint. */
export type AggregateRow = Record<string, ExactSum | string | boolean | null>;

/** Read-only, beside the writer: sees what is committed, never what is being written. */
export interface Reader {
  select<R extends object>(query: Select<R>): Promise<R[]>;
  /** One row per group with the group's columns, `count` (rows in it) and the requested sums (0 where all are null). */
  aggregate<R extends object>(query: Aggregate<R>): Promise<AggregateRow[]>;
  /**
   * Answers all questions of `work` from one moment, for an answer that is made of several. Writers go on meanwhile; what they
   * replace is kept until `work` has ended, so that it should ask and not wait. Few run at the same time.
   */
  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
}

/** Snapshots of one reader at the same time: each holds a connection, and what was replaced since. */
export const SNAPSHOTS = 2;
