import type { BatchState } from './batch.ts';
import { assertFollows } from './changeSet.ts';
import type { ChangeSet, Head } from './engine.ts';
import { assertMayBecome, type MayBecome } from './mayBecome.ts';
import { BATCH_APPLY_MS, BATCH_BYTES, type Pending, type Verdicts } from './pending.ts';

/**
 * A batch that is applied while those before it are being committed:
 *
 * - **open**: it is being filled.
 * - **committing**: the store has it, and every batch before it. Its commands are not answered.
 * - **durable**: it is stored, and so is every batch before it.
 * - **failed**: it is not stored, or a batch before it is not. What its commands saw may never have been: they are run again.
 */
type BatchStage = 'open' | 'committing' | 'durable' | 'failed';

const MAY_BECOME: MayBecome<BatchStage> = {
  open: ['committing', 'failed'],
  committing: ['durable', 'failed'],
  durable: [],
  failed: [],
};

export class PipelinedBatch {
  readonly state: BatchState;
  readonly verdicts: Verdicts = new Map();
  applyMs = 0;
  /** Resolves when it is durable and answered, or known to have failed. */
  concluded: Promise<void> = Promise.resolve();
  /** Where the ledger stands before it. */
  private readonly before: Head;
  private bytes = 0;
  #stage: BatchStage = 'open';

  constructor(state: BatchState, before: Head) {
    this.state = state;
    this.before = before;
  }

  get commands(): readonly Pending[] {
    return [...this.verdicts.keys()];
  }

  get hasFailed(): boolean {
    return this.#stage === 'failed';
  }

  /** How many commands still fit, and how many bytes they may bring; 0 when it is full. */
  room(batchCommands: number): { readonly commands: number; readonly bytes: number } {
    const bytes = this.applyMs < BATCH_APPLY_MS ? Math.max(0, BATCH_BYTES - this.bytes) : 0;
    return { commands: bytes === 0 ? 0 : Math.max(0, batchCommands - this.verdicts.size), bytes };
  }

  apply(pending: Pending): void {
    this.bytes += pending.command.bytes;
    try {
      this.verdicts.set(pending, { result: this.state.run(pending.command.apply) });
    } catch (error) {
      this.verdicts.set(pending, { error });
    }
  }

  /** What it has changed, to be stored on top of the batch of that number. Nothing is applied to it any more. */
  handOver(after: number): ChangeSet {
    this.#become('committing');
    return this.state.changes(after);
  }

  /** Throws unless it goes on exactly where the batches before it end. */
  assertFollows(changes: ChangeSet): void {
    assertFollows(this.before, changes);
  }

  settle(): void {
    this.#become('durable');
  }

  fail(): void {
    this.#become('failed');
  }

  #become(stage: BatchStage): void {
    assertMayBecome('batch', MAY_BECOME, this.#stage, stage);
    this.#stage = stage;
  }
}
