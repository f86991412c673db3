import { assertIsNotBehind } from './changeSet.ts';
import { EngineFault, type SharedStore } from './engine.ts';
import { assertMayBecome, type MayBecome } from './mayBecome.ts';
import { BATCH_BYTES, refuseWaiting } from './pending.ts';
import type { Scheduler, SchedulerParts } from './scheduler.ts';
import { SerialRun } from './serialRun.ts';
import { isFinal } from './storeTrust.ts';

/**
 * For a store that others write to as well, or that is far away: a batch begins only when the one before is answered. The
 * scheduler is in one of four states:
 *
 * - **resting**: nothing waits.
 * - **due**: something waits. What can be read from the sockets in this turn of the event loop joins it.
 * - **running**: a batch is being run, from the store's lock to its answers, and by halves if it cannot be stored. It takes in what
 *   others have written before it began.
 * - **looking**: it takes in what others have written, between two batches.
 */
type SharedState = 'resting' | 'due' | 'running' | 'looking';

const MAY_BECOME: MayBecome<SharedState> = {
  resting: ['due', 'looking'],
  // Straight back to resting where all that waits is refused.
  due: ['running', 'resting'],
  running: ['resting'],
  looking: ['resting'],
};

export class SharedScheduler implements Scheduler {
  #state: SharedState = 'resting';
  private readonly parts: SchedulerParts;
  private readonly serial: SerialRun;
  /** Others have written since the batch that is being run, or the look, began. */
  private hasNews = false;
  private waitingForIdle: (() => void)[] = [];

  constructor(parts: SchedulerParts) {
    this.parts = parts;
    this.serial = new SerialRun(parts);
  }

  get storingMs(): number {
    return this.serial.runningMs;
  }

  wake(): void {
    if (this.#state !== 'resting') return;
    this.#become('due');
    setImmediate(() => void this.turn());
  }

  /** What others have written is taken in between two batches, or with the next one. */
  look(): void {
    const { shared } = this.parts.engine;
    if (shared === undefined || this.parts.refusal() !== null) return;
    this.hasNews = this.#state !== 'resting';
    if (this.hasNews) return;
    this.#become('looking');
    void this.takeIn(shared).finally(() => this.rest());
  }

  async whenIdle(): Promise<void> {
    if (!this.isIdle()) await new Promise<void>(resolve => this.waitingForIdle.push(resolve));
  }

  private async turn(): Promise<void> {
    const { queue, trust, batchCommands, refusal } = this.parts;
    if (trust.refusesNow()) refuseWaiting(queue, refusal());
    const batch = queue.take(batchCommands, BATCH_BYTES);
    if (batch.length > 0) {
      this.#become('running');
      this.hasNews = false;
      await this.serial.run(batch);
    }
    this.rest();
  }

  private async takeIn(shared: SharedStore): Promise<void> {
    const { clock, standing, meter, trust } = this.parts;
    try {
      const { head, residents } = await shared.look();
      assertIsNotBehind(standing.head, head);
      clock.read(head);
      standing.takeIn(head, residents);
    } catch (error) {
      // What is passing is seen again; a store that cannot be trusted is not looked at twice.
      if (!(error instanceof EngineFault && isFinal(error))) return;
      meter?.fault(error.kind);
      trust.failed(error);
    }
  }

  private rest(): void {
    this.#become('resting');
    if (this.parts.queue.length > 0) this.wake();
    else if (this.hasNews && this.parts.refusal() === null) this.look();
    else if (this.isIdle()) for (const resolve of this.waitingForIdle.splice(0)) resolve();
  }

  private isIdle(): boolean {
    return this.#state === 'resting' && this.parts.queue.length === 0;
  }

  #become(state: SharedState): void {
    assertMayBecome('scheduler', MAY_BECOME, this.#state, state);
    this.#state = state;
  }
}
