/** A stored value that cannot be read: where it is, so that it can be named and gone round. */
import { DamagedRow, fits, fromStored } from './columnValue.ts';
import type { AnyEntity, KeyValue, Row } from './entity.ts';
import { UnknownShape } from './storedJson.ts';

/** What is stored in these columns of a row cannot be read. The message names table, key and columns, and nothing of the content. */
export class UnreadableValue extends Error {
  override readonly name = 'UnreadableValue';
  readonly entity: AnyEntity;
  /** Null where it was not asked for. */
  readonly key: readonly KeyValue[] | null;
  readonly columns: readonly string[];

  constructor(entity: AnyEntity, key: UnreadableValue['key'], columns: readonly string[], options: ErrorOptions) {
    const { cause } = options;
    const reason =
      cause instanceof UnknownShape
        ? cause.message
        : cause instanceof DamagedRow
          ? 'it is no value of its kind'
          : 'it is no JSON';
    const row = key === null ? '' : `, row ${key.join(', ')}`;
    super(`table ${entity.name}${row}: ${columns.join(' and ')} cannot be read: ${reason}`, options);
    this.entity = entity;
    this.key = key;
    this.columns = columns;
  }
}

/** Rows of the values that a statement answered with, in the order of `names`. Throws `UnreadableValue`. */
export function decodeAll<V extends readonly unknown[]>(
  entity: AnyEntity,
  names: readonly string[],
  rows: readonly V[],
  decode: (values: V) => Row,
): Row[] {
  return rows.map(values => {
    try {
      return decode(values);
    } catch (cause) {
      throw unreadableIn(entity, names, values, cause);
    }
  });
}

function unreadableIn(
  entity: AnyEntity,
  names: readonly string[],
  values: readonly unknown[],
  cause: unknown,
): unknown {
  const columns = names.filter((name, place) => !isReadable(entity.columns[name], values[place]));
  if (columns.length === 0) return cause;
  const places = entity.key.map(name => names.indexOf(name));
  const key = places.includes(-1) ? null : places.map(place => values[place] as KeyValue);
  return new UnreadableValue(entity, key, columns, { cause });
}

function isReadable(column: AnyEntity['columns'][string] | undefined, value: unknown): boolean {
  if (column === undefined) return true;
  if (column.type === 'boolean') return fits(column, value === 1 ? true : value === 0 ? false : value);
  try {
    return fits(column, fromStored(column, value));
  } catch {
    return false;
  }
}
