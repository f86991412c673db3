import type { JournalRow } from './journal.ts';
import type { Reader } from './query.ts';

/**
 * A kind of entry that stands for many: readers of the journal are handed its parts in its place. They bear the entry's position,
 * and are told apart by the call that each concerns. They are the same, in the same order, whenever they are read.
 */
export interface Expansion {
  readonly kind: string;
  /**
   * Parts of these entries, one after the other, `limit` at most: of the first entry those after the part of call `after`, or all
   * of them where that is null or no part of it.
   */
  parts(reader: Reader, entries: readonly JournalRow[], after: number | null, limit: number): Promise<Parts>;
}

export interface Parts {
  readonly parts: readonly JournalRow[];
  /** Whether there are no more of these entries. */
  readonly isAll: boolean;
}

/** How far a reader of the journal has got. */
export interface Place {
  /** All of every entry up to this one has been handed out. */
  readonly position: number;
  /** Of the next entry, which stands for many: the call of the part that was handed out last. Null where none was. */
  readonly within: number | null;
}

export const placeAfter = (position: number): Place => ({ position, within: null });

export const isSamePlace = (a: Place, b: Place): boolean => a.position === b.position && a.within === b.within;

/** Pages that several readers may ask for at the same time. */
const SHARED_PAGES = 8;

/** Reads a page of parts once for all readers that keep up: they ask for the same ones. */
export function sharingPages({ kind, parts }: Expansion): Expansion {
  const shared = new Map<string, Promise<Parts>>();
  return {
    kind,
    parts(reader, entries, after, limit) {
      const id = `${entries[0]?.position} ${entries.at(-1)?.position} ${after} ${limit}`;
      const known = shared.get(id);
      if (known !== undefined) return known;
      const read = parts(reader, entries, after, limit);
      shared.set(id, read);
      // What could not be read is read again.
      read.catch(() => shared.delete(id));
      const [oldest] = shared.keys();
      if (shared.size > SHARED_PAGES) shared.delete(oldest!);
      return read;
    },
  };
}
