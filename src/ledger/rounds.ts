import { type Fence, type Lease, LeaseLost } from './lease.ts';
import type { Ledger } from './ledger.ts';
import { MACHINE_TIMERS, type Timers } from './timers.ts';

/** A worker that looks again and again for what is due. What is due stands in the ledger: a new worker goes on with it. */
export interface Worker {
  /** Resolves when the round that is under way has ended. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  readonly everyMs: number;
  /** There is no round while another node has it. */
  readonly lease: Lease;
  readonly timers?: Timers;
  readonly onError: (error: unknown) => void;
}

/** What a worker of a room is given. */
export interface WorkerParts extends Pick<RoundsOptions, 'onError' | 'timers'> {
  readonly ledger: Pick<Ledger, 'submit' | 'workReader'>;
  /** UTC milliseconds. */
  readonly clock: () => number;
  /** Without it, no other server does this work. */
  readonly lease?: Lease;
}

/**
 * The next round begins `everyMs` after the one before has ended. A round that fails is followed by another, and so is one whose
 * work another node has taken over.
 */
export function startRounds(
  { everyMs, lease, timers = MACHINE_TIMERS, onError }: RoundsOptions,
  round: (isStopped: () => boolean, fence: Fence) => Promise<unknown>,
): Worker {
  let stopped = false;
  let cancel = () => {};
  let running: Promise<unknown> = Promise.resolve();
  const schedule = () => {
    if (stopped) return;
    cancel = timers.after(everyMs, () => {
      const fence = lease.acquire();
      if (fence === null) return schedule();
      running = round(() => stopped, fence)
        .catch(error => {
          if (!(error instanceof LeaseLost)) onError(error);
        })
        .finally(schedule);
    });
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}
