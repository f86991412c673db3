/** What is measured: each way in which the end of a call is told, with its own load and its own organisation. */
import { agents, callingList, diallingCampaign } from '../test/kit/diallingCampaign.ts';
import { EMPLOYEES } from '../test/kit/finishRequests.ts';
import type { LoadProcess, LoadRun, Prepared } from '../test/kit/loadProcess.ts';
import { ORGANISATION } from '../test/kit/organisation.ts';
import { employed, portal } from '../test/kit/portal.ts';
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
  readonly of: 'sqlite' | 'postgres' | 'nodes' | 'configured';
  readonly title: string;
  readonly peer: Variant['name'];
  /** Null where nothing was promised. */
  readonly aim: { readonly bar: number; readonly stretch: number } | null;
}

/** A figure on SQLite that is to stay below a bound. */
export interface Bar {
  readonly title: string;
  readonly unit: 'ms' | 'µs' | 'kB';
  readonly of: (measured: Measured) => number | null;
  readonly bar: number;
  readonly stretch: number | null;
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
  readonly bars: readonly Bar[];
  /** Null where a variant would be the same as another. */
  organisation(settings: Settings, variant: Variant['name']): Organisation | null;
  measure(bench: Bench): Promise<Measured>;
}

const ofMemory: Ratio = {
  of: 'sqlite',
  title: 'of the memory engine',
  peer: 'memory',
  aim: { bar: 0.5, stretch: 0.8 },
};
const ofSingle: Ratio = {
  of: 'sqlite',
  title: 'times one commit per request',
  peer: 'single',
  aim: { bar: 6, stretch: 9 },
};
const ofSqlite: Ratio = { of: 'postgres', title: 'of SQLite', peer: 'sqlite', aim: { bar: 0.6, stretch: 0.8 } };
const ofOneNode: Ratio = { of: 'nodes', title: 'of one node on PostgreSQL', peer: 'postgres', aim: null };

const p99 = (bar: number, stretch: number | null): Bar => ({
  title: 'p99',
  unit: 'ms',
  of: ({ main }) => main.latency.p99Us / 1000,
  bar,
  stretch,
});
const cpu = (title: string, of: 'main' | 'beside', bar: number, stretch: number): Bar => ({
  title,
  unit: 'µs',
  of: ({ [of]: figures }) => perRequest(figures, each => each.cpuSecondsPer1000, 1000),
  bar,
  stretch,
});
const written = (title: string, of: 'main' | 'beside', bar: number, stretch: number): Bar => ({
  title,
  unit: 'kB',
  of: ({ [of]: figures }) => perRequest(figures, each => each.writtenBytes, 1 / 1000),
  bar,
  stretch,
});
function perRequest(figures: Figures | null, of: (figures: Figures) => number | null, times: number): number | null {
  const figure = figures === null ? null : of(figures);
  return figure === null ? null : figure * times;
}

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

/** Who has the extensions of most 30012, so that an application may report the same calls; and people with a campaign
 * beside calls that are no part of a campaign: what a campaign costs them is looking whether they are. */
const AT_DESKS = employed(
  101,
  Array.from({ length: 100 }, (_, n) => 1001 + n),
);
const DIALLING_AGENTS = 10;
const DIALLED_RECORDS = 1_000;

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
  ratios: [
    { of: 'sqlite', title: 'of the bare echo', peer: 'echo', aim: { bar: 0.36, stretch: 0.42 } },
    ofMemory,
    ofSingle,
    ofSqlite,
    ofOneNode,
    { of: 'configured', title: 'of what it is without', peer: 'sqlite', aim: { bar: 0.8, stretch: 0.9 } },
  ],
  bars: [p99(20, null), cpu('CPU per 30012', 'main', 90, 75), written('bytes written per 30012', 'main', 5.5, 4.5)],
  organisation: (_, variant) => {
    if (variant !== 'configured') return {};
    const { users, campaigns } = diallingCampaign(agents(DIALLING_AGENTS));
    const { bitrix24, users: employees } = portal(AT_DESKS);
    return {
      config: { ...ORGANISATION, bitrix24, users: [...employees, ...users], campaigns },
      files: { 'list.csv': callingList(DIALLED_RECORDS) },
    };
  },
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
  ratios: [
    { of: 'sqlite', title: 'of the bare echo', peer: 'echo', aim: { bar: 0.18, stretch: 0.23 } },
    ofMemory,
    ofSingle,
    ofSqlite,
    ofOneNode,
  ],
  bars: [
    p99(25, 20),
    cpu('CPU per finish', 'main', 175, 140),
    cpu('CPU per register', 'beside', 145, 110),
    written('bytes written per finish', 'main', 10, 8),
    written('bytes written per register', 'beside', 15, 11),
  ],
  organisation: (_, variant) =>
    variant === 'configured' ? null : { config: { ...ORGANISATION, sources: [], ...portal(EMPLOYEES) } },
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
    { ...ofSqlite, aim: null },
    ofOneNode,
  ],
  bars: [cpu('CPU per record, got and completed', 'main', 350, 250)],
  organisation({ connections, warmUp, seconds }, variant) {
    if (variant === 'configured') return null;
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
