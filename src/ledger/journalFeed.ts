import { type JournalRow, journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { Reader } from './query.ts';

export interface FeedOptions {
  /** Position of the entry before the first one that is wanted. */
  readonly after: number;
  readonly reader: Reader;
  /** Entries handed out at a time, at most. */
  readonly limit: number;
  /** Ends the feed. */
  readonly signal: AbortSignal;
}

/**
 * The journal from a position on: every entry once, in order. A feed that keeps up is handed what was just committed; one that
 * has fallen behind reads pages, so that a slow reader falls behind in the ledger and not in memory.
 */
export class JournalFeed {
  readonly #ledger: Pick<Ledger, 'position' | 'onCommit'>;
  readonly #options: FeedOptions;
  readonly #unsubscribe: () => void;
  #position: number;
  #fresh: readonly JournalRow[] = [];
  #wake = () => {};

  constructor(ledger: Pick<Ledger, 'position' | 'onCommit'>, options: FeedOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#position = options.after;
    const { signal } = options;
    const ended = () => this.#wake();
    signal.addEventListener('abort', ended, { once: true });
    const forget = ledger.onCommit(entries => {
      this.#fresh = entries;
      this.#wake();
    });
    this.#unsubscribe = () => {
      forget();
      signal.removeEventListener('abort', ended);
    };
  }

  /** Position of the newest entry handed out. */
  get position(): number {
    return this.#position;
  }

  /**
   * Waits for the next entries; none when the feed has ended. Rejects when they cannot be read; the next call tries again.
   */
  async next(): Promise<readonly JournalRow[]> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const entries = await this.#entries();
      if (signal.aborted) break;
      if (entries.length > 0) {
        this.#position = entries.at(-1)!.position;
        return entries;
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        // What was committed while the entries were read has woken nothing.
        if (signal.aborted || this.#ledger.position > this.#position) resolve();
      });
    }
    return [];
  }

  close(): void {
    this.#unsubscribe();
    this.#fresh = [];
  }

  #entries(): readonly JournalRow[] | Promise<readonly JournalRow[]> {
    const { limit } = this.#options;
    const first = this.#fresh[0];
    const from = first === undefined ? -1 : this.#position + 1 - first.position;
    if (from >= 0 && from < this.#fresh.length) return this.#fresh.slice(from, from + limit);
    return this.#position < this.#ledger.position ? this.#read() : [];
  }

  async #read(): Promise<readonly JournalRow[]> {
    const entries = await this.#options.reader.select<JournalRow>({
      from: journal,
      where: [{ column: 'position', is: '>', value: this.#position }],
      orderBy: [{ column: 'position' }],
      limit: this.#options.limit,
    });
    const gap = entries.findIndex((entry, place) => entry.position !== this.#position + 1 + place);
    if (gap >= 0) throw new Error(`the journal has no entry ${this.#position + 1 + gap}`);
    return entries;
  }
}

/** Position of the newest entry there is, of whichever node. */
export async function newestPosition(reader: Reader): Promise<number> {
  const [newest] = await reader.select<JournalRow>({
    from: journal,
    columns: ['position'],
    orderBy: [{ column: 'position', descending: true }],
    limit: 1,
  });
  return newest?.position ?? 0;
}
