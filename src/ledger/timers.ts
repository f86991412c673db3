/** What lets time pass: the machine's timers, or those of a simulation. */
export interface Timers {
  /** Milliseconds from an origin without meaning; never backwards. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`; the result cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** Runs `task` again and again, `everyMs` after the time before; the result ends it. */
export function every(timers: Timers, everyMs: number, task: () => void): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = timers.after(everyMs, () => {
      next();
      task();
    });
  };
  next();
  return () => cancel();
}

/** Looked up at each call, so that a simulation may replace the machine's own. */
export const MACHINE_TIMERS: Timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
