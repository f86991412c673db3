/** How many calls, what became of them and how long was talked. Adds up to the list of calls, whatever the range. */
import type { Reader } from '../../ledger/query.ts';
import type { Countable } from '../entities.ts';
import type { Range } from './countedCalls.ts';
import { Figures } from './figures.ts';
import { type Page, pageOfCalls, pageOfRollups, type SummaryPage, type SummaryRow } from './page.ts';
import type { Piece } from './piece.ts';
import { planOf } from './plan.ts';
import { isAboutQueues, type SummaryQuestion, type Unit, unitOf } from './question.ts';
import { readPieces } from './readPieces.ts';
import type { RowKey } from './rowKeys.ts';

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
  const totals = new Figures();
  const ask = { reader, countable, question, unit };
  const addToTotals = (pieces: readonly Piece[]) => {
    for (const piece of pieces) totals.add(piece, question.answerWithinSeconds);
  };
  let page: SummaryPage = { rows: [], next: null };
  if (range !== null) {
    const plan = planOf(question, unit);
    const isCountedOnce = plan === 'calls' && !repeatsCalls;
    if (plan === 'calls') page = await pageOfCalls(ask, range, { limit, after }, isCountedOnce ? addToTotals : null);
    else if (by.length > 0) page = await pageOfRollups(ask, range, { limit, after });
    if (!isCountedOnce)
      await readPieces({ ...ask, question: { ...question, by: [] }, unit: whole }, range, addToTotals);
  }
  return {
    unit,
    repeatsCalls,
    rows: by.length === 0 ? [] : page.rows,
    totals,
    next: page.next,
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
