/**
 * Runs `round` again and again between `start` and `stop`: one timer for all sessions (docs/genesys.md, section 7, line
 * 36).
 */
export class Sweeper {
  readonly #everyMs: number;
  readonly #schedule: (delayMs: number, task: () => void) => () => void;
  readonly #round: () => void;
  #cancel: (() => void) | null = null;

  constructor(everyMs: number, schedule: (delayMs: number, task: () => void) => () => void, round: () => void) {
    this.#everyMs = everyMs;
    this.#schedule = schedule;
    this.#round = round;
  }

  start(): void {
    this.#cancel ??= this.#schedule(this.#everyMs, () => {
      this.#cancel = null;
      this.start();
      this.#round();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
