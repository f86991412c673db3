/** Which queues a call was in, how long the caller waited in each, and what became of the call there. */
import { decidingVisit } from '../../values/decidingVisit.ts';
import type { Direction } from '../../values/direction.ts';
import { outcomeInDirection, type QueueOutcome } from '../../values/outcome.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { goesOnAfter, isMailbox, leftIn, pickedUpIn, ROUNDING_MS, ringOf } from './legOutcome.ts';

/**
 * One for each queue of a source, however often the call came there: an answer ends a wait, so it is what came after the last answer
 * before the call was there for the last time.
 */
export interface Visit {
  readonly sourceId: number;
  readonly queue: string;
  readonly outcome: QueueOutcome;
  /** Of these times together; null where none was told. */
  readonly waitSeconds: number | null;
}

/** One time in a queue. Instants are UTC milliseconds. */
export interface Stay extends Visit {
  /** Somebody answered then, whom the queue called or to whom it gave the call on. */
  readonly endsWait: boolean;
  readonly startedAt: number;
  /** What begins in the same queue before this tells of the same time there; null where nothing ends it. */
  readonly sameUntil: number | null;
}

/** As the legs of a PBX tell it, the one that decides for the call last. */
export function legVisits(
  legs: readonly FoldedLeg[],
  answering: readonly FoldedLeg[],
  direction: Direction,
): readonly Visit[] {
  const queues = legs.filter(each => each.party === 'queue');
  const innermost = (agent: FoldedLeg) => queues.findLast(each => pickedUpIn(each, agent));
  const agents = Map.groupBy(answering, innermost);
  const stays = queues.flatMap((leg, place): Stay[] => {
    const { sourceId, to } = leg;
    const own = agents.get(leg) ?? [];
    const isAnswered = own.length > 0;
    const outcome = isAnswered ? 'answered' : outcomeInDirection(leftTo(leg, legs), direction);
    const { startedAt } = leg.fact;
    const span = { startedAt, sameUntil: isAnswered ? Math.min(...own.map(each => each.answeredAt)) : startedAt };
    const next = queues[place + 1]?.fact.startedAt ?? Number.POSITIVE_INFINITY;
    const isBeforeNext = ({ party, answeredAt: at }: FoldedLeg) => party !== 'queue' && at >= startedAt && at <= next;
    const endsWait = isAnswered || answering.some(isBeforeNext);
    return to === null ? [] : [{ sourceId, queue: to, outcome, waitSeconds: waitOf(leg, own), endsWait, ...span }];
  });
  return visitsOf(stays, sumOf);
}

/** What became of a caller whom no agent of the queue had. */
function leftTo(queue: FoldedLeg, legs: readonly FoldedLeg[]): QueueOutcome {
  if (isMailbox(queue)) return 'voicemail';
  const after = legs.filter(each => goesOnAfter(each, queue, legs));
  if (after.length === 0) return leftIn(queue);
  // A menu at its end, such as that of the night, is nobody to whom the queue gave the caller.
  return after.some(each => each.party !== 'ivr') ? 'overflowed' : 'missed';
}

/**
 * A queue in which nobody picked up was waited in to its end, also where its own music counts as an answer; a message in its mailbox is
 * no waiting. Of one that was answered its row tells how long that took, the longer way: music may pick up before the agent. Where it
 * picked up at once and tells no more, its agent's leg does.
 */
function waitOf(queue: FoldedLeg, agents: readonly FoldedLeg[]): number | null {
  const { startedAt, ringSeconds, agentRingSeconds, durationSeconds } = queue.fact;
  if (agents.length === 0) return isMailbox(queue) ? ringOf(queue) : (durationSeconds ?? ringSeconds);
  const own = Math.max(ringSeconds ?? 0, agentRingSeconds ?? 0);
  if (isLong(own)) return own;
  const told = Math.max(own, ...agents.map(each => each.fact.agentRingSeconds ?? 0));
  if (isLong(told)) return told;
  const answers = agents.filter(each => each !== queue && each.fact.talkSeconds !== null);
  const answeredSeconds = Math.round((Math.min(...answers.map(each => each.answeredAt)) - startedAt) / 1000);
  if (answers.length > 0 && isLong(answeredSeconds)) return answeredSeconds;
  return told > 0 ? told : (ringSeconds ?? agentRingSeconds);
}

const isLong = (seconds: number): boolean => seconds * 1000 > ROUNDING_MS;

type Together = (waits: readonly (number | null)[]) => number | null;

const sumOf: Together = waits => waits.reduce((a, b) => (a === null || b === null ? (a ?? b) : a + b), null);
const lastOf: Together = waits => waits.findLast(each => each !== null) ?? null;

/** Stays in their order as visits, each where the call was for the last time, and the one that decides for the call last. */
function visitsOf(told: readonly Stay[], together: Together): readonly Visit[] {
  const stays = toldOnce(told, together).map((stay, place) => ({ ...stay, place }));
  const groups = Map.groupBy(stays, each => JSON.stringify([each.sourceId, each.queue]));
  const visits = [...groups.values()].map(own => {
    const last = own.at(-1)!;
    const answer = stays.findLast(each => each.place < last.place && each.endsWait)?.place ?? -1;
    const waits = own.filter(each => each.place > answer).map(each => each.waitSeconds);
    return { ...last, waitSeconds: together(waits) };
  });
  const last = decidingVisit(visits);
  const inOrder = visits.filter(each => each !== last).sort((a, b) => a.place - b.place);
  return [...inOrder, ...(last === undefined ? [] : [last])].map(({ sourceId, queue, outcome, waitSeconds }) => ({
    sourceId,
    queue,
    outcome,
    waitSeconds,
  }));
}

/** Several that tell of one time in a queue as one, that was answered if one of them was, where the last of them is. */
function toldOnce(told: readonly Stay[], together: Together): readonly Stay[] {
  const stays: Stay[] = [];
  for (const each of told) {
    const isSame = (other: Stay) =>
      other.sourceId === each.sourceId &&
      other.queue === each.queue &&
      (other.sameUntil === null || each.startedAt < other.sameUntil);
    const place = stays.findLastIndex(isSame);
    const [same] = place < 0 ? [] : stays.splice(place, 1);
    if (same === undefined) stays.push(each);
    else {
      const { outcome } = same.outcome === 'answered' ? same : each;
      const endsWait = same.endsWait || each.endsWait;
      stays.push({ ...each, outcome, endsWait, waitSeconds: together([same.waitSeconds, each.waitSeconds]) });
    }
  }
  return stays;
}

/** As programs state it, each of a part of the call, in the order in which these ended. Two that state the same wait state it twice. */
export const statedVisits = (stays: readonly Stay[]): readonly Visit[] => visitsOf(stays, lastOf);

/** Of the parts of a call, in the order in which these ended: what was waited in each is waited in all. */
export const visitsOfParts = (stays: readonly Stay[]): readonly Visit[] => visitsOf(stays, sumOf);
