/**
 * Who takes a call by calling for it: a parked one by the number of its slot, one that rings elsewhere by a feature code. The slot and the
 * code answer for nobody; who calls them within the call of others and talks there does. Who has the other party then calls a slot to park them, or a
 * code for another reason, and so does whoever calls a code while others talk.
 */
import type { FoldedLeg } from './foldLegs.ts';
import { mayHaveTalked, ROUNDING_MS, rings } from './legOutcome.ts';
import { bareNumber } from './numberPlan.ts';
import { isCalledFromInside, isOutside } from './reached.ts';

/**
 * `talking` are the legs of people who picked up. Each leg by which a person takes the call is as it would be had that person's telephone
 * been rung, which some firmware reports too.
 */
export function takingLegs(legs: readonly FoldedLeg[], talking: readonly FoldedLeg[]): readonly FoldedLeg[] {
  const taking: FoldedLeg[] = [];
  for (const leg of legs.slice(1)) {
    if (takesCall(leg, [...talking, ...taking])) taking.push(asRung(leg, legs));
  }
  return taking;
}

function takesCall(leg: FoldedLeg, talking: readonly FoldedLeg[]): boolean {
  const { party, fact } = leg;
  if (fact.status !== 'answered' || (party !== 'parking' && party !== 'featureCode')) return false;
  if (!isCalledFromInside(leg) || !mayHaveTalked(leg)) return false;
  const at = fact.startedAt;
  const isOwn = talking.some(
    each => hasEnd(each, bareNumber(fact.from!)) && each.answeredAt <= at && at <= each.endedAt + ROUNDING_MS,
  );
  const isTaken = talking.some(each => each.answeredAt < at && at < each.endedAt - ROUNDING_MS);
  return !isOwn && (party === 'parking' || !isTaken);
}

/** A caller outside may have the same number. */
const hasEnd = ({ to, fact, caller }: FoldedLeg, extension: string): boolean =>
  to === extension || (caller.party !== 'external' && fact.from !== null && bareNumber(fact.from) === extension);

/** It rang until then at whose telephone stops ringing. */
function asRung(leg: FoldedLeg, legs: readonly FoldedLeg[]): FoldedLeg {
  const { fact, caller } = leg;
  const rang = legs.filter(
    each => rings(each) && each.fact.status !== 'answered' && Math.abs(each.endedAt - fact.startedAt) <= ROUNDING_MS,
  );
  const ringSeconds = rang.reduce(
    (longest, each) => Math.max(longest, each.fact.ringSeconds ?? 0),
    fact.ringSeconds ?? 0,
  );
  const other = otherPartyOf(legs[0]!);
  return {
    ...leg,
    party: 'extension',
    to: bareNumber(fact.from!),
    fact: { ...fact, from: other.number, to: fact.from, ringSeconds },
    caller: other.meaning,
    called: caller,
  };
}

/** Whom the call brought to the house: who called it, or whom it called. */
function otherPartyOf(first: FoldedLeg) {
  const { fact, caller, called } = first;
  return isOutside(first) && isCalledFromInside(first)
    ? { number: fact.to, meaning: { ...called, party: 'external' as const, userId: null } }
    : { number: fact.from, meaning: caller };
}
