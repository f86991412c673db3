/**
 * Conditions in a form that PostgreSQL takes: its texts hold no NUL, and its bigints no fractions. Neither is ever stored,
 * and a query may name it all the same.
 */
import type { Condition, Scalar } from '../query.ts';

const NUL = '\0';

const hasNul = (value: Scalar): boolean => typeof value === 'string' && value.includes(NUL);

/** Whether a column of bigints could hold it. */
export const isWhole = (value: Scalar): boolean => typeof value !== 'number' || Number.isSafeInteger(value);

/** Values that may be stored. */
export const storable = (values: readonly Scalar[]): Scalar[] => values.filter(each => !hasNul(each) && isWhole(each));

/** The same condition without NUL: a text that continues with one comes right after what is before it. */
export function queryable(condition: Condition): Condition {
  const { column } = condition as { column: string };
  const everything = { column, null: false } as const;
  const nothing = { any: [] } as const;
  if ('contains' in condition) return hasNul(condition.contains) ? nothing : condition;
  if ('notContains' in condition) return hasNul(condition.notContains) ? everything : condition;
  if (!('is' in condition) || !hasNul(condition.value)) return condition;
  if (condition.is === '=') return nothing;
  if (condition.is === '!=') return everything;
  const before = String(condition.value).slice(0, String(condition.value).indexOf(NUL));
  return { column, is: condition.is.startsWith('<') ? '<=' : '>', value: before };
}
