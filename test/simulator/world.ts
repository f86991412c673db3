/**
 * Virtual time and a seeded scheduler. Whatever happens, happens in an event of some process at some instant; everything that
 * follows without time passing (promises) has come to rest before the next event begins. So the same seed gives the same run.
 */
import { createRandom, type Random } from '../kit/random.ts';
import { type Turn, turnOfRealLoop } from './realLoop.ts';

/** 2026-03-02 15:00 UTC, a Monday: any instant would do. */
export const START = Date.UTC(2026, 2, 2, 15);

/** No event needs as many. */
const QUESTIONS_AT_ONCE = 2_000;

/** Somebody for whom time passes: a server's process, a client, the network. */
export class Process {
  readonly name: string;
  /** Milliseconds its wall clock is ahead of the true time. */
  clockAheadMs = 0;
  /** How much longer than nothing each look at the clock takes, at most: thinking takes time on some machines. */
  thinksMs = 0;
  /** Nothing of it happens before: it is stopped, and goes on later as if nothing had been. */
  stoppedUntil = 0;
  hasEnded = false;
  private thoughtMs = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** What `performance.now()` says in it. */
  monotonicMs(world: World): number {
    if (this.thinksMs > 0) this.thoughtMs += world.random.next() * this.thinksMs;
    return world.now + this.thoughtMs;
  }
}

interface Event {
  at: number;
  readonly order: number;
  readonly process: Process;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Scheduled {
  cancel(): void;
}

export interface TraceLine {
  /** Virtual milliseconds since the beginning. */
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

export class World {
  /** Milliseconds since the beginning, with fractions. */
  now = 0;
  readonly random: Random;
  /** Randomness of the simulated machines; what they use of it does not change what happens to them. */
  readonly entropy: Random;
  readonly trace: TraceLine[] = [];
  /** What was thrown and nobody caught. */
  readonly uncaught: { readonly who: string; readonly error: unknown }[] = [];
  events = 0;
  /** Who went on and on without time passing. */
  readonly spinning: string[] = [];
  private questions = 0;
  private current: Process | null = null;
  private readonly queue = new EventQueue();
  private orders = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
    this.entropy = createRandom(seed ^ 0x5eed);
  }

  /** Whose event is running. */
  get running(): Process {
    if (this.current === null) throw new Error('nothing is running: who waits here belongs to nobody');
    return this.current;
  }

  /** UTC milliseconds, as the wall clock of whoever is running says. */
  get wallClock(): number {
    return this.clockOf(this.current);
  }

  /** UTC milliseconds, as the wall clock of a process says. */
  clockOf(process: Process | null): number {
    return START + Math.floor(this.now) + (process?.clockAheadMs ?? 0);
  }

  note(who: string, what: string): void {
    this.trace.push({ at: this.now, who, what });
  }

  /** Runs `task` as an event of `process`, unless that has ended by then. */
  in(delayMs: number, process: Process, task: () => void): Scheduled {
    const at = this.now + Math.max(0, delayMs);
    const event: Event = { at, order: ++this.orders, process, run: task, cancelled: false };
    this.queue.push(event);
    return {
      cancel: () => {
        event.cancelled = true;
      },
    };
  }

  /** Resolves in an event of whoever asks. */
  sleep(delayMs: number): Promise<void> {
    const process = this.running;
    return new Promise(resolve => this.in(delayMs, process, resolve));
  }

  /** Something is asked of a store. Whoever asks for ever within one instant is never answered. */
  ask(): Promise<void> {
    this.questions++;
    if (this.questions < QUESTIONS_AT_ONCE) return Promise.resolve();
    if (this.questions === QUESTIONS_AT_ONCE) this.spinning.push(this.running.name);
    return new Promise(() => {});
  }

  /** Begins what a process does with an event of its own. What it throws is nobody's to catch. */
  begin(process: Process, life: () => Promise<void>): void {
    this.in(0, process, () => {
      life().catch(error => this.uncaught.push({ who: process.name, error }));
    });
  }

  /** Lets time pass until then. */
  async run(untilMs: number): Promise<void> {
    using turn: Turn = turnOfRealLoop(error => this.uncaught.push({ who: this.current?.name ?? 'world', error }));
    for (let event = this.queue.pop(); event !== undefined; event = this.queue.pop()) {
      if (event.cancelled || event.process.hasEnded) continue;
      const at = Math.max(event.at, event.process.stoppedUntil);
      if (at > event.at || at > untilMs) {
        event.at = at;
        this.queue.push(event);
        if (this.queue.earliest > untilMs) break;
        continue;
      }
      this.now = Math.max(this.now, event.at);
      this.current = event.process;
      this.events++;
      this.questions = 0;
      try {
        event.run();
      } catch (error) {
        this.uncaught.push({ who: event.process.name, error });
      }
      await turn.end();
      this.current = null;
    }
    this.now = Math.max(this.now, untilMs);
  }
}

/** Earliest first; of the same instant in the order they were asked for. */
class EventQueue {
  private readonly heap: Event[] = [];

  get earliest(): number {
    return this.heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  push(event: Event): void {
    const { heap } = this;
    let place = heap.push(event) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = event;
  }

  pop(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
