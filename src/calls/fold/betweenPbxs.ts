/**
 * A conversation between two of our PBXs, joined by a person: it leaves the one by a trunk and comes in at the other, whose legs tell what
 * became of it. The leg by which it left says only that it did: both ends are here.
 */

import type { Direction } from '../../values/direction.ts';
import type { LegFact } from '../reports/report.ts';
import type { FoldedLeg, LegParties } from './foldLegs.ts';
import { isCalledFromInside } from './reached.ts';

/** To reach the other PBX takes seconds, and two clocks that are kept by NTP differ by no more. */
const CROSSING_MS = 60_000;

type PlacedLeg = LegParties & { readonly sourceId: number; readonly fact: LegFact };

/** The legs by which a call left for another PBX, and when it was there (UTC milliseconds). `legs` are in the order of the call. */
export function crossings<Leg extends PlacedLeg>(legs: readonly Leg[]): ReadonlyMap<Leg, number> {
  const found = new Map<Leg, number>();
  if (legs.every(each => each.sourceId === legs[0]!.sourceId)) return found;
  const bySource = Map.groupBy(legs, each => each.sourceId);
  for (const [sourceId, told] of bySource) {
    const arrived = told.reduce((first, each) => (each.fact.startedAt < first.fact.startedAt ? each : first));
    if (arrived.direction !== 'inbound' || leaves(arrived)) continue;
    const left = legs.filter(
      each => each.sourceId !== sourceId && leaves(each) && distance(each, arrived) <= CROSSING_MS,
    );
    const nearest = left.reduce<Leg | null>(
      (best, each) => (best === null || distance(each, arrived) < distance(best, arrived) ? each : best),
      null,
    );
    if (nearest !== null) found.set(nearest, arrived.fact.startedAt);
  }
  return found;
}

/** A leg by which the call left comes before those it led to, whichever clock is ahead. */
export function crossingsFirst<Leg extends PlacedLeg>(
  legs: readonly Leg[],
  arrivals: ReadonlyMap<Leg, number>,
): readonly Leg[] {
  if (arrivals.size === 0) return legs;
  const placeOf = (leg: Leg) => Math.min(leg.fact.startedAt, arrivals.get(leg) ?? leg.fact.startedAt);
  return legs.toSorted((a, b) => placeOf(a) - placeOf(b) || Number(arrivals.has(b)) - Number(arrivals.has(a)));
}

/** That of the first leg that tells one. A call that one of us makes to the other PBX never went outside. */
export function directionOfCall(legs: readonly FoldedLeg[]): Direction {
  const first = legs.find(each => each.direction !== 'unknown');
  if (first === undefined) return 'unknown';
  return first.crosses && first.direction === 'outbound' && isCalledFromInside(first) ? 'internal' : first.direction;
}

const leaves = ({ party, fact }: PlacedLeg): boolean => party === 'external' && fact.trunkOut !== null;

const distance = (one: PlacedLeg, other: PlacedLeg): number => Math.abs(one.fact.startedAt - other.fact.startedAt);
