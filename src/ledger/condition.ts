/** The plain meaning of every condition: memory answers by it, and the other engines are compared with it. */
import type { Row } from './entity.ts';
import type { Condition, Scalar } from './query.ts';
import { compareValues } from './table.ts';

/** Whether a row meets all of these. */
export function holds(conditions: readonly Condition[], row: Row): boolean {
  for (const condition of conditions) if (!holdsOne(condition, row)) return false;
  return true;
}

function holdsOne(condition: Condition, row: Row): boolean {
  if ('any' in condition) return condition.any.some(each => holdsOne(each, row));
  const value = row[condition.column] as Scalar | null;
  if ('null' in condition) return (value === null) === condition.null;
  if (value === null) return false;
  if ('in' in condition) return condition.in.includes(value);
  if ('notIn' in condition) return !condition.notIn.includes(value);
  if ('contains' in condition) return containsFolded(value, foldCase(condition.contains));
  if ('notContains' in condition) return !containsFolded(value, foldCase(condition.notContains));
  const order = compareValues(value, condition.value);
  const { is } = condition;
  if (order === 0) return is === '=' || is === '<=' || is === '>=';
  return is === '!=' || (order < 0 ? is === '<' || is === '<=' : is === '>' || is === '>=');
}

/**
 * Two texts that differ in case only are the same after this, over all of Unicode and in no country's way. Lower case
 * first: upper case then undoes the one rule that looks at the neighbours, the sigma at a word's end, so that a part of
 * a text folds as it does inside the whole.
 */
export function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase();
}

/** Whether a column's value, not null, contains a text that is folded already. */
export function containsFolded(value: Scalar, folded: string): boolean {
  return foldCase(String(value)).includes(folded);
}
