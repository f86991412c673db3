/**
 * What of a call cannot be true together, as a program states it: a door refuses it within one statement, and of what several state the
 * earlier gives way (statedCalls.ts).
 */
import type { StatedCall } from '../reports/report.ts';
import { hasTalk } from './possible.ts';

export type Spans = Pick<
  StatedCall,
  | 'startedAt'
  | 'answeredAt'
  | 'endedAt'
  | 'durationSeconds'
  | 'ringSeconds'
  | 'talkSeconds'
  | 'queueWaitSeconds'
  | 'outcome'
>;

export interface Contradiction {
  /** The one to correct. */
  readonly field: keyof Spans;
  /** What it must be, to follow its name. */
  readonly detail: string;
}

/** A start, an answer, an end and the seconds between them are each rounded for themselves. */
const ROUNDING_SECONDS = 2;

/** The end that is told, or that follows from the duration; null while there is none. UTC milliseconds. */
export const endOf = ({ startedAt, endedAt, durationSeconds }: Omit<Spans, 'outcome'>): number | null =>
  endedAt ?? (durationSeconds === null ? null : startedAt + durationSeconds * 1000);

/** What is not stated contradicts nothing. */
export function contradictionsIn(spans: Spans): readonly Contradiction[] {
  return [...inOrder(spans), ...inOutcome(spans), ...inLengths(spans)];
}

function* inOrder({ startedAt, answeredAt, endedAt, durationSeconds }: Spans): Iterable<Contradiction> {
  if (endedAt !== null && endedAt < startedAt) yield { field: 'endedAt', detail: 'must not be before startedAt' };
  if (answeredAt !== null && answeredAt < startedAt) {
    yield { field: 'answeredAt', detail: 'must not be before startedAt' };
  }
  if (answeredAt !== null && endedAt !== null && answeredAt > endedAt) {
    yield { field: 'answeredAt', detail: 'must not be after endedAt' };
  }
  if (answeredAt !== null && durationSeconds !== null && isOver(answeredAt - startedAt, durationSeconds)) {
    yield { field: 'answeredAt', detail: `must not be after the ${durationSeconds} seconds of the call` };
  }
}

/** Nobody has answered or talked in what was missed. */
function* inOutcome({ outcome, answeredAt, talkSeconds }: Spans): Iterable<Contradiction> {
  if (outcome === null || outcome === 'unknown' || hasTalk(outcome)) return;
  if ((talkSeconds ?? 0) > 0) yield { field: 'talkSeconds', detail: `must be 0 where outcome is ${outcome}` };
  if (answeredAt !== null) yield { field: 'answeredAt', detail: `must be null where outcome is ${outcome}` };
}

function* inLengths(spans: Spans): Iterable<Contradiction> {
  const { startedAt, answeredAt, endedAt, durationSeconds, ringSeconds, talkSeconds, queueWaitSeconds } = spans;
  const span = endedAt === null ? null : Math.ceil((endedAt - startedAt) / 1000);
  if (span !== null && durationSeconds !== null && Math.abs(durationSeconds - span) > ROUNDING_SECONDS) {
    yield { field: 'durationSeconds', detail: `must be the ${span} seconds from startedAt to endedAt` };
  }
  const whole = durationSeconds ?? span;
  if (whole !== null) {
    const ofCall = `must not be more than the ${whole} seconds of the call`;
    const rest = whole - (talkSeconds ?? 0) + ROUNDING_SECONDS;
    if (talkSeconds !== null && talkSeconds > whole) yield { field: 'talkSeconds', detail: ofCall };
    if (ringSeconds !== null && ringSeconds > whole + ROUNDING_SECONDS) yield { field: 'ringSeconds', detail: ofCall };
    else if (ringSeconds !== null && talkSeconds !== null && talkSeconds <= whole && ringSeconds > rest) {
      yield {
        field: 'ringSeconds',
        detail: `must leave the ${talkSeconds} seconds of talk in the ${whole} of the call`,
      };
    }
    if (queueWaitSeconds !== null && queueWaitSeconds > whole + ROUNDING_SECONDS) {
      yield { field: 'queueWaitSeconds', detail: ofCall };
    }
  }
  if (answeredAt === null) return;
  if (ringSeconds !== null && isOver(ringSeconds * 1000, (answeredAt - startedAt) / 1000)) {
    yield { field: 'ringSeconds', detail: 'must not be more than the seconds from startedAt to answeredAt' };
  }
  const end = endOf(spans);
  if (end !== null && talkSeconds !== null && isOver(talkSeconds * 1000, Math.max(0, (end - answeredAt) / 1000))) {
    yield { field: 'talkSeconds', detail: 'must not be more than the seconds from answeredAt to the end' };
  }
}

const isOver = (ms: number, seconds: number): boolean => ms > (seconds + ROUNDING_SECONDS) * 1000;
