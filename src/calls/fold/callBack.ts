/** Calls that go out by way of an agent: a queue calls its agents first, and the customer when one of them has picked up. */
import type { Direction } from '../../values/direction.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { isCalledFromInside, isExtension, isOutside } from './reached.ts';

export function isCallBack(legs: readonly FoldedLeg[], direction: Direction): boolean {
  const first = legs[0]!;
  return direction === 'outbound' && !isCalledFromInside(first) && isExtension(first);
}

/** The leg of the agent who calls the customer: who picked up for it last. */
export function callingAgent(legs: readonly FoldedLeg[], direction: Direction): FoldedLeg | undefined {
  if (!isCallBack(legs, direction)) return undefined;
  const customer = legs.findIndex(isOutside);
  const agents = customer === -1 ? legs : legs.slice(0, customer);
  return agents.findLast(each => isExtension(each) && each.fact.status === 'answered');
}

/** What the call was for: going out, somebody outside before an agent. */
export const soughtLeg = (legs: readonly FoldedLeg[], direction: Direction): FoldedLeg =>
  (isCallBack(legs, direction) ? legs.find(isOutside) : undefined) ?? legs[0]!;

/** Going out, talk begins when somebody outside picks up: until then an agent who was called first waits. */
export function sinceOutsideAnswered(answering: readonly FoldedLeg[], direction: Direction): readonly FoldedLeg[] {
  const outside = answering.filter(isOutside);
  if (direction !== 'outbound' || outside.length === 0) return answering;
  const since = Math.min(
    ...outside.map(({ fact, answeredAt }) => (fact.talkSeconds === null ? fact.startedAt : answeredAt)),
  );
  return answering.flatMap(leg => {
    if (isOutside(leg) || leg.fact.talkSeconds === null || leg.answeredAt >= since) return [leg];
    return leg.endedAt > since ? [{ ...leg, answeredAt: since }] : [];
  });
}
