/** Calls that a telephone of the house sent on to the outside, as to its holder's mobile. */
import type { Direction } from '../../values/direction.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { ROUNDING_MS } from './legOutcome.ts';
import { bareNumber } from './numberPlan.ts';
import { isExtension } from './reached.ts';

/** A telephone that sent the call on, its holder, and the leg of whom it reached outside. */
export interface Forwarder {
  readonly extension: string | null;
  readonly userId: number | null;
  readonly leg: FoldedLeg;
}

/**
 * The telephones in whose name the call went outside; where it went in the caller's, the only one that stopped ringing for it. A telephone
 * rung by a queue or a ring group without an answer has not forwarded: a mobile rung meanwhile is another agent's, and one rung at the end is
 * where the queue or the group gave the call on.
 */
export function forwardersOf(legs: readonly FoldedLeg[], direction: Direction): readonly Forwarder[] {
  if (direction === 'outbound') return [];
  const from = bareFrom(legs[0]!);
  const found: Forwarder[] = [];
  for (const leg of legs) {
    if (leg.party !== 'external' || leg.crosses) continue;
    const { caller } = leg;
    if (caller.party === 'extension' && (direction === 'inbound' || bareFrom(leg) !== from)) {
      found.push({ extension: bareFrom(leg), userId: caller.userId, leg });
      continue;
    }
    const gaveWay = legs.filter(each => stopsRingingFor(each, leg) && !isGroupsOwn(leg, each, legs));
    const [first] = gaveWay;
    if (first !== undefined && gaveWay.every(each => each.to === first.to)) {
      found.push({ extension: first.to, userId: first.called.userId, leg });
    }
  }
  return found;
}

const bareFrom = ({ fact }: FoldedLeg): string | null => (fact.from === null ? null : bareNumber(fact.from));

/** When the call went outside, or when it was answered there while both rang. */
function stopsRingingFor(leg: FoldedLeg, outside: FoldedLeg): boolean {
  const { fact, endedAt } = leg;
  if (!isExtension(leg) || fact.status === 'answered') return false;
  const isAnswered = outside.fact.status === 'answered';
  const moments = isAnswered ? [outside.fact.startedAt, outside.answeredAt] : [outside.fact.startedAt];
  return moments.some(at => Math.abs(endedAt - at) <= ROUNDING_MS);
}

/**
 * A queue or a ring group called both, or called the telephone and gave the call on outside, before any agent picked up. While
 * a telephone sends a call on, what rings it goes on.
 */
const isGroupsOwn = (outside: FoldedLeg, rung: FoldedLeg, legs: readonly FoldedLeg[]): boolean =>
  legs.some(
    each =>
      (each.party === 'queue' || each.party === 'ringGroup') &&
      isWithin(rung, each) &&
      outside.fact.startedAt >= each.fact.startedAt &&
      outside.fact.startedAt <= each.endedAt + ROUNDING_MS &&
      !legs.some(other => isExtension(other) && isWithin(other, each) && isAnsweredBefore(other, outside)),
  );

const isWithin = ({ fact }: FoldedLeg, group: FoldedLeg): boolean =>
  fact.startedAt >= group.fact.startedAt && fact.startedAt < group.endedAt - ROUNDING_MS;

const isAnsweredBefore = ({ fact, answeredAt }: FoldedLeg, other: FoldedLeg): boolean =>
  fact.status === 'answered' && answeredAt < other.fact.startedAt;
