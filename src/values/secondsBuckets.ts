/** Histograms of seconds: which buckets there are, and what can be read off them. */

/** Upper bounds in seconds, inclusive; what is longer than the last is in a bucket of its own. */
export const BOUNDS = [2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 3600] as const;

/** The bucket of seconds that are not known. */
export const NOT_KNOWN = -1;

/** Within how many seconds a queue is to be answered, unless its source says otherwise. */
export const DEFAULT_ANSWER_WITHIN_SECONDS = 20;

/** The place of the first bound that holds the seconds; `BOUNDS.length` where none does. */
export function bucketOf(seconds: number | null): number {
  if (seconds === null) return NOT_KNOWN;
  const place = BOUNDS.findIndex(bound => seconds <= bound);
  return place < 0 ? BOUNDS.length : place;
}

/** Only at a bound a histogram says exactly how many took no longer. */
export const isBound = (seconds: number): boolean => BOUNDS.some(bound => bound === seconds);

/** Whether everything in the bucket took no longer than a bound. */
export const isWithin = (bucket: number, bound: number): boolean =>
  bucket !== NOT_KNOWN && bucket < BOUNDS.length && BOUNDS[bucket]! <= bound;

/** Where a figure of a histogram lies. */
export interface SecondsRange {
  /** Exclusive; null from 0. */
  readonly over: number | null;
  /** Inclusive; null without end. */
  readonly upTo: number | null;
}

/** Counts by bucket, those that are known. */
export type Histogram = readonly number[];

const rangeOf = (bucket: number): SecondsRange => ({ over: BOUNDS[bucket - 1] ?? null, upTo: BOUNDS[bucket] ?? null });

/**
 * Where the smallest value lies that `share` of all are not longer than (nearest rank); null where none is known. `share` 1 is the
 * longest.
 */
export function percentile(counts: Histogram, share: number): SecondsRange | null {
  const known = counts.reduce((sum, each) => sum + each, 0);
  if (known === 0) return null;
  const rank = Math.max(1, Math.ceil(share * known));
  let reached = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    reached += counts[bucket]!;
    if (reached >= rank) return rangeOf(bucket);
  }
  return null;
}
