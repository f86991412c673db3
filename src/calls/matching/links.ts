/** Reads and writes what is known of two source calls: what matching found, and what a person decided. */
import type { State, Wants } from '../../ledger/state.ts';
import { type Link, link } from '../entities.ts';

/** Two source calls in the order links have them. */
export const ordered = (a: number, b: number): readonly [number, number] => (a < b ? [a, b] : [b, a]);

export function wantLink(wants: Wants, one: number, other: number): void {
  const [a, b] = ordered(one, other);
  wants.get(link, a, b, 'matcher');
  wants.get(link, a, b, 'person');
}

export function linksOf(state: Pick<State, 'find'>, id: number): readonly Readonly<Link>[] {
  const asOlder = state.find(link, 'byA', id);
  const asYounger = state.find(link, 'byB', id);
  if (asYounger.length === 0) return asOlder;
  return asOlder.length === 0 ? asYounger : [...asOlder, ...asYounger];
}

export const otherOf = ({ a, b }: Pick<Link, 'a' | 'b'>, id: number): number => (a === id ? b : a);

/** A person's decision on the two, the last one there was. */
export function decisionOn(state: State, one: number, other: number): 'joined' | 'separated' | undefined {
  const verdict = state.get(link, ...ordered(one, other), 'person')?.verdict;
  return verdict === 'joined' || verdict === 'separated' ? verdict : undefined;
}

/** A later decision replaces an earlier one, and a suspicion is settled by it. */
export function decide(state: State, one: number, other: number, verdict: 'joined' | 'separated'): void {
  const [a, b] = ordered(one, other);
  forgetSuspicion(state, a, b);
  state.put(link, { a, b, by: 'person', verdict, at: state.now, legId: null, suspicionId: null });
}

/** As if no person had decided on the two, nor had to. */
export function forgetDecision(state: State, one: number, other: number): void {
  const [a, b] = ordered(one, other);
  forgetSuspicion(state, a, b);
  if (state.get(link, a, b, 'person') !== undefined) state.delete(link, a, b, 'person');
}

function forgetSuspicion(state: State, a: number, b: number): void {
  if (state.get(link, a, b, 'matcher')?.verdict === 'suspected') state.delete(link, a, b, 'matcher');
}

/** Instead of a leg, where a registration was found to be a call by the name it gives it. */
export const WHOLE_CALL = 0;

/** The leg, or the call, that a registration was found to be; a registration is one at most. */
export function matchOf(state: Pick<State, 'find'>, registrationId: number): Readonly<Link> | undefined {
  return linksOf(state, registrationId).find(each => each.verdict === 'matched' && each.legId !== null);
}

export const isMatched = (state: State, registrationId: number): boolean =>
  matchOf(state, registrationId) !== undefined;

/** The matched source calls stop being suspected ones: one had been split off another call, and was fresh again. */
export function keepMatch(state: State, registrationId: number, sourceCallId: number, legId: number): void {
  const [a, b] = ordered(registrationId, sourceCallId);
  state.put(link, { a, b, by: 'matcher', verdict: 'matched', at: state.now, legId, suspicionId: null });
}

export function dropMatch(state: State, registrationId: number, sourceCallId: number): void {
  state.delete(link, ...ordered(registrationId, sourceCallId), 'matcher');
}

/** False where it was suspected before. */
export function suspect(state: State, one: number, other: number): boolean {
  const [a, b] = ordered(one, other);
  if (state.get(link, a, b, 'matcher') !== undefined) return false;
  const suspicionId = state.next('suspicion');
  state.put(link, { a, b, by: 'matcher', verdict: 'suspected', at: state.now, legId: null, suspicionId });
  return true;
}

/** Whether any of these source calls is suspected to be one call with any of the others. */
export const isSuspected = (state: State, ones: readonly number[], others: readonly number[]): boolean =>
  ones.some(one => others.some(other => state.get(link, ...ordered(one, other), 'matcher')?.verdict === 'suspected'));

/** As if matching had suspected nothing of this source call. */
export function dropSuspicions(state: State, id: number): void {
  for (const { a, b, by, verdict } of linksOf(state, id)) if (verdict === 'suspected') state.delete(link, a, b, by);
}
