import type { ExactSum } from '../../ledger/exactSum.ts';
import type { Direction } from '../../values/direction.ts';
import type { QueueOutcome } from '../../values/outcome.ts';
import type { Share } from '../onCall.ts';

/** An amount that belongs to the sums of one row: a row of a rollup, or what one call adds. */
export interface Piece {
  /** The quarter hours since 1970 UTC; null where the piece is of a whole day. */
  readonly quarter: number | null;
  /** Days since 1970-01-01 in the zone of the day rollups; null where only the quarter is known. */
  readonly day: number | null;
  readonly direction: Direction | null;
  readonly outcome: QueueOutcome;
  readonly sourceId: number | null;
  readonly queue: string | null;
  readonly line: string | null;
  /** Null: no user took part, or none was asked for. */
  readonly userId: number | null;
  readonly share: Omit<Share, 'ringBucket' | 'costMicros'> & { readonly costMicros: ExactSum };
  /** How many rang as long as the bucket says. */
  readonly rings: readonly (readonly [bucket: number, count: number])[];
  readonly waitBucket: number;
}
