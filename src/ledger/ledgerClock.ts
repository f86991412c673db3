import type { Head } from './engine.ts';

/** A clock is put right by more than this only where it was wrong. */
const FAR_BEHIND_MS = 5_000;

/**
 * The ledger's time: that of this machine or, where the store has one, the store's. It never goes back, and after a clock that was
 * far ahead it goes on at half the pace.
 */
export class LedgerClock {
  private readonly machine: () => number;
  /** UTC milliseconds of the newest batch. */
  private headNow: number;
  /** By `performance.now()`: since when that is the newest batch. */
  private headSince = performance.now();
  /** The time from which it goes on at half the pace, while the clock is far behind. */
  private paceFrom: number;
  /** The store's clock when it was read last, and when that was by `performance.now()`; null where it is this machine's that counts. */
  private storeClock: { readonly ms: number; readonly readAt: number } | null = null;
  /** How far it was ahead of this machine's then. */
  private aheadMs = 0;

  /** `machine`: UTC milliseconds by this machine. */
  constructor(machine: () => number, head: Head) {
    this.machine = machine;
    this.headNow = head.now;
    this.paceFrom = head.now;
    this.read(head);
  }

  /**
   * UTC milliseconds, as a batch that began now would have them. A clock that was far ahead once must not leave the ledger's time
   * standing until the right one has come so far: then it goes on at half the pace.
   */
  readonly now = (): number => {
    return this.isFarBehind() ? this.atHalfPace() : Math.max(this.headNow, this.clockNow());
  };

  /** How far this machine's clock is behind the store's, milliseconds; 0 where it is this machine's that counts. */
  get behindMs(): number {
    return this.aheadMs;
  }

  /** A batch of that time is the newest. */
  moveTo({ now }: Head): void {
    // What others have stored meanwhile takes nothing back of the time that has passed here.
    this.paceFrom = this.isFarBehind() ? Math.max(now, this.atHalfPace()) : now;
    this.headNow = now;
    this.headSince = performance.now();
  }

  /** Takes in the store's clock, where the head was read with one. */
  read({ clock }: Head): void {
    if (clock === undefined) return;
    this.storeClock = { ms: clock, readAt: performance.now() };
    this.aheadMs = clock - this.machine();
  }

  private isFarBehind(): boolean {
    return this.clockNow() < this.headNow - FAR_BEHIND_MS;
  }

  private atHalfPace(): number {
    return this.paceFrom + Math.floor((performance.now() - this.headSince) / 2);
  }

  /** Until the store's clock is read again it goes on steadily here, whatever is done to this machine's. */
  private clockNow(): number {
    const { storeClock } = this;
    if (storeClock === null) return this.machine();
    return storeClock.ms + Math.floor(performance.now() - storeClock.readAt);
  }
}
