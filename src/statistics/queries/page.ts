/** One page of the rows of a summary. */
import { localDayStart } from '../../values/zonedTime.ts';
import { NOBODY } from '../entities.ts';
import { QUARTER_MS } from '../onCall.ts';
import type { Range } from './countedCalls.ts';
import { Figures } from './figures.ts';
import type { Piece } from './piece.ts';
import { planOf } from './plan.ts';
import { type SummaryQuestion, TooManyRows } from './question.ts';
import { type Ask, readPieces } from './readPieces.ts';
import type { Reading } from './rollupPieces.ts';
import { compareKeys, type RowKey, rowKeysOf } from './rowKeys.ts';

/** Rows an answer may have: the keys of all of them are held and sorted for each page, beside the work of the server. */
export const ROWS_MAX = 100_000;

export interface Page {
  readonly limit: number;
  /** Rows after these keys; null: from the first. */
  readonly after: readonly RowKey[] | null;
}

export interface SummaryRow {
  readonly keys: readonly RowKey[];
  readonly figures: Figures;
}

export interface SummaryPage {
  readonly rows: readonly SummaryRow[];
  /** The keys of the last row where more follow. */
  readonly next: readonly RowKey[] | null;
}

type Collect = (pieces: readonly Piece[]) => void;

/** Calls are read once: all rows are made, and those of the page kept. `also` is given every piece. */
export async function pageOfCalls(
  ask: Ask,
  range: Range,
  { limit, after }: Page,
  also: Collect | null,
): Promise<SummaryPage> {
  const rows = new Rows(ask.question, after, () => new Figures());
  await readPieces(ask, range, pieces => {
    also?.(pieces);
    for (const piece of pieces) rows.of(piece)?.value.add(piece, ask.question.answerWithinSeconds);
  });
  const found = rows.all.filter(each => !each.value.isEmpty);
  return cut(found, limit, ({ keys, value: figures }) => ({ keys, figures }));
}

/**
 * Rollups are read twice: what rows there are, which is one number of each, and then all figures of those of the page. A page costs what
 * its own rows do, and not what all rows of the answer would.
 */
export async function pageOfRollups(ask: Ask, range: Range, { limit, after }: Page): Promise<SummaryPage> {
  const { question } = ask;
  const counts = new Rows(question, after, () => ({ calls: 0, rangOnly: 0 }));
  const rest = after === null ? range : narrowed(ask, range, after, null);
  const count: Collect = pieces => {
    for (const piece of pieces) {
      const count = counts.of(piece)?.value;
      if (count === undefined) continue;
      count.calls += piece.share.calls;
      count.rangOnly += piece.share.rangOnly;
    }
  };
  if (rest.from < rest.to) await readPieces(ask, rest, count, { keysOnly: true });
  const found = counts.all.filter(({ value }) => value.calls !== 0 || value.rangOnly !== 0);
  const page = cut(found, limit, ({ keys }) => ({ keys, figures: new Figures() }));
  if (page.rows.length === 0) return page;
  const byId = new Map(page.rows.map(each => [idOf(each.keys), each.figures]));
  const own = narrowed(ask, range, page.rows[0]!.keys, page.rows.at(-1)!.keys);
  const add: Collect = pieces => {
    for (const piece of pieces) {
      byId.get(idOf(rowKeysOf(piece, question)))?.add(piece, question.answerWithinSeconds);
    }
  };
  await readPieces(ask, own, add, readingOf(question, page.rows));
  return page;
}

interface Row<V> {
  readonly keys: readonly RowKey[];
  readonly value: V;
}

const idOf = (keys: readonly RowKey[]): RowKey => (keys.length === 1 ? keys[0]! : JSON.stringify(keys));

/** What is summed of each row beyond the cursor. */
class Rows<V> {
  private readonly question: SummaryQuestion;
  private readonly after: readonly RowKey[] | null;
  private readonly make: () => V;
  private readonly rows = new Map<RowKey, Row<V>>();

  constructor(question: SummaryQuestion, after: readonly RowKey[] | null, make: () => V) {
    this.question = question;
    this.after = after;
    this.make = make;
  }

  get all(): readonly Row<V>[] {
    return [...this.rows.values()];
  }

  /** Throws `TooManyRows`. */
  of(piece: Piece): Row<V> | undefined {
    const keys = rowKeysOf(piece, this.question);
    if (this.after !== null && compareKeys(keys, this.after) <= 0) return undefined;
    const id = idOf(keys);
    let row = this.rows.get(id);
    if (row === undefined) {
      if (this.rows.size === ROWS_MAX) throw new TooManyRows(ROWS_MAX);
      row = { keys, value: this.make() };
      this.rows.set(id, row);
    }
    return row;
  }
}

function cut<V>(found: readonly Row<V>[], limit: number, rowOf: (row: Row<V>) => SummaryRow): SummaryPage {
  const sorted = found.toSorted((a, b) => compareKeys(a.keys, b.keys));
  const rows = sorted.slice(0, limit).map(rowOf);
  return { rows, next: sorted.length > rows.length ? rows.at(-1)!.keys : null };
}

/** The part of the range in which rows from `first` to `last` have calls, where they are in the order of time. */
function narrowed(
  { question, unit }: Ask,
  range: Range,
  first: readonly RowKey[],
  last: readonly RowKey[] | null,
): Range {
  const spanOf = (key: RowKey): Range | null => {
    const { timeZone } = question;
    switch (question.by[0]) {
      case 'day': {
        const day = Date.parse(`${key}T00:00:00Z`) / 86_400_000;
        return { from: localDayStart(timeZone, day), to: localDayStart(timeZone, day + 1) };
      }
      case 'hour':
      case 'quarter':
        return { from: key as number, to: (key as number) + HOUR_AT_MOST_MS };
      default:
        return null;
    }
  };
  const begin = spanOf(first[0]!);
  const end = last === null ? null : spanOf(last[0]!);
  // A day may begin within a quarter, which is then counted in one of its two.
  const beside = planOf(question, unit) === 'quarter' ? QUARTER_MS : 0;
  return {
    from: begin === null ? range.from : Math.max(range.from, begin.from - beside),
    to: end === null ? range.to : Math.min(range.to, end.to + beside),
  };
}

/** An hour of the clock, where clocks are set within it. */
const HOUR_AT_MOST_MS = 2 * 3_600_000;

function readingOf({ by }: SummaryQuestion, rows: readonly SummaryRow[]): Reading {
  const place = by.indexOf('user');
  if (place < 0) return {};
  return { users: [...new Set(rows.map(({ keys }) => (keys[place] ?? NOBODY) as number))] };
}
