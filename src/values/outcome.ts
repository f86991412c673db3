import type { Direction } from './direction.ts';

/**
 * What became of a call, in the house's own closed vocabulary. Every vendor code leads to exactly one of these and each of
 * these to one code per dialect (ARCHITECTURE.md, section 2: cause, outcome, disposition are three things).
 */
export const OUTCOMES = [
  'answered',
  'missed',
  'abandoned',
  'unanswered',
  'busy',
  'declined',
  'cancelled',
  'voicemail',
  'ivr_only',
  'failed',
  'unreachable',
  'invalid_number',
  'blocked',
  'unknown',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** What became of a call in one queue. `overflowed`: it went on to another queue, a desk, a mailbox or a number, not answered there. */
export const QUEUE_OUTCOMES = [...OUTCOMES, 'overflowed'] as const;
export type QueueOutcome = (typeof QUEUE_OUTCOMES)[number];

const known: ReadonlySet<unknown> = new Set(OUTCOMES);

/** Exact spelling only: `Answered` is a vendor's word, not ours. */
export function isOutcome(x: unknown): x is Outcome {
  return known.has(x);
}

/**
 * The outcome as it reads in a direction: only inbound calls are missed or abandoned, and where nobody picked up an outbound or
 * internal one it is unanswered.
 */
export function outcomeInDirection<O extends QueueOutcome>(outcome: O, direction: Direction): O | Outcome {
  if (direction === 'inbound') return outcome === 'unanswered' ? 'missed' : outcome;
  return outcome === 'missed' || outcome === 'abandoned' ? 'unanswered' : outcome;
}
