/**
 * What became of a call, in the house's own closed vocabulary. Every vendor code leads to exactly one of these and each of
 * these to one code per dialect (ARCHITECTURE.md, section 2: cause, outcome, disposition are three things).
 */
export const OUTCOMES = [
  'answered',
  'missed',
  'abandoned',
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

const known: ReadonlySet<unknown> = new Set(OUTCOMES);

/** Exact spelling only: `Answered` is a vendor's word, not ours. */
export function isOutcome(x: unknown): x is Outcome {
  return known.has(x);
}
