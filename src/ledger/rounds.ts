/** A worker that looks again and again for what is due. What is due stands in the ledger: a new worker goes on with it. */
export interface Worker {
  /** Resolves when the round that is under way has ended. */
  stop(): Promise<void>;
}

/** The next round begins `everyMs` after the one before has ended; one that fails is followed by another. */
export function startRounds(
  everyMs: number,
  round: (isStopped: () => boolean) => Promise<unknown>,
  onError: (error: unknown) => void,
): Worker {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const schedule = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = round(() => stopped)
        .catch(onError)
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
