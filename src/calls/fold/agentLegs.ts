/** Which agent each leg of a call is of, and with which number outside: what others who tell of the call know it by. */
import type { Direction } from '../../values/direction.ts';
import { isSameUser } from '../../values/sameUser.ts';
import { directionOfCall } from './betweenPbxs.ts';
import { callingAgent, isCallBack, soughtLeg } from './callBack.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { pickedUpBy } from './legOutcome.ts';
import { bareNumber } from './numberPlan.ts';
import { isInside } from './party.ts';
import { isOutside } from './reached.ts';

/** A number outside, as its source writes it. */
interface OutsideNumber {
  /** Null where it is withheld. */
  readonly number: string | null;
  /** From inside, where a prefix may lead outside. */
  readonly isDialled: boolean;
}

export interface AgentLeg extends OutsideNumber {
  readonly leg: FoldedLeg;
  readonly userId: number;
  /**
   * As the agent sees it. Unknown where a call that goes out rings an agent: one application tells how the call began, another that
   * this telephone rang.
   */
  readonly direction: Direction;
}

/** Of the legs of one source call; none for a menu, a queue, or colleagues while nobody outside is with them. */
export function agentLegsOf(legs: readonly FoldedLeg[]): readonly AgentLeg[] {
  const direction = directionOfCall(legs);
  const outside = outsideOf(legs, direction);
  const calling = callingAgent(legs, direction);
  const isTaken = legs.length > 1;
  const taking = new Map(isTaken ? pickedUpBy(legs).taking.map(each => [each.id, each]) : []);
  const tellOwn = isCallBack(legs, direction) ? legs.filter(goesOut).map(each => each.caller.userId) : [];
  return legs.flatMap((leg): AgentLeg[] => {
    if (goesOut(leg)) {
      const { userId } = leg.caller;
      return userId === null ? [] : [{ leg, userId, number: leg.fact.to, isDialled: true, direction: 'outbound' }];
    }
    const rung = taking.get(leg.id) ?? leg;
    const { userId } = rung.called;
    if (rung.party !== 'extension' || userId === null) return [];
    // An agent who was called first, and then calls the customer by a leg of their own, is found by that one.
    if (tellOwn.some(each => isSameUser(each, userId))) return [];
    const whom = whomOf(rung, outside);
    if (whom === null) return [];
    const seen = direction !== 'outbound' ? 'inbound' : leg === calling ? 'outbound' : 'unknown';
    return [{ leg, userId, ...whom, direction: seen }];
  });
}

const goesOut = ({ caller, party }: FoldedLeg): boolean => isInside(caller.party) && !isInside(party);

/** Who called the house, or whom it called. */
function outsideOf(legs: readonly FoldedLeg[], direction: Direction): OutsideNumber | null {
  const { caller, fact } = legs[0]!;
  if (direction === 'inbound' && !isInside(caller.party)) return { number: fact.from, isDialled: false };
  const sought = soughtLeg(legs, direction);
  return direction === 'outbound' && isOutside(sought) ? { number: sought.fact.to, isDialled: true } : null;
}

/** Who was put through to this telephone: the number its leg tells, where that is one outside, and else that of the call. */
function whomOf({ caller, direction, fact }: FoldedLeg, outside: OutsideNumber | null): OutsideNumber | null {
  if (isInside(caller.party) || direction === 'outbound') return outside;
  const { from } = fact;
  // Repeated as it was dialled, perhaps with the prefix.
  if (outside?.isDialled === true && from !== null && outside.number !== null) {
    if (bareNumber(from) === bareNumber(outside.number)) return outside;
  }
  return { number: from, isDialled: false };
}
