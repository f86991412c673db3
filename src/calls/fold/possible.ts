/** What people say of a span holds, and the call stays one that can have been. */
import { outcomeInDirection } from '../../values/outcome.ts';
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

/** The legs as far as they lie within the span that people state: what began after the end is not of the call. */
export function withinSpan(legs: readonly FoldedLeg[], valid: readonly Correction[]): readonly FoldedLeg[] {
  const { from, until } = spanOf(valid);
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
 * The end is not before the start, the answer is between them, and nobody talks longer than the call lasts, nor longer than since
 * the answer where people state the span. `stated` are the fields that they state.
 */
export function madePossible(fields: CallFields, stated: ReadonlySet<string>): CallFields {
  const { startedAt, answeredAt } = fields;
  if (fields.endedAt === null) {
    return answeredAt === null ? fields : { ...fields, answeredAt: Math.max(answeredAt, startedAt) };
  }
  const endedAt = Math.max(fields.endedAt, startedAt);
  const isSpan = stated.has('startedAt') || stated.has('endedAt');
  const isTooLate = answeredAt !== null && answeredAt > endedAt;
  if (isTooLate && isSpan && fields.outcome === 'answered' && !stated.has('outcome') && !stated.has('answeredAt')) {
    const outcome = outcomeInDirection('missed', fields.direction);
    return madePossible({ ...fields, outcome, answeredAt: null, talkSeconds: 0 }, stated);
  }
  const durationSeconds = endedAt === fields.endedAt ? fields.durationSeconds : 0;
  const answered = answeredAt === null ? null : Math.min(Math.max(answeredAt, startedAt), endedAt);
  const since = isSpan && !stated.has('talkSeconds') && answered !== null ? secondsFrom(answered, endedAt) : null;
  const longest = Math.min(durationSeconds ?? secondsFrom(startedAt, endedAt), since ?? Number.POSITIVE_INFINITY);
  const talkSeconds = fields.talkSeconds === null ? null : Math.min(fields.talkSeconds, longest);
  const isPossible = endedAt === fields.endedAt && answered === answeredAt && talkSeconds === fields.talkSeconds;
  return isPossible ? fields : { ...fields, endedAt, answeredAt: answered, durationSeconds, talkSeconds };
}

const secondsFrom = (from: number, to: number): number => Math.round((to - from) / 1000);
