import type { Reader } from '../../src/ledger/query.ts';

/** What a question cost the store, in figures that are the same however busy the machine is. */
export interface Cost {
  readonly statements: number;
  /** Rows or index entries that the store looked at, found or not. */
  readonly visits: number;
  /** The most of them that one statement looked at. */
  readonly visitsMost: number;
  /** Pages, where the store counts them; else 0. */
  readonly pages: number;
}

export const NO_COST: Cost = { statements: 0, visits: 0, visitsMost: 0, pages: 0 };

export interface MeteredReader extends Reader {
  /** The store goes by statistics of what there is, and by the cost of each way. */
  readonly estimates: boolean;
  /** Since the last time. */
  take(): Cost;
  /** Processor time of asking, microseconds; null where the store works elsewhere. Nothing is counted meanwhile. */
  processorTime(ask: () => Promise<unknown>): Promise<number | null>;
  close(): Promise<void>;
}
