import { type Duty, type Fence, Relieved } from './duty.ts';

/** A worker that looks again and again for what is due. What is due stands in the ledger: a new worker goes on with it. */
export interface Worker {
  /** Resolves when the round that is under way has ended. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  readonly everyMs: number;
  /** There is no round while somebody else has it. */
  readonly duty: Duty;
  readonly onError: (error: unknown) => void;
}

/**
 * The next round begins `everyMs` after the one before has ended; one that fails is followed by another, and so is one that somebody else
 * is in the place of.
 */
export function startRounds(
  { everyMs, duty, onError }: RoundsOptions,
  round: (isStopped: () => boolean, fence: Fence) => Promise<unknown>,
): Worker {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const schedule = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      const fence = duty.take();
      if (fence === null) return schedule();
      running = round(() => stopped, fence)
        .catch(error => {
          if (!(error instanceof Relieved)) onError(error);
        })
        .finally(schedule);
    }, everyMs);
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
