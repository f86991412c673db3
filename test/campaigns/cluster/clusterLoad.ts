/** A bounded load from three doors over all nodes of a cluster, whose clients say again what was not answered. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../kit/random.ts';
import type { Load } from '../../kit/rawClient.ts';
import { type Address, ConnectionEnded } from '../../kit/rawConnection.ts';
import type { Cast } from '../cast.ts';
import type { FakeDesktop } from '../fakeDesktop.ts';
import type { Answers } from './answers.ts';

/** Whoever can be told something; `server` is null while it is not there. */
export interface LoadedNode {
  readonly server: Address | null;
}

export interface ClusterLoadOptions {
  readonly cast: Cast;
  readonly nodes: readonly LoadedNode[];
  readonly random: Random;
  readonly answers: Answers;
  /** Of the application, per node. */
  readonly appWorkers: number;
  readonly recordsPerDesktop: number;
  /**
   * Where a desktop whose node is dead opens its next session: at the same node when it is back, or at any other at once,
   * which has to know what the dead one told.
   */
  readonly desks: 'home' | 'any';
  /** What a desktop asks for is asked of another node than the one that holds its session. */
  readonly spread: boolean;
  /** What a node was told of may have been refused by its database unnoticed: nothing is proven by later answers. */
  readonly isRefusable: boolean;
}

/** Whoever finds nobody tries again after this time. */
const AGAIN_AFTER_MS = 50;
/** Whoever has waited for so long for an answer says it again somewhere else, and goes on waiting. */
const PATIENCE_MS = 3_000;
const IMPATIENT_EVERY_MS = 500;
/** Answers that have not come by then, after the end of the load, do not come. */
const LAST_ANSWERS_WITHIN_MS = 300_000;

export class ClusterLoad {
  private readonly options: ClusterLoadOptions;
  private readonly loads = new Set<Load>();
  private readonly sessions: Map<FakeDesktop, Address>;
  /** Desktops take nothing new; later, nobody does. */
  private isClosing = false;
  private isOver = false;
  private readonly resting = new Set<LoadedNode>();
  private readonly programs: readonly Promise<void>[];
  private readonly desks: readonly Promise<void>[];
  private readonly impatient: NodeJS.Timeout;

  /** Begins at once. `sessions`: where each desktop has its session; kept from one load to the next. */
  constructor(options: ClusterLoadOptions, sessions: Map<FakeDesktop, Address>) {
    this.options = options;
    this.sessions = sessions;
    const { cast, nodes, appWorkers, answers } = options;
    const { pbx, app } = cast.round;
    const push = (server: Address): Load =>
      pbx.push(server, ({ status, latencyMs }) => {
        if (status === 200) answers.take(performance.now() - latencyMs, server);
      });
    const work = (server: Address): Load => app.run(server, { twin: this.anyNode() ?? server, workers: 1 });
    this.programs = nodes.flatMap(node => [
      this.keepOn(node, push),
      ...Array.from({ length: appWorkers }, () => this.keepOn(node, work)),
    ]);
    this.desks = cast.desktops.map((desktop, n) => this.keepAtWork(desktop, nodes[n % nodes.length]!));
    this.impatient = setInterval(() => {
      pbx.repeatWaiting(PATIENCE_MS);
      app.repeatWaiting(PATIENCE_MS);
    }, IMPATIENT_EVERY_MS);
  }

  /** Nobody says anything to these nodes until further notice; others are spoken to again. */
  rest(nodes: readonly LoadedNode[]): void {
    this.resting.clear();
    for (const node of nodes) this.resting.add(node);
    for (const load of this.loads) load.stop();
  }

  /** What is under way is waited for; all nodes are there. */
  async stop(): Promise<void> {
    this.isClosing = true;
    const late = setTimeout(() => {
      for (const load of this.loads) load.abort();
    }, LAST_ANSWERS_WITHIN_MS);
    // The PBX goes on until no agent waits for it any more.
    await Promise.all(this.desks);
    this.isOver = true;
    for (const load of this.loads) load.stop();
    await Promise.all(this.programs);
    clearTimeout(late);
    clearInterval(this.impatient);
  }

  /** Something went wrong: nobody says anything any more, and nothing is waited for. */
  abort(): void {
    this.isClosing = true;
    this.isOver = true;
    clearInterval(this.impatient);
    for (const load of this.loads) load.abort();
  }

  /** Desktops have taken all they were to take. */
  async untilWorked(): Promise<void> {
    await Promise.all(this.desks);
  }

  /** After the load: whoever has no session opens one; all nodes are there. */
  async bringBack(): Promise<void> {
    const { cast, nodes } = this.options;
    const bring = async (desktop: FakeDesktop, home: LoadedNode): Promise<void> => {
      while (!desktop.isThere && !(await this.comeBack(desktop, home))) await delay(AGAIN_AFTER_MS);
    };
    await Promise.all(cast.desktops.map((desktop, n) => bring(desktop, nodes[n % nodes.length]!)));
  }

  /** Until the end of the load, whenever the node is there. */
  private async keepOn(node: LoadedNode, begin: (server: Address) => Load): Promise<void> {
    while (!this.isOver) {
      const { server } = node;
      if (server === null || this.resting.has(node)) await delay(AGAIN_AFTER_MS);
      else {
        await this.carry(begin(server));
        await delay(AGAIN_AFTER_MS);
      }
    }
  }

  private async keepAtWork(desktop: FakeDesktop, home: LoadedNode): Promise<void> {
    for (let left = this.options.recordsPerDesktop; left > 0 && !this.isClosing; ) {
      if (this.resting.has(home)) await delay(AGAIN_AFTER_MS);
      else if (desktop.isThere) {
        await this.carry(desktop.work(1));
        left--;
      } else if (!(await this.comeBack(desktop, home))) await delay(AGAIN_AFTER_MS);
    }
  }

  /** A new session, once there is a node for it; false when there is none yet. */
  private async comeBack(desktop: FakeDesktop, home: LoadedNode): Promise<boolean> {
    const server = this.options.desks === 'home' ? home.server : this.anyNode();
    if (server === null || server === undefined) return false;
    await this.takeLeave(desktop);
    try {
      await desktop.recover(server, this.options.spread ? this.anyNode() : server);
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
      return false;
    } finally {
      this.sessions.set(desktop, server);
    }
    return true;
  }

  private async takeLeave(desktop: FakeDesktop): Promise<void> {
    const { answers, isRefusable } = this.options;
    const last = this.sessions.get(desktop);
    if (last === undefined) return;
    await desktop.lost(isRefusable ? Number.NEGATIVE_INFINITY : answers.provenUntil(last));
  }

  private async carry(load: Load): Promise<void> {
    this.loads.add(load);
    await load.ended;
    this.loads.delete(load);
  }

  private anyNode(): Address | undefined {
    const { nodes, random } = this.options;
    const there = nodes.filter(node => node.server !== null && !this.resting.has(node));
    return there.length === 0 ? undefined : random.pick(there).server!;
  }
}
