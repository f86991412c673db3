/** What belongs together: strands that were paired, and what people said of them. */
import type { State } from '../../ledger/state.ts';
import { judgement, pairing, report } from '../entities.ts';
import type { Pair } from './choosePairs.ts';

/** Who is which leg, by strands. */
export interface Links {
  legOf(registration: number): number | undefined;
  registrationsOf(leg: number): readonly number[];
}

/** As it is kept. */
export const keptLinks = (state: State): Links => ({
  legOf: id => state.get(pairing, id)?.withId,
  registrationsOf: id => state.find(pairing, 'byWith', id).map(each => each.id),
});

/** All strands that are one call with this one, itself among them. */
export function bundleOf(state: State, start: number, links: Links): ReadonlySet<number> {
  const found = new Set([start]);
  for (const id of found) {
    const leg = links.legOf(id);
    if (leg !== undefined) found.add(leg);
    for (const each of links.registrationsOf(id)) found.add(each);
    for (const each of state.find(judgement, 'byId', id)) if (each.verdict === 'together') found.add(each.withId);
    for (const each of state.find(judgement, 'byWith', id)) if (each.verdict === 'together') found.add(each.id);
  }
  return found;
}

/** Two strands in the order judgements and doubts know them. */
export const ordered = (a: number, b: number): readonly [number, number] => (a < b ? [a, b] : [b, a]);

export const verdictOn = (state: State, a: number, b: number): 'together' | 'apart' | undefined =>
  state.get(judgement, ...ordered(a, b))?.verdict;

/**
 * Whether this pair would put together what a person took apart, or would make two calls of a PBX one because a person
 * said that the registration is another call. `chosen` are the pairs there are already; of `open`, the registrations that
 * choose anew, others than these do not count.
 */
export function contradictsPeople(
  state: State,
  { registration, leg }: Pair,
  chosen: readonly Pair[],
  open: ReadonlySet<number>,
): boolean {
  const { strandId } = registration.row;
  // Nobody said anything about it, and that is the rule.
  if (state.find(judgement, 'byId', strandId).length + state.find(judgement, 'byWith', strandId).length === 0)
    return false;
  const kept = keptLinks(state);
  const links: Links = {
    legOf: id =>
      open.has(id) ? chosen.find(each => each.registration.row.strandId === id)?.leg.row.strandId : kept.legOf(id),
    registrationsOf: id => [
      ...kept.registrationsOf(id).filter(each => !open.has(each)),
      ...chosen.filter(each => each.leg.row.strandId === id).map(each => each.registration.row.strandId),
    ],
  };
  const one = bundleOf(state, strandId, links);
  const other = bundleOf(state, leg.row.strandId, links);
  return [...one].some(
    a => (!other.has(a) && isOfPbx(state, a)) || [...other].some(b => a !== b && verdictOn(state, a, b) === 'apart'),
  );
}

const isOfPbx = (state: State, strandId: number): boolean =>
  state.find(report, 'byCall', strandId).some(each => each.fact.form === 'leg');
