import type { JournalRow } from './journal.ts';
import type { Reader } from './query.ts';

/**
 * A kind of entry that stands for many: readers of the journal are handed those in its place, in the order of `page`. They bear the
 * entry's position, and are told apart by the call that each concerns. They are the same whenever they are read.
 */
export interface Expansion {
  readonly kind: string;
  /** Those after the one of call `after`, from the first one on where it is null or none of them; fewer than `limit` at the end only. */
  page(reader: Reader, entry: JournalRow, after: number | null, limit: number): Promise<readonly JournalRow[]>;
}

/** How far a reader of the journal has got. */
export interface Place {
  /** All of every entry up to this one has been handed out. */
  readonly position: number;
  /** Of the next entry, which stands for many: the call of the one that was handed out last. Null where none was. */
  readonly within: number | null;
}

export const placeAfter = (position: number): Place => ({ position, within: null });

export const isSamePlace = (a: Place, b: Place): boolean => a.position === b.position && a.within === b.within;

/** Pages that several readers may ask for at the same time. */
const SHARED_PAGES = 8;

/** Reads a page once for all readers that keep up: they ask for the same ones. */
export function sharingPages({ kind, page }: Expansion): Expansion {
  const shared = new Map<string, Promise<readonly JournalRow[]>>();
  return {
    kind,
    page(reader, entry, after, limit) {
      const id = `${entry.position} ${after} ${limit}`;
      const known = shared.get(id);
      if (known !== undefined) return known;
      const read = page(reader, entry, after, limit);
      shared.set(id, read);
      // What could not be read is read again.
      read.catch(() => shared.delete(id));
      const [oldest] = shared.keys();
      if (shared.size > SHARED_PAGES) shared.delete(oldest!);
      return read;
    },
  };
}
