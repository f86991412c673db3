/**
 * Which source calls are one call: what is connected by matches and by what people joined. A pair that a person separated is
 * not connected, whatever matching finds.
 */
import type { State } from '../../ledger/state.ts';
import { sourceCall } from '../entities.ts';
import type { Pair } from './choosePairs.ts';
import { decisionOn, linksOf, otherOf } from './links.ts';

/** The source calls one is connected with directly. */
export type Neighbours = (id: number) => readonly number[];

/** By the links that are stored. */
export const storedNeighbours =
  (state: State): Neighbours =>
  id =>
    linksOf(state, id).flatMap(each => {
      const other = otherOf(each, id);
      if (each.verdict === 'joined') return [other];
      return each.verdict === 'matched' && each.legId !== null && decisionOn(state, id, other) !== 'separated'
        ? [other]
        : [];
    });

/** All source calls that are one call with this one, itself among them. */
export function clusterOf(start: number, neighbours: Neighbours): ReadonlySet<number> {
  const found = new Set([start]);
  for (const id of found) for (const each of neighbours(id)) found.add(each);
  return found;
}

/**
 * Whether this pair would put together what a person separated, or would make two calls of a PBX one because a person
 * said that the registration is another call. `chosen` are the pairs there are already; of `open`, the registrations that
 * choose anew, others than these do not count.
 */
export function contradictsPeople(
  state: State,
  { registration, leg }: Pair,
  chosen: readonly Pair[],
  open: ReadonlySet<number>,
): boolean {
  const { sourceCallId } = registration.row;
  // Where no person decided anything about it, which is the rule, nothing can be contradicted.
  if (!linksOf(state, sourceCallId).some(each => each.by === 'person')) return false;
  const stored = linkedNotBy(state, open);
  const neighbours: Neighbours = id => [
    ...stored(id),
    ...chosen.flatMap(({ registration: { row: one }, leg: { row: other } }) =>
      one.sourceCallId === id ? [other.sourceCallId] : other.sourceCallId === id ? [one.sourceCallId] : [],
    ),
  ];
  const one = clusterOf(sourceCallId, neighbours);
  const other = clusterOf(leg.row.sourceCallId, neighbours);
  return [...one].some(
    a =>
      (!other.has(a) && isOfPbx(state, a)) || [...other].some(b => a !== b && decisionOn(state, a, b) === 'separated'),
  );
}

/** The stored neighbours, without the matches of these registrations. */
const linkedNotBy =
  (state: State, open: ReadonlySet<number>): Neighbours =>
  id =>
    linksOf(state, id).flatMap(each => {
      const other = otherOf(each, id);
      if (each.verdict === 'joined') return [other];
      return each.verdict === 'matched' && each.legId !== null && !open.has(id) && !open.has(other) ? [other] : [];
    });

const isOfPbx = (state: State, id: number): boolean => state.get(sourceCall, id)?.kind === 'legs';
