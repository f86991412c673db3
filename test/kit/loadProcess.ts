/**
 * The load in a process of its own, so that it shares no event loop and no garbage collector with what it measures or
 * with who asks for it. `LoadProcess` is the handle, `loadProcess.worker.ts` the process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LatencySummary } from './latencyHistogram.ts';
import type { CallSettings } from './yeastarEvents.ts';

export interface LoadRun {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Load that is not counted, right before what is. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Of the counted part only. */
export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** How many answers had which status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly brokenConnections: number;
  readonly latency: LatencySummary;
  /** CPU of the load process itself, user and system, per request. */
  readonly clientCpuUsPerRequest: number;
  /** The prepared requests ran out before the time did. */
  readonly ranOut: boolean;
}

export type LoadOrder =
  | { readonly order: 'calls'; readonly seed: number; readonly settings: CallSettings }
  | { readonly order: 'prepare'; readonly requests: number }
  | { readonly order: 'run'; readonly run: LoadRun }
  | { readonly order: 'end' };

export type LoadReply =
  | { readonly reply: 'ready' }
  | { readonly reply: 'counting' }
  | { readonly reply: 'result'; readonly result: LoadResult }
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

  /** Writes requests out until so many are ready, while nothing is measured. */
  async prepare(requests: number): Promise<void> {
    await this.ask({ order: 'prepare', requests });
  }

  /** Sends what is prepared over connections made for this run. `onCounting` is called when the warm-up is over. */
  async run(run: LoadRun, onCounting?: () => void): Promise<LoadResult> {
    this.onCounting = onCounting ?? null;
    const reply = await this.ask({ order: 'run', run });
    if (reply.reply !== 'result') throw new Error(`The load process answered ${reply.reply}`);
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
