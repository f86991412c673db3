/** The pieces that answer a question: whole slots from a rollup, what sticks out at either end from the calls themselves. */
import type { Reader } from '../../ledger/query.ts';
import { dayBegun, localDayStart } from '../../values/zonedTime.ts';
import type { Countable } from '../entities.ts';
import { QUARTER_MS } from '../onCall.ts';
import { callPieces } from './callPieces.ts';
import type { Range } from './countedCalls.ts';
import type { Piece } from './piece.ts';
import { planOf } from './plan.ts';
import { RangeTooLong, type SummaryQuestion, type Unit } from './question.ts';
import { type Reading, rollupPieces, type Slots } from './rollupPieces.ts';

/** Calls of a longer range are not counted one by one. */
export const CALL_DAYS_MAX = 400;
const DAY_MS = 86_400_000;

export interface Ask {
  readonly reader: Reader;
  readonly countable: Countable;
  readonly question: SummaryQuestion;
  readonly unit: Unit;
}

/** Rejects with `RangeTooLong`. */
export async function readPieces(
  { reader, countable, question, unit }: Ask,
  range: Range,
  collect: (pieces: readonly Piece[]) => void,
  reading: Reading = {},
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
  for await (const pieces of rollupPieces(reader, plan, slots, question, reading)) collect(pieces);
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
  const [dayFrom, dayTo] = [dayBegun(dayZone, from), dayBegun(dayZone, to)];
  const opensWhole = startedFrom === null || startedFrom <= start(dayFrom);
  const endsWhole = startedTo === null || startedTo >= start(dayBegun(dayZone, to - 1) + 1);
  return {
    slots: {
      first: opensWhole ? dayFrom : dayFrom + 1,
      end: endsWhole ? dayBegun(dayZone, to - 1) + 1 : dayTo,
    },
    start,
  };
}
