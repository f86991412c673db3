import { StorageUnavailable } from './refusals.ts';
import type { Command } from './state.ts';

/** A submitted command and the promise its caller waits on. */
export interface Pending {
  readonly command: Command<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a command came to; given to its caller once its batch is durable. */
export type Verdict = { readonly result: unknown } | { readonly error: unknown };
export type Verdicts = Map<Pending, Verdict>;

/** One flush stays a few milliseconds long: more commands would raise latency, not throughput. */
export const BATCH_COMMANDS = 512;
/** Well below what one SQLite transaction or one PostgreSQL round trip takes with ease. */
export const BATCH_BYTES = 4 * 1024 * 1024;
/** Commands that are slow to apply must not hold the answers of those before them. */
export const BATCH_APPLY_MS = 25;

/** Commands waiting for a batch, first come first served. */
export class CommandQueue {
  bytes = 0;
  private waiting: Pending[] = [];

  get length(): number {
    return this.waiting.length;
  }

  push(pending: Pending): void {
    this.waiting.push(pending);
    this.bytes += pending.command.bytes;
  }

  /** At least one, then as many as fit into both bounds. */
  take(commands: number, bytes: number): Pending[] {
    let taken = 0;
    let count = 0;
    while (count < this.waiting.length && count < commands && (count === 0 || taken < bytes)) {
      taken += this.waiting[count]!.command.bytes;
      count++;
    }
    this.bytes -= taken;
    return this.waiting.splice(0, count);
  }

  putBack(pendings: readonly Pending[]): void {
    for (const { command } of pendings) this.bytes += command.bytes;
    this.waiting = [...pendings, ...this.waiting];
  }
}

/** Rejects all that waits; `reason`: why everything is refused, null where it is the store's fault. */
export function refuseWaiting(queue: CommandQueue, reason: string | null): void {
  for (const { reject } of queue.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)) {
    reject(new StorageUnavailable(reason ?? 'nothing can be stored at the moment'));
  }
}
