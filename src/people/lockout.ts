/**
 * Counts wrong passwords per login and address, so that guessing is slow while the office behind the same address, and
 * the same person elsewhere, still get in. In memory only: a restart forgets it, which costs a guesser more than it gives.
 */

const WRONG_PASSWORDS = 10;
const WINDOW_MS = 15 * 60_000;
/** Some 2 MB. Pushing an own entry out takes as many wrong logins as this, each as slow as the guess it would free. */
const MAX_ENTRIES = 10_000;

interface Entry {
  /** Instants of the newest wrong passwords, ascending, at most `WRONG_PASSWORDS`. */
  readonly wrongAt: number[];
  /** Passwords being checked now: they count as wrong until they are right, or many at once would all get through. */
  checking: number;
}

export class Lockout {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Whole seconds until another password may be tried; 0: now. `now` in UTC milliseconds. */
  lockedForSeconds(login: string, address: string, now: number): number {
    const entry = this.#entries.size === 0 ? undefined : this.#entries.get(entryKey(login, address));
    if (entry === undefined) return 0;
    while (entry.wrongAt.length > 0 && entry.wrongAt[0]! <= now - WINDOW_MS) entry.wrongAt.shift();
    if (entry.wrongAt.length >= WRONG_PASSWORDS) {
      return Math.max(1, Math.ceil((entry.wrongAt[0]! + WINDOW_MS - now) / 1000));
    }
    return entry.wrongAt.length + entry.checking >= WRONG_PASSWORDS ? 1 : 0;
  }

  /** A password is about to be checked; every `begin` is followed by one `end`. */
  begin(login: string, address: string): void {
    this.#used(login, address).checking++;
  }

  end(login: string, address: string): void {
    const key = entryKey(login, address);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.checking--;
    if (entry.checking === 0 && entry.wrongAt.length === 0) this.#entries.delete(key);
  }

  /** A right password afterwards does not take it back: else who shares the address could guess on between two of them. */
  wrong(login: string, address: string, now: number): void {
    const { wrongAt } = this.#used(login, address);
    wrongAt.push(now);
    if (wrongAt.length > WRONG_PASSWORDS) wrongAt.shift();
  }

  #used(login: string, address: string): Entry {
    const key = entryKey(login, address);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= MAX_ENTRIES) this.#forgetOne();
      entry = { wrongAt: [], checking: 0 };
    } else {
      this.#entries.delete(key);
    }
    this.#entries.set(key, entry);
    return entry;
  }

  /** The bound on hashings bounds how many entries are being checked, so this looks at few. */
  #forgetOne(): void {
    for (const [key, { checking }] of this.#entries) {
      if (checking > 0) continue;
      this.#entries.delete(key);
      return;
    }
  }
}

const entryKey = (login: string, address: string): string => JSON.stringify([login, address]);
