/** A server of the house in a process of its own: as server.ts composes it, without what belongs to a real machine. */

import { randomBytes } from 'node:crypto';
import { createAdministration } from '../../src/app/administration.ts';
import { call } from '../../src/calls/entities.ts';
import { startSettler } from '../../src/calls/settler.ts';
import { startWaker } from '../../src/campaigns/waker.ts';
import { readSetting, setting } from '../../src/config/setting.ts';
import { bitrix24Door } from '../../src/dialects/bitrix24/door.ts';
import { genesysDoor } from '../../src/dialects/genesys/door.ts';
import { nativeDoor } from '../../src/dialects/native/door.ts';
import { reread, yeastarDoor } from '../../src/dialects/yeastar/door.ts';
import type { Engine } from '../../src/ledger/engine.ts';
import type { JournalRow } from '../../src/ledger/journal.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { StorageUnavailable } from '../../src/ledger/refusals.ts';
import type { Worker } from '../../src/ledger/rounds.ts';
import { callsContext, campaignsContext, completionToCalls, fetchReactors } from '../../src/neighbours.ts';
import { createAuthenticator } from '../../src/people/authenticator.ts';
import { user } from '../../src/people/entities.ts';
import { may } from '../../src/people/permissions.ts';
import { startFetcher } from '../../src/recordings/fetcher.ts';
import { askForRecording } from '../../src/recordings/jobs.ts';
import { DoorHost, type Serving } from './doorHost.ts';
import { COOKIE_KEY } from './organisation.ts';
import type { Outside } from './outside.ts';
import type { Spoiled } from './spoiling.ts';
import type { Asking, Outlet } from './wire.ts';
import type { Process, World } from './world.ts';

/** As server.ts has it. */
const PROBE_MS = 1_000;

export interface NodeOptions {
  readonly world: World;
  readonly process: Process;
  readonly engine: Engine;
  readonly outside: Outside;
  /** 512 where nothing is said. */
  readonly batchCommands: number;
  /** The process ends by itself: the store cannot be trusted any more. */
  readonly onFatal: (error: Error) => void;
  /** What was told to those who wait for entries. */
  readonly onTold: (entries: readonly JournalRow[]) => void;
  /** Trouble that the log would show. */
  readonly onError: (what: string, error: unknown) => void;
  /** What a planted bug makes of it. */
  readonly spoiled: Spoiled;
}

export class Node {
  readonly process: Process;
  isListening = false;
  private readonly options: NodeOptions;
  private host!: DoorHost;
  private ledger!: Ledger;
  private workers: readonly Worker[] = [];
  private readonly stopping = new AbortController();

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

  serve(asking: Asking, outlet: Outlet): Serving {
    return this.host.serve(asking, outlet);
  }

  /** Takes no connections any more, answers those that are there, stores what they brought. */
  async stop(): Promise<void> {
    this.isListening = false;
    this.stopping.abort();
    await this.host.close();
    for (const worker of this.workers) await worker.stop();
    await this.ledger.close();
  }

  private async open(): Promise<void> {
    const { world, engine, outside, batchCommands, onFatal, onTold, onError, spoiled } = this.options;
    const clock = Date.now;
    spoiled.engine?.(engine);
    const ledger = await Ledger.open({ engine, clock, onFatal, batchCommands });
    ledger.onCommit(onTold);
    spoiled.ledger?.(ledger);
    const log = {
      error: ({ err }: { err?: unknown }, message: string) => onError(message, err),
      warn: ({ err }: { err?: unknown }, message: string) => onError(message, err),
    };
    const host = new DoorHost(log as never);
    const stopping = this.stopping.signal;
    const calls = spoiled.calls?.(callsContext) ?? callsContext;
    const count = () => {};
    const authenticator = createAuthenticator({ directory: ledger.directory, clock });
    const timeZone = () => readSetting(ledger.directory, 'timeZone');
    const { store } = outside;
    const outbound = outside.fetching(world);
    await host.register(
      scope => yeastarDoor(scope, { ledger, calls, secretOf: () => null, count, warn: () => {} }),
      '/yeastar',
    );
    await host.register(
      scope =>
        nativeDoor(scope, {
          ledger,
          calls,
          gate: { ...authenticator, may } as never,
          countable: call as never,
          clock,
          timeZone,
          dayZone: () => readSetting(ledger.directory, 'rollupZone'),
          count,
          audio: store,
          userExists: id => ledger.directory.get(user, id) !== undefined,
          nodes: () => [],
          reread,
          administration: createAdministration({
            directory: ledger.directory,
            keyFile: { seal: clear => clear, open: sealed => sealed },
            random: randomBytes,
            onWebhook: () => {},
          }),
          stopping,
        }),
      '/v1',
    );
    await host.register(
      scope =>
        bitrix24Door(scope, {
          ledger,
          calls,
          clock,
          random: randomBytes,
          timeZone,
          askForRecording: (state, { strandId, reportId, url }) => {
            askForRecording(state, { callId: strandId, reportId, url, name: null });
          },
          records: { store, outbound, onAttached: fetchReactors.onAttached!, uploadKey: new Uint8Array(32) },
          publicUrl: () => null,
          count,
        }),
      '/rest',
    );
    await host.register(
      scope =>
        genesysDoor(scope, {
          ledger,
          calls,
          campaigns: campaignsContext,
          authenticator,
          cookieKey: COOKIE_KEY,
          clock,
          publicUrl: () => null,
          count,
          bayeux: {},
          strict: false,
          report: completionToCalls,
          stopping,
        }),
      '/api/v2',
    );
    this.host = host;
    const trouble = (what: string) => (error: unknown) => {
      if (!(error instanceof StorageUnavailable)) onError(what, error);
    };
    this.ledger = ledger;
    this.workers = [
      startSettler(ledger, clock, trouble('settling')),
      startWaker(ledger, clock, trouble('waking records')),
      startFetcher({ ledger, outbound, store, clock, onError: trouble('fetching a recording'), ...fetchReactors }),
    ];
    setInterval(() => {
      if (!ledger.storageFault) return;
      ledger
        .submit({
          name: 'probe',
          bytes: 100,
          apply: state => state.put(setting, { key: 'probedAt', value: state.now }),
        })
        .catch(() => {});
    }, PROBE_MS);
    this.isListening = true;
  }
}
