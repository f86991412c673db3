import type { State } from '../../ledger/state.ts';
import { type Call, type Candidate, call, candidate } from '../entities.ts';
import { callIdOf } from '../reports/sourceCalls.ts';
import { dayOfInstant } from './candidates.ts';
import { offsetOf } from './clocks.ts';
import { matchOf, WHOLE_CALL } from './links.ts';

/** A source's clock may be a day's border away from ours. */
const MARGIN_MS = 15 * 60_000;
/** Nobody works on one record for longer. */
const MOST_DAYS = 62;

export interface FoundCall {
  readonly call: Readonly<Call>;
  /** By the clock that was asked for, UTC milliseconds. */
  readonly startedAt: number;
}

/** Instants corrected by what is known of the source's clock, or as the source told them. */
export type Clock = 'ours' | 'its own';

/**
 * The latest call of a user's extension to a number (values/numberKey.ts) that started within [from, to] by that clock, both
 * inclusive; of several that started together always the same one.
 */
export function latestCallTo(
  state: Pick<State, 'now' | 'get' | 'find'>,
  userId: number,
  numberKey: string,
  from: number,
  to: number,
  clock: Clock,
): FoundCall | null {
  const last = dayOfInstant(Math.min(to, state.now + MARGIN_MS) + MARGIN_MS);
  const first = Math.max(dayOfInstant(from - MARGIN_MS), last - MOST_DAYS);
  let best: { row: Readonly<Candidate>; startedAt: number } | null = null;
  for (let day = last; day >= first; day--) {
    // A row of an earlier day starts earlier by any clock that is believed.
    if (best !== null && day < dayOfInstant(best.startedAt - MARGIN_MS)) break;
    for (const row of state.find(candidate, 'byParties', day, userId, numberKey)) {
      const startedAt = row.startedAt + (clock === 'ours' ? offsetOf(state, row) : 0);
      if (startedAt < from || startedAt > to || !isCall(state, row)) continue;
      if (best === null || startedAt > best.startedAt || (startedAt === best.startedAt && row.tie > best.row.tie)) {
        best = { row, startedAt };
      }
    }
  }
  if (best === null) return null;
  const found = state.get(call, callIdOf(state, best.row.sourceCallId));
  return found === undefined ? null : { call: found, startedAt: best.startedAt };
}

/** That a user's extension called a number, as a leg or a registration tells. */
export interface Dialled {
  readonly userId: number;
  readonly numberKey: string;
  /** UTC milliseconds. */
  readonly startedAt: number;
}

/** What `latestCallTo` can find these source calls by, with the start by either clock. */
export function dialledIn(state: State, sourceCallIds: readonly number[]): readonly Dialled[] {
  state.expect(wants => {
    for (const id of sourceCallIds) wants.find(candidate, 'bySourceCall', id);
  });
  return sourceCallIds
    .flatMap(id => state.find(candidate, 'bySourceCall', id))
    .filter(row => row.direction === 'outbound')
    .flatMap(row => attemptsOf(state, row));
}

export function attemptsOf(state: Pick<State, 'get'>, row: Readonly<Candidate>): readonly Dialled[] {
  const { userId, numberKey, startedAt } = row;
  const offsetMs = offsetOf(state, row);
  const told = { userId, numberKey, startedAt };
  return offsetMs === 0 ? [told] : [told, { ...told, startedAt: startedAt + offsetMs }];
}

/** Going out, and not a registration of a leg that is there itself. */
function isCall(state: Pick<State, 'find'>, row: Readonly<Candidate>): boolean {
  if (row.direction !== 'outbound') return false;
  if (row.role === 'leg') return true;
  const matched = matchOf(state, row.sourceCallId);
  return matched === undefined || matched.legId === WHOLE_CALL;
}
