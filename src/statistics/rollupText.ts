/** A row of the rollups as people read it. */
import { BOUNDS, NOT_KNOWN } from '../values/secondsBuckets.ts';
import { type Dimension, NOBODY } from './entities.ts';
import { QUARTER_MS } from './onCall.ts';

export interface RollupKey {
  readonly day: number;
  readonly dimension: Dimension;
  readonly id: number;
  readonly name: string;
  readonly direction: string;
  readonly outcome: string;
  readonly currency: string;
  readonly waitBucket: number;
  readonly ringBucket: number;
}

const DAY_MS = 86_400_000;
/** The last instant that a date can be made of. */
const LAST_MS = 8_640_000_000_000_000;

/** `2026-03-02`; the number itself where there is no such day. */
export function dayText(day: number | null): string {
  if (day === null) return 'no day';
  return Math.abs(day * DAY_MS) > LAST_MS ? `day ${day}` : new Date(day * DAY_MS).toISOString().split('T')[0]!;
}

/** `statistics of 2026-03-02, line +442079460200 of hq, inbound, answered, rang 5 to 10 s`. */
export function rollupText(key: RollupKey, sourceName: (id: number) => string): string {
  const { day, direction, outcome, currency, waitBucket, ringBucket } = key;
  const parts = [
    ...whatText(key, sourceName),
    direction,
    outcome,
    ...(currency === '' ? [] : [currency]),
    ...bucketText('waited', waitBucket),
    ...bucketText('rang', ringBucket),
  ];
  return `statistics of ${dayText(day)}, ${parts.join(', ')}`;
}

function whatText({ dimension, id, name }: RollupKey, sourceName: (id: number) => string): readonly string[] {
  if (dimension === 'source') return [`source ${sourceName(id)}`];
  if (dimension === 'line' || dimension === 'queue') return [`${dimension} ${name} of ${sourceName(id)}`];
  if (dimension === 'user') return [id === NOBODY ? 'nobody' : `user ${id}`];
  if (dimension === 'quarter' && Math.abs(id * QUARTER_MS) <= LAST_MS) {
    return [`quarter hour from ${new Date(id * QUARTER_MS).toISOString()}`];
  }
  return [`${dimension} ${id} ${name}`.trim()];
}

function bucketText(verb: string, bucket: number): readonly string[] {
  if (bucket === NOT_KNOWN) return [];
  const [from, to] = [BOUNDS[bucket - 1] ?? 0, BOUNDS[bucket]];
  return [to === undefined ? `${verb} ${from} s or more` : `${verb} ${from} to ${to} s`];
}
