import type { EntityShape, Index } from './entity.ts';

/**
 * The indexes that a table needs in SQL. One whose columns are the first ones of the key, or of another index, is left out: what is
 * looked up by it is found by that one.
 */
export function sqlIndexes(entity: EntityShape): readonly Index[] {
  const indexes = Object.values(entity.indexes);
  return indexes.filter(
    (index, place) =>
      index.unique || !(begins(index, entity.key) || indexes.some((other, n) => contains(other, index, n < place))),
  );
}

/** `isEarlier`: of two indexes of the same columns, the one that is declared first stays. */
function contains(other: Index, index: Index, isEarlier: boolean): boolean {
  if (other === index || !begins(index, other.columns)) return false;
  // A sparse index lacks rows that an index of all rows has.
  if (other.sparse && !index.sparse) return false;
  const isSame = other.columns.length === index.columns.length && other.sparse === index.sparse;
  return !isSame || other.unique || isEarlier;
}

const begins = ({ columns }: Index, longer: readonly string[]): boolean =>
  columns.length <= longer.length && columns.every((name, place) => name === longer[place]);
