/**
 * An entity is a kind of row a room keeps, declared as data. The ledger makes tables, indexes and hot statements from it;
 * every engine stores the same rows (ARCHITECTURE.md, sections 3 and 4).
 */
import type { Shape } from './storedJson.ts';

export type ColumnType = 'integer' | 'text' | 'bytes' | 'boolean' | 'json';

/** What a key or an index may be made of: values that compare the same way in every engine. */
export type KeyValue = number | string;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

declare const valueType: unique symbol;

/**
 * What a column tells of people, so that it can be erased by class: a telephone number or what it can be found by, a person's name
 * or login, or anything that was said, sent or written.
 */
export type Personal = 'number' | 'name' | 'content';

export interface Column<T> {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Null: it tells nothing of a person. docs/personal-data.md lists every column of text, JSON or bytes either way. */
  readonly personal: Personal | null;
  /** Of JSON that may have been stored in older shapes. */
  readonly shape: Shape | null;
  /** Of bytes: what most of them repeat. It is stored as places in here (packedBytes.ts). */
  readonly words: Uint8Array | null;
  /** Of sums of a counter: whole numbers of 64 bits (exactSum.ts). */
  readonly exact: boolean;
  /** The sequence that gives its numbers: no row has one that the sequence has not given yet. Null: it is from elsewhere. */
  readonly sequence: string | null;
  /** Never present at run time: carries the TypeScript type of the value. */
  readonly [valueType]?: T;
}

interface ColumnOptions {
  readonly personal?: Personal;
}

interface JsonOptions extends ColumnOptions {
  readonly shape?: Shape;
}

interface BytesOptions extends ColumnOptions {
  readonly words?: Uint8Array;
}

const column = <T>(type: ColumnType, { personal, shape, words }: JsonOptions & BytesOptions = {}): Column<T> => ({
  type,
  nullable: false,
  personal: personal ?? null,
  shape: shape ?? null,
  words: words ?? null,
  exact: false,
  sequence: null,
});

/** Whole numbers under 2^53: ids, instants in UTC milliseconds, seconds, money in millionths. */
export const integer = <T extends number = number>(): Column<T> => column<T>('integer');
/** A number that `State.next` gave, here or in the row it leads to. What is not given yet is in no store, and not looked for there. */
export const numbered = (sequence: string): Column<number> => ({ ...column<number>('integer'), sequence });
/** Collated by code point ("C"). */
export const text = <T extends string = string>(options?: ColumnOptions): Column<T> => column<T>('text', options);
export const bytes = (options?: BytesOptions): Column<Uint8Array> => column<Uint8Array>('bytes', options);
export const boolean = (): Column<boolean> => column<boolean>('boolean');
/** Anything JSON can carry; never filtered or sorted by. */
export const json = <T>(options?: JsonOptions): Column<T> => column<T>('json', options);
export const nullable = <T>(inner: Column<T>): Column<T | null> => ({ ...inner, nullable: true }) as Column<T | null>;

// biome-ignore lint/suspicious/noExplicitAny: the one place where a column of any type is meant
export type Columns = Record<string, Column<any>>;
export type RowOf<C extends Columns> = { [K in keyof C]: C[K] extends Column<infer T> ? T : never };
export type Row = Record<string, unknown>;

export interface Index {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
  /** Rows in which the first column is null are not in the index: they are never looked up. */
  readonly sparse: boolean;
}

/** An index of some rows that queries walk along, and no command looks up by: those in which `whileNull` is null. */
export interface Search {
  readonly name: string;
  readonly columns: readonly string[];
  readonly whileNull: string;
}

/** What an entity is to an engine, which does not know what its rows mean. */
export interface EntityShape {
  readonly kind: 'rows';
  readonly name: string;
  readonly columnNames: readonly string[];
  readonly columns: Readonly<Record<string, Column<unknown>>>;
  readonly key: readonly string[];
  readonly indexes: Readonly<Record<string, Index>>;
  readonly searches: Readonly<Record<string, Search>>;
  /** The columns that hold numbers of a sequence. */
  readonly numbered: readonly { readonly column: string; readonly sequence: string }[];
  /** The indexes whose columns are all part of the key: what they show completely, says which keys there are. */
  readonly withinKey: readonly { readonly index: string; readonly places: readonly number[] }[];
  /** Small directory data (sources, users, tokens): every engine's ledger keeps all of its rows in memory. */
  readonly resident: boolean;
}

export interface Entity<R extends object = Row> extends EntityShape {
  /** Never present at run time: carries the TypeScript type of a row. */
  readonly [valueType]?: R;
}

export interface CounterShape {
  readonly kind: 'counter';
  readonly name: string;
  readonly columnNames: readonly string[];
  readonly columns: Readonly<Record<string, Column<unknown>>>;
  readonly key: readonly string[];
  readonly sums: readonly string[];
}

/** Rows that only ever have numbers added to them (rollups). A row whose sums are all zero does not exist. */
export interface Counter<K extends object = Row, S extends string = string> extends CounterShape {
  readonly [valueType]?: K;
  readonly sums: readonly S[];
}

export type AnyEntity = EntityShape | CounterShape;
export type EntityRow<E> = E extends Entity<infer R> ? R : never;

interface EntityDeclaration<C extends Columns> {
  name: string;
  columns: C;
  key: readonly (keyof C & string)[];
  indexes?: Record<string, { columns: readonly (keyof C & string)[]; unique?: boolean; sparse?: boolean }>;
  searches?: Record<string, { columns: readonly (keyof C & string)[]; whileNull: keyof C & string }>;
  resident?: boolean;
}

export function defineEntity<C extends Columns>(declaration: EntityDeclaration<C>): Entity<RowOf<C>> {
  const indexes: Record<string, Index> = {};
  for (const [name, index] of Object.entries(declaration.indexes ?? {})) {
    indexes[name] = { name, columns: index.columns, unique: index.unique ?? false, sparse: index.sparse ?? false };
  }
  const searches: Record<string, Search> = {};
  for (const [name, search] of Object.entries(declaration.searches ?? {})) searches[name] = { name, ...search };
  return {
    kind: 'rows',
    name: declaration.name,
    columns: declaration.columns,
    columnNames: Object.keys(declaration.columns),
    key: declaration.key,
    indexes,
    searches,
    numbered: Object.entries(declaration.columns).flatMap(([column, { sequence }]) =>
      sequence === null ? [] : [{ column, sequence }],
    ),
    withinKey: Object.values(indexes).flatMap(({ name, columns }) => {
      const places = columns.map(each => declaration.key.indexOf(each));
      return places.includes(-1) ? [] : [{ index: name, places }];
    }),
    resident: declaration.resident ?? false,
  };
}

export function defineCounter<K extends Columns, S extends string>(declaration: {
  name: string;
  key: K;
  sums: readonly S[];
}): Counter<RowOf<K>, S> {
  const sums = Object.fromEntries(declaration.sums.map(sum => [sum, { ...integer(), exact: true }]));
  return {
    kind: 'counter',
    name: declaration.name,
    columns: { ...declaration.key, ...sums },
    columnNames: [...Object.keys(declaration.key), ...declaration.sums],
    key: Object.keys(declaration.key),
    sums: declaration.sums,
  };
}

/** One map key for a tuple of key values; tuples that differ never share it. */
export function mapKey(values: readonly KeyValue[]): KeyValue {
  if (values.length === 1) return values[0]!;
  let key = '';
  for (const value of values) key += partOfKey(value);
  return key;
}

export function keyOf(entity: { readonly key: readonly string[] }, row: object): KeyValue {
  const names = entity.key;
  const values = row as Record<string, KeyValue>;
  if (names.length === 1) return values[names[0]!]!;
  let key = '';
  for (const name of names) key += partOfKey(values[name]!);
  return key;
}

/** The length before a text keeps ("a", "bc") and ("ab", "c") apart, the end of a number (1, "…") and (12, "…"). */
const partOfKey = (value: KeyValue): string => (typeof value === 'string' ? `${value.length}:${value}` : `#${value};`);
