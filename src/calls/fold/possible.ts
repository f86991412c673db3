/** What people say of a span holds, and the call stays one that can have been. */
import { type Outcome, outcomeInDirection } from '../../values/outcome.ts';
import type { Correction } from '../reports/report.ts';
import type { CallFields } from './fold.ts';
import type { FoldedLeg } from './foldLegs.ts';

/** What these corrections state of the start and the end; the later word counts. */
function spanOf(valid: readonly Correction[]): { readonly from: number; readonly until: number } {
  let from = Number.NEGATIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  for (const { fields } of valid) {
    from = fields.startedAt ?? from;
    until = fields.endedAt ?? until;
  }
  return { from, until };
}

/** Both ends moved by as much, or to another time altogether. */
const SAME_MOVE_MS = 2_000;

/** Milliseconds by which people moved all of a call: a clock or a zone was wrong, and nothing of it is cut off. */
export function movedByMs(
  { startedAt, endedAt }: Pick<CallFields, 'startedAt' | 'endedAt'>,
  valid: readonly Correction[],
): number {
  const { from, until } = spanOf(valid);
  if (!Number.isFinite(from) || !Number.isFinite(until) || endedAt === null) return 0;
  const byMs = from - startedAt;
  const isApart = from >= endedAt || until <= startedAt;
  return isApart || Math.abs(until - endedAt - byMs) <= SAME_MOVE_MS ? byMs : 0;
}

function moved(leg: FoldedLeg, byMs: number): FoldedLeg {
  const { fact, answeredAt, endedAt } = leg;
  return {
    ...leg,
    answeredAt: answeredAt + byMs,
    endedAt: endedAt + byMs,
    fact: { ...fact, startedAt: fact.startedAt + byMs },
  };
}

/** The legs as far as they lie within the span that people state: what began after the end is not of the call. */
export function withinSpan(told: readonly FoldedLeg[], valid: readonly Correction[]): readonly FoldedLeg[] {
  if (told.length === 0) return told;
  const { from, until } = spanOf(valid);
  const startedAt = Math.min(...told.map(each => each.fact.startedAt));
  const byMs = movedByMs({ startedAt, endedAt: Math.max(...told.map(each => each.endedAt)) }, valid);
  const legs = byMs === 0 ? told : told.map(each => moved(each, byMs));
  if (legs.every(each => each.fact.startedAt >= from && each.endedAt <= until)) return legs;
  const begun = legs.filter(each => each.fact.startedAt < until);
  return (begun.length > 0 ? begun : legs.slice(0, 1)).map(each => cut(each, from, until));
}

/** Nobody has picked up by an end before the answer. */
function cut(leg: FoldedLeg, from: number, until: number): FoldedLeg {
  const { fact } = leg;
  const endedAt = Math.min(Math.max(leg.endedAt, from), until);
  const answeredAt = Math.min(Math.max(leg.answeredAt, from), endedAt);
  const isUnanswered = fact.status === 'answered' && fact.talkSeconds !== null && leg.answeredAt >= until;
  const atMost = (seconds: number | null, ms: number) =>
    seconds === null ? null : Math.min(seconds, Math.max(0, Math.round(ms / 1000)));
  return {
    ...leg,
    endedAt,
    answeredAt,
    fact: {
      ...fact,
      status: isUnanswered ? 'no_answer' : fact.status,
      durationSeconds: atMost(fact.durationSeconds, until - fact.startedAt),
      ringSeconds: atMost(fact.ringSeconds, until - fact.startedAt),
      talkSeconds: atMost(fact.talkSeconds, endedAt - answeredAt),
    },
  };
}

/**
 * The end is not before the start, the answer is between them, nobody talks longer than from the answer to the end, nor longer than the
 * call lasts, and only where the outcome has talk. `stated` are the fields that people state: what they do not state gives way.
 */
export function madePossible(fields: CallFields, stated: ReadonlySet<string>): CallFields {
  const { startedAt, answeredAt } = fields;
  const isSpan = stated.has('startedAt') || stated.has('endedAt');
  const isTooLate = answeredAt !== null && fields.endedAt !== null && answeredAt > Math.max(fields.endedAt, startedAt);
  if (isTooLate && isSpan && fields.outcome === 'answered' && !stated.has('outcome') && !stated.has('answeredAt')) {
    const outcome = outcomeInDirection('missed', fields.direction);
    return withinItself({ ...fields, outcome, answeredAt: null, talkSeconds: 0 }, stated);
  }
  return withinItself(talkedAsItEnded(fields, stated), stated);
}

/** A person's word that somebody talked is a word that it was answered, unless people say what else became of it. */
function talkedAsItEnded(fields: CallFields, stated: ReadonlySet<string>): CallFields {
  const { outcome, answeredAt, talkSeconds } = fields;
  const isTalked = (stated.has('talkSeconds') && talkSeconds! > 0) || (stated.has('answeredAt') && answeredAt !== null);
  if (isTalked && !hasTalk(outcome) && !stated.has('outcome')) return { ...fields, outcome: 'answered' };
  if (hasTalk(outcome) || outcome === 'unknown' || (answeredAt === null && (talkSeconds ?? 0) === 0)) return fields;
  return { ...fields, answeredAt: null, talkSeconds: talkSeconds === null ? null : 0 };
}

function withinItself(fields: CallFields, stated: ReadonlySet<string>): CallFields {
  const { startedAt, answeredAt } = fields;
  if (fields.endedAt === null) {
    return answeredAt === null ? fields : { ...fields, answeredAt: Math.max(answeredAt, startedAt) };
  }
  const endedAt = Math.max(fields.endedAt, startedAt);
  const durationSeconds = endedAt === fields.endedAt ? fields.durationSeconds : 0;
  const longest = Math.min(durationSeconds ?? Number.POSITIVE_INFINITY, Math.ceil((endedAt - startedAt) / 1000));
  const talk = fields.talkSeconds === null ? null : Math.min(fields.talkSeconds, longest);
  const within = answeredAt === null ? null : Math.min(Math.max(answeredAt, startedAt), endedAt);
  // Of an answer that was told and a talk that people state, the answer gives way.
  const isTalkSaid = stated.has('talkSeconds') && !stated.has('answeredAt') && talk !== null && within !== null;
  const answered = isTalkSaid ? Math.max(startedAt, Math.min(within, endedAt - talk * 1000)) : within;
  const since = answered === null ? Number.POSITIVE_INFINITY : Math.ceil((endedAt - answered) / 1000);
  const talkSeconds = talk === null ? null : Math.min(talk, since);
  const isPossible = endedAt === fields.endedAt && answered === answeredAt && talkSeconds === fields.talkSeconds;
  return isPossible ? fields : { ...fields, endedAt, answeredAt: answered, durationSeconds, talkSeconds };
}

/**
 * Nobody waited or heard it ring while they talked: of a talk that people correct, which leaves no room for the ring and the wait that were
 * told, these give way. No person corrects them.
 */
export function waitedBesideTalk(fields: CallFields): CallFields {
  const { ringSeconds, queueWaitSeconds, durationSeconds } = fields;
  return {
    ...fields,
    ringSeconds: besideTalk(ringSeconds, fields.talkSeconds, durationSeconds),
    queueWaitSeconds: besideTalk(queueWaitSeconds, fields.talkSeconds, durationSeconds),
  };
}

/** As much of these seconds as a call of this length has beside the talk. */
export function besideTalk(
  seconds: number | null,
  talkSeconds: number | null,
  durationSeconds: number | null,
): number | null {
  if (seconds === null || talkSeconds === null || talkSeconds === 0 || durationSeconds === null) return seconds;
  return Math.min(seconds, Math.max(0, durationSeconds - talkSeconds));
}

/** Of a mailbox it is the length of the message. */
export const hasTalk = (outcome: Outcome): boolean => outcome === 'answered' || outcome === 'voicemail';
