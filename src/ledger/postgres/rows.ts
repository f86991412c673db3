import { DamagedRow, fits, fromStored } from '../columnValue.ts';
import type { AnyEntity, Row } from '../entity.ts';
import type { Values } from './connection.ts';

type Rows = Pick<AnyEntity, 'name' | 'columns'>;

/**
 * Makes rows out of the values a statement answers with, in the order of `names` from place `from` on; those that are no columns
 * are counts. It throws a `DamagedRow` where a column cannot hold what is stored.
 */
export function decoder(entity: Rows, names: readonly string[], from = 0): (values: Values) => Row {
  const kinds = names.map(name => entity.columns[name] ?? null);
  return values => {
    const row: Row = {};
    for (let i = 0; i < names.length; i++) {
      const column = kinds[i]!;
      const stored = values[from + i];
      const value = column === null ? stored : fromStored(column, stored);
      if (column !== null && !fits(column, value)) throw new DamagedRow(`${entity.name}.${names[i]!}`, column);
      row[names[i]!] = value;
    }
    return row;
  };
}
