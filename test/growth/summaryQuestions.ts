/** What is asked of the statistics. */
import { counted } from '../../src/app/reactors.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { SUMMARY_KEYS, type SummaryFilter, type SummaryKey } from '../../src/statistics/queries/question.ts';
import { summarize } from '../../src/statistics/queries/summary.ts';
import type { Law } from './law.ts';
import type { Places, Question } from './questions.ts';

const DAY_MS = 86_400_000;
const TIME_ZONE = 'Europe/Berlin';
const PAGE = { limit: 100, after: null };

const FILTERS: readonly (readonly [name: string, filter: SummaryFilter])[] = [
  ['', {}],
  [' of a user', { users: [102] }],
  [' of users', { users: [102, 103] }],
  [' of nobody', { users: [null] }],
  [' of a queue', { queues: ['6400'] }],
  [' of no line', { lines: [null] }],
  [' of a source', { sources: [2] }],
  [' of a direction', { directions: ['inbound'] }],
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

export const SUMMARY_QUESTIONS: readonly Question[] = RANGES.flatMap(({ name, of, law }) =>
  FILTERS.flatMap(([filterName, filter]) =>
    (filterName === '' ? BYS : FILTERED_BYS).map(by => ({
      name: `${name}${filterName}, by ${by.join(' and ') || 'nothing'}`,
      law,
      ask: (reader: Reader, places: Places) => {
        const [startedFrom, startedTo] = of(places);
        const zones = { timeZone: TIME_ZONE, dayZone: TIME_ZONE };
        const names = { answerWithinSeconds: () => 20, sourceKeyOf: String };
        const question = { by, filter, queuedOnly: false, startedFrom, startedTo, ...zones, ...names };
        return summarize(reader, counted, question, PAGE);
      },
    })),
  ),
);
