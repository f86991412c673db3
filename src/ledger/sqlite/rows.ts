import { DamagedRow, fits, fromStored } from '../columnValue.ts';
import type { AnyEntity, Column, Row } from '../entity.ts';

type Rows = Pick<AnyEntity, 'name' | 'columns'>;

/**
 * Makes rows out of the value arrays a statement answers with, in the order of `names`; those that are no columns are counts. It
 * throws a `DamagedRow` where a column cannot hold what is stored.
 */
export function decoder(entity: Rows, names: readonly string[]): (values: readonly unknown[]) => Row {
  const kinds = names.map(name => entity.columns[name] ?? null);
  return values => {
    const row: Row = {};
    for (let i = 0; i < names.length; i++) {
      const column = kinds[i]!;
      const value = decode(column, values[i]);
      if (column !== null && !fits(column, value)) throw new DamagedRow(`${entity.name}.${names[i]!}`, column);
      row[names[i]!] = value;
    }
    return row;
  };
}

function decode(column: Column<unknown> | null, value: unknown): unknown {
  if (column === null || value === null) return value;
  if (column.type === 'boolean') return value === 1 ? true : value === 0 ? false : value;
  return fromStored(column, value);
}
