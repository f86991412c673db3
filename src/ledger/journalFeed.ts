import { type Expansion, type Place, placeAfter } from './expansion.ts';
import { type JournalRow, journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { Reader } from './query.ts';

export interface FeedOptions {
  /** Where the feed begins: after what is handed out already. */
  readonly after: Place;
  readonly reader: Reader;
  /** Entries handed out at a time, at most. */
  readonly limit: number;
  /** Entries of its kind are handed out as what they stand for. */
  readonly expansion?: Expansion;
  /** Ends the feed. */
  readonly signal: AbortSignal;
}

/**
 * The journal from a place on: every entry once, in order. A feed that keeps up is handed what was just committed; one that
 * has fallen behind reads pages, so that a slow reader falls behind in the ledger and not in memory.
 */
export class JournalFeed {
  readonly #ledger: Pick<Ledger, 'position' | 'onCommit'>;
  readonly #options: FeedOptions;
  readonly #unsubscribe: () => void;
  #place: Place;
  #fresh: readonly JournalRow[] = [];
  #wake = () => {};

  constructor(ledger: Pick<Ledger, 'position' | 'onCommit'>, options: FeedOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#place = options.after;
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

  /** After the newest entry handed out. */
  get place(): Place {
    return this.#place;
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
        const handedOut = await this.#handOut(entries);
        if (signal.aborted) break;
        if (handedOut.length > 0) return handedOut;
        continue;
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        // What was committed while the entries were read has woken nothing.
        if (signal.aborted || this.#ledger.position > this.#place.position) resolve();
      });
    }
    return [];
  }

  close(): void {
    this.#unsubscribe();
    this.#fresh = [];
  }

  /** The first of these entries: those before one that stands for many, or some of what that one stands for. */
  async #handOut(entries: readonly JournalRow[]): Promise<readonly JournalRow[]> {
    const { expansion } = this.#options;
    const [first] = entries;
    const isMany = (entry: JournalRow) => entry.kind === expansion?.kind;
    if (expansion !== undefined && isMany(first!)) return this.#handOutOf(expansion, first!);
    if (this.#place.within !== null) {
      // A place within an entry that is one is after it.
      this.#place = placeAfter(first!.position);
      return [];
    }
    const many = entries.findIndex(isMany);
    const plain = many < 0 ? entries : entries.slice(0, many);
    this.#place = placeAfter(plain.at(-1)!.position);
    return plain;
  }

  async #handOutOf(expansion: Expansion, entry: JournalRow): Promise<readonly JournalRow[]> {
    const { reader, limit } = this.#options;
    const page = await expansion.page(reader, entry, this.#place.within, limit);
    const isAll = page.length < limit;
    this.#place = isAll ? placeAfter(entry.position) : { ...this.#place, within: page.at(-1)!.callId };
    return page;
  }

  #entries(): readonly JournalRow[] | Promise<readonly JournalRow[]> {
    const { limit } = this.#options;
    const { position } = this.#place;
    const first = this.#fresh[0];
    const from = first === undefined ? -1 : position + 1 - first.position;
    if (from >= 0 && from < this.#fresh.length) return this.#fresh.slice(from, from + limit);
    return position < this.#ledger.position ? this.#read() : [];
  }

  async #read(): Promise<readonly JournalRow[]> {
    const { position } = this.#place;
    const entries = await this.#options.reader.select<JournalRow>({
      from: journal,
      where: [{ column: 'position', is: '>', value: position }],
      orderBy: [{ column: 'position' }],
      limit: this.#options.limit,
    });
    const gap = entries.findIndex((entry, place) => entry.position !== position + 1 + place);
    if (gap >= 0) throw new Error(`the journal has no entry ${position + 1 + gap}`);
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
