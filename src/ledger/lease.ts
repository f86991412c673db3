import { type Command, Refusal } from './state.ts';

/**
 * The right to do a job that one node at a time may do. A node may lose it without noticing, to another node that goes on
 * with the job: a fence then keeps its late commands from changing anything.
 */
export interface Lease {
  /** For one round of the job; null while another node holds the lease. */
  acquire(): Fence | null;
}

/** The same command, refused with `LeaseLost` once another node holds the lease. */
export type Fence = <Result>(command: Command<Result>) => Command<Result>;

/** Another node does this job by now, and what was left undone as well: it is no error to report. */
export class LeaseLost extends Refusal {
  override readonly name = 'LeaseLost';
}

/** Where there is one server only. */
export const ALONE: Lease = { acquire: () => command => command };
