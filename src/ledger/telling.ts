import { type JournalRow, journal } from './journal.ts';
import type { Reader } from './query.ts';

type Listener = (entries: readonly JournalRow[]) => void;

/** Entries read at a time, when others have made many. */
const PAGE = 1_000;

/**
 * Tells those who wait for entries: all of them, in order, each once. Those of this ledger are at hand when their turn
 * has come; those of others are read first.
 */
export class Telling {
  private readonly listeners = new Set<Listener>();
  private readonly reader: Reader;
  /** Position of the newest entry that was told, and of the newest one that is durable. */
  private told: number;
  private due: number;
  private reading: Promise<void> | null = null;

  constructor(reader: Reader, position: number) {
    this.reader = reader;
    this.told = position;
    this.due = position;
  }

  add(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** These are durable, and so is everything up to `position`. */
  tell(entries: readonly JournalRow[], position: number): void {
    this.due = Math.max(this.due, position);
    if (this.reading === null && entries[0]?.position === this.told + 1) this.say(entries);
    if (this.told < this.due) this.catchUp();
  }

  /** Resolves when nothing is being read any more. */
  async rest(): Promise<void> {
    this.due = this.told;
    await this.reading;
  }

  private say(entries: readonly JournalRow[]): void {
    this.told = entries.at(-1)!.position;
    for (const listener of this.listeners) listener(entries);
  }

  private catchUp(): void {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
  }

  private async read(): Promise<void> {
    while (this.told < this.due) {
      const { told, due } = this;
      let entries: JournalRow[];
      try {
        entries = await this.reader.select<JournalRow>({
          from: journal,
          where: [
            { column: 'position', is: '>', value: told },
            { column: 'position', is: '<=', value: due },
          ],
          orderBy: [{ column: 'position' }],
          limit: PAGE,
        });
      } catch {
        // They are told with the next ones.
        return;
      }
      if (entries.length === 0) return;
      this.say(entries);
    }
  }
}
