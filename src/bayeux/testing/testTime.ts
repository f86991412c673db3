/** Time for tests: it stands still until the test lets it pass, and nothing waits for a real clock. */

interface Task {
  readonly at: number;
  readonly run: () => void;
}

export class VirtualTime {
  now = 1_000_000;
  readonly #tasks = new Set<Task>();

  readonly clock = (): number => this.now;

  readonly schedule = (delayMs: number, run: () => void): (() => void) => {
    const task = { at: this.now + delayMs, run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  };

  /** Timers that are running. */
  get pending(): number {
    return this.#tasks.size;
  }

  /** Runs what is due meanwhile, each task at its instant and the earliest first, and lets its promises settle. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    for (let next = this.#firstUntil(until); next !== undefined; next = this.#firstUntil(until)) {
      this.#tasks.delete(next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
    }
    this.now = until;
  }

  #firstUntil(until: number): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) if (task.at <= until && (first === undefined || task.at < first.at)) first = task;
    return first;
  }
}

/** Everything that can go on without time passing has. */
export const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
