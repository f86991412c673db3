/**
 * What a column can hold, the same in every engine. A value is checked twice: before it is handed to the store, where it is a
 * command's mistake, and after it is read, where the store has changed.
 */
import type { Column } from './entity.ts';

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

/** A stored row is not as its entity is declared: a program other than Aftercall has changed it, or the disk has. */
export class DamagedRow extends Error {
  override readonly name = 'DamagedRow';

  constructor(column: string, { type }: Pick<Column<unknown>, 'type'>) {
    super(`a stored ${column} is no ${type}`);
  }
}
