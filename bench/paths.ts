/** What is measured: each way in which the end of a call is told, with its own load and its own organisation. */
import { agents, callingList, diallingCampaign } from '../test/kit/diallingCampaign.ts';
import { EMPLOYEES } from '../test/kit/finishRequests.ts';
import type { LoadProcess, LoadRun, Prepared } from '../test/kit/loadProcess.ts';
import { ORGANISATION } from '../test/kit/organisation.ts';
import { portal } from '../test/kit/portal.ts';
import { type Figures, figuresOf, watched } from './figures.ts';
import type { Organisation, Target, Variant } from './variants.ts';

export interface Settings {
  readonly seconds: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly connections: number;
}

export interface Ratio {
  /** Whose figure it is, and of whose it is a part or a multiple. */
  readonly of: 'sqlite' | 'postgres' | 'nodes';
  readonly title: string;
  readonly peer: Variant['name'];
  /** Null where nothing was promised. */
  readonly aim: { readonly bar: number; readonly stretch: number } | null;
}

/** One server of one variant, and what is known of how fast it is. */
export interface Bench {
  readonly target: Target;
  readonly variant: Variant;
  readonly settings: Settings;
  readonly load: LoadProcess;
  /** Requests per second of this variant on this path so far. */
  readonly rate: number | undefined;
  readonly warn: (line: string) => void;
}

export interface Measured {
  readonly main: Figures;
  /** What has to come before each, counted apart. */
  readonly beside: Figures | null;
}

export interface Path {
  readonly name: '30012' | 'finish' | 'complete';
  /** Over the first column, and over the second. */
  readonly title: string;
  readonly unit: string;
  /** What is counted apart. */
  readonly beside: string | null;
  readonly ratios: readonly Ratio[];
  readonly p99BarUs: number | null;
  organisation(settings: Settings): Organisation;
  measure(bench: Bench): Promise<Measured>;
}

/** ARCHITECTURE.md, section 8. */
const DURABLE: readonly Ratio[] = [
  { of: 'sqlite', title: 'of the bare echo', peer: 'echo', aim: { bar: 0.4, stretch: 0.6 } },
  { of: 'sqlite', title: 'of the memory engine', peer: 'memory', aim: { bar: 0.5, stretch: 0.8 } },
  { of: 'sqlite', title: 'times one commit per request', peer: 'single', aim: { bar: 6, stretch: 9 } },
  { of: 'postgres', title: 'of SQLite', peer: 'sqlite', aim: { bar: 0.4, stretch: 0.8 } },
  { of: 'nodes', title: 'of one node on PostgreSQL', peer: 'postgres', aim: null },
];
const P99_BAR_US = 20_000;

/** Long enough for the code to be compiled; for the echo that is all there is to wait for. */
const SHORT_WARM_UP_SECONDS = 2;
const ESTIMATE_SECONDS = 1;
const ESTIMATE_REQUESTS = 60_000;
/** Each has to be registered first, at the slowest variant's pace too. */
const ESTIMATE_CALLS = 4_000;
/** More than the estimate asks for, because a server gets faster while it is warmed up. */
const RESERVE = 1.5;
/** Registering ends by itself; a server that hangs must not hang the bench. */
const REGISTERED_WITHIN_SECONDS = 300;
/** More than desktops complete; what is left costs nothing but the start. */
const RECORDS_PER_SECOND = 4_000;

const warmUpOf = ({ variant, settings }: Bench): number =>
  variant.settles ? settings.warmUp : Math.min(settings.warmUp, SHORT_WARM_UP_SECONDS);

const needed = (rate: number, bench: Bench): number =>
  Math.ceil(rate * RESERVE * (warmUpOf(bench) + bench.settings.seconds));

/** `mayRunOut`: what is prepared is all that is wanted, and does not have to last. */
async function runPrepared(bench: Bench, more: Partial<LoadRun> = {}, mayRunOut = false): Promise<Figures> {
  const { target, settings, load, variant, warn } = bench;
  const { servers } = target;
  const { connections, seconds } = settings;
  const run = { servers, connections, warmUpSeconds: warmUpOf(bench), seconds, ...more };
  const { result, use } = await watched(target, onCounting => load.run(run, onCounting));
  if (result.ranOut && !mayRunOut) {
    warn(`${variant.title} ran out of requests after ${result.seconds.toFixed(1)} s`);
  }
  return figuresOf(variant.title, result, use);
}

async function estimate(bench: Bench, requests: number, what: Prepared): Promise<number> {
  await bench.load.prepare(requests, what);
  return (await runPrepared(bench, { warmUpSeconds: 0, seconds: ESTIMATE_SECONDS }, true)).requestsPerSecond;
}

const events: Path = {
  name: '30012',
  title: '30012 over HTTP',
  unit: 'requests/s',
  beside: null,
  ratios: DURABLE,
  p99BarUs: P99_BAR_US,
  organisation: () => ({}),
  async measure(bench) {
    const what = { kind: 'events' } as const;
    const rate = bench.rate ?? (await estimate(bench, ESTIMATE_REQUESTS, what));
    await bench.load.prepare(needed(rate, bench), what);
    return { main: await runPrepared(bench), beside: null };
  },
};

/** No PBX tells of these calls too, so that they settle while others are finished. */
const finish: Path = {
  name: 'finish',
  title: 'finish over HTTP',
  unit: 'requests/s',
  beside: 'register, before it',
  ratios: DURABLE,
  p99BarUs: P99_BAR_US,
  organisation: () => ({ config: { ...ORGANISATION, sources: [], ...portal(EMPLOYEES) } }),
  async measure(bench) {
    const { load, variant } = bench;
    const madeUp = variant.name === 'echo';
    const register = async (calls: number): Promise<Figures | null> => {
      if (madeUp) return null;
      await load.prepare(calls, { kind: 'register' });
      const warmUpSeconds = Math.min(SHORT_WARM_UP_SECONDS, bench.settings.warmUp);
      return runPrepared(bench, { warmUpSeconds, seconds: REGISTERED_WITHIN_SECONDS }, true);
    };
    let { rate } = bench;
    if (rate === undefined) {
      await register(ESTIMATE_CALLS);
      rate = await estimate(bench, madeUp ? ESTIMATE_REQUESTS : ESTIMATE_CALLS, { kind: 'finish', madeUp });
    }
    const calls = needed(rate, bench);
    const beside = await register(calls);
    await load.prepare(calls, { kind: 'finish', madeUp });
    return { main: await runPrepared(bench), beside };
  },
};

/** A record takes four requests: getting it, completing it, and a connect after each of the two answers. */
const complete: Path = {
  name: 'complete',
  title: 'CompleteRecord to its acknowledgement',
  unit: 'records/s',
  beside: 'GetPreviewRecord to its record',
  ratios: [
    { of: 'sqlite', title: 'records per request of the bare echo', peer: 'echo', aim: null },
    { of: 'sqlite', title: 'of the memory engine', peer: 'memory', aim: null },
    { of: 'sqlite', title: 'times one commit per request', peer: 'single', aim: null },
    { of: 'postgres', title: 'of SQLite', peer: 'sqlite', aim: null },
    { of: 'nodes', title: 'of one node on PostgreSQL', peer: 'postgres', aim: null },
  ],
  p99BarUs: null,
  organisation({ connections, warmUp, seconds }) {
    const { users, campaigns } = diallingCampaign(agents(connections));
    return {
      config: { ...ORGANISATION, users, campaigns },
      files: { 'list.csv': callingList(Math.ceil((warmUp + seconds) * RECORDS_PER_SECOND)) },
    };
  },
  async measure(bench) {
    const { target, settings, load, variant, warn } = bench;
    if (variant.name === 'echo') {
      const rate = bench.rate ?? (await estimate(bench, ESTIMATE_REQUESTS, { kind: 'complete' }));
      await load.prepare(needed(rate, bench), { kind: 'complete' });
      return { main: await runPrepared(bench), beside: null };
    }
    const { servers } = target;
    const { connections: desktops, seconds } = settings;
    const run = { servers, desktops, warmUpSeconds: warmUpOf(bench), seconds };
    const { result, use } = await watched(target, onCounting => load.desktops(run, onCounting));
    const { completed, retrieved } = result;
    if (completed.ranOut) warn(`${variant.title} ran out of records after ${completed.seconds.toFixed(1)} s`);
    return {
      main: figuresOf(variant.title, completed, use),
      beside: figuresOf(variant.title, retrieved, null),
    };
  },
};

export const PATHS: readonly Path[] = [events, finish, complete];
