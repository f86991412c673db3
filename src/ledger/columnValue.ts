/**
 * What a column can hold, the same in every engine. A value is checked twice: before it is handed to the store, where it is a
 * command's mistake, and after it is read, where the store has changed.
 */
import type { Column } from './entity.ts';
import { unpackBytes } from './packedBytes.ts';
import { readJson } from './storedJson.ts';

/** Whether a column can hold the value. */
export function fits(
  { type, nullable, exact }: Pick<Column<unknown>, 'type' | 'nullable' | 'exact'>,
  value: unknown,
): boolean {
  if (value === null) return nullable;
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value) || (exact && typeof value === 'bigint');
    case 'text':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'json':
      return value !== undefined;
  }
}

/** The value that is stored as this in a column of JSON or bytes; undefined where it can be none. Throws where it cannot be read. */
export function fromStored({ type, shape, words }: Column<unknown>, stored: unknown): unknown {
  if (type === 'json' && stored !== null) return readJson(stored as string, shape);
  return words !== null && stored instanceof Uint8Array ? unpackBytes(stored, words) : stored;
}

/** A stored row is not as its entity is declared: a program other than Aftercall has changed it, or the disk has. */
export class DamagedRow extends Error {
  override readonly name = 'DamagedRow';

  constructor(column: string, { type }: Pick<Column<unknown>, 'type'>) {
    super(`a stored ${column} is no ${type}`);
  }
}
