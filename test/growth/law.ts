/** What a question may cost, by what it cost on a ledger and on one ten times as long. */
import assert from 'node:assert/strict';
import type { Cost } from './cost.ts';

/**
 * `found`: an index leads there, O(log n + page). `counted`: everything that is meant is looked at, in statements of bounded length.
 * `searched`: no index leads there: it is looked for up to a bound.
 */
export type Law = 'found' | 'counted' | 'searched';

/** One statement looks at no more, whatever it is about: some ten milliseconds. */
const STATEMENT_VISITS = 20_000;
/** Windows grow while little is found, and a small ledger ends before they are large. */
const FREE = { visits: 3_000, pages: 1_500, statements: 6 } as const;
/** Half way, by factors, to what would grow as the ledger does. */
const GROWTH_MOST = 3;
/** What the free visits cost at most on a busy machine; reading all of the large ledger costs ten times as much. */
const FREE_MICROSECONDS = 4_000;

/** Throws when the costs grow as the law does not allow. */
export function assertLaw(law: Law, small: Cost, large: Cost, searchedMost: number): void {
  const costs = `${law}: ${JSON.stringify(small)} and, ten times as long, ${JSON.stringify(large)}`;
  assert.ok(large.visitsMost <= STATEMENT_VISITS, `one statement looks at too much; ${costs}`);
  if (law === 'searched') assert.ok(large.visits <= 3 * searchedMost, `the search does not end; ${costs}`);
  if (law !== 'found') return;
  for (const name of ['visits', 'pages', 'statements'] as const) {
    assert.ok(large[name] <= GROWTH_MOST * Math.max(small[name], FREE[name]), `${name} grow with the ledger; ${costs}`);
  }
}

/** Whether the processor time of what is found grows no more than its visits may. */
export const isFlat = (smallMicroseconds: number, largeMicroseconds: number): boolean =>
  largeMicroseconds <= GROWTH_MOST * Math.max(smallMicroseconds, FREE_MICROSECONDS);
