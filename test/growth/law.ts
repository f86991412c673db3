/** What a question may cost, by what it cost on a ledger and on one ten times as long. */
import assert from 'node:assert/strict';
import type { Cost } from './cost.ts';

/**
 * `found`: an index leads there, O(log n + page). `walked`: what is looked for is frequent, and found in the first windows of a walk.
 * `searched`: the same, where it may be rare or nowhere: it is looked for up to a bound. `counted`: everything that is meant is looked
 * at. Whatever the law, a statement is of bounded length.
 */
export type Law = 'found' | 'walked' | 'searched' | 'counted';

/** One statement looks at no more, whatever it is about: some ten milliseconds. */
const STATEMENT_VISITS = 20_000;
/** What is about a piece of the ledger that does not grow differs from piece to piece. */
const GROWTH_MOST = 1.5;
/** Of a small ledger a statement finds less than a page; of a large one it comes to two pages, since not every row is meant. */
const PAGES_OF_ROWS = 2;
/** An engine that goes by statistics sorts some hundred rows rather than follow an index in their order. */
const SORTED_ROWS = 300;
/** From the root of an index to a leaf, and some rows that lie apart: beside a page of the store for each row. */
const INDEX_DEPTH = 10;
/** Windows that lead from one to another. */
const STATEMENTS = 6;
/** The first two windows of a walk are of 2,500 rows, each with what belongs to it. */
const WALKED = { visits: 12_000, pages: 1_500, statements: 12 } as const;
/** What a statement costs at least on a busy machine; reading all of the large ledger costs ten times as much. */
const FREE_MICROSECONDS = 4_000;
/** Half way, by factors, to what would grow as the ledger does: the time of the processor is no exact figure. */
const TIME_GROWTH_MOST = 3;

export interface LawOptions {
  /** Rows of an answer. */
  readonly page: number;
  readonly searchedMost: number;
  /** The engine goes by statistics. */
  readonly estimates: boolean;
}

/** Throws when the costs grow as the law does not allow. */
export function assertLaw(law: Law, small: Cost, large: Cost, options: LawOptions): void {
  const costs = `${law}: ${JSON.stringify(small)} and, ten times as long, ${JSON.stringify(large)}`;
  assert.ok(large.visitsMost <= STATEMENT_VISITS, `one statement looks at too much; ${costs}`);
  if (law === 'searched') assert.ok(large.visits <= 3 * options.searchedMost, `the search does not end; ${costs}`);
  if (law !== 'found' && law !== 'walked') return;
  const free = law === 'walked' ? WALKED : freeOf(large.statements, options);
  for (const name of ['visits', 'pages', 'statements'] as const) {
    const most = Math.max(GROWTH_MOST * small[name], free[name]);
    assert.ok(large[name] <= most, `${name} grow with the ledger, to more than ${most}; ${costs}`);
  }
}

function freeOf(statements: number, { page, estimates }: LawOptions) {
  // One more row says that there are more.
  const visits = statements * (PAGES_OF_ROWS * (page + 1) + (estimates ? SORTED_ROWS : 0));
  return { visits, pages: visits + statements * INDEX_DEPTH, statements: STATEMENTS };
}

/** Whether the processor time of what is found grows no more than its visits may. */
export const isFlat = (smallMicroseconds: number, largeMicroseconds: number): boolean =>
  largeMicroseconds <= TIME_GROWTH_MOST * Math.max(smallMicroseconds, FREE_MICROSECONDS);
