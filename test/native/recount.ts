import assert from 'node:assert/strict';
import type { V1Client } from '../kit/v1Client.ts';
import type { CallView, FiguresView, SummaryView } from '../kit/v1Views.ts';

/** What can be counted from the list alone: whom a call rang is not in it. */
export const KEYS = [
  'quarter',
  'hour',
  'weekdayHour',
  'day',
  'queue',
  'line',
  'source',
  'direction',
  'outcome',
] as const;
export type SummaryKey = (typeof KEYS)[number];

export interface Question {
  readonly by: readonly SummaryKey[];
  readonly timeZone: string;
  /** ISO 8601; undefined since ever or for ever. */
  readonly startedFrom?: string;
  readonly startedTo?: string;
}

export const queryOf = ({ by, ...rest }: Question): URLSearchParams => {
  const query = new URLSearchParams({ ...rest });
  for (const each of by) query.append('by', each);
  return query;
};

const OUTCOME_COLUMNS = {
  answered: 'answered',
  missed: 'missed',
  abandoned: 'abandoned',
  unanswered: 'unanswered',
  busy: 'busy',
  declined: 'declined',
  cancelled: 'cancelled',
  voicemail: 'voicemail',
  ivr_only: 'ivrOnly',
  failed: 'failed',
  unreachable: 'unreachable',
  invalid_number: 'invalidNumber',
  blocked: 'blocked',
  unknown: 'unknown',
} as const;
export const COLUMNS = Object.values(OUTCOME_COLUMNS);

const QUARTER_MS = 15 * 60_000;

type Figures = Pick<FiguresView, (typeof COUNTED)[number]>;
const COUNTED = ['calls', 'short', ...COLUMNS, 'talkSeconds', 'ringSeconds', 'cost'] as const;
interface Recounted {
  readonly rows: readonly ({ readonly keys: readonly (string | null)[] } & Figures)[];
  readonly totals: Figures;
}

/** Of an answer, what the list of calls says too. */
export function plain({ by, rows, totals }: SummaryView): Recounted {
  const figures = (row: FiguresView) =>
    Object.fromEntries(COUNTED.map(name => [name, row[name]])) as unknown as Figures;
  return {
    rows: rows.map(row => ({ keys: by.length === 2 ? [row.key, row.key2!] : [row.key], ...figures(row) })),
    totals: figures(totals),
  };
}

/** The summary as anybody would count it from the list of calls. */
export function recount(calls: readonly CallView[], question: Question): Recounted {
  const from = question.startedFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(question.startedFrom);
  const to = question.startedTo === undefined ? Number.POSITIVE_INFINITY : Date.parse(question.startedTo);
  const counted = calls.filter(each => {
    const at = Date.parse(each.startedAt);
    return each.endedAt !== null && at >= from && at < to;
  });
  const keysOf = (each: CallView) => question.by.map(by => keyOf(each, by, question.timeZone));
  const seen = question.by.includes('queue') ? counted.flatMap(each => asQueuesSaw(each, question)) : counted;
  const groups = Map.groupBy(seen, each => JSON.stringify(keysOf(each)));
  const rows = [...groups].map(([keys, each]) => ({ keys: JSON.parse(keys) as string[], ...sumsOf(each) }));
  return { rows: rows.toSorted((a, b) => inOrder(a.keys, b.keys)), totals: sumsOf(counted) };
}

/** Once for each queue, by its name and, where sources are told apart, its source; the one that decides of several. */
function asQueuesSaw(call: CallView, { by }: Question): readonly CallView[] {
  if (call.queues.length === 0) return [call];
  const rows = Map.groupBy(call.queues, each => JSON.stringify([each.queue, by.includes('source') && each.source]));
  return [...rows.values()].map(each => {
    const decisive = each.findLast(({ outcome }) => outcome === 'answered') ?? each.at(-1)!;
    const { queue, source, outcome } = decisive;
    const ringSeconds = decisive === call.queues.at(-1) ? call.ringSeconds : null;
    return { ...call, queue, source, outcome, ringSeconds };
  });
}

function sumsOf(calls: readonly CallView[]): Figures {
  const having = (outcome: string) => calls.filter(each => each.outcome === outcome);
  const outcomes = Object.entries(OUTCOME_COLUMNS).map(([outcome, name]) => [name, having(outcome).length]);
  return {
    ...(Object.fromEntries(outcomes) as unknown as Figures),
    calls: calls.length,
    short: calls.filter(each => each.short).length,
    talkSeconds: having('answered').reduce((sum, each) => sum + (each.talkSeconds ?? 0), 0),
    ringSeconds: calls.reduce((sum, each) => sum + (each.ringSeconds ?? 0), 0),
    cost: costOf(calls.filter(each => each.cost !== null)),
  };
}

/** Amounts as text: their sum is exact in thousandths of a thousandth. */
function costOf(calls: readonly CallView[]): FiguresView['cost'] {
  const byCurrency = [...Map.groupBy(calls, each => each.currency)];
  const sorted = byCurrency.sort(([a], [b]) => ((a ?? 'XXX') < (b ?? 'XXX') ? -1 : 1));
  return sorted.map(([currency, each]) => {
    const micros = each.reduce((sum, { cost }) => sum + Math.round(Number(cost) * 1e6), 0);
    return { currency, amount: String(micros / 1e6) };
  });
}

function keyOf(call: CallView, by: SummaryKey, timeZone: string): string | null {
  const local = Temporal.Instant.from(call.startedAt).toZonedDateTimeISO(timeZone);
  switch (by) {
    case 'quarter':
      return isoOf(Math.floor(Date.parse(call.startedAt) / QUARTER_MS) * QUARTER_MS);
    case 'hour':
      return isoOf(local.with({ minute: 0, second: 0, millisecond: 0 }).epochMilliseconds);
    case 'weekdayHour':
      return `${local.dayOfWeek}T${String(local.hour).padStart(2, '0')}`;
    case 'day':
      return local.toPlainDate().toString();
    case 'queue':
    case 'line':
    case 'source':
    case 'direction':
    case 'outcome':
      return call[by];
  }
}

const isoOf = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

/** Time ascending, names as text, by code points; what has none last. */
function inOrder(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [a[i]!, b[i]!];
    if (one === other) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    return one < other ? -1 : 1;
  }
  return 0;
}

/** Every figure of every row, and of the totals, against the list its filter gives; how many figures were not zero. */
export async function walkFigures(v1: V1Client, path: string): Promise<number> {
  const { rows, totals, columns } = await v1.get<SummaryView>(path);
  let seen = 0;
  for (const row of [...rows, totals]) {
    for (const [name, filter] of Object.entries(columns)) {
      const listed = await v1.list(`${row.filter}&${filter}`, 500);
      const figure = (row as unknown as Record<string, number>)[name];
      assert.equal(listed.length, figure, `${path}: ${name} of ${row.filter}`);
      if (listed.length > 0) seen++;
    }
  }
  return seen;
}
