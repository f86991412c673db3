import type { EntityShape, Row } from './entity.ts';
import type { Sort } from './query.ts';
import { compareByKey, compareValues } from './table.ts';

/** In the order of a question: what ties goes by key, in the direction of the last sort. */
export function compareRows(entity: EntityShape, orderBy: readonly Sort[], a: Row, b: Row): number {
  let descending = false;
  for (const sort of orderBy) {
    descending = sort.descending ?? false;
    const order = compareValues(a[sort.column], b[sort.column]);
    if (order !== 0) return descending ? -order : order;
  }
  const order = compareByKey(entity, a, b);
  return descending ? -order : order;
}
