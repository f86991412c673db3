/**
 * A node of several on one store in memory: the reference for engines that others write to as well. The way to the store
 * may take its time, lose an answer, and end.
 */
import {
  type ChangeSet,
  type Engine,
  EngineFault,
  type Head,
  type ResidentRows,
  type SharedStore,
  type Want,
} from '../../engine.ts';
import type { AnyEntity, Row } from '../../entity.ts';
import type { Reader } from '../../query.ts';
import type { ChangedResident, SharedMemory, Transaction } from './sharedMemory.ts';

/** How late an entry of another node may be when its notification is lost. */
const LOOK_EVERY_MS = 1_000;
/** How long to go on looking whether a batch is stored. After that no caller waits for its answer any more. */
const UNKNOWN_MS = 60_000;
const ASK_AGAIN_MS = 250;

/** What becomes of a commit: `cut` before the store has heard of it, `lostAnswer` after it has stored it. */
export type CommitFate = 'works' | 'full' | 'cut' | 'lostAnswer';

/** The way between a node and the store. */
export interface Wire {
  /** From the node to the store. Rejects when there is no way: the transaction is lost then. */
  there(): Promise<void>;
  /** From the store to the node; rejects like `there`. */
  back(): Promise<void>;
  commit(): CommitFate;
  /** Brings the word that there is something new, or loses it. */
  notify(deliver: () => void): void;
}

const SHORT_WIRE: Wire = {
  there: async () => {},
  back: async () => {},
  commit: () => 'works',
  notify: deliver => deliver(),
};

export interface SharedMemoryOptions {
  readonly store: SharedMemory;
  /** Of this node, and of this life of it. */
  readonly nodeId: string;
  readonly wire?: Wire;
}

export class SharedMemoryEngine implements Engine {
  readonly entities: readonly AnyEntity[];
  readonly reader: Reader;
  readonly nodeId: string;
  private readonly store: SharedMemory;
  private readonly wire: Wire;
  private transaction: Transaction | null = null;
  /** The newest batch this node knows of. */
  private newestBatch = 0;
  /** Of each resident entity: the batch up to which the ledger knows its rows. */
  private readonly known = new Map<string, number>();
  private looking: NodeJS.Timeout | undefined;

  constructor({ store, nodeId, wire = SHORT_WIRE }: SharedMemoryOptions) {
    this.store = store;
    this.entities = store.entities;
    this.reader = store.reader;
    this.nodeId = nodeId;
    this.wire = wire;
  }

  readonly shared: SharedStore = {
    changedResidents: async () => this.learn(await this.overTheWire(() => this.store.changedSince(this.known))),
    look: async () => {
      await this.wire.there();
      const { batch, head } = this.store;
      const changed = this.store.changedSince(this.known);
      await this.wire.back();
      this.newestBatch = batch;
      return { head, residents: this.learn(changed) };
    },
    watch: onNews => this.watch(onNews),
  };

  async begin(): Promise<Head> {
    if (this.transaction !== null) throw new Error('a batch is running already');
    const transaction = { nodeId: this.nodeId, hasEnded: false };
    this.transaction = transaction;
    try {
      await this.wire.there();
      await this.store.lock(transaction);
      const { batch, head } = this.store;
      await this.wire.back();
      this.newestBatch = batch;
      return head;
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  load(wants: readonly Want[]): Promise<Row[][]> {
    return this.overTheWire(() => wants.map(want => this.store.rows.read(want)));
  }

  async commit(changes: ChangeSet): Promise<void> {
    const transaction = this.running();
    const batch = this.store.batch + 1;
    let isKnown = false;
    try {
      await this.wire.there();
      if (transaction.hasEnded) {
        isKnown = true;
        throw new EngineFault('unavailable', 'the transaction was ended: this node was silent for too long');
      }
      const fate = this.wire.commit();
      if (fate === 'cut') throw new EngineFault('unavailable', 'the connection has ended');
      isKnown = true;
      if (fate === 'full') throw new EngineFault('full', 'the disk is full');
      this.store.store(transaction, changes);
      isKnown = false;
      this.drop();
      if (fate === 'lostAnswer') throw new EngineFault('unavailable', 'the connection has ended');
      await this.wire.back();
    } catch (error) {
      this.drop();
      if (isKnown || !(await this.isStored(batch))) throw error;
    }
    this.newestBatch = batch;
    for (const { entity } of changes.rows) if (entity.resident) this.known.set(entity.name, batch);
    this.store.tell(this.nodeId);
  }

  async abandon(): Promise<void> {
    this.drop();
  }

  async close(): Promise<void> {
    clearInterval(this.looking);
    this.die();
  }

  /** The process is gone: its connections end, and nothing that was not stored will be. */
  die(): void {
    this.store.forget(this.nodeId);
    this.drop();
  }

  private watch(onNews: () => void): void {
    this.store.listen(this.nodeId, () => this.wire.notify(onNews));
    this.looking = setInterval(() => {
      if (this.store.batch !== this.newestBatch) onNews();
    }, LOOK_EVERY_MS);
    this.looking.unref();
    // Whatever was notified while no connection listened.
    onNews();
  }

  /** What has arrived is known from now on. */
  private learn(changed: readonly ChangedResident[]): readonly ResidentRows[] {
    for (const { entity, batch } of changed) this.known.set(entity.name, batch);
    return changed;
  }

  private running(): Transaction {
    if (this.transaction === null) throw new Error('no batch is running');
    return this.transaction;
  }

  private async overTheWire<T>(ask: () => T): Promise<T> {
    const transaction = this.running();
    try {
      await this.wire.there();
      if (transaction.hasEnded) throw new EngineFault('unavailable', 'the transaction was ended');
      const answer = ask();
      await this.wire.back();
      return answer;
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  private drop(): void {
    if (this.transaction !== null) this.store.end(this.transaction);
    this.transaction = null;
  }

  /** Whether a batch whose answer was lost is there. */
  private async isStored(batch: number): Promise<boolean> {
    const giveUpAt = performance.now() + UNKNOWN_MS;
    for (;;) {
      const transaction = { nodeId: this.nodeId, hasEnded: false };
      this.transaction = transaction;
      try {
        await this.wire.there();
        // The lock is free when the store has done with the batch, one way or the other.
        await this.store.lock(transaction);
        const stored = this.store.newestBatchOf(this.nodeId) === batch;
        await this.wire.back();
        return stored;
      } catch (error) {
        if (performance.now() > giveUpAt) {
          throw new EngineFault('unavailable', 'it is not known whether a batch is stored', { cause: error });
        }
        await new Promise(resolve => setTimeout(resolve, ASK_AGAIN_MS));
      } finally {
        this.drop();
      }
    }
  }
}
