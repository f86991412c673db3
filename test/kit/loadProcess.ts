/**
 * The load in a process of its own, so that it shares no event loop and no garbage collector with what it measures or
 * with who asks for it. `LoadProcess` is the handle, `loadProcess.worker.ts` the process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DesktopResult, DesktopRun } from './desktopLoad.ts';
import type { LoadResult } from './loadCount.ts';
import type { CallSettings } from './yeastarEvents.ts';

export type { LoadResult } from './loadCount.ts';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface LoadRun {
  /** Of several, each gets its share of the connections. */
  readonly servers: readonly Address[];
  readonly connections: number;
  /** Load that is not counted, right before what is. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Requests that are written out before a run. */
export type Prepared =
  /** Event 30012 of calls that were never made before. */
  | { readonly kind: 'events' }
  /** Registrations of calls that were never made before. */
  | { readonly kind: 'register' }
  /** Ends of calls that were registered in a run before, or of made-up ones for a server that knows none. */
  | { readonly kind: 'finish'; readonly madeUp: boolean }
  /** CompleteRecord of an agent's records, for a server that knows none. */
  | { readonly kind: 'complete' };

export type LoadOrder =
  | { readonly order: 'calls'; readonly seed: number; readonly settings: CallSettings }
  | { readonly order: 'prepare'; readonly requests: number; readonly what: Prepared }
  | { readonly order: 'run'; readonly run: LoadRun }
  | { readonly order: 'desktops'; readonly run: DesktopRun }
  | { readonly order: 'end' };

export type LoadReply =
  | { readonly reply: 'ready' }
  | { readonly reply: 'counting' }
  | { readonly reply: 'result'; readonly result: LoadResult }
  | { readonly reply: 'desktops'; readonly result: DesktopResult }
  | { readonly reply: 'failed'; readonly message: string };

const WORKER = fileURLToPath(new URL('./loadProcess.worker.ts', import.meta.url));

export class LoadProcess implements AsyncDisposable {
  private readonly child: ChildProcess;
  private onCounting: (() => void) | null = null;
  private waiting: { resolve: (reply: LoadReply) => void; reject: (error: Error) => void } | null = null;

  constructor() {
    this.child = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child.on('message', (reply: LoadReply) => {
      if (reply.reply === 'counting') {
        this.onCounting?.();
        return;
      }
      const waiting = this.waiting;
      this.waiting = null;
      if (reply.reply === 'failed') waiting?.reject(new Error(reply.message));
      else waiting?.resolve(reply);
    });
    this.child.once('exit', code => {
      this.waiting?.reject(new Error(`The load process ended with ${code}`));
      this.waiting = null;
    });
  }

  /** Which calls are made from now on; one generator per load process, so that no call is made twice. */
  async calls(seed: number, settings: CallSettings): Promise<void> {
    await this.ask({ order: 'calls', seed, settings });
  }

  /** Writes requests out until so many are ready, while nothing is measured. Those of another kind are thrown away. */
  async prepare(requests: number, what: Prepared = { kind: 'events' }): Promise<void> {
    await this.ask({ order: 'prepare', requests, what });
  }

  /** Sends what is prepared over connections made for this run. `onCounting` is called when the warm-up is over. */
  async run(run: LoadRun, onCounting?: () => void): Promise<LoadResult> {
    this.onCounting = onCounting ?? null;
    const reply = await this.ask({ order: 'run', run });
    if (reply.reply !== 'result') throw new Error(`The load process answered ${reply.reply}`);
    return reply.result;
  }

  /** Desktops with sessions of their own take records and complete them. */
  async desktops(run: DesktopRun, onCounting?: () => void): Promise<DesktopResult> {
    this.onCounting = onCounting ?? null;
    const reply = await this.ask({ order: 'desktops', run });
    if (reply.reply !== 'desktops') throw new Error(`The load process answered ${reply.reply}`);
    return reply.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise(resolve => this.child.once('exit', resolve));
    this.child.send({ order: 'end' } satisfies LoadOrder);
    await ended;
  }

  private ask(order: LoadOrder): Promise<LoadReply> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.child.send(order);
    });
  }
}
