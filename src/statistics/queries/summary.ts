/** How many calls, what became of them and how long was talked. Adds up to the list of calls, whatever the range. */
import type { Reader } from '../../ledger/query.ts';
import { localDay, localDayStart } from '../../values/zonedTime.ts';
import type { Countable } from '../entities.ts';
import { QUARTER_MS } from '../onCall.ts';
import { callPieces } from './callPieces.ts';
import type { Range } from './countedCalls.ts';
import { Figures } from './figures.ts';
import type { Piece } from './piece.ts';
import { planOf } from './plan.ts';
import { isAboutQueues, RangeTooLong, type SummaryQuestion, TooManyRows, type Unit, unitOf } from './question.ts';
import { rollupPieces, type Slots } from './rollupPieces.ts';
import { compareKeys, type RowKey, rowKeysOf } from './rowKeys.ts';

/** Calls of a longer range are not counted one by one. */
export const CALL_DAYS_MAX = 400;
/** Rows an answer may have: all of them are held and sorted for each page, some 50 MB, beside the work of the server. */
export const ROWS_MAX = 100_000;
const DAY_MS = 86_400_000;

export interface SummaryRow {
  readonly keys: readonly RowKey[];
  readonly figures: Figures;
}

export interface Summary {
  /** What the rows count. */
  readonly unit: Unit;
  /** Whether rows together may have a call more than once, which the totals have once. */
  readonly repeatsCalls: boolean;
  readonly rows: readonly SummaryRow[];
  readonly totals: Figures;
  /** The keys of the last row where more follow. */
  readonly next: readonly RowKey[] | null;
  /** Whether histograms of rings are known: not by quarter hours. */
  readonly ringsKnown: boolean;
}

export interface Page {
  readonly limit: number;
  /** Rows after these keys; null: from the first. */
  readonly after: readonly RowKey[] | null;
}

/** Rejects with `RangeTooLong` or `TooManyRows`. */
export async function summarize(
  reader: Reader,
  countable: Countable,
  question: SummaryQuestion,
  { limit, after }: Page,
): Promise<Summary> {
  const { by } = question;
  const whole = unitOf(question.filter);
  const unit = by.includes('user') ? 'participants' : whole;
  const repeatsCalls =
    unit !== whole || (isAboutQueues(question) && by.some(key => key === 'queue' || key === 'source'));
  const range = question.filter.users?.length === 0 ? null : await rangeOf(reader, countable, question);
  const rows = new Map<RowKey, SummaryRow>();
  const totals = new Figures();
  const collect = (pieces: readonly Piece[]) => {
    for (const piece of pieces) {
      if (!repeatsCalls) totals.add(piece, question.answerWithinSeconds);
      const keys = rowKeysOf(piece, question);
      const id = keys.length === 1 ? keys[0]! : JSON.stringify(keys);
      let row = rows.get(id);
      if (row === undefined) {
        if (rows.size === ROWS_MAX) throw new TooManyRows(ROWS_MAX);
        row = { keys, figures: new Figures() };
        rows.set(id, row);
      }
      row.figures.add(piece, question.answerWithinSeconds);
    }
  };
  const ask = { reader, countable };
  if (range !== null) {
    await readPieces(ask, range, question, unit, collect);
    if (repeatsCalls) {
      await readPieces(ask, range, { ...question, by: [] }, whole, pieces => {
        for (const piece of pieces) totals.add(piece, question.answerWithinSeconds);
      });
    }
  }
  const found = [...rows.values()].filter(each => !each.figures.isEmpty);
  const sorted = found.sort((a, b) => compareKeys(a.keys, b.keys));
  const rest = after === null ? sorted : sorted.filter(each => compareKeys(each.keys, after) > 0);
  const page = rest.slice(0, limit);
  return {
    unit,
    repeatsCalls,
    rows: by.length === 0 ? [] : page,
    totals,
    next: rest.length > page.length ? page.at(-1)!.keys : null,
    ringsKnown: planOf(question, unit) !== 'quarter',
  };
}

/** Where there are calls at all within the range of the question; null where there are none. */
async function rangeOf(
  reader: Reader,
  { calls }: Countable,
  { startedFrom, startedTo }: SummaryQuestion,
): Promise<Range | null> {
  const edge = async (descending: boolean) => {
    const orderBy = [{ column: 'startedAt', descending } as const];
    const [found] = await reader.select({ from: calls, columns: ['startedAt'], orderBy, limit: 1 });
    return found?.startedAt ?? null;
  };
  const [oldest, newest] = await Promise.all([edge(false), edge(true)]);
  if (oldest === null || newest === null) return null;
  const from = Math.max(startedFrom ?? oldest, oldest);
  const to = Math.min(startedTo ?? newest + 1, newest + 1);
  return from < to ? { from, to } : null;
}

/** Whole slots from a rollup, what sticks out at either end from the calls themselves. */
async function readPieces(
  { reader, countable }: { readonly reader: Reader; readonly countable: Countable },
  range: Range,
  question: SummaryQuestion,
  unit: Unit,
  collect: (pieces: readonly Piece[]) => void,
): Promise<void> {
  const plan = planOf(question, unit);
  const fromCalls = async (part: Range) => {
    for await (const pieces of callPieces(reader, countable, part, question, unit)) collect(pieces);
  };
  if (plan === 'calls') {
    if (range.to - range.from > CALL_DAYS_MAX * DAY_MS) throw new RangeTooLong(CALL_DAYS_MAX);
    return fromCalls(range);
  }
  const { slots, start } = plan === 'quarter' ? quartersIn(range) : daysIn(range, question);
  if (slots.first >= slots.end) return fromCalls(range);
  for await (const pieces of rollupPieces(reader, plan, slots, question)) collect(pieces);
  await fromCalls({ from: range.from, to: start(slots.first) });
  await fromCalls({ from: start(slots.end), to: range.to });
}

interface WholeSlots {
  readonly slots: Slots;
  /** The first instant of a slot. */
  readonly start: (slot: number) => number;
}

const quartersIn = ({ from, to }: Range): WholeSlots => ({
  slots: { first: Math.ceil(from / QUARTER_MS), end: Math.floor(to / QUARTER_MS) },
  start: slot => slot * QUARTER_MS,
});

/** Days that begin and end within the range. Where it is open, it reaches as far as there are calls: that day is whole too. */
function daysIn({ from, to }: Range, { dayZone, startedFrom, startedTo }: SummaryQuestion): WholeSlots {
  const start = (day: number) => localDayStart(dayZone, day);
  const [dayFrom, dayTo] = [localDay(dayZone, from), localDay(dayZone, to)];
  const opensWhole = startedFrom === null || startedFrom <= start(dayFrom);
  const endsWhole = startedTo === null || startedTo >= start(localDay(dayZone, to - 1) + 1);
  return {
    slots: {
      first: opensWhole ? dayFrom : dayFrom + 1,
      end: endsWhole ? localDay(dayZone, to - 1) + 1 : dayTo,
    },
    start,
  };
}
