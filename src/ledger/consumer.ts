import { defineEntity, type EntityRow, integer, nullable, text } from './entity.ts';
import { type Expansion, isSamePlace, type Place, placeAfter } from './expansion.ts';
import type { JournalRow } from './journal.ts';
import { JournalFeed, newestPosition } from './journalFeed.ts';
import { ALONE, type Fence, type Lease, LeaseLost } from './lease.ts';
import type { Ledger } from './ledger.ts';
import type { Worker } from './rounds.ts';
import type { Command } from './state.ts';
import { every, MACHINE_TIMERS, type Timers } from './timers.ts';

/** How far each consumer of the journal has got. */
export const consumer = defineEntity({
  name: 'consumer',
  columns: {
    name: text(),
    /** Every entry up to this one has been handled. */
    position: integer(),
    /** Of the next entry, which stands for many: the call of the newest that has been handled. */
    within: nullable(integer()),
    /** When it was stored, UTC milliseconds. */
    at: integer(),
  },
  key: ['name'],
});

export type ConsumerRow = EntityRow<typeof consumer>;

/** Entries handed to a handler at a time. */
const BATCH_ENTRIES = 500;
/** A consumer that dies repeats what it handled since: little, and a commit a second costs nothing. */
const CHECKPOINT_EVERY_MS = 1_000;
/** How soon a consumer without the lease looks whether it may have it. */
const LEASE_EVERY_MS = 250;
/** After an error; doubled with each one that follows, up to the last. */
const RETRY_MS = [250, 30_000] as const;
const ROW_BYTES = 100;

export interface Handling {
  /** For commands that the handler submits: they change nothing once another node has the lease. */
  readonly fence: Fence;
  /** Aborted when the consumer stops, or has lost the lease. */
  readonly signal: AbortSignal;
}

export interface ConsumerOptions {
  /** Of the checkpoint; unique in the ledger. */
  readonly name: string;
  /**
   * Handles entries: in order, none left out, the next ones when this has resolved. When it rejects, it is given the same ones again
   * later. Entries come again too after a crash or a change of nodes, from the last checkpoint on.
   */
  readonly handle: (entries: readonly JournalRow[], handling: Handling) => Promise<void> | void;
  /** Where a consumer without a checkpoint begins: with the entry after this one. The newest entry, when left out. */
  readonly after?: number;
  /** Entries of its kind are handed over as what they stand for, which bears their position. */
  readonly expansion?: Expansion;
  /** The lease under which it works, where several servers share the ledger. */
  readonly lease?: Lease;
  readonly batchEntries?: number;
  readonly checkpointEveryMs?: number;
  readonly timers?: Timers;
  /** Of the handler, or of the store; what failed is tried again. */
  readonly onError: (error: unknown) => void;
}

export interface Consumer extends Worker {
  /** Position of the newest entry that this consumer has handled, or that was handled when it got the lease. */
  readonly position: number;
  /** Resolves when everything is handled that was committed before the call, by whichever node. Rejects when it is stopped before. */
  caughtUp(): Promise<void>;
}

type Followed = Pick<Ledger, 'position' | 'onCommit' | 'workReader' | 'submit'>;

/**
 * Starts a named consumer of the journal. It waits for its lease, goes on after its checkpoint, and follows the journal until it
 * is stopped or loses the lease; then it waits for the lease again.
 */
export function startConsumer(ledger: Followed, options: ConsumerOptions): Consumer {
  return new JournalConsumer(ledger, options);
}

class JournalConsumer implements Consumer {
  readonly #ledger: Followed;
  readonly #options: ConsumerOptions;
  readonly #lease: Lease;
  readonly #timers: Timers;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #position = 0;
  #waiting: { readonly target: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  /** Errors one after the other. */
  #failures = 0;

  constructor(ledger: Followed, options: ConsumerOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#lease = options.lease ?? ALONE;
    this.#timers = options.timers ?? MACHINE_TIMERS;
    this.#running = this.#run();
  }

  get position(): number {
    return this.#position;
  }

  async caughtUp(): Promise<void> {
    const target = Math.max(this.#ledger.position, await newestPosition(this.#ledger.workReader));
    await new Promise<void>((resolve, reject) => {
      if (this.#stopping.signal.aborted) reject(this.#stopped());
      else if (this.#position >= target) resolve();
      else this.#waiting.push({ target, resolve, reject });
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#stopped());
  }

  #stopped(): Error {
    return new Error(`the consumer ${this.#options.name} is stopped`);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const fence = this.#lease.acquire();
        if (fence !== null) await this.#work(fence);
        else await this.#watch();
      } catch (error) {
        // A node that has not heard of losing the lease yet does not ask for it all the time.
        if (error instanceof LeaseLost) await sleep(this.#timers, LEASE_EVERY_MS, signal);
        else await this.#failed(error, signal);
      }
    }
  }

  /** While another node has the lease. */
  async #watch(): Promise<void> {
    await sleep(this.#timers, LEASE_EVERY_MS, this.#stopping.signal);
    if (this.#waiting.length === 0) return;
    const { name } = this.#options;
    const where = [{ column: 'name', is: '=', value: name }] as const;
    const [row] = await this.#ledger.workReader.select<ConsumerRow>({ from: consumer, where, limit: 1 });
    if (row !== undefined) this.#arrive(row.position);
  }

  /** From getting the lease to losing it, or to the end. */
  async #work(fence: Fence): Promise<void> {
    const { name, after = this.#ledger.position, batchEntries = BATCH_ENTRIES, expansion } = this.#options;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, lost.signal]);
    const begin = await this.#ledger.submit(fence(beginAt(name, after)));
    this.#arrive(begin.position);
    const feed = new JournalFeed(this.#ledger, {
      after: begin,
      reader: this.#ledger.workReader,
      limit: batchEntries,
      ...(expansion && { expansion }),
      signal,
    });
    const checkpoints = new Checkpoints(
      this.#timers,
      place => this.#ledger.submit(fence(checkpointAt(name, place))),
      begin,
      this.#options.checkpointEveryMs ?? CHECKPOINT_EVERY_MS,
      error => {
        if (error instanceof LeaseLost) lost.abort();
        else this.#options.onError(error);
      },
    );
    const stopWatching = every(this.#timers, LEASE_EVERY_MS, () => {
      if (this.#lease.acquire() === null) lost.abort();
    });
    try {
      while (!signal.aborted) {
        const entries = await this.#next(feed, signal);
        if (entries.length === 0 || !(await this.#handle(entries, { fence, signal }))) break;
        this.#arrive(feed.place.position);
        checkpoints.reached(feed.place);
      }
    } finally {
      stopWatching();
      feed.close();
      await checkpoints.end();
      lost.abort();
    }
  }

  async #next(feed: JournalFeed, signal: AbortSignal): Promise<readonly JournalRow[]> {
    while (!signal.aborted) {
      try {
        return await feed.next();
      } catch (error) {
        await this.#failed(error, signal);
      }
    }
    return [];
  }

  /** Whether it was done, after as many tries as it takes. */
  async #handle(entries: readonly JournalRow[], handling: Handling): Promise<boolean> {
    const { signal } = handling;
    while (!signal.aborted) {
      try {
        await this.#options.handle(entries, handling);
        this.#failures = 0;
        return true;
      } catch (error) {
        if (error instanceof LeaseLost) throw error;
        await this.#failed(error, signal);
      }
    }
    return false;
  }

  async #failed(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#options.onError(error);
    const [first, most] = RETRY_MS;
    const delayMs = Math.min(first * 2 ** this.#failures, most);
    this.#failures += 1;
    await sleep(this.#timers, delayMs, signal);
  }

  #arrive(position: number): void {
    this.#position = Math.max(this.#position, position);
    const arrived = this.#waiting.filter(({ target }) => target <= this.#position);
    if (arrived.length === 0) return;
    this.#waiting = this.#waiting.filter(({ target }) => target > this.#position);
    for (const { resolve } of arrived) resolve();
  }
}

/** Stores how far a consumer has got: the newest place only, now and then, and at the end. */
class Checkpoints {
  readonly #timers: Timers;
  readonly #store: (place: Place) => Promise<void>;
  readonly #everyMs: number;
  readonly #onError: (error: unknown) => void;
  #reached: Place;
  #stored: Place;
  /** Of what is about to be stored; null when nothing is. */
  #cancel: (() => void) | null = null;
  #storing: Promise<void> = Promise.resolve();
  #isLost = false;
  #isEnding = false;

  constructor(
    timers: Timers,
    store: (place: Place) => Promise<void>,
    begin: Place,
    everyMs: number,
    onError: (error: unknown) => void,
  ) {
    this.#timers = timers;
    this.#store = store;
    this.#reached = begin;
    this.#stored = begin;
    this.#everyMs = everyMs;
    this.#onError = onError;
  }

  reached(place: Place): void {
    this.#reached = place;
    this.#storeSoon();
  }

  #storeSoon(): void {
    this.#cancel ??= this.#timers.after(this.#everyMs, () => {
      this.#cancel = null;
      this.#storing = this.#storing.then(() => this.#storeReached());
    });
  }

  /** Stores what has not been stored. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#cancel?.();
    await this.#storing;
    await this.#storeReached();
  }

  async #storeReached(): Promise<void> {
    const place = this.#reached;
    if (isSamePlace(place, this.#stored) || this.#isLost) return;
    try {
      await this.#store(place);
      this.#stored = place;
    } catch (error) {
      this.#isLost = error instanceof LeaseLost;
      if (!this.#isLost && !this.#isEnding) this.#storeSoon();
      this.#onError(error);
    }
  }
}

/** Where the consumer goes on; `after` is stored where it has not begun yet. */
const beginAt = (name: string, after: number): Command<Place> => ({
  name: 'begin consumer',
  bytes: ROW_BYTES,
  wants: wants => wants.get(consumer, name),
  apply: state => {
    const row = state.get(consumer, name);
    if (row !== undefined) return { position: row.position, within: row.within };
    state.put(consumer, { name, ...placeAfter(after), at: state.now });
    return placeAfter(after);
  },
});

const checkpointAt = (name: string, place: Place): Command<void> => ({
  name: 'checkpoint consumer',
  bytes: ROW_BYTES,
  wants: wants => wants.get(consumer, name),
  apply: state => {
    const row = state.get(consumer, name);
    if (row !== undefined && (row.position > place.position || isSamePlace(row, place))) return;
    state.put(consumer, { name, ...place, at: state.now });
  },
});

/** Ends early when aborted. */
function sleep(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(delayMs, end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
