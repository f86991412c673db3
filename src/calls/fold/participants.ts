/** Who took part in a call: who held its legs, and whom an application, a dialling record, `/v1` or a correction states. */

import { isSameUser } from '../../values/sameUser.ts';
import { callingAgent } from './callBack.ts';
import type { CallFields } from './fold.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { forwardersOf } from './forwarding.ts';
import { isMailbox, ringOf } from './legOutcome.ts';
import { callerTurnsOf, isTogether, lastTurn, secondsCovered, type Turn } from './turns.ts';

/**
 * What a person did in a call, the strongest first: talked last, talked and handed on, made it, sent it on to a mobile or a mailbox,
 * was only rung.
 */
export const PARTICIPANT_ROLES = ['answered', 'transferred', 'caller', 'forwarded', 'rang'] as const;
export type ParticipantRole = (typeof PARTICIPANT_ROLES)[number];

/** Seconds are of that person's legs alone, never a queue's; null where none was told. */
export interface Participant {
  readonly userId: number;
  readonly role: ParticipantRole;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
}

/** What a program states of one part of a call, or a desktop of a record. */
export type StatedPart = Pick<CallFields, 'userId' | 'direction' | 'outcome' | 'ringSeconds' | 'talkSeconds'> & {
  /** Who held the numbers it names, of a call inside. */
  readonly callerId: number | null;
  readonly calledId: number | null;
};

export interface Told {
  readonly legs: readonly FoldedLeg[];
  readonly turns: readonly Turn[];
  /** In the order in which they ended. */
  readonly parts: readonly StatedPart[];
  /** Who completed dialling records of the call. */
  readonly completedBy: readonly number[];
  /** Before corrections. */
  readonly uncorrected: CallFields;
}

/** Ascending by user, before corrections (correctedParticipants.ts). */
export function participantsOf(told: Told): readonly Participant[] {
  const found = new Map<number, Participant>();
  for (const each of legParticipants(told)) found.set(each.userId, each);
  for (const each of statedParticipants(told)) {
    const byLegs = found.get(each.userId);
    found.set(each.userId, byLegs === undefined ? each : withStatedTalk(byLegs, each, told));
  }
  for (const userId of told.completedBy) {
    if (!found.has(userId)) found.set(userId, { userId, role: 'caller', ringSeconds: null, talkSeconds: null });
  }
  return [...found.values()].sort((a, b) => a.userId - b.userId);
}

type Span = readonly [from: number, to: number];

/** A leg that was picked up rang until then, though it may begin with the answer and repeat how long its queue rang. */
function ringSpanOf(leg: FoldedLeg): Span | null {
  const ring = ringOf(leg);
  if (ring === null) return null;
  const { fact, answeredAt } = leg;
  const isPickedUp = fact.status === 'answered' && fact.talkSeconds !== null;
  return isPickedUp ? [answeredAt - ring * 1000, answeredAt] : [fact.startedAt, fact.startedAt + ring * 1000];
}

class Part {
  readonly userId: number;
  readonly #roles = new Set<ParticipantRole>();
  readonly #turns: Turn[] = [];
  readonly #rings: Span[] = [];
  #isTalkKnown = false;

  constructor(userId: number) {
    this.userId = userId;
  }

  had(role: ParticipantRole): this {
    this.#roles.add(role);
    return this;
  }

  rang(span: Span): void {
    this.#rings.push(span);
  }

  talked(turn: Turn): void {
    this.#turns.push(turn);
  }

  knowsTalk(): void {
    this.#isTalkKnown = true;
  }

  read(): Participant {
    return {
      userId: this.userId,
      role: PARTICIPANT_ROLES.find(each => this.#roles.has(each))!,
      ringSeconds: this.#rings.length > 0 ? secondsCovered(this.#rings) : null,
      talkSeconds: this.#isTalkKnown ? secondsCovered(this.#turns.map(each => [each.from, each.to])) : null,
    };
  }
}

function legParticipants({ legs, turns, uncorrected }: Told): readonly Participant[] {
  if (legs.length === 0) return [];
  const parts = new Map<number, Part>();
  const partOf = (userId: number): Part => {
    const part = parts.get(userId) ?? new Part(userId);
    parts.set(userId, part);
    return part;
  };
  for (const leg of legs) {
    if (leg.party !== 'extension' || leg.called.userId === null) continue;
    const part = partOf(leg.called.userId).had(isMailbox(leg) ? 'forwarded' : 'rang');
    const rings = ringSpanOf(leg);
    if (rings !== null) part.rang(rings);
    if (leg.fact.status !== 'answered' || leg.fact.talkSeconds !== null) part.knowsTalk();
  }
  for (const userId of callersOf(legs, uncorrected)) partOf(userId).had('caller').knowsTalk();
  for (const { userId } of forwardersOf(legs, uncorrected.direction)) {
    if (userId !== null) partOf(userId).had('forwarded').knowsTalk();
  }
  const last = lastTurn(turns);
  for (const turn of turns) {
    if (turn.userId === null) continue;
    const isLast = turn.userId === last?.userId || (last !== undefined && isTogether(turn, last));
    const part = partOf(turn.userId).had(isLast ? 'answered' : 'transferred');
    part.talked(turn);
    if (turn.leg.fact.talkSeconds !== null) part.knowsTalk();
  }
  if (uncorrected.direction === 'internal') {
    const { userId } = legs[0]!.caller;
    if (userId !== null) for (const turn of callerTurnsOf(turns, userId)) partOf(userId).talked(turn);
  }
  return [...parts.values()].map(each => each.read());
}

/** Who made the call: its first extension, or the agent who calls a customer back. Nobody who only handed it on. */
export function callersOf(legs: readonly FoldedLeg[], { direction }: CallFields): readonly number[] {
  if (legs.length === 0 || (direction !== 'outbound' && direction !== 'internal')) return [];
  const { caller } = legs[0]!;
  const userId = caller.party === 'extension' ? caller.userId : (callingAgent(legs, direction)?.called.userId ?? null);
  return userId === null ? [] : [userId];
}

/**
 * Whom programs state and no leg tells of. What a PBX says of the call bounds what they talked; where it names nobody for the talk, the
 * program does. Of a call inside both sides are here.
 */
function statedParticipants({ legs, turns, parts, uncorrected }: Told): readonly Participant[] {
  const found = new Map<number, Participant>();
  const isPbx = legs.length > 0;
  // What a program counts as ring of a call that a mailbox took may be the message (preferPbx.ts).
  const isMessage = isPbx && uncorrected.outcome === 'voicemail' && uncorrected.ringSeconds === null;
  const lastStated = parts.findLast(each => each.userId !== null && each.outcome === 'answered')?.userId ?? null;
  const isLastNamed = isPbx && lastTurn(turns)?.userId !== null;
  const last = isLastNamed ? uncorrected.userId : (lastStated ?? uncorrected.userId);
  for (const part of parts) {
    const answered = part.outcome === 'answered' && (!isPbx || uncorrected.outcome === 'answered');
    const told = part.talkSeconds === null ? null : 0;
    const talkSeconds = answered ? atMost(part.talkSeconds, uncorrected.talkSeconds) : told;
    const ringSeconds = isMessage ? null : part.ringSeconds;
    const add = (userId: number | null, role: ParticipantRole): void => {
      if (userId === null) return;
      const before = found.get(userId);
      found.set(userId, {
        userId,
        role: before === undefined ? role : strongest(before.role, role),
        ringSeconds:
          role === 'caller' && answered ? (before?.ringSeconds ?? null) : sum(before?.ringSeconds ?? null, ringSeconds),
        talkSeconds: atMost(sum(before?.talkSeconds ?? null, talkSeconds), answered ? uncorrected.talkSeconds : null),
      });
    };
    const { userId, callerId, calledId, direction } = part;
    const isLast = isSameUser(userId, last);
    const talkers = isLast ? 'answered' : 'transferred';
    if (isSameUser(userId, callerId)) add(userId, 'caller');
    else {
      add(userId, answered ? talkers : direction === 'outbound' ? 'caller' : 'rang');
      add(callerId, 'caller');
    }
    if (calledId !== null && !isSameUser(userId, calledId)) add(calledId, answered ? 'answered' : 'rang');
  }
  return [...found.values()];
}

/**
 * Legs tell who talked before a program does. Of talk at a telephone that nobody holds, or outside, they name nobody: whom a program
 * states had it, also where that one's own telephone only rang, or sent the call on.
 */
function withStatedTalk(byLegs: Participant, stated: Participant, { turns }: Told): Participant {
  const isUntalked = byLegs.role === 'rang' || byLegs.role === 'forwarded';
  const unnamed = turns.filter(each => each.userId === null);
  if (!isUntalked || !TALKED.has(stated.role) || unnamed.length === 0) return byLegs;
  const isTold = unnamed.some(each => each.leg.fact.talkSeconds !== null);
  const talked = isTold ? secondsCovered(unnamed.map(each => [each.from, each.to])) : null;
  return {
    ...byLegs,
    role: stated.role,
    ringSeconds: byLegs.ringSeconds ?? stated.ringSeconds,
    talkSeconds: atMost(stated.talkSeconds, talked),
  };
}

const TALKED: ReadonlySet<ParticipantRole> = new Set(['answered', 'transferred']);

export const strongest = (a: ParticipantRole, b: ParticipantRole): ParticipantRole =>
  PARTICIPANT_ROLES.indexOf(a) < PARTICIPANT_ROLES.indexOf(b) ? a : b;
const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : a + b);
const atMost = (value: number | null, bound: number | null): number | null =>
  value === null || bound === null ? value : Math.min(value, bound);
