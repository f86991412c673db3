import type { Head, ResidentRows } from '../../engine.ts';
import type { AnyEntity } from '../../entity.ts';
import { journal } from '../../journal.ts';
import type { Reader } from '../../query.ts';
import { MemoryRows } from '../memoryRows.ts';

/** One batch of a node, from the lock to its end. The store may end it; the node finds out with its next word. */
export interface Transaction {
  readonly nodeId: string;
  hasEnded: boolean;
}

/** Rows of a resident entity, and the batch that changed them last. */
export type ChangedResident = ResidentRows & { readonly batch: number };

/**
 * The store of several nodes, as a database server is one: one batch at a time, under a lock, whichever node it comes from.
 * What is stored is durable; a transaction that ends before leaves nothing.
 */
export class SharedMemory {
  readonly entities: readonly AnyEntity[];
  readonly rows: MemoryRows;
  /** Number of the newest batch, of whichever node. */
  batch = 0;
  /** The newest batch of each node, stored with it. */
  private readonly newestOf = new Map<string, number>();
  /** The batch that changed a resident entity last. */
  private readonly changedBy = new Map<string, number>();
  private readonly listeners = new Map<string, () => void>();
  private running: Transaction | null = null;
  private readonly waiting: { readonly transaction: Transaction; readonly granted: () => void }[] = [];

  constructor(entities: readonly AnyEntity[]) {
    this.entities = [...entities, journal];
    this.rows = new MemoryRows(this.entities);
  }

  get reader(): Reader {
    return this.rows.reader;
  }

  /** What a node is told when it asks where the ledger stands. */
  get head(): Head {
    return this.rows.head;
  }

  /** Resolves when no other batch is running; never, should the transaction be ended while it waits. */
  lock(transaction: Transaction): Promise<void> {
    if (this.running === null) {
      this.running = transaction;
      return Promise.resolve();
    }
    return new Promise(granted => this.waiting.push({ transaction, granted }));
  }

  /** Its node is done with it, has gone, or was silent for too long; nothing is stored in its name any more. */
  end(transaction: Transaction): void {
    transaction.hasEnded = true;
    const place = this.waiting.findIndex(each => each.transaction === transaction);
    if (place >= 0) this.waiting.splice(place, 1);
    if (this.running !== transaction) return;
    const next = this.waiting.shift();
    this.running = next?.transaction ?? null;
    next?.granted();
  }

  /** Who has the lock. */
  get holder(): Transaction | null {
    return this.running;
  }

  /** Throws the `EngineFault` of what cannot be stored. The lock stays taken. */
  store(transaction: Transaction, changes: Parameters<MemoryRows['store']>[0]): number {
    if (this.running !== transaction) throw new Error('a batch is stored without the lock');
    this.rows.store(changes);
    this.batch++;
    this.newestOf.set(transaction.nodeId, this.batch);
    for (const { entity } of changes.rows) if (entity.resident) this.changedBy.set(entity.name, this.batch);
    return this.batch;
  }

  newestBatchOf(nodeId: string): number {
    return this.newestOf.get(nodeId) ?? 0;
  }

  /** Residents whose rows are others than those of the batch a node knows them by. */
  changedSince(known: ReadonlyMap<string, number>): ChangedResident[] {
    const changed: ChangedResident[] = [];
    for (const entity of this.entities) {
      if (entity.kind !== 'rows' || !entity.resident) continue;
      const batch = this.changedBy.get(entity.name) ?? 0;
      if (known.get(entity.name) !== batch) changed.push({ entity, rows: this.rows.all(entity.name), batch });
    }
    return changed;
  }

  /** A node listens until it is forgotten. */
  listen(nodeId: string, onNews: () => void): void {
    this.listeners.set(nodeId, onNews);
  }

  forget(nodeId: string): void {
    this.listeners.delete(nodeId);
  }

  /** A node notifies that it has stored something: how that reaches the others is theirs. */
  tell(nodeId: string): void {
    for (const [id, onNews] of this.listeners) if (id !== nodeId) onNews();
  }
}
