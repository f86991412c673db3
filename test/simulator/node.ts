/** A server of the house in a process of its own: the organisation as every server opens it, on a simulated machine. */
import { randomBytes } from 'node:crypto';
import { joinNodesOf, nodesOfHouse, onlyNode } from '../../src/app/nodes.ts';
import { type Organisation, openOrganisation } from '../../src/app/organisation.ts';
import type { Engine } from '../../src/ledger/engine.ts';
import type { JournalRow } from '../../src/ledger/journal.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { MACHINE_TIMERS } from '../../src/ledger/timers.ts';
import type { Membership } from '../../src/nodes/membership.ts';
import type { NodeClient } from '../../src/nodes/nodeClient.ts';
import { DoorHost, type Serving } from './doorHost.ts';
import type { Mutation } from './mutating.ts';
import { KEYS } from './organisation.ts';
import type { Outside } from './outside.ts';
import type { Asking, Outlet } from './wire.ts';
import type { Process, World } from './world.ts';

/** What makes it one of several nodes on a ledger. */
export interface AmongOthers {
  /** Where the others reach it. */
  readonly url: string;
  readonly client: NodeClient;
}

export interface NodeOptions {
  readonly world: World;
  readonly process: Process;
  readonly engine: Engine;
  readonly outside: Outside;
  /** Null: it is alone. */
  readonly amongOthers: AmongOthers | null;
  /** 512 where nothing is said. */
  readonly batchCommands: number;
  /** The process ends by itself: the store cannot be trusted any more. */
  readonly onFatal: (error: Error) => void;
  /** What was told to those who wait for entries. */
  readonly onPublished: (entries: readonly JournalRow[]) => void;
  /** Trouble that the log would show. */
  readonly onError: (what: string, error: unknown) => void;
  /** What a mutant changes of it. */
  readonly mutation: Mutation;
}

export class Node {
  readonly process: Process;
  isListening = false;
  private readonly options: NodeOptions;
  private host!: DoorHost;
  private ledger!: Ledger;
  private organisation!: Organisation;
  private membership: Membership | null = null;

  private constructor(options: NodeOptions) {
    this.options = options;
    this.process = options.process;
  }

  /** In an event of the node's process. */
  static async start(options: NodeOptions): Promise<Node> {
    const node = new Node(options);
    await node.open();
    return node;
  }

  /** Where other nodes reach it. */
  get url(): string | null {
    return this.options.amongOthers?.url ?? null;
  }

  /** To be called when it can be reached. */
  async beginWork(): Promise<void> {
    await this.membership?.serve(this.url);
  }

  serve(asking: Asking, outlet: Outlet): Serving {
    return this.host.serve(asking, outlet);
  }

  /** Takes no connections any more, answers those that are there, stores what they brought. */
  async stop(): Promise<void> {
    this.isListening = false;
    this.organisation.endHeld();
    const left = this.membership?.leave();
    await this.host.close();
    await this.organisation.stop();
    await left;
    await this.ledger.close();
  }

  private async open(): Promise<void> {
    const { world, engine, outside, amongOthers, batchCommands, onFatal, onPublished, onError, mutation } =
      this.options;
    mutation.engine?.(engine);
    const ledger = await Ledger.open({ engine, clock: Date.now, onFatal, batchCommands });
    ledger.onCommit(onPublished);
    mutation.ledger?.(ledger);
    const trouble = (details: object, message: string) => onError(message, (details as { err?: unknown }).err);
    const log = { info: () => {}, warn: () => {}, error: trouble };
    const timers = MACHINE_TIMERS;
    const meters = {
      countReport: () => {},
      watchDesktops: () => {},
      countForwarded: (verdict: string) => world.note(this.process.name, `has forwarded a request: ${verdict}`),
    };
    const membership = amongOthers === null ? null : await joinNodesOf({ ledger, timers, log });
    const nodes =
      membership === null || amongOthers === null
        ? onlyNode(ledger, null)
        : nodesOfHouse({ nodes: membership, client: amongOthers.client, keys: KEYS, timers, log, meters });
    const organisation = openOrganisation({
      ledger,
      timers,
      random: randomBytes,
      log,
      audio: outside.store,
      outbound: outside.fetching(world),
      keys: KEYS,
      nodes,
      meters,
      publicUrl: null,
    });
    const host = new DoorHost({ ...log, warn: trouble });
    for (const { open, prefix } of organisation.doors) await host.register(open, prefix);
    organisation.startWorkers();
    this.host = host;
    this.ledger = ledger;
    this.organisation = organisation;
    this.membership = membership;
    this.isListening = true;
  }
}
