/** Batches one after another, each from its beginning in the store to its answers before the next one begins. */
import { assertFollows, assertIsNotBehind, isEmpty } from './changeSet.ts';
import { EngineFault } from './engine.ts';
import { BATCH_BYTES, type Pending } from './pending.ts';
import { CommandFailed, StorageUnavailable } from './refusals.ts';
import type { SchedulerParts } from './scheduler.ts';
import { type Applied, applyLoading } from './serial.ts';

/** What no engine has classified leaves the store in doubt. */
const faultOf = (error: unknown): EngineFault =>
  error instanceof EngineFault ? error : new EngineFault('fatal', String(error), { cause: error });

export class SerialRun {
  private readonly parts: SchedulerParts;
  /** By `performance.now()`: since when the batch that is being run is. */
  private runningSince: number | null = null;

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /** For how long the batch that is being run has been, milliseconds; 0 when there is none. */
  get runningMs(): number {
    return this.runningSince === null ? 0 : performance.now() - this.runningSince;
  }

  /** Resolves when all of them are answered. What has come until the batch begins joins it, while there is room. */
  async run(batch: readonly Pending[]): Promise<void> {
    await this.process(batch, true);
    this.runningSince = null;
  }

  /** The same for a batch that was not stored, which is run again by halves if that may help. */
  async runAgain(batch: readonly Pending[], error: unknown): Promise<void> {
    await this.recover(batch, error);
    this.runningSince = null;
  }

  private async process(given: readonly Pending[], grows = false): Promise<void> {
    const { engine, clock, standing, trust, meter } = this.parts;
    let batch = given;
    if (batch.length === 0) return;
    this.runningSince = performance.now();
    if (trust.isLost) {
      for (const { reject } of batch) reject(new StorageUnavailable(trust.refusal!));
      return;
    }
    let applied: Applied | undefined;
    try {
      const head = await engine.begin();
      assertIsNotBehind(standing.head, head);
      // Other writers may have kept it waiting for as long as their batches took.
      if (grows) batch = [...batch, ...this.takeFor(batch)];
      clock.read(head);
      applied = await applyLoading(engine, head, batch, standing.residents, clock.now);
      const { state, verdicts, applyMs, loads } = applied;
      if (engine.readNow === undefined && batch.length === 1) meter?.loads?.(batch[0]!.command.name, loads);
      const began = performance.now();
      const changes = state.changes(standing.durable);
      if (isEmpty(changes)) await engine.abandon();
      else {
        assertFollows(head, changes);
        await engine.commit(changes);
      }
      trust.worked();
      meter?.batch(verdicts.size, applyMs, performance.now() - began);
      standing.settle({ state, changes, verdicts });
    } catch (error) {
      if (applied === undefined) await engine.abandon().catch(() => {});
      await this.recover(batch, error);
      return;
    }
    await this.process(applied.late);
  }

  /** A batch that cannot be stored is run again by halves until the culprit stands alone. */
  private async recover(batch: readonly Pending[], error: unknown): Promise<void> {
    const fault = faultOf(error);
    this.parts.meter?.fault(fault.kind);
    if (fault.kind === 'poison') {
      if (batch.length === 1) {
        const { command, reject } = batch[0]!;
        reject(new CommandFailed(`${command.name}: ${fault.message}`, { cause: fault }));
        return;
      }
      const half = batch.length >> 1;
      await this.process(batch.slice(0, half));
      await this.process(batch.slice(half));
      return;
    }
    this.parts.trust.failed(fault);
    for (const { reject } of batch) reject(new StorageUnavailable(fault.message, { cause: fault }));
  }

  /** What fits beside what a batch has already. */
  private takeFor(batch: readonly Pending[]): Pending[] {
    const { queue, batchCommands } = this.parts;
    const bytes = batch.reduce((sum, { command }) => sum + command.bytes, 0);
    return bytes < BATCH_BYTES ? queue.take(batchCommands - batch.length, BATCH_BYTES - bytes) : [];
  }
}
