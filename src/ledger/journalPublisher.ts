import { type JournalRow, journal } from './journal.ts';
import type { Reader } from './query.ts';

type Listener = (entries: readonly JournalRow[]) => void;

/** Entries read at a time, when others have made many. */
const PAGE = 1_000;

/**
 * Hands entries to listeners: all of them, in order, each once. Those of this ledger are at hand when their turn has come;
 * those of others are read first.
 */
export class JournalPublisher {
  private readonly listeners = new Set<Listener>();
  private readonly reader: Reader;
  /** Position of the newest entry that was published, and of the newest one that is durable. */
  private published: number;
  private due: number;
  private reading: Promise<void> | null = null;

  constructor(reader: Reader, position: number) {
    this.reader = reader;
    this.published = position;
    this.due = position;
  }

  add(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** These are durable, and so is everything up to `position`. */
  advance(entries: readonly JournalRow[], position: number): void {
    this.due = Math.max(this.due, position);
    if (this.reading === null && entries[0]?.position === this.published + 1) this.publish(entries);
    if (this.published < this.due) this.catchUp();
  }

  /** Resolves when nothing is being read any more. */
  async rest(): Promise<void> {
    this.due = this.published;
    await this.reading;
  }

  private publish(entries: readonly JournalRow[]): void {
    this.published = entries.at(-1)!.position;
    for (const listener of this.listeners) listener(entries);
  }

  private catchUp(): void {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
  }

  private async read(): Promise<void> {
    while (this.published < this.due) {
      const { published, due } = this;
      let entries: JournalRow[];
      try {
        entries = await this.reader.select<JournalRow>({
          from: journal,
          where: [
            { column: 'position', is: '>', value: published },
            { column: 'position', is: '<=', value: due },
          ],
          orderBy: [{ column: 'position' }],
          limit: PAGE,
        });
      } catch {
        // They are published with the next ones.
        return;
      }
      if (entries.length === 0) return;
      this.publish(entries);
    }
  }
}
