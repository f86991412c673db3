/** The figures of one path as they stand in the README: a table, and what they mean beside their peers. */
import type { LatencySummary } from '../test/kit/latencyHistogram.ts';
import type { Figures } from './figures.ts';
import { markdownTable } from './markdownTable.ts';
import { median, medianOrNull } from './median.ts';
import type { Bar, Measured, Path, Ratio } from './paths.ts';
import type { Variant } from './variants.ts';

export type Rounds = ReadonlyMap<Variant['name'], readonly Measured[]>;

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');
export const milliseconds = (us: number): string => (us / 1000).toFixed(us < 10_000 ? 2 : 1);
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

const COLUMNS = [
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
  'main µs',
  'writer µs',
  'others µs',
  'kB written',
];

export function pathTable(path: Path, variants: readonly Variant[], rounds: Rounds): string {
  const rows = variants.flatMap(({ name, title }) => {
    const measured = rounds.get(name)!;
    if (measured.length === 0) return [];
    const beside = measured.map(each => each.beside).filter(each => each !== null);
    const main = row(
      title,
      measured.map(each => each.main),
    );
    return beside.length === 0 ? [main] : [main, row(`(${path.beside}: ${title})`, beside)];
  });
  return markdownTable([path.title, path.unit, ...COLUMNS], rows);
}

function row(title: string, rounds: readonly Figures[]): string[] {
  const rates = rounds.map(each => each.requestsPerSecond);
  const latency = (name: keyof LatencySummary): string => milliseconds(median(rounds.map(each => each.latency[name])));
  const of = (name: keyof Figures, text: (value: number) => string): string => {
    const value = medianOrNull(rounds.map(each => each[name] as number | null));
    return value === null ? '–' : text(value);
  };
  return [
    title,
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
    of('mainUs', us => us.toFixed(0)),
    of('writerUs', us => us.toFixed(0)),
    of('othersUs', us => us.toFixed(0)),
    of('writtenBytes', bytes => (bytes / 1000).toFixed(1)),
  ];
}

/** What was promised of a path, and what became of it. Every ratio is the median of the ratios within a round. */
export function verdictLines({ ratios, bars }: Path, rounds: Rounds): string[] {
  const lines = ratios.flatMap(ratio => {
    const ours = rounds.get(ratio.of);
    const theirs = rounds.get(ratio.peer);
    if (ours === undefined || theirs === undefined || ours.length === 0) return [];
    return [
      ratioLine(
        ratio,
        ours.map((each, n) => each.main.requestsPerSecond / theirs[n]!.main.requestsPerSecond),
      ),
    ];
  });
  const sqlite = rounds.get('sqlite');
  if (sqlite === undefined) return lines;
  return [...lines, ...bars.flatMap(each => barLine(each, sqlite))];
}

/** Whose ratio it is, as it stands before it. */
const OF = {
  sqlite: 'SQLite is',
  postgres: 'PostgreSQL is',
  nodes: 'two nodes on PostgreSQL are',
  configured: 'with a webhook and a campaign configured it is',
} as const;

function ratioLine({ of, title, aim }: Ratio, ratios: readonly number[]): string {
  const ratio = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  if (aim === null) return `- ${OF[of]} **${ratio.toFixed(2)}** ${title} (${range})`;
  const { bar, stretch } = aim;
  const verdict = ratio >= stretch ? 'stretch reached' : ratio >= bar ? 'bar reached' : 'BELOW THE BAR';
  return `- ${OF[of]} **${ratio.toFixed(2)}** ${title} (${range}; bar ${bar}, stretch ${stretch}): ${verdict}`;
}

function barLine({ title, unit, of, bar, stretch }: Bar, measured: readonly Measured[]): string[] {
  const figure = medianOrNull(measured.map(of));
  if (figure === null) return [];
  const verdict =
    figure <= (stretch ?? Number.NEGATIVE_INFINITY)
      ? 'stretch reached'
      : figure <= bar
        ? 'bar reached'
        : 'ABOVE THE BAR';
  const aims = stretch === null ? `bar ${bar}` : `bar ${bar}, stretch ${stretch}`;
  return [`- ${title} on SQLite **${figure.toFixed(figure < 100 ? 1 : 0)} ${unit}** (${aims} ${unit}): ${verdict}`];
}
