/** An engine between the ledger and a real one, for tests: each commit waits until the test decides what becomes of it. */
import type { ChangeSet, Engine, Head, SoleWriter, Want } from '../engine.ts';
import type { AnyEntity, Row } from '../entity.ts';
import type { Reader } from '../query.ts';

/** A batch the ledger has handed over. */
export class HeldCommit {
  readonly changes: ChangeSet;
  readonly answered: Promise<void>;
  private readonly inner: Engine;
  private readonly settle = Promise.withResolvers<void>();

  constructor(inner: Engine, changes: ChangeSet) {
    this.inner = inner;
    this.changes = changes;
    this.answered = this.settle.promise;
    // The caller of the commit handles the failure; this is a second reader of the same promise.
    this.answered.catch(() => {});
  }

  /** The store has it, and the ledger does not know yet. */
  write(): Promise<void> {
    return this.inner.commit(this.changes);
  }

  /** Reports to the ledger that it is durable. */
  answer(): void {
    this.settle.resolve();
  }

  /** Reports to the ledger that it is not stored. */
  fail(error: unknown): void {
    void this.inner.abandon();
    this.settle.reject(error);
  }

  /** Reports to the ledger what the real engine makes of it. */
  async release(): Promise<void> {
    try {
      await this.write();
      this.answer();
    } catch (error) {
      this.settle.reject(error);
    }
  }
}

export class HeldEngine implements Engine {
  readonly reader: Reader;
  readonly entities: readonly AnyEntity[];
  readonly readNow?: (want: Want) => Row[];
  readonly soleWriter?: SoleWriter;
  /** Handed over and not answered, oldest first. */
  readonly waiting: HeldCommit[] = [];
  /** How many batches were handed over. */
  handedOver = 0;
  private readonly inner: Engine;
  private holding = false;
  private arrivals: ((commit: HeldCommit) => void)[] = [];

  constructor(inner: Engine) {
    this.inner = inner;
    this.reader = inner.reader;
    this.entities = inner.entities;
    if (inner.readNow !== undefined) this.readNow = inner.readNow;
    if (inner.soleWriter !== undefined) this.soleWriter = inner.soleWriter;
  }

  /** Commits wait from now on. */
  hold(): void {
    this.holding = true;
  }

  /** Commits go through again; those that wait go on waiting. */
  letGo(): void {
    this.holding = false;
  }

  /** The next commit that arrives. */
  arrival(): Promise<HeldCommit> {
    return new Promise(resolve => this.arrivals.push(resolve));
  }

  begin(): Promise<Head> {
    if (this.waiting.length > 0) throw new Error('a batch begins while others are being committed');
    return this.inner.begin();
  }

  load(wants: readonly Want[]): Promise<Row[][]> {
    return this.inner.load(wants);
  }

  async commit(changes: ChangeSet): Promise<void> {
    this.handedOver++;
    if (!this.holding) {
      // Batches are stored and answered in the order they were handed over.
      await Promise.allSettled(this.waiting.map(each => each.answered));
      return this.inner.commit(changes);
    }
    const commit = new HeldCommit(this.inner, changes);
    this.waiting.push(commit);
    this.arrivals.shift()?.(commit);
    try {
      await commit.answered;
    } finally {
      this.waiting.splice(this.waiting.indexOf(commit), 1);
    }
  }

  abandon(): Promise<void> {
    return this.inner.abandon();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
