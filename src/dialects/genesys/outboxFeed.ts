import { messagesIn } from '../../campaigns/agentOutbox.ts';
import { agentOutbox, type OutboxEntry } from '../../campaigns/entities.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Timers } from '../../ledger/timers.ts';
import { UnreadableValue } from '../../ledger/unreadable.ts';
import type { AgentOutbox, AgentOutboxEntry } from './agentOutbox.ts';
import type { AgentMessage } from './render.ts';

/** Entries read at once, when other servers have stored very many. */
const PAGE = 1_000;
const AGAIN_MS = 1_000;

export interface OutboxFeedOptions {
  readonly ledger: Pick<Ledger, 'workReader' | 'onNumbers'>;
  readonly outbox: AgentOutbox;
  readonly timers: Timers;
  /** What could not be read is read a second later. */
  readonly onError: (error: unknown) => void;
  readonly onUnreadable: OnUnreadable;
  readonly stopping: AbortSignal;
}

/**
 * Passes to the outbox what any server stores, in the order of the ledger: a desktop may have sent its requests to one
 * server after the other, and has its session with either. What this server stores is at hand when its turn has come; the
 * entries of others are read.
 *
 * It follows the numbers of outbox entries, not the journal: an acknowledgement waits for older entries only, and not until every
 * entry of the journal that other nodes have made is read; and no outbox entry costs one of the journal. Where there is one node,
 * all of them are at hand.
 */
export class OutboxFeed {
  readonly #options: OutboxFeedOptions;
  /** Stored here, and waiting for earlier entries of others. By id, with the milliseconds since its request. */
  readonly #own = new Map<number, { readonly entry: AgentOutboxEntry; readonly elapsedMs: number }>();
  /** Everything up to this one is in the outbox; null before there is any. */
  #heard: number | null = null;
  #newest = 0;
  #isReading = false;

  constructor(options: OutboxFeedOptions) {
    this.#options = options;
    options.ledger.onNumbers('agentOutbox', (newest, before) => {
      this.#heard ??= before;
      this.#newest = newest;
      // After the callers of their own commands: these deliver their own entries.
      setImmediate(() => this.#advance());
    });
  }

  deliver(entry: AgentOutboxEntry, elapsedMs: number): void {
    if (entry.id > this.#heard!) this.#own.set(entry.id, { entry, elapsedMs });
    this.#publishOwn();
  }

  /** What is at hand and has its turn. */
  #publishOwn(): void {
    const { outbox } = this.#options;
    for (let next = this.#own.get(this.#heard! + 1); next !== undefined; next = this.#own.get(this.#heard! + 1)) {
      this.#own.delete(next.entry.id);
      this.#heard = next.entry.id;
      outbox.deliver(next.entry, next.elapsedMs);
    }
  }

  #advance(): void {
    this.#publishOwn();
    if (this.#isReading || this.#heard! >= this.#newest || this.#options.stopping.aborted) return;
    this.#isReading = true;
    this.#readOthers().then(
      () => this.#read(),
      error => {
        // Rather out of turn than late.
        for (const { entry, elapsedMs } of this.#own.values()) this.#options.outbox.deliver(entry, elapsedMs);
        this.#options.onError(error);
        this.#readAgain();
      },
    );
  }

  #read(): void {
    this.#isReading = false;
    this.#advance();
  }

  /** After a while, unless it stops before. */
  #readAgain(): void {
    const { timers, stopping } = this.#options;
    const cancel = timers.after(AGAIN_MS, () => {
      stopping.removeEventListener('abort', cancel);
      this.#read();
    });
    stopping.addEventListener('abort', cancel, { once: true });
  }

  /** Up to the next one that is at hand. */
  async #readOthers(): Promise<void> {
    const { ledger, outbox, onUnreadable } = this.#options;
    const from = this.#heard! + 1;
    let to = Math.min(this.#newest, this.#heard! + PAGE);
    for (const id of this.#own.keys()) if (id >= from && id <= to) to = id - 1;
    const rows = await ledger.workReader.select({
      from: agentOutbox,
      where: [
        { column: 'id', is: '>=', value: from },
        { column: 'id', is: '<=', value: to },
      ],
      orderBy: [{ column: 'id' }],
      limit: PAGE,
    });
    for (const entry of readableEntries(rows, onUnreadable)) outbox.deliver(entry, 0);
    this.#heard = to;
  }
}

/** Is given the id of an entry that cannot be read, which is passed over. */
export type OnUnreadable = (id: number, error: UnreadableValue) => void;

/** Without those that cannot be read. */
export function readableEntries(rows: readonly OutboxEntry[], onUnreadable: OnUnreadable): AgentOutboxEntry[] {
  const entries: AgentOutboxEntry[] = [];
  for (const row of rows) {
    try {
      entries.push({ ...row, messages: messagesIn(row) as readonly AgentMessage[] });
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
      onUnreadable(row.id, error);
    }
  }
  return entries;
}
