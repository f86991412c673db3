/** Registrations that are not finished, found by the agent and the number that matching knows them by. */
import type { State } from '../../ledger/state.ts';
import { candidate } from '../entities.ts';
import { daysAround } from './candidates.ts';

interface Parties {
  readonly userId: number;
  /** values/numberKey.ts */
  readonly numberKey: string;
}

/** Their source calls, of those that began on the days around these instants. */
export function openRegistrations(
  state: Pick<State, 'find'>,
  { userId, numberKey }: Parties,
  instants: readonly number[],
): readonly number[] {
  return daysOf(instants)
    .flatMap(day => state.find(candidate, 'byParties', day, userId, numberKey))
    .filter(each => each.role === 'registration' && each.endedAt === null)
    .map(each => each.sourceCallId);
}

function daysOf(instants: readonly number[]): number[] {
  const days = new Set<number>();
  for (const at of instants) {
    const [first, last] = daysAround(at, null);
    for (let day = first; day <= last; day++) days.add(day);
  }
  return [...days];
}
