/**
 * One organisation: the rooms behind its doors, and the workers that go on with what is due. Server, simulator and tests all
 * open it here; what differs is the parts it is given.
 */
import type { FastifyInstance } from 'fastify';
import { settledCalls } from '../calls/settling/expansion.ts';
import { startSettler } from '../calls/settling/settler.ts';
import { startWaker } from '../campaigns/waker.ts';
import type { KeyFile } from '../config/keyFile.ts';
import { readSetting, setting } from '../config/setting.ts';
import type { Dialect, House, Meters, NodesOfHouse } from '../dialects/dialect.ts';
import { sharingPages } from '../ledger/expansion.ts';
import { ALONE } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { StorageUnavailable } from '../ledger/refusals.ts';
import { startRounds, type Worker, type WorkerParts } from '../ledger/rounds.ts';
import type { Command } from '../ledger/state.ts';
import type { Timers } from '../ledger/timers.ts';
import { createAuthenticator } from '../people/authenticator.ts';
import { may } from '../people/permissions.ts';
import type { AudioStore } from '../recordings/audioStore.ts';
import type { Fetching } from '../recordings/download.ts';
import { startFetcher } from '../recordings/fetcher.ts';
import { createAdministration } from './administration.ts';
import { DIALECTS, reread } from './dialects.ts';
import { events } from './events.ts';
import type { Log } from './log.ts';
import { startPortalList } from './portalList.ts';
import { callsContext, campaignsContext, completeCall, fetchReactors, wantCompletedCall } from './reactors.ts';
import { createThrottle } from './throttle.ts';

/** What an organisation is made of. Its clock is the ledger's. */
export interface Parts {
  readonly ledger: Ledger;
  readonly timers: Timers;
  /** That many random bytes, unpredictable. */
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  readonly audio: AudioStore;
  /** The client that leaves the house. */
  readonly outbound: Fetching;
  readonly keys: KeyFile;
  readonly nodes: NodesOfHouse;
  readonly meters: Meters;
  /** Where clients reach it, without a slash at its end; null: where they asked. */
  readonly publicUrl: string | null;
}

export interface Door extends Pick<Dialect, 'prefix' | 'describe'> {
  readonly open: (scope: FastifyInstance) => Promise<void>;
}

export interface Organisation {
  readonly doors: readonly Door[];
  /** To be called once, when its doors are open. */
  startWorkers(): void;
  /** Ends what is held open; requests that are in work are still answered. */
  endHeld(): void;
  /** After the last answer: resolves when nothing of it is under way. The parts are their maker's to close. */
  stop(): Promise<void>;
}

const SETTLING = 'settling';
const WAKING = 'waking';
const FETCHING = 'fetching';
const LISTING = 'listing calls';
/** Work that one node at a time does, by the names it has in the ledger. */
export const JOBS: readonly string[] = [
  SETTLING,
  WAKING,
  FETCHING,
  LISTING,
  ...DIALECTS.flatMap(each => each.jobs ?? []),
];

/** How often a server that could not store something tries whether it can again. */
const PROBE_MS = 1_000;
/** A PBX with a wrong clock is wrong with every call. */
const ODDITY_EVERY_MS = 3_600_000;

export function openOrganisation(parts: Parts): Organisation {
  const stopping = new AbortController();
  const house = houseOf(parts, stopping.signal);
  let workers: readonly Worker[] = [];
  return {
    doors: DIALECTS.map(({ prefix, describe, open }) => ({
      prefix,
      ...(describe === undefined ? {} : { describe }),
      open: scope => open(scope, house),
    })),
    startWorkers() {
      workers = workersOf(parts);
    },
    endHeld: () => stopping.abort(),
    async stop() {
      stopping.abort();
      for (const worker of workers) await worker.stop();
    },
  };
}

function houseOf(parts: Parts, stopping: AbortSignal): House {
  const { ledger, log, timers, keys, random, publicUrl } = parts;
  const { directory, now: clock } = ledger;
  const mayPass = createThrottle(ODDITY_EVERY_MS, timers);
  return {
    ...parts,
    events,
    expansion: sharingPages(settledCalls),
    calls: callsContext,
    campaigns: campaignsContext,
    clock,
    timeZone: () => readSetting(directory, 'timeZone'),
    dayZone: () => readSetting(directory, 'rollupZone'),
    publicUrl: () => publicUrl,
    authenticator: createAuthenticator({ directory, clock, random }),
    may,
    administration: createAdministration({ directory, keyFile: keys, random }),
    recordings: fetchReactors,
    reread,
    completeCall,
    wantCompletedCall,
    warnOf({ key }, warning) {
      if (mayPass(`${key} ${warning}`)) log.warn({ source: key, warning }, 'report warning');
    },
    quarantinedOf({ key }, problem) {
      if (mayPass(`${key} quarantined ${problem}`)) log.warn({ source: key, problem }, 'report quarantined');
    },
    stopping,
  };
}

function workersOf({ ledger, timers, log, audio, outbound, nodes }: Parts): readonly Worker[] {
  const partsOf = (job: string, failed: string): WorkerParts => ({
    ledger,
    clock: ledger.now,
    timers,
    lease: nodes.lease(job),
    onError: logged(log, failed),
  });
  return [
    startSettler({ ...partsOf(SETTLING, 'settling failed'), ledger }),
    startWaker(partsOf(WAKING, 'waking records failed')),
    startFetcher({ ...partsOf(FETCHING, 'fetching a recording failed'), outbound, store: audio, ...fetchReactors }),
    startPortalList({ ...partsOf(LISTING, 'listing calls failed'), ledger, log }),
    startRounds({ everyMs: PROBE_MS, lease: ALONE, timers, onError: () => {} }, async () => {
      if (!ledger.storageFault) return;
      await ledger.submit(storageProbe);
      log.info({}, 'storage recovered');
    }),
  ];
}

/** Logs an error; not while nothing can be stored, which the ledger has logged: what is due stays due. */
const logged = (log: Log, failed: string) => (error: unknown) => {
  if (!(error instanceof StorageUnavailable)) log.error({ err: error }, failed);
};

/** The smallest thing that can be stored. */
const storageProbe: Command<void> = {
  name: 'probe',
  bytes: 100,
  apply: state => state.put(setting, { key: 'probedAt', value: state.now }),
};
