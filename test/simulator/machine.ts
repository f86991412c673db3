/**
 * Clocks, timers and randomness of this thread, taken from the world that runs in it: production code goes on asking `Date`,
 * `setTimeout` and `node:crypto`, and knows nothing of it. For a thread that does nothing but simulate.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Process, Scheduled, World } from './world.ts';

let world: World | null = null;

/** What runs from now on runs in this world; null: nothing runs. */
export function inhabit(next: World | null): void {
  world = next;
}

class Timer {
  private readonly delayMs: number;
  private readonly process: Process;
  private readonly again: boolean;
  private readonly task: () => void;
  private scheduled!: Scheduled;

  constructor(delayMs: number, task: () => void, again = false) {
    this.delayMs = delayMs;
    this.task = task;
    this.again = again;
    this.process = here().running;
    this.start();
  }

  refresh(): this {
    this.scheduled.cancel();
    this.start();
    return this;
  }

  cancel(): void {
    this.scheduled.cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  private start(): void {
    this.scheduled = here().in(this.delayMs, this.process, () => {
      if (this.again) this.start();
      this.task();
    });
  }
}

function here(): World {
  if (world === null) throw new Error('there is no world: only a simulation may run in this thread');
  return world;
}

type Task = (...args: unknown[]) => void;

/** Node's timers fire after a whole millisecond at least. */
const wait =
  (again: boolean) =>
  (task: Task, delayMs?: number, ...args: unknown[]) =>
    new Timer(Math.max(1, Number(delayMs) || 0), () => task(...args), again);
const cancel = (timer: unknown) => {
  if (timer instanceof Timer) timer.cancel();
};

/** To be called once, after everything has been imported. */
export function takeOverMachine(): void {
  const RealDate = Date;
  class VirtualDate extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [here().wallClock] : given) as [number]));
    }
    static override now(): number {
      return here().wallClock;
    }
  }
  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: wait(false),
    setInterval: wait(true),
    setImmediate: (task: Task, ...args: unknown[]) => new Timer(0, () => task(...args)),
    clearTimeout: cancel,
    clearInterval: cancel,
    clearImmediate: cancel,
  });
  performance.now = () => here().running.monotonicMs(here());
  Math.random = () => here().entropy.next();
  const randomBytes = (size: number) => {
    const bytes = Buffer.alloc(size);
    for (let place = 0; place < size; place++) bytes[place] = here().entropy.integer(0, 255);
    return bytes;
  };
  Object.assign(crypto, {
    randomBytes,
    randomUUID: () =>
      randomBytes(16)
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  });
  syncBuiltinESMExports();
}
