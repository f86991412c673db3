/** What became of a call, and who picked it up, as its legs say (docs/yeastar.md, section 1.4, cases C14 to C19). */
import type { Direction } from '../../values/direction.ts';
import { type Outcome, outcomeInDirection } from '../../values/outcome.ts';
import type { LegFact } from '../reports/report.ts';
import type { FoldedLeg } from './foldLegs.ts';
import type { Party } from './party.ts';
import { isExtension, isOutside } from './reached.ts';
import { takingLegs } from './taking.ts';

/** A PBX counts whole seconds: two legs that end together may be told to end a second apart. */
export const ROUNDING_MS = 1_000;

/** What rings until somebody picks up; a conference, a page, a parking slot or a menu picks up itself. */
const RINGING: ReadonlySet<Party> = new Set<Party>(['extension', 'external', 'ringGroup', 'unknown']);
export const rings = ({ party }: FoldedLeg): boolean => RINGING.has(party);

export const isMailbox = ({ party, fact }: FoldedLeg): boolean =>
  fact.status === 'voicemail' || (party === 'voicemail' && fact.status === 'answered');

/** A message in a mailbox is no ringing: what came before it is, where its leg has that. */
export function ringOf({ fact }: FoldedLeg): number | null {
  const { status, durationSeconds, talkSeconds, ringSeconds } = fact;
  if (status !== 'voicemail') return ringSeconds;
  if (durationSeconds === null || talkSeconds === null || durationSeconds <= talkSeconds) return null;
  return durationSeconds - talkSeconds;
}

/**
 * Legs in which somebody picked up. The ANSWERED of menus, ring groups, conferences and the like says that a machine did; that of a
 * queue is believed where it rang first, tells a talk and no leg tells of an agent in it (docs/yeastar.md, traps T7, T34). A call to the
 * outside is answered outside: the agent of a call-back who waits for the customer has nobody to talk to yet.
 */
export function answeringLegs(legs: readonly FoldedLeg[], direction: Direction): FoldedLeg[] {
  const { answered, called, taking } = pickedUpBy(legs);
  const people =
    taking.length === 0 ? called : [...called, ...taking].sort((a, b) => a.fact.startedAt - b.fact.startedAt);
  if (direction === 'outbound' && legs.some(isOutside)) return people.some(isOutside) ? people : [];
  if (people.length > 0 || legs.some(isMailbox)) return people;
  return answered.filter(
    each =>
      each.party === 'queue' && rangAgent(each) && mayHaveTalked(each) && !legs.some(other => isAgentOf(other, each)),
  );
}

/** Without talk nobody was there for whom a machine picked up; how long it was may not be told. */
export const mayHaveTalked = ({ fact }: FoldedLeg): boolean => fact.talkSeconds !== 0;

/** Of what was answered the legs of people: whose telephones were called, and who took the call by calling for it (taking.ts). */
export function pickedUpBy(legs: readonly FoldedLeg[]) {
  const answered = legs.filter(each => each.fact.status === 'answered');
  const called = answered.filter(each => (isExtension(each) && !isPaged(each, legs)) || isOutside(each));
  return { answered, called, taking: takingLegs(legs, called) };
}

/** A loudspeaker of a page: it picks up by itself, and nobody talks back. */
export const isPaged = (leg: FoldedLeg, legs: readonly FoldedLeg[]): boolean =>
  isExtension(leg) &&
  legs.some(each => each.party === 'paging' && isIn(leg, each) && leg.endedAt <= each.endedAt + ROUNDING_MS);

/**
 * The conference in which this leg was called, while its caller was there. Who is called into one talks with everybody in it, and takes
 * the caller over from nobody.
 */
export const conferenceOf = (leg: FoldedLeg, legs: readonly FoldedLeg[]): FoldedLeg | null =>
  (isExtension(leg) || isOutside(leg)
    ? legs.find(
        each => each.party === 'conference' && isIn(leg, each) && leg.fact.startedAt < each.endedAt - ROUNDING_MS,
      )
    : undefined) ?? null;

/** A queue that picked up at once did it to play its music. */
const rangAgent = ({ fact }: FoldedLeg): boolean => (fact.ringSeconds ?? 0) > 0 || (fact.agentRingSeconds ?? 0) > 0;

const isAgentOf = (leg: FoldedLeg, queue: FoldedLeg): boolean =>
  (isExtension(leg) || isOutside(leg)) && isIn(leg, queue);

const isIn = ({ fact }: FoldedLeg, queue: FoldedLeg): boolean =>
  fact.startedAt >= queue.fact.startedAt && fact.startedAt <= queue.endedAt;

/** Its agent answered as the caller hung up: the row begins where the queue's ends, and repeats it, without talk. */
export const isAnsweredAtEnd = (fact: LegFact, queue: FoldedLeg): boolean =>
  fact.status === 'answered' &&
  queue.fact.status === 'answered' &&
  fact.talkSeconds === 0 &&
  queue.fact.talkSeconds === 0 &&
  fact.durationSeconds === queue.fact.durationSeconds &&
  Math.abs(fact.startedAt - queue.endedAt) <= ROUNDING_MS;

/** Whether this leg picked the caller up in the queue; who begins at its end and outlasts it took them after it. */
export function pickedUpIn(queue: FoldedLeg, answering: FoldedLeg): boolean {
  if (answering === queue) return true;
  const { fact, endedAt } = answering;
  const isAfter = fact.startedAt >= queue.endedAt - ROUNDING_MS && endedAt > queue.endedAt + ROUNDING_MS;
  return !isAfter && (isAgentOf(answering, queue) || (isExtension(answering) && isAnsweredAtEnd(fact, queue)));
}

/** `deciding` is the leg whose word the cause is. */
export interface LegOutcome {
  readonly outcome: Outcome;
  readonly deciding: FoldedLeg;
}

export function outcomeOf(
  legs: readonly FoldedLeg[],
  answering: readonly FoldedLeg[],
  direction: Direction,
): LegOutcome {
  if (answering.length > 0) return { outcome: 'answered', deciding: answering[0]! };
  const mailbox = legs.find(isMailbox);
  if (mailbox !== undefined) return { outcome: 'voicemail', deciding: mailbox };
  const { outcome, deciding } = inboundOutcome(legs, direction);
  return { outcome: outcomeInDirection(outcome, direction), deciding };
}

/** Nobody talked: what it was for a caller from outside. */
function inboundOutcome(legs: readonly FoldedLeg[], direction: Direction): LegOutcome {
  const queue = legs.findLast(each => each.party === 'queue');
  const afterQueue =
    queue === undefined ? [] : legs.filter(each => each.party !== 'queue' && goesOnAfter(each, queue, legs));
  if (queue !== undefined && afterQueue.length === 0) return { outcome: leftIn(queue), deciding: queue };
  const reached = queue === undefined ? legs : afterQueue;
  const outside = direction === 'outbound' ? reached.filter(isOutside) : [];
  const rung = outside.length > 0 ? outside : reached.filter(rings);
  if (rung.length > 0) return rungOutcome(rung);
  if (queue !== undefined) return { outcome: 'missed', deciding: queue };
  return machineOutcome(legs.at(-1)!, direction);
}

/** The queue gave the caller on: something other than a prompt began at its end and went on after it, or refused them at once. */
export const goesOnAfter = (leg: FoldedLeg, queue: FoldedLeg, legs: readonly FoldedLeg[]): boolean =>
  outlasts(leg, queue) || isRefusedAfter(leg, queue, legs);

function outlasts({ party, fact, endedAt }: FoldedLeg, queue: FoldedLeg): boolean {
  if (party === 'service' || endedAt <= queue.endedAt) return false;
  if (fact.startedAt >= queue.endedAt) return true;
  return fact.startedAt >= queue.endedAt - ROUNDING_MS && endedAt > queue.endedAt + ROUNDING_MS;
}

/**
 * The queue gave it on to a telephone or a queue that was busy or not to be reached: its row has no length. That of a telephone which the
 * queue has tried before is of an agent, tried once more.
 */
function isRefusedAfter(leg: FoldedLeg, queue: FoldedLeg, legs: readonly FoldedLeg[]): boolean {
  const { status, startedAt } = leg.fact;
  if ((!rings(leg) && leg.party !== 'queue') || legs.indexOf(leg) <= legs.indexOf(queue)) return false;
  const begins = queue.fact.startedAt;
  const isRefusedAtEnd =
    (status === 'busy' || status === 'failed') &&
    startedAt >= queue.endedAt - ROUNDING_MS &&
    startedAt > begins + ROUNDING_MS;
  if (startedAt < queue.endedAt && !isRefusedAtEnd) return false;
  const isTriedBefore = ({ to, fact }: FoldedLeg) =>
    to === leg.to && fact.startedAt >= begins && fact.startedAt < startedAt;
  return !legs.some(isTriedBefore);
}

/** Whatever the PBX calls it, a caller who was still in a queue has left it. */
export function leftIn({ fact }: FoldedLeg): Outcome {
  return fact.status === 'busy' || fact.status === 'failed' || fact.status === 'unknown' ? fact.status : 'abandoned';
}

/** Of several phones that rang the worst that is known. */
const WORST_FIRST = ['abandoned', 'no_answer', 'busy', 'failed', 'unknown'] as const;

function rungOutcome(rung: readonly FoldedLeg[]): LegOutcome {
  for (const status of WORST_FIRST) {
    const deciding = rung.find(each => each.fact.status === status);
    if (deciding !== undefined) return { outcome: status === 'no_answer' ? 'missed' : status, deciding };
  }
  return { outcome: 'missed', deciding: rung.at(-1)! };
}

/** Only machines: an outbound or internal call was for a person all the same, or for nobody. */
function machineOutcome(deciding: FoldedLeg, direction: Direction): LegOutcome {
  const { status } = deciding.fact;
  if (status === 'busy' || status === 'failed' || status === 'unknown') return { outcome: status, deciding };
  return { outcome: direction === 'outbound' || direction === 'internal' ? 'unanswered' : 'ivr_only', deciding };
}
