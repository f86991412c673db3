/** A call as the legs of its PBX tell it. */
import type { Direction } from '../../values/direction.ts';
import { directionOfCall } from './betweenPbxs.ts';
import { callingAgent, isCallBack, sinceOutsideAnswered, soughtLeg } from './callBack.ts';
import type { CallFields } from './fold.ts';
import type { FoldContext } from './foldContext.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { type Forwarder, forwardersOf } from './forwarding.ts';
import { answeringLegs, conferenceOf, isMailbox, isPaged, outcomeOf, ringOf, rings } from './legOutcome.ts';
import { bareNumber, calledE164 } from './numberPlan.ts';
import { legVisits, type Visit } from './queueVisits.ts';
import { isCalledFromInside, isExtension } from './reached.ts';
import { lastTurn, secondsCovered, type Turn, turnsOf } from './turns.ts';

export interface ReadLegs {
  readonly fields: CallFields;
  readonly turns: readonly Turn[];
  /** The one that decides last. */
  readonly visits: readonly Visit[];
}

export function readLegs(legs: readonly FoldedLeg[], context: FoldContext): ReadLegs {
  const { plan, fact: first } = legs[0]!;
  const direction = directionOfCall(legs);
  const reached = legs.filter(each => !each.crosses);
  const answering = sinceOutsideAnswered(answeringLegs(reached, direction), direction);
  const turns = turnsOf(answering, reached, direction);
  const visits = legVisits(reached, answering, direction);
  const { outcome, deciding } = outcomeOf(reached, answering, direction);
  const owner = ownerOf(legs, { answering, turns }, direction, context);
  const startedAt = Math.min(...legs.map(each => each.fact.startedAt));
  const { to } = soughtLeg(legs, direction).fact;
  let endedAt = 0;
  let durationKnown = false;
  let trunkIn: string | null = null;
  let did: string | null = null;
  let didName: string | null = null;
  for (const { fact, endedAt: legEndedAt } of legs) {
    endedAt = Math.max(endedAt, legEndedAt);
    durationKnown ||= fact.durationSeconds !== null;
    trunkIn ??= fact.trunkIn;
    did ??= fact.did;
    didName ??= fact.didName;
  }
  const trunkOut = trunkOutOf([...answering, deciding, ...legs]);
  const isRecorded = (each: FoldedLeg) => each.fact.recording !== null;
  const fields: CallFields = {
    direction,
    from: first.from,
    to,
    fromE164: plan.e164(first.from, false),
    toE164: calledE164(plan, { to, did, direction }),
    startedAt,
    answeredAt: answeredAtOf(answering),
    endedAt,
    durationSeconds: durationKnown ? Math.round((endedAt - startedAt) / 1000) : null,
    ringSeconds: answering.length > 0 ? ringOf(answering[0]!) : longestRing(reached),
    talkSeconds: talkOf(answering, turns, deciding),
    queueWaitSeconds: queueWaitOf(legs, visits.at(-1)),
    outcome,
    short: false,
    cause: deciding.fact.cause,
    disposition: null,
    userId: owner.userId,
    extension: owner.extension,
    queue: visits.at(-1)?.queue ?? null,
    line: did ?? (direction === 'outbound' ? (trunkOut ?? trunkIn) : (trunkIn ?? trunkOut)),
    trunkIn,
    trunkOut,
    did,
    didName,
    recording: (answering.find(isRecorded) ?? legs.findLast(isRecorded))?.fact.recording ?? null,
    costMicros: null,
    currency: null,
    vote: null,
    failedReason: null,
    note: null,
    links: null,
  };
  return { fields, turns, visits };
}

/** The first that is told: a call that one trunk failed to carry went out by the next. */
const trunkOutOf = (legs: readonly FoldedLeg[]): string | null =>
  legs.find(each => each.fact.trunkOut !== null)?.fact.trunkOut ?? null;

/** Of the legs that tell when they were answered. */
function answeredAtOf(answering: readonly FoldedLeg[]): number | null {
  const told = answering.filter(tellsTalk);
  return told.length === 0 ? null : Math.min(...told.map(each => each.answeredAt));
}

/**
 * Time in which people talked, null where no leg tells it; of a call that a mailbox took the length of the message, which statistics do
 * not count as talk. A row that lasts as long as the call has also what lies between two of them, as in a parking slot or a queue.
 */
function talkOf(answering: readonly FoldedLeg[], turns: readonly Turn[], deciding: FoldedLeg): number | null {
  if (answering.length === 0) return isMailbox(deciding) ? (deciding.fact.talkSeconds ?? 0) : 0;
  if (!answering.some(tellsTalk)) return null;
  const told = turns.filter(each => tellsTalk(each.leg));
  return secondsCovered(
    told.length > 0
      ? told.map(each => [each.from, each.to])
      : answering.filter(tellsTalk).map(each => [each.answeredAt, each.endedAt]),
  );
}

const tellsTalk = ({ fact }: FoldedLeg): boolean => fact.talkSeconds !== null;

/** Of what rang; where nothing did, of what else was reached but for menus and prompts. */
function longestRing(legs: readonly FoldedLeg[]): number | null {
  const others = legs.filter(each => each.party !== 'ivr' && each.party !== 'service');
  const longest = (of: readonly FoldedLeg[]) =>
    of.map(ringOf).reduce((a, b) => (a === null || b === null ? (a ?? b) : Math.max(a, b)), null);
  return longest(others.filter(rings)) ?? longest(others);
}

/** Of the queue that decides. A PBX that tells no leg of a queue still tells how long the agent's answer took. */
function queueWaitOf(legs: readonly FoldedLeg[], decisive: Visit | undefined): number | null {
  if (decisive !== undefined) return decisive.waitSeconds;
  const longest = Math.max(...legs.map(each => each.fact.agentRingSeconds ?? 0));
  return longest > 0 ? longest : null;
}

interface Owner {
  readonly userId: number | null;
  readonly extension: string | null;
}

/**
 * Whose call it was: the extension that had the other party in the end; where nobody answered the one that dialled out, the one
 * that rang when only one did, and else the one that called inside. Where somebody answered who has no extension, the one that rang had
 * the call only if it sent it on there. A conference that somebody inside called is theirs, whomever it calls.
 */
function ownerOf(
  legs: readonly FoldedLeg[],
  { answering, turns }: { readonly answering: readonly FoldedLeg[]; readonly turns: readonly Turn[] },
  direction: Direction,
  context: FoldContext,
): Owner {
  const { fact: first, caller } = legs[0]!;
  const made: Owner = isCalledFromInside(legs[0]!)
    ? { extension: bareNumber(first.from!), userId: caller.userId }
    : NOBODY;
  const isOwnConference = (conference: FoldedLeg | null) =>
    conference !== null && made !== NOBODY && direction === 'internal';
  const last = lastTurn(turns.filter(each => each.extension !== null));
  if (last !== undefined) {
    return isOwnConference(last.conference) ? made : { extension: last.extension, userId: last.userId };
  }
  const agent = callingAgent(legs, direction);
  if (agent !== undefined) return { extension: agent.to, userId: agent.called.userId };
  if (direction === 'outbound' && !isCallBack(legs, direction)) return made;
  const isRung = (each: FoldedLeg) =>
    isExtension(each) && !isPaged(each, legs) && !isOwnConference(conferenceOf(each, legs));
  const rung = legs.filter(isRung);
  const [extension, ...others] = new Set(rung.map(each => each.to));
  const had = (each: Forwarder) => each.extension === extension && answering.includes(each.leg);
  const onlyRang = answering.length > 0 && !forwardersOf(legs, direction).some(had);
  if (extension === undefined || onlyRang) return direction === 'internal' ? made : NOBODY;
  // One number at two PBXs may be two people's.
  const holderAt = ({ to, plan }: FoldedLeg) => context.holderOf(to, plan.extensionsOf, first.startedAt);
  const holders = new Set(rung.map(holderAt));
  return others.length > 0 || holders.size > 1 ? NOBODY : { extension, userId: [...holders][0]! };
}

const NOBODY: Owner = { extension: null, userId: null };
