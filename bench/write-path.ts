/**
 * The write path (design section 8): 30012 over HTTP, made durable, beside a bare echo, the memory engine, and one commit
 * per request. The four alternate; every figure is the median of the rounds, every ratio the median of the ratios within
 * a round. Each server is fresh in every round, so none has more calls behind it than another.
 *
 *     npm run bench -- [--seconds 5] [--warm-up 6] [--rounds 5] [--connections 64] [--only echo,sqlite] [--json]
 */
import { parseArgs } from 'node:util';
import type { LatencySummary } from '../test/kit/latencyHistogram.ts';
import { LoadProcess } from '../test/kit/loadProcess.ts';
import { histogramMean, type Metrics } from '../test/kit/metrics.ts';
import { type ProcessUse, processUse } from '../test/kit/processUse.ts';
import { describeMachine } from './machine.ts';
import { markdownTable } from './markdownTable.ts';
import { median, medianOrNull } from './median.ts';
import { type Target, VARIANTS, type Variant } from './variants.ts';

interface Figures {
  readonly requestsPerSecond: number;
  readonly latency: LatencySummary;
  readonly cpuSecondsPer1000: number | null;
  readonly peakResidentBytes: number | null;
  readonly endResidentBytes: number | null;
  readonly batchCommands: number | null;
  readonly applySeconds: number | null;
  readonly commitSeconds: number | null;
  readonly walBytes: number | null;
  readonly clientCpuUsPerRequest: number;
}

interface Ratio {
  readonly title: string;
  readonly peer: Variant['name'];
  readonly bar: number;
  readonly stretch: number;
}

/** Design section 8. */
const RATIOS: readonly Ratio[] = [
  { title: 'of the bare echo', peer: 'echo', bar: 0.4, stretch: 0.6 },
  { title: 'of the memory engine', peer: 'memory', bar: 0.5, stretch: 0.8 },
  { title: 'times one commit per request', peer: 'single', bar: 6, stretch: 9 },
];
const P99_BAR_US = 20_000;

/** A PBX with four lines to a menu: most calls are one leg, every eighth comes through IVR and queue in three to six. */
const QUEUE_SHARE = 0.12;
/** Busy, and still in the past: the calls of one round spread over some quarter hours. */
const CALLS_PER_SECOND = 40;
const CALLS_BEGIN_SECONDS_AGO = 12 * 3_600;
/** Long enough for the code to be compiled; for the echo that is all there is to wait for. */
const ECHO_WARM_UP_SECONDS = 2;
const ESTIMATE_SECONDS = 1;
const ESTIMATE_REQUESTS = 60_000;
/** More than the estimate asks for, because a server gets faster while it is warmed up. */
const RESERVE = 1.5;

interface Settings {
  readonly seconds: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly connections: number;
  readonly variants: readonly Variant[];
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const fastest = new Map<Variant['name'], number>();

async function measure(variant: Variant, settings: Settings, load: LoadProcess): Promise<Figures> {
  const target = await variant.start();
  try {
    return await measureOn(target, variant, settings, load);
  } finally {
    await target.stop();
  }
}

async function measureOn(target: Target, variant: Variant, settings: Settings, load: LoadProcess): Promise<Figures> {
  const { host, port, pid } = target;
  const { seconds, connections } = settings;
  const warmUpSeconds = variant.settles ? settings.warmUp : Math.min(settings.warmUp, ECHO_WARM_UP_SECONDS);
  let rate = fastest.get(variant.name);
  if (rate === undefined) {
    await load.prepare(ESTIMATE_REQUESTS);
    const run = { host, port, connections, warmUpSeconds: 0, seconds: ESTIMATE_SECONDS };
    rate = (await load.run(run)).requestsPerSecond;
  }
  await load.prepare(Math.ceil(rate * RESERVE * (warmUpSeconds + seconds)));

  let before: ProcessUse | null = null;
  let metricsBefore: Promise<Metrics | null> = Promise.resolve(null);
  const result = await load.run({ host, port, connections, warmUpSeconds, seconds }, () => {
    before = processUse(pid);
    metricsBefore = target.metrics();
  });
  const after = processUse(pid);
  const walBytes = target.walBytes();
  const [from, to] = [await metricsBefore, await target.metrics()];
  fastest.set(variant.name, Math.max(rate, result.requestsPerSecond));

  const { requests, statuses, brokenConnections } = result;
  if (brokenConnections > 0 || Object.keys(statuses).join() !== '200') {
    throw new Error(`${variant.title}: answers ${JSON.stringify(statuses)}, ${brokenConnections} connections broken`);
  }
  if (result.ranOut) progress(`  ${variant.title} ran out of requests after ${result.seconds.toFixed(1)} s`);
  const mean = (name: string): number | null => (from === null || to === null ? null : histogramMean(from, to, name));
  return {
    requestsPerSecond: result.requestsPerSecond,
    latency: result.latency,
    cpuSecondsPer1000: used(before, after, requests),
    peakResidentBytes: after?.peakResidentBytes ?? null,
    endResidentBytes: after?.residentBytes ?? null,
    batchCommands: mean('aftercall_batch_commands'),
    applySeconds: mean('aftercall_batch_apply_seconds'),
    commitSeconds: mean('aftercall_batch_commit_seconds'),
    walBytes,
    clientCpuUsPerRequest: result.clientCpuUsPerRequest,
  };
}

function used(before: ProcessUse | null, after: ProcessUse | null, requests: number): number | null {
  return before === null || after === null ? null : ((after.cpuSeconds - before.cpuSeconds) / requests) * 1000;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const optional = (value: number | null, text: (value: number) => string): string =>
  value === null ? '–' : text(value);
const milliseconds = (us: number): string => (us / 1000).toFixed(us < 10_000 ? 2 : 1);
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

function row(variant: Variant, rounds: readonly Figures[]): string[] {
  const rates = rounds.map(each => each.requestsPerSecond);
  const latency = (name: keyof LatencySummary): string => milliseconds(median(rounds.map(each => each.latency[name])));
  const of = (name: keyof Figures, text: (value: number) => string): string =>
    optional(medianOrNull(rounds.map(each => each[name] as number | null)), text);
  return [
    variant.title,
    count(median(rates)),
    `${count(Math.min(...rates))}–${count(Math.max(...rates))}`,
    latency('p50Us'),
    latency('p99Us'),
    latency('p999Us'),
    latency('maxUs'),
    of('cpuSecondsPer1000', value => value.toFixed(3)),
    of('peakResidentBytes', mebibytes),
    of('endResidentBytes', mebibytes),
    of('batchCommands', value => value.toFixed(1)),
    of('applySeconds', value => (value * 1000).toFixed(2)),
    of('commitSeconds', value => (value * 1000).toFixed(2)),
    of('walBytes', mebibytes),
  ];
}

const HEAD = [
  '30012 over HTTP',
  'requests/s',
  'min–max',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'max ms',
  'CPU s / 1,000',
  'peak RSS MiB',
  'end RSS MiB',
  'commands/batch',
  'apply ms/batch',
  'commit ms/batch',
  'WAL MiB',
];

function ratioLines(figures: ReadonlyMap<Variant['name'], readonly Figures[]>): string[] {
  const ours = figures.get('sqlite');
  if (ours === undefined) return [];
  const lines = RATIOS.flatMap(({ title, peer, bar, stretch }) => {
    const theirs = figures.get(peer);
    if (theirs === undefined) return [];
    const ratios = ours.map((each, round) => each.requestsPerSecond / theirs[round]!.requestsPerSecond);
    const ratio = median(ratios);
    const verdict = ratio >= stretch ? 'stretch reached' : ratio >= bar ? 'bar reached' : 'BELOW THE BAR';
    const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    return [`- SQLite is **${ratio.toFixed(2)}** ${title} (${range}; bar ${bar}, stretch ${stretch}): ${verdict}`];
  });
  const p99Us = median(ours.map(each => each.latency.p99Us));
  const verdict = p99Us < P99_BAR_US ? 'bar reached' : 'ABOVE THE BAR';
  return [...lines, `- p99 on SQLite **${milliseconds(p99Us)} ms** (bar ${P99_BAR_US / 1000} ms): ${verdict}`];
}

async function main(settings: Settings): Promise<Map<Variant['name'], Figures[]>> {
  const figures = new Map<Variant['name'], Figures[]>(settings.variants.map(({ name }) => [name, []]));
  await using load = new LoadProcess();
  await load.calls(1, {
    startedAtSeconds: Math.floor(Date.now() / 1000) - CALLS_BEGIN_SECONDS_AGO,
    callsPerSecond: CALLS_PER_SECOND,
    queueShare: QUEUE_SHARE,
  });
  for (let round = 1; round <= settings.rounds; round++) {
    for (const variant of settings.variants) {
      const each = await measure(variant, settings, load);
      figures.get(variant.name)!.push(each);
      progress(
        `round ${round}/${settings.rounds} ${variant.title}: ${count(each.requestsPerSecond)}/s, ` +
          `p99 ${milliseconds(each.latency.p99Us)} ms, client ${each.clientCpuUsPerRequest.toFixed(1)} µs/request`,
      );
    }
  }
  return figures;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    'warm-up': { type: 'string', default: '6' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const only = values.only?.split(',');
const settings: Settings = {
  seconds: Number(values.seconds),
  warmUp: Number(values['warm-up']),
  rounds: Number(values.rounds),
  connections: Number(values.connections),
  variants: VARIANTS.filter(({ name }) => only === undefined || only.includes(name)),
};
const machine = describeMachine();
const figures = await main(settings);
const conditions =
  `${settings.connections} connections, one request in flight on each; ${settings.rounds} rounds of ${settings.seconds} s ` +
  `after ${settings.warmUp} s of the same load, the variants in turn; load from a process of its own`;
process.stdout.write(
  values.json
    ? `${JSON.stringify({ machine, conditions, figures: Object.fromEntries(figures) }, null, 2)}\n`
    : `${markdownTable(
        HEAD,
        settings.variants.map(variant => row(variant, figures.get(variant.name)!)),
      )}\n\n${[...ratioLines(figures), `- ${machine}`, `- ${conditions}`].join('\n')}\n`,
);
