/**
 * What a server must have done, by what it answered. A server works in turns: timers that are due, then what has arrived.
 * A request that was sent once a timer was due may still have been read before that timer ran, on a machine that had no time
 * for the server in between; but when it was answered the timer had run, and what is sent after that answer is stored
 * after whatever the timer stored.
 */
export class Witness {
  /** Requests that were answered, in the order of their answers; `sentAt` is the latest of all up to here. */
  private readonly answers: { readonly answeredAt: number; readonly sentAt: number }[] = [];
  private readonly clock: () => number;
  private proven = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number = () => performance.now()) {
    this.clock = clock;
  }

  /** What was stored by timers that were due by then (performance.now) has been stored. */
  get provenUntil(): number {
    return this.proven;
  }

  /** A request has just been answered that was sent then. */
  answered(sentAt: number): void {
    const before = this.answers.findLast(each => each.answeredAt <= sentAt);
    if (before !== undefined) this.proven = Math.max(this.proven, before.sentAt);
    const latest = Math.max(sentAt, this.answers.at(-1)?.sentAt ?? sentAt);
    this.answers.push({ answeredAt: this.clock(), sentAt: latest });
    if (this.answers.length > KEPT) this.answers.shift();
  }
}

/** More than are answered while one waits for its answer. */
const KEPT = 1_000;
