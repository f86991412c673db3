import type { Engine } from './engine.ts';
import type { LedgerClock } from './ledgerClock.ts';
import type { CommandQueue } from './pending.ts';
import type { Standing } from './standing.ts';
import type { StoreTrust } from './storeTrust.ts';

export interface LedgerMeter {
  /** One durable batch: how many commands, and how long applying and committing took. */
  batch(commands: number, applyMs: number, commitMs: number): void;
  fault(kind: string): void;
  /** A command that was a batch alone, where reading is far away: how many round trips its reading took. */
  loads?(command: string, roundTrips: number): void;
}

export interface SchedulerParts {
  readonly engine: Engine;
  readonly queue: CommandQueue;
  readonly clock: LedgerClock;
  readonly trust: StoreTrust;
  readonly standing: Standing;
  readonly batchCommands: number;
  readonly meter: LedgerMeter | undefined;
  /** Why what comes is refused; null while it is not. */
  readonly refusal: () => string | null;
}

/** Decides when what waits in the queue becomes a batch, and sees each batch through to its answers. */
export interface Scheduler {
  /** For how long the batch that is being stored has been so, milliseconds; 0 when there is none. */
  readonly storingMs: number;
  /** Something waits. What else is ready to be read from the sockets in this turn of the event loop joins its batch. */
  wake(): void;
  /** Others may have written. */
  look(): void;
  /** Resolves when nothing waits, is applied or is being stored. */
  whenIdle(): Promise<void>;
}
