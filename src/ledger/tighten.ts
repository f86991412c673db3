/**
 * Of several bounds of one column only the tightest says anything. SQLite looks an index up by the first it meets and reads
 * everything up to the others: a cursor beside a bound of the question would cost what lies between them.
 */
import type { Comparison, Condition, Scalar } from './query.ts';
import { compareValues } from './table.ts';

interface Bound {
  readonly column: string;
  readonly is: Comparison;
  readonly value: Scalar;
}

/** The same conditions with at most one lower and one upper bound of each column. All of them must hold. */
export function tightened(conditions: readonly Condition[]): readonly Condition[] {
  const tightest = new Map<string, Bound>();
  for (const each of conditions) {
    if (!isBound(each)) continue;
    const at = placeOf(each);
    const known = tightest.get(at);
    if (known === undefined || isTighter(each, known)) tightest.set(at, each);
  }
  const left = new Set(tightest.values());
  return conditions.filter(each => !isBound(each) || left.delete(each));
}

const isBound = (condition: Condition): condition is Bound =>
  'is' in condition && condition.is !== '=' && condition.is !== '!=';

const placeOf = ({ column, is }: Bound): string => `${is[0]} ${column}`;

function isTighter(bound: Bound, other: Bound): boolean {
  const order = compareValues(bound.value, other.value);
  if (order === 0) return bound.is.length < other.is.length;
  return bound.is.startsWith('<') ? order < 0 : order > 0;
}
