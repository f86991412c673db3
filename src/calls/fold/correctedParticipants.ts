/** What a person's corrections of a call make of those who took part in it. */

import { isSameUser } from '../../values/sameUser.ts';
import type { MovedPart } from './correctedUsers.ts';
import type { CallFields } from './fold.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { callersOf, type Participant, type ParticipantRole, strongest } from './participants.ts';
import { besideTalk } from './possible.ts';
import { secondsOf, type TalkSpan, talkedSince } from './talksOf.ts';

export interface Corrected {
  readonly before: CallFields;
  readonly after: CallFields;
  readonly moved: readonly MovedPart[];
  readonly legs: readonly FoldedLeg[];
  /** Who completed dialling records of the call. */
  readonly completedBy: readonly number[];
  /** Before corrections of the answer and the talk. */
  readonly talks: readonly TalkSpan[];
}

/** Ascending by user. */
export function correctedParticipants(
  participants: readonly Participant[],
  corrected: Corrected,
): readonly Participant[] {
  const found = new Map(sinceAnswer(participants, corrected).map(each => [each.userId, each]));
  const wasAnswered = corrected.before.outcome === 'answered';
  const isAnswered = corrected.after.outcome === 'answered';
  for (const each of corrected.moved) movePart(found, each, corrected);
  giveToOwner(found, corrected);
  if (wasAnswered && !isAnswered) withoutTalk(found, corrected);
  else if (isAnswered && !wasAnswered) withTalk(found, corrected.after);
  else correctTalk(found, corrected);
  return [...found.values()].map(each => within(each, corrected)).sort((a, b) => a.userId - b.userId);
}

/**
 * Nobody talked before the answer, so that what people talked after one another is never more than the call's talk. Who had talked all of
 * it has the corrected one (correctTalk).
 */
function sinceAnswer(
  participants: readonly Participant[],
  { before, after, talks, legs }: Corrected,
): readonly Participant[] {
  if (before.outcome !== 'answered' || after.outcome !== 'answered') return participants;
  if (before.answeredAt === after.answeredAt && before.talkSeconds === after.talkSeconds) return participants;
  const since = talkedSince(talks, after);
  return participants.map(each => {
    const { userId, role, talkSeconds } = each;
    const left = secondsOf(userId, talks, since);
    if (talkSeconds === null || talkSeconds === before.talkSeconds || left === secondsOf(userId, talks)) return each;
    const isGone = left === 0 && role === 'transferred';
    return {
      ...each,
      role: isGone ? roleWithoutTalk(each, legs, after) : role,
      talkSeconds: Math.min(talkSeconds, left),
    };
  });
}

/** Nobody talked longer than was talked, nor was rung while they did, by what people correct of the talk. */
function within(each: Participant, { before, after }: Corrected): Participant {
  const isOver = each.talkSeconds !== null && after.talkSeconds !== null && each.talkSeconds > after.talkSeconds;
  const talkSeconds = isOver ? after.talkSeconds : each.talkSeconds;
  if (after.talkSeconds === before.talkSeconds) return isOver ? { ...each, talkSeconds } : each;
  return { ...each, talkSeconds, ringSeconds: besideTalk(each.ringSeconds, talkSeconds, after.durationSeconds) };
}

type Found = Map<number, Participant>;

/** Of two who both talked each keeps what they talked. */
function movePart(found: Found, { from, to }: MovedPart, { legs, completedBy }: Corrected): void {
  const part = found.get(from);
  const own = to === null ? undefined : found.get(to);
  if (part === undefined || from === to || (own !== undefined && hasTalked(own))) return;
  takeFrom(found, part, wasCalled(from, legs), completedBy.includes(from));
  if (to === null) return;
  const role = own === undefined ? part.role : strongest(own.role, part.role);
  found.set(to, { ...part, userId: to, role, ringSeconds: own?.ringSeconds ?? part.ringSeconds });
}

const hasTalked = ({ talkSeconds }: Participant): boolean => talkSeconds !== 0 && talkSeconds !== null;

/**
 * Whose call it was has the part of the one it is taken from, who keeps a telephone that rang, or having completed its record, and
 * nothing else. Two who both talked
 * keep what each talked: only who had the call in the end is another.
 */
function giveToOwner(found: Found, { before, after, legs, completedBy, talks }: Corrected): void {
  const { userId, ringSeconds } = after;
  const owner = before.userId === null ? undefined : found.get(before.userId);
  if (userId === before.userId && (userId === null || found.has(userId))) return;
  const own = userId === null ? undefined : found.get(userId);
  if (own !== undefined && hasTalked(own)) {
    if (own.role === 'caller') return;
    found.set(own.userId, { ...own, role: 'answered' });
    if (owner?.role === 'answered') found.set(owner.userId, { ...owner, role: 'transferred' });
    return;
  }
  if (owner !== undefined) takeFrom(found, owner, wasCalled(owner.userId, legs), completedBy.includes(owner.userId));
  if (userId === null) return;
  const role = owner?.role ?? roleOf(after);
  const talkSeconds = owner === undefined ? talkOfNobody({ before, after, talks }) : owner.talkSeconds;
  found.set(userId, {
    userId,
    role: own === undefined ? role : strongest(own.role, role),
    ringSeconds: own?.ringSeconds ?? owner?.ringSeconds ?? ringSeconds,
    talkSeconds,
  });
}

/** What was talked at an extension that nobody held, or outside: all of the call, unless others talked as well. */
function talkOfNobody({ before, after, talks }: Pick<Corrected, 'before' | 'after' | 'talks'>): number | null {
  if (after.outcome !== 'answered') return 0;
  const isWhole = talks.every(each => each.userId === null) || secondsOf(null, talks) === before.talkSeconds;
  return isWhole ? after.talkSeconds : secondsOf(null, talks, talkedSince(talks, after));
}

function takeFrom(found: Found, owner: Participant, wasRung: boolean, hasCompleted: boolean): void {
  const { userId, ringSeconds, talkSeconds } = owner;
  const role = hasCompleted ? 'caller' : 'rang';
  if (wasRung) found.set(userId, { userId, role, ringSeconds, talkSeconds: talkSeconds === null ? null : 0 });
  else if (hasCompleted) found.set(userId, { userId, role, ringSeconds: null, talkSeconds: null });
  else found.delete(userId);
}

const wasCalled = (userId: number, legs: readonly FoldedLeg[]): boolean =>
  legs.some(each => each.party === 'extension' && each.called.userId === userId);

function roleOf({ outcome, direction }: CallFields): ParticipantRole {
  if (outcome === 'answered') return 'answered';
  return direction === 'outbound' || direction === 'internal' ? 'caller' : 'rang';
}

/** It was not answered: nobody talked. */
function withoutTalk(found: Found, { after, legs }: Corrected): void {
  for (const each of found.values()) {
    found.set(each.userId, { ...each, role: roleWithoutTalk(each, legs, after), talkSeconds: 0 });
  }
}

function roleWithoutTalk(
  { userId, role }: Participant,
  legs: readonly FoldedLeg[],
  after: CallFields,
): ParticipantRole {
  if (role !== 'answered' && role !== 'transferred') return role;
  const isOutbound = after.direction === 'outbound' && !wasCalled(userId, legs);
  return callersOf(legs, after).includes(userId) || isOutbound ? 'caller' : 'rang';
}

/** It was answered after all, by whose call it is; who called from inside talked with that one. */
function withTalk(found: Found, { userId, direction, talkSeconds }: CallFields): void {
  for (const each of found.values()) {
    if (direction === 'internal' && each.role === 'caller') found.set(each.userId, { ...each, talkSeconds });
    else if (isSameUser(each.userId, userId)) found.set(each.userId, { ...each, role: 'answered', talkSeconds });
  }
}

/** A corrected talk is that of everybody who had talked all of it; nobody talked longer. */
function correctTalk(found: Found, { before, after: { talkSeconds } }: Corrected): void {
  if (talkSeconds === null || talkSeconds === before.talkSeconds) return;
  for (const each of found.values()) {
    if (each.talkSeconds === null || each.talkSeconds === 0) continue;
    const isWhole = each.talkSeconds === before.talkSeconds;
    found.set(each.userId, { ...each, talkSeconds: isWhole ? talkSeconds : Math.min(each.talkSeconds, talkSeconds) });
  }
}
