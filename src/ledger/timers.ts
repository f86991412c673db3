/** What lets time pass: the machine's timers, or those of a simulation. */
export interface Timers {
  /** Milliseconds from an origin without meaning; never backwards. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`; the result cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** Looked up at each call, so that a simulation may replace the machine's own. */
export const MACHINE_TIMERS: Timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
