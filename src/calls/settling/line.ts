/**
 * Calls settle by a line that moves on through the times at which they are due, and writes nothing to the calls it passes. What it
 * has passed is fixed: no due time is ever set at or before it, and none before it is changed.
 */
import type { State } from '../../ledger/state.ts';
import { type Call, settlingLine } from '../entities.ts';

/** The id of the only row. */
export const LINE = 1;

/** UTC milliseconds: calls that were due by then have settled; 0 before any has. Of a state, or of the directory. */
export const settledUpTo = (state: Pick<State, 'get'>): number => state.get(settlingLine, LINE)?.at ?? 0;

type Settles = Readonly<Pick<Call, 'settlesAt' | 'splitAt'>>;

/** Since when a call counts as settled; null while it does not, or where there is no call. */
export const settledAtOf = (state: Pick<State, 'get'>, of: Settles | undefined): number | null =>
  of === undefined ? null : settledAtBy(settledUpTo(state), of);

/** The same with the line at `upTo`. */
export function settledAtBy(upTo: number, { settlesAt, splitAt }: Settles): number | null {
  return settlesAt !== null && settlesAt <= upTo ? settlesAt : splitAt;
}

export const isSettled = (state: Pick<State, 'get'>, of: Settles | undefined): boolean =>
  settledAtOf(state, of) !== null;
