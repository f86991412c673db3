/**
 * Counts the connects held per browser: one that opens few connections to a host would have none left for its requests
 * (docs/genesys.md, section 7, lines 71 and 72). Clients without the cookie are not counted, since nothing says which of
 * them are one browser.
 */
export class Browsers {
  readonly #max: number;
  readonly #held = new Map<string, number>();

  /** Negative: any number. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Whether one more may be held; it counts until `leave`. */
  enter(browser: string | null): boolean {
    if (this.#max < 0 || browser === null) return true;
    const held = this.#held.get(browser) ?? 0;
    if (held >= this.#max) return false;
    this.#held.set(browser, held + 1);
    return true;
  }

  leave(browser: string | null): void {
    if (this.#max < 0 || browser === null) return;
    const held = this.#held.get(browser) ?? 0;
    if (held > 1) this.#held.set(browser, held - 1);
    else this.#held.delete(browser);
  }
}
