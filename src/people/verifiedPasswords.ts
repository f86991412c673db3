import { hash } from 'node:crypto';
import { RecentCache } from '../values/recentCache.ts';

/** A program that sends its password with every request costs one hashing in this time. */
const REMEMBERED_MS = 5 * 60_000;
/** More than an organisation's desktops that are active at once. */
const MAX_REMEMBERED = 1_000;

export const VERIFYING_KEY_BYTES = 32;

/**
 * Passwords that were right a moment ago (ARCHITECTURE.md, section 7), kept as a hash with a key that never leaves the
 * process, as neither does the hash, and only good for the stored hash they were checked against.
 */
export class VerifiedPasswords {
  /** Hexadecimal: as long for every key, so that nothing can move from it into what follows. */
  readonly #key: string;
  readonly #remembered = new RecentCache<{ readonly stored: string; readonly untilMs: number }>(MAX_REMEMBERED);

  /** `key`: `VERIFYING_KEY_BYTES` random bytes. */
  constructor(key: Uint8Array) {
    this.#key = Buffer.from(key).toString('hex');
  }

  /** What stands for this login and password here; of fixed length, useless outside. */
  fingerprint(login: string, password: string): string {
    return hash('sha256', this.#key + JSON.stringify([login, password]), 'base64url');
  }

  /** `now` in UTC milliseconds. */
  remember(fingerprint: string, stored: string, now: number): void {
    this.#remembered.set(fingerprint, { stored, untilMs: now + REMEMBERED_MS });
  }

  knows(fingerprint: string, stored: string, now: number): boolean {
    const known = this.#remembered.get(fingerprint);
    return known !== undefined && known.stored === stored && now < known.untilMs;
  }
}
