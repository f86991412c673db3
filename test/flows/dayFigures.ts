/** The figures of a day: what the truths of its calls come to, and what lists and `GET /v1/statistics/summary` say of it. */
import { QUEUE_OUTCOMES, type QueueOutcome } from '../../src/values/outcome.ts';
import type { V1Client } from '../kit/v1Client.ts';
import { nameOf } from './callFigures.ts';
import type { Figures } from './figures.ts';
import { type Part, type Stay, staysOf, type Truth } from './flow.ts';
import type { Person } from './people.ts';

/** A call with its truth, where it lies in time, and the name it has in messages. */
export interface TrueCall {
  readonly name: string;
  readonly startedAt: number;
  readonly truth: Truth;
}

type Row = Readonly<Record<string, string | number>>;
interface Summary {
  readonly rows: readonly Row[];
  readonly totals: Row;
}

const HOUR_MS = 3_600_000;
const COLUMNS = QUEUE_OUTCOMES.map(word => word.replaceAll(/_(.)/g, (_all, letter: string) => letter.toUpperCase()));
const NUMBERS = [
  'calls',
  'short',
  ...COLUMNS,
  'rangOnly',
  'talkSeconds',
  'ringSeconds',
  'offered',
  'answeredWithin',
  'waitSeconds',
] as const;
/** Within these seconds a queue is to be answered unless its source says otherwise. */
const ANSWER_WITHIN_SECONDS = 20;
const KEYS = ['direction', 'outcome', 'hour', 'queue', 'user'] as const;

/** Who only rang while another answered took no part in the talk: such a call is not theirs to open, and counts apart. */
export const onlyRang = ({ outcome }: Truth, { role }: Part): boolean => role === 'rang' && outcome === 'answered';

/** `calls 2, answered 1, missed 1, talkSeconds 74`: what is none is left out. */
const rowFigure = (row: Row): string =>
  NUMBERS.filter(name => Number(row[name] ?? 0) !== 0)
    .map(name => `${name} ${row[name]}`)
    .join(', ');

class Rows {
  readonly #rows = new Map<string, Record<string, number>>();

  add(key: string, share: Readonly<Record<string, number>>): void {
    const row = this.#rows.get(key) ?? {};
    this.#rows.set(key, row);
    for (const [name, value] of Object.entries(share)) row[name] = (row[name] ?? 0) + value;
  }

  figures(): [string, string][] {
    return [...this.#rows].map(([key, row]) => [key, rowFigure(row)]);
  }
}

type Share = Pick<Truth, 'short' | 'ring' | 'talk'> & { readonly outcome: QueueOutcome };

/** Unknown is not zero in a call, but adds nothing to a sum. A message in a mailbox is no talk. */
function shareOf({ outcome, short, ring, talk }: Share) {
  const column = COLUMNS[QUEUE_OUTCOMES.indexOf(outcome)]!;
  const talkSeconds = outcome === 'answered' ? talk : 0;
  return { calls: 1, short: short === true ? 1 : 0, [column]: 1, talkSeconds, ringSeconds: ring ?? 0 };
}

/** How long the phones rang is told of the queue that the call is shown with. */
function queueShareOf(truth: Truth, { queue, ended }: Stay) {
  return shareOf({ ...truth, outcome: ended, ring: queue === truth.queue ? truth.ring : 0 });
}

function waitShareOf({ short }: Truth, { ended, wait }: Stay) {
  const isInTime = ended === 'answered' && wait !== null && wait <= ANSWER_WITHIN_SECONDS;
  const offered = short === true ? 0 : 1;
  return { offered, answeredWithin: isInTime ? offered : 0, waitSeconds: wait ?? 0 };
}

export function figuresOfTrueDay(calls: readonly TrueCall[]): Figures {
  const rows = new Rows();
  for (const { startedAt, truth } of calls) {
    const { outcome, direction, parts } = truth;
    const stays = staysOf(truth);
    const share = shareOf(truth);
    for (const by of KEYS) rows.add(`totals by ${by}`, share);
    rows.add(`by direction ${direction}`, share);
    rows.add(`by outcome ${outcome}`, share);
    rows.add(`by hour ${new Date(Math.floor(startedAt / HOUR_MS) * HOUR_MS).toISOString()}`, share);
    if (stays.length === 0) rows.add('by queue null', share);
    for (const stay of stays) {
      const own = queueShareOf(truth, stay);
      rows.add(`by queue ${stay.queue}`, own);
      rows.add(`by queue ${stay.queue}, as queues are asked for`, { ...own, ...waitShareOf(truth, stay) });
    }
    const deciding = stays.find(each => each.queue === truth.queue);
    if (deciding !== undefined) {
      rows.add('totals of queues', { ...queueShareOf(truth, deciding), ...waitShareOf(truth, deciding) });
    }
    for (const part of parts) {
      const { ring, talk, who } = part;
      const own = onlyRang(truth, part) ? { rangOnly: 1, ringSeconds: ring } : shareOf({ ...truth, ring, talk });
      rows.add(`by user ${who.login}`, own);
    }
    if (parts.every(part => onlyRang(truth, part))) rows.add('by user null', share);
  }
  return new Map(rows.figures());
}

export interface Day {
  /** ISO 8601. */
  readonly startedFrom: string;
  readonly startedTo: string;
}

export async function readDay(supervisor: V1Client, day: Day): Promise<Figures> {
  const figures = new Map<string, string>();
  for (const by of KEYS) {
    const { rows, totals } = await supervisor.get<Summary>(
      `/v1/statistics/summary?${new URLSearchParams({ ...day, by })}`,
    );
    for (const row of rows) figures.set(`by ${by} ${keyFigure(by, row)}`, rowFigure(row));
    figures.set(`totals by ${by}`, rowFigure(totals));
  }
  const { rows, totals } = await supervisor.get<Summary>(`/v1/statistics/queues?${new URLSearchParams({ ...day })}`);
  if (totals['calls'] !== 0) figures.set('totals of queues', rowFigure(totals));
  for (const row of rows) figures.set(`by queue ${row['key']}, as queues are asked for`, rowFigure(row));
  return figures;
}

/** `null`: in no queue, of no person. */
function keyFigure(by: (typeof KEYS)[number], row: Row): string {
  const key = String(row['key']);
  if (key === 'null') return key;
  if (by === 'user') return nameOf(Number(key));
  return by === 'hour' ? new Date(key).toISOString() : key;
}

/** Which calls of the day a person lists as theirs, and which they may open. */
export const listedFigure = (names: readonly string[]): string => names.toSorted().join(', ');

export function figuresOfTruePerson(calls: readonly TrueCall[], person: Person): Figures {
  const theirs = calls
    .filter(({ truth }) => truth.parts.some(part => part.who === person && !onlyRang(truth, part)))
    .map(each => each.name);
  return new Map([
    [`calls of ${person.login}`, listedFigure(theirs)],
    [`opened by ${person.login}`, listedFigure(theirs)],
  ]);
}
