/** What is asked of the statistics. */
import { counted } from '../../src/app/reactors.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { SUMMARY_KEYS, type SummaryFilter, type SummaryKey } from '../../src/statistics/queries/question.ts';
import { summarize } from '../../src/statistics/queries/summary.ts';
import type { Law } from './law.ts';
import type { Places, Question } from './questions.ts';

const DAY_MS = 86_400_000;
const TIME_ZONE = 'Europe/Berlin';
const PAGE = 100;

/** Of each filter there is, some values. */
const VALUES: { readonly [K in keyof SummaryFilter]-?: readonly NonNullable<SummaryFilter[K]>[] } = {
  directions: [['inbound']],
  queues: [['6400'], ['6400', '6401'], [null]],
  lines: [[null]],
  sources: [[2]],
  users: [[102], [102, 103], [null]],
};
const FILTERS: readonly (readonly [name: string, filter: SummaryFilter])[] = [
  ['', {}],
  ...Object.entries(VALUES).flatMap(([name, all]) =>
    all.map(values => [` of ${name} ${values.map(String).join(' and ')}`, { [name]: values }] as const),
  ),
];

interface Range {
  readonly name: string;
  readonly of: (places: Places) => readonly [from: number | null, to: number | null];
  readonly law: Law;
}
const RANGES: readonly Range[] = [
  { name: 'today', of: ({ newest }) => [newest.startedAt - (newest.startedAt % DAY_MS), null], law: 'found' },
  { name: 'three days', of: ({ middle }) => [middle.startedAt, middle.startedAt + 3 * DAY_MS], law: 'found' },
  { name: 'since ever', of: () => [null, null], law: 'counted' },
];

const BYS: readonly (readonly SummaryKey[])[] = [
  [],
  ...SUMMARY_KEYS.map(key => [key]),
  ['day', 'user'],
  ['hour', 'queue'],
];

const FILTERED_BYS: readonly (readonly SummaryKey[])[] = [['day'], ['hour']];

interface Asked {
  readonly name: string;
  readonly by: readonly SummaryKey[];
  readonly filter: SummaryFilter;
  readonly queuedOnly: boolean;
  /** Rows of a page; the first page, or the one after it. */
  readonly limit: number;
  readonly isLater: boolean;
}

const FIRST = { filter: {}, queuedOnly: false, limit: PAGE, isLater: false } as const;
const nameOf = (by: readonly SummaryKey[]): string => `, by ${by.join(' and ') || 'nothing'}`;

const ASKED: readonly Asked[] = [
  ...FILTERS.flatMap(([name, filter]) =>
    (name === '' ? BYS : FILTERED_BYS).map(by => ({ ...FIRST, name: `${name}${nameOf(by)}`, by, filter })),
  ),
  ...([['day'], ['hour'], ['queue'], ['user']] as const).flatMap(by => [
    { ...FIRST, name: ` in queues only${nameOf(by)}`, by, queuedOnly: true },
    { ...FIRST, name: `${nameOf(by)}, a later page`, by, limit: 1, isLater: true },
  ]),
];

export const SUMMARY_QUESTIONS: readonly Question[] = RANGES.flatMap(({ name, of, law }) =>
  ASKED.map(({ name: asked, by, filter, queuedOnly, limit, isLater }) => ({
    name: `${name}${asked}`,
    law,
    page: PAGE,
    ask: async (reader: Reader, places: Places) => {
      const [startedFrom, startedTo] = of(places);
      const zones = { timeZone: TIME_ZONE, dayZone: TIME_ZONE };
      const names = { answerWithinSeconds: () => 20, sourceKeyOf: String };
      const question = { by, filter, queuedOnly, startedFrom, startedTo, ...zones, ...names };
      const { next } = await summarize(reader, counted, question, { limit, after: null });
      if (isLater) await summarize(reader, counted, question, { limit, after: next });
    },
  })),
);
