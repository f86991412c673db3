/**
 * A server among others on one ledger. It stores a heartbeat every two seconds; with the same command it takes the leases
 * that no live node holds. Whether a node is alive is judged by the ledger's time, on which all nodes agree, whatever their
 * own clocks show.
 */
import type { Lease } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Command, State } from '../ledger/state.ts';
import { MACHINE_TIMERS, type Timers } from '../ledger/timers.ts';
import { type LeaseRow, lease, type Node, node } from './entities.ts';
import { DEAD_AFTER_MS, fenceOf, giveBack, takeLeases } from './leases.ts';

const BEAT_EVERY_MS = 2_000;
/**
 * A heartbeat that is stored so long after the one before is late. By two intervals less than it takes to be dead: what held up a
 * heartbeat that was in time has made no other node's overdue.
 */
const LATE_AFTER_MS = 3_000;
/** How late it is seen that a node has stopped, or given a lease back. Looking costs nothing: it is all in memory. */
const LOOK_EVERY_MS = 250;
/** A dead node can be seen in the list of nodes for so long. */
const FORGET_AFTER_MS = 60_000;
/** A job that a node does before it serves, and no two at the same time. */
const STARTING = 'starting';

export interface JoinOptions {
  readonly ledger: Pick<Ledger, 'submit' | 'directory'>;
  readonly timers?: Timers;
  /** Of the program. */
  readonly version: string;
  /** Jobs that one node at a time does. */
  readonly jobs: readonly string[];
  /** That the heartbeat could not be stored; the node tries again. */
  readonly onError: (error: unknown) => void;
  /** Repeatedly while another live node gives the same address as its own. */
  readonly onSameUrl: (url: string) => void;
}

/** A node as the others see it. */
export interface NodeView extends Node {
  readonly isAlive: boolean;
  /** The jobs it does. */
  readonly jobs: readonly string[];
}

/** Changes nothing: with its batch, what others have stored is taken in. */
const lookUp: Command<void> = { name: 'look for a node', bytes: 100, apply: () => {} };

const isOverdue = ({ seenAt }: Readonly<Node>, now: number): boolean => seenAt <= now - DEAD_AFTER_MS;

/** Marks the nodes whose heartbeats have stopped, for all nodes at once, and forgets those that were marked long ago. */
function judgeOthers(state: State, number: number): void {
  for (const each of state.all(node)) {
    if (each.number === number) continue;
    if (each.deadSince === null) {
      if (isOverdue(each, state.now)) state.put(node, { ...each, deadSince: state.now });
    } else if (each.deadSince <= state.now - FORGET_AFTER_MS) state.delete(node, each.number);
  }
}

/** Makes the server a node, which other nodes can see; it does none of the jobs before `serve`. */
export async function joinNodes(options: JoinOptions): Promise<Membership> {
  const { ledger, version } = options;
  const { row, now } = await ledger.submit({
    name: 'join nodes',
    bytes: 300,
    apply: state => {
      const joined: Node = {
        number: state.next('node'),
        url: null,
        version,
        startedAt: state.now,
        seenAt: state.now,
        deadSince: null,
      };
      state.insert(node, joined);
      return { row: joined, now: state.now };
    },
  });
  return new Membership(options, row, now);
}

export class Membership {
  readonly number: number;
  readonly #ledger: JoinOptions['ledger'];
  readonly #row: Node;
  readonly #jobs: readonly string[];
  readonly #onError: (error: unknown) => void;
  readonly #onSameUrl: (url: string) => void;
  readonly #gone = new Map<number, AbortController>();
  #url: string | null = null;
  /** The jobs it is ready to do. */
  #wanted: readonly string[] = [];
  #beating: Promise<void> | null = null;
  #lookingUp: Promise<void> | null = null;
  readonly #timers: Timers;
  /** By this process's own clock. */
  #beatAt: number;
  /** Cancels the next look. */
  #looking: () => void;
  #hasLeft = false;
  /** The ledger's time of this node's last stored heartbeat. */
  #now: number;
  /**
   * The ledger's time since which its heartbeats have come in time; a node that has just joined has missed none. Where nothing could be
   * stored for a while, the heartbeats of all nodes are late: a node that has missed its own judges no other until it has been steady
   * for as long as it takes to be dead.
   */
  #steadySince = Number.NEGATIVE_INFINITY;
  #onLook: (() => void)[] = [];
  readonly #onDisowned: (() => void)[] = [];

  constructor(options: JoinOptions, row: Node, now: number) {
    const { ledger, timers = MACHINE_TIMERS, jobs, onError, onSameUrl } = options;
    this.number = row.number;
    this.#ledger = ledger;
    this.#row = row;
    this.#jobs = jobs;
    this.#onError = onError;
    this.#onSameUrl = onSameUrl;
    this.#now = now;
    this.#timers = timers;
    this.#beatAt = timers.monotonicMs();
    this.#looking = timers.after(LOOK_EVERY_MS, () => this.#look());
  }

  /** UTC milliseconds by the ledger, some two seconds old at most while something can be stored. */
  get now(): number {
    return this.#now;
  }

  /**
   * Runs `job` while no other node runs its own: they wait for each other, and for one that dies meanwhile. `onWait` is
   * called when there is another node to wait for.
   */
  async alone<Result>(job: () => Promise<Result>, onWait: () => void): Promise<Result> {
    await this.#beating;
    this.#wanted = [STARTING];
    await this.#beat();
    if (this.#heldLease(STARTING) === null) onWait();
    while (this.#heldLease(STARTING) === null) {
      await new Promise<void>(resolve => this.#onLook.push(resolve));
      await this.#beating;
    }
    try {
      return await job();
    } finally {
      this.#wanted = [];
      await this.#submit(state => {
        const held = state.get(lease, STARTING);
        if (held?.node === this.number) giveBack(state, held);
      });
    }
  }

  /**
   * The node listens: others reach it at `url`, and it takes whatever jobs are free. A node that had this address before is
   * dead, most likely an earlier run of the same server: there is no need to wait until that shows.
   */
  async serve(url: string | null): Promise<void> {
    await this.#submit(state => {
      for (const each of state.all(node)) {
        if (each.url !== null && each.url === url && each.number !== this.number) state.delete(node, each.number);
      }
    });
    // A heartbeat under way does not carry the address.
    await this.#beating;
    this.#url = url;
    this.#wanted = this.#jobs;
    await this.#beat();
  }

  /** The lease of one of the jobs. */
  lease(job: string): Lease {
    return {
      acquire: () => {
        const held = this.#heldLease(job);
        return held === null ? null : fenceOf(job, held.token);
      },
    };
  }

  /** All nodes by number, those that died within the last minute too. */
  all(): readonly NodeView[] {
    const { directory } = this.#ledger;
    const leases = directory.all(lease);
    return directory
      .all(node)
      .map(row => ({
        ...row,
        isAlive: this.#isAlive(row),
        jobs: leases.filter(each => each.node === row.number && each.job !== STARTING).map(each => each.job),
      }))
      .sort((a, b) => a.number - b.number);
  }

  /** Those that live, but for this one; some may not listen yet. */
  others(): readonly NodeView[] {
    return this.all().filter(each => each.isAlive && each.number !== this.number);
  }

  /** Where a node is that lives and can be reached; null when it is not, or is this one. */
  urlOf(number: number): string | null {
    const row = number === this.number ? undefined : this.#ledger.directory.get(node, number);
    return row !== undefined && this.#isAlive(row) ? row.url : null;
  }

  /** Whether a node lives. One that has joined a moment ago, or is back, is not known here yet: then the ledger is asked. */
  async lives(number: number): Promise<boolean> {
    if (this.#seemsAlive(number)) return true;
    this.#lookingUp ??= this.#ledger.submit(lookUp).finally(() => {
      this.#lookingUp = null;
    });
    await this.#lookingUp;
    return this.#seemsAlive(number);
  }

  /** `listener` is called when this node finds that it was dead to the others: what clients were told meanwhile holds. */
  onDisowned(listener: () => void): void {
    this.#onDisowned.push(listener);
  }

  /** Aborted when a node that lives is not there any more: requests to it will not be answered. */
  goneSignal(number: number): AbortSignal {
    let gone = this.#gone.get(number);
    if (gone === undefined) {
      gone = new AbortController();
      this.#gone.set(number, gone);
    }
    return gone.signal;
  }

  /** Removes itself from the list and gives back its leases; others go on with its jobs at once. It does not come back. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#looking();
    for (const resolve of this.#onLook.splice(0)) resolve();
    await this.#beating;
    await this.#submit(state => {
      for (const held of state.all(lease)) if (held.node === this.number) giveBack(state, held);
      state.delete(node, this.number);
    });
  }

  #isAlive({ number, deadSince }: Readonly<Node>): boolean {
    return number === this.number ? !this.#hasLeft : deadSince === null;
  }

  #seemsAlive(number: number): boolean {
    const row = this.#ledger.directory.get(node, number);
    return row !== undefined && this.#isAlive(row);
  }

  #heldLease(job: string): Readonly<LeaseRow> | null {
    const held = this.#ledger.directory.get(lease, job);
    return held?.node === this.number && !this.#hasLeft ? held : null;
  }

  #look(): void {
    this.#looking = this.#timers.after(LOOK_EVERY_MS, () => this.#look());
    for (const resolve of this.#onLook.splice(0)) resolve();
    for (const [number, gone] of this.#gone) {
      if (this.urlOf(number) !== null) continue;
      this.#gone.delete(number);
      gone.abort();
    }
    const url = this.#url;
    if (url !== null && this.#othersAt(url).some(each => this.#isAlive(each))) this.#onSameUrl(url);
    const sinceBeatMs = this.#timers.monotonicMs() - this.#beatAt;
    if (sinceBeatMs >= BEAT_EVERY_MS || this.#wanted.some(job => this.#mayBeFree(job, sinceBeatMs))) void this.#beat();
  }

  #othersAt(url: string): readonly Readonly<Node>[] {
    return this.#ledger.directory.all(node).filter(each => each.url === url && each.number !== this.number);
  }

  /** Worth a try. Whether it is free is found out in the command, and not by what this process happens to know. */
  #mayBeFree(job: string, sinceBeatMs: number): boolean {
    const { directory } = this.#ledger;
    const holder = directory.get(lease, job)?.node ?? null;
    const row = holder === null ? undefined : directory.get(node, holder);
    return row === undefined || isOverdue(row, this.#now + sinceBeatMs);
  }

  #beat(): Promise<void> {
    if (this.#hasLeft) return Promise.resolve();
    const row = { ...this.#row, url: this.#url };
    const wanted = this.#wanted;
    const steadySince = this.#steadySince;
    this.#beating ??= this.#submit(state => {
      const before = state.get(node, this.number);
      const wasLate = before === undefined || before.seenAt <= state.now - LATE_AFTER_MS;
      // Its row is gone where another server is at its address, or has forgotten it.
      const wasDisowned = before === undefined || before.deadSince !== null;
      state.put(node, { ...row, seenAt: state.now, deadSince: null });
      if (!wasLate && steadySince <= state.now - DEAD_AFTER_MS) judgeOthers(state, this.number);
      takeLeases(state, this.number, wanted);
      return { now: state.now, wasLate, wasDisowned };
    })
      .then(beat => {
        // One that could not be stored is tried again at the next look.
        if (beat === null) return;
        this.#beatAt = this.#timers.monotonicMs();
        this.#now = beat.now;
        if (beat.wasLate) this.#steadySince = beat.now;
        if (beat.wasDisowned) for (const listener of this.#onDisowned) listener();
      })
      .finally(() => {
        this.#beating = null;
      });
    return this.#beating;
  }

  /** Null when it could not be stored. */
  async #submit<Result>(apply: (state: State) => Result): Promise<Result | null> {
    const command: Command<Result> = { name: 'store heartbeat', bytes: 300, apply };
    try {
      return await this.#ledger.submit(command);
    } catch (error) {
      this.#onError(error);
      return null;
    }
  }
}
