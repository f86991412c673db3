import type { Entity } from './entity.ts';
import type { Condition, Reader } from './query.ts';

/** SQLite binds no more than 32,766 values in a statement. */
const VALUES_AT_ONCE = 5_000;

/** All rows whose column has one of these values, in the order of the key within each question. */
export async function selectWithin<R extends object, C extends keyof R & string>(
  reader: Reader,
  from: Entity<R>,
  column: C,
  values: readonly (number | string)[],
  columns?: readonly (keyof R & string)[],
): Promise<R[]> {
  const rows: R[] = [];
  for (let i = 0; i < values.length; i += VALUES_AT_ONCE) {
    const where: Condition<C>[] = [{ column, in: values.slice(i, i + VALUES_AT_ONCE) }];
    const found = await reader.select<R>({ from, where, ...(columns && { columns }), limit: Number.MAX_SAFE_INTEGER });
    for (const each of found) rows.push(each);
  }
  return rows;
}
