import { BatchState } from './batch.ts';
import { isEmpty } from './changeSet.ts';
import { type ChangeSet, EngineFault, type SoleWriter } from './engine.ts';
import { assertMayBecome, type MayBecome } from './mayBecome.ts';
import { BATCH_APPLY_MS, type Pending, refuseWaiting } from './pending.ts';
import { PipelinedBatch } from './pipelinedBatch.ts';
import type { Scheduler, SchedulerParts } from './scheduler.ts';
import { SerialRun } from './serialRun.ts';

/**
 * For a store that nothing else writes to: the next batch is applied on top of those being committed, so that thinking and writing
 * overlap. Should a commit fail, what was applied on top of it is thrown away and applied again. The scheduler is in one of four
 * states; batches may be with the store in all but the last:
 *
 * - **resting**: nothing waits, or what waits has no room in the open batch, which waits for its turn at the store.
 * - **due**: something waits. What can be read from the sockets in this turn of the event loop joins it.
 * - **falling**: a batch was not stored, and those handed over after it are still to fail as well. Nothing is applied.
 * - **mending**: they all have. The first is run again, by halves if that may help; then the others are applied again.
 */
type SoleState = 'resting' | 'due' | 'falling' | 'mending';

const MAY_BECOME: MayBecome<SoleState> = {
  resting: ['due', 'falling'],
  due: ['resting', 'falling'],
  falling: ['mending'],
  mending: ['resting'],
};

/**
 * Batches handed to the store at once: it writes one while the next waits, so that it need not wait for this thread to
 * notice that it is done.
 */
const IN_FLIGHT = 2;

export class SoleScheduler implements Scheduler {
  #state: SoleState = 'resting';
  private readonly parts: SchedulerParts;
  private readonly soleWriter: SoleWriter;
  private readonly serial: SerialRun;
  /** Being filled, on top of those being committed. */
  private open: PipelinedBatch | null = null;
  /** Oldest first. */
  private committing: PipelinedBatch[] = [];
  /** Number of the newest batch handed to the store of those it has not refused, 0 before the first. */
  private handedOver = 0;
  private readonly failed: { readonly batch: PipelinedBatch; readonly error: unknown }[] = [];
  /** By `performance.now()`: since when the oldest batch is being stored. */
  private storingSince: number | null = null;
  private waitingForIdle: (() => void)[] = [];

  constructor(parts: SchedulerParts, soleWriter: SoleWriter) {
    this.parts = parts;
    this.soleWriter = soleWriter;
    this.serial = new SerialRun(parts);
  }

  get storingMs(): number {
    return this.storingSince === null ? this.serial.runningMs : performance.now() - this.storingSince;
  }

  wake(): void {
    if (this.#state !== 'resting' || this.isFull()) return;
    this.#become('due');
    setImmediate(() => this.turn());
  }

  /** Nothing else writes. */
  look(): void {}

  async whenIdle(): Promise<void> {
    if (!this.isIdle()) await new Promise<void>(resolve => this.waitingForIdle.push(resolve));
  }

  private turn(): void {
    // A batch has failed since: what waits is applied when that is over.
    if (this.#state !== 'due') return;
    const { queue, trust, refusal } = this.parts;
    if (trust.refusesNow()) refuseWaiting(queue, refusal());
    this.fill();
    this.flush();
    this.#become('resting');
    this.goOn();
  }

  private goOn(): void {
    if (this.parts.queue.length > 0) this.wake();
    else if (this.isIdle()) for (const resolve of this.waitingForIdle.splice(0)) resolve();
  }

  private isIdle(): boolean {
    const isAnythingOpen = this.open !== null || this.committing.length > 0 || this.parts.queue.length > 0;
    return this.#state === 'resting' && !isAnythingOpen;
  }

  private isFull(): boolean {
    return this.open?.room(this.parts.batchCommands).commands === 0;
  }

  /** Applies what waits to the open batch, within its bounds. */
  private fill(): void {
    const { queue, batchCommands } = this.parts;
    if (queue.length === 0 || this.isFull()) return;
    this.open ??= this.newBatch();
    const batch = this.open;
    const began = performance.now();
    const { commands, bytes } = batch.room(batchCommands);
    const taken = queue.take(commands, bytes);
    const late: Pending[] = [];
    this.soleWriter.reading(() => {
      for (const pending of taken) {
        if (batch.verdicts.size > 0 && performance.now() - began > BATCH_APPLY_MS) late.push(pending);
        else batch.apply(pending);
      }
    });
    queue.putBack(late);
    batch.applyMs += performance.now() - began;
  }

  private newBatch(): PipelinedBatch {
    const { standing, clock, engine } = this.parts;
    const ancestors = this.committing.map(each => each.state).reverse();
    const head = ancestors[0]?.headAfter ?? standing.head;
    const now = Math.max(head.now, clock.now());
    return new PipelinedBatch(new BatchState(head, now, standing.residents, engine.readNow, ancestors), head);
  }

  /** Hands the open batch to the store, unless enough are there already. */
  private flush(): void {
    const batch = this.open;
    if (batch === null || this.committing.length >= IN_FLIGHT) return;
    this.open = null;
    const changes = batch.handOver(this.handedOver);
    const stored = this.store(batch, changes);
    if (!isEmpty(changes)) this.handedOver = changes.number;
    this.storingSince ??= performance.now();
    batch.concluded = this.conclude(batch, changes, stored, this.committing.at(-1) ?? null);
    this.committing.push(batch);
  }

  /** At once: batches are stored in the order in which they are handed over. */
  private async store(batch: PipelinedBatch, changes: ChangeSet): Promise<void> {
    if (isEmpty(changes)) return;
    batch.assertFollows(changes);
    await this.parts.engine.commit(changes);
  }

  /** Waits for the store, and for the batch before: a command that wrote nothing still saw what that batch wrote. */
  private async conclude(
    batch: PipelinedBatch,
    changes: ChangeSet,
    stored: Promise<void>,
    before: PipelinedBatch | null,
  ): Promise<void> {
    const began = performance.now();
    let error: unknown = null;
    try {
      await stored;
    } catch (fault) {
      error = fault;
    }
    const commitMs = performance.now() - began;
    this.storingSince = this.committing.length > 1 ? performance.now() : null;
    if (before !== null) {
      await before.concluded;
      if (before.hasFailed) error ??= new EngineFault('aborted', 'the batch before was not stored');
    }
    if (error !== null) {
      this.fall(batch, error);
      return;
    }
    batch.settle();
    this.committing.shift();
    for (const { state } of this.committing) state.forget(batch.state);
    this.open?.state.forget(batch.state);
    const { state, verdicts, applyMs } = batch;
    const { meter, standing, trust } = this.parts;
    trust.worked();
    meter?.batch(verdicts.size, applyMs, commitMs);
    standing.settle({ state, changes, verdicts });
    this.flush();
    this.goOn();
  }

  /** A batch was not stored; what was applied on top of it saw what is not there, and is applied again. */
  private fall(batch: PipelinedBatch, error: unknown): void {
    if (this.#state !== 'falling') this.#become('falling');
    batch.fail();
    this.failed.push({ batch, error });
    this.committing.shift();
    if (this.committing.length > 0) return;
    const [first, ...onTop] = this.failed.splice(0);
    const again = onTop.map(each => each.batch);
    if (this.open !== null) {
      this.open.fail();
      again.push(this.open);
      this.open = null;
    }
    this.handedOver = this.parts.standing.durable;
    this.parts.queue.putBack(again.flatMap(each => each.commands));
    this.#become('mending');
    void this.serial.runAgain(first!.batch.commands, first!.error).finally(() => {
      this.handedOver = this.parts.standing.durable;
      this.#become('resting');
      this.goOn();
    });
  }

  #become(state: SoleState): void {
    assertMayBecome('scheduler', MAY_BECOME, this.#state, state);
    this.#state = state;
  }
}
