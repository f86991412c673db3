import { type Expansion, type Parts, type Place, placeAfter } from './expansion.ts';
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
  /** The newest page that was read: not all of it is handed out at once where entries stand for many. */
  #page: readonly JournalRow[] = [];
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
    this.#page = [];
  }

  /** The first of these entries, in place of one that stands for many its parts. */
  async #handOut(entries: readonly JournalRow[]): Promise<readonly JournalRow[]> {
    const { expansion, reader, limit } = this.#options;
    const { within } = this.#place;
    const [first] = entries;
    if (within !== null && first!.kind !== expansion?.kind) {
      // A place within an entry that has no parts is after it.
      this.#place = placeAfter(first!.position);
      return [];
    }
    const many = expansion === undefined ? [] : entries.filter(each => each.kind === expansion.kind);
    if (many.length === 0) {
      this.#place = placeAfter(entries.at(-1)!.position);
      return entries;
    }
    const found = await expansion!.parts(reader, many, within, limit);
    const { handedOut, place } = merge(entries, new Set(many), found, this.#place, limit);
    this.#place = place;
    return handedOut;
  }

  #entries(): readonly JournalRow[] | Promise<readonly JournalRow[]> {
    const { limit } = this.#options;
    for (const known of [this.#fresh, this.#page]) {
      const [first] = known;
      const from = first === undefined ? -1 : this.#place.position + 1 - first.position;
      if (from >= 0 && from < known.length) return known.slice(from, from + limit);
    }
    return this.#place.position < this.#ledger.position ? this.#read() : [];
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
    this.#page = entries;
    return entries;
  }
}

/** Entries and parts in the order of the journal, `limit` at most, and the place after them; `many` are those with parts. */
function merge(
  entries: readonly JournalRow[],
  many: ReadonlySet<JournalRow>,
  { parts, isAll }: Parts,
  before: Place,
  limit: number,
): { readonly handedOut: readonly JournalRow[]; readonly place: Place } {
  const handedOut: JournalRow[] = [];
  let place = before;
  const partsOf = Map.groupBy(parts, each => each.position);
  const knownTo = isAll ? Number.POSITIVE_INFINITY : (parts.at(-1)?.position ?? 0);
  for (const entry of entries) {
    const own = many.has(entry) ? (partsOf.get(entry.position) ?? []) : [entry];
    const fitting = own.slice(0, limit - handedOut.length);
    handedOut.push(...fitting);
    const isWhole = fitting.length === own.length && (!many.has(entry) || entry.position < knownTo);
    if (!isWhole) {
      const last = fitting.at(-1);
      return { handedOut, place: last === undefined ? place : { ...place, within: last.callId } };
    }
    place = placeAfter(entry.position);
  }
  return { handedOut, place };
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
