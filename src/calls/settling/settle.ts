/** When a call is due to settle, and how the line moves over those that are (ARCHITECTURE.md, section 2). */
import type { Command, State } from '../../ledger/state.ts';
import { type Call, call, type Report, settlingLine } from '../entities.ts';
import { callsSettled } from '../events.ts';
import { callIdOf, reportsOf, toldBy } from '../reports/sourceCalls.ts';
import type { Sources } from '../sources.ts';
import { formerOf } from './formerCalls.ts';
import { isSettled, LINE, settledUpTo } from './line.ts';
import { settleNotBefore } from './settleDelay.ts';

/** What a call's row says of its settling. */
export type Settling = Pick<Call, 'endedSeenAt' | 'settlesAt' | 'splitAt' | 'historical'>;

/** A call that was part of another one until now. */
export interface Part {
  readonly id: number;
  /** The other one, as it was. */
  readonly whole: Readonly<Call>;
}

interface Occasion {
  readonly before: Readonly<Settling> | null;
  readonly endedAt: number | null;
  readonly reports: readonly Readonly<Report>[];
  /** How long nothing new may come before the call settles. */
  readonly settleDelayMs: number;
  readonly part?: Part;
}

/** A call does not wait longer than this for more, counted from the first report of its end. */
export const SETTLES_AT_MOST_MS = 10 * 60_000;

const OPEN = { endedSeenAt: null, settlesAt: null, splitAt: null } as const;

/** What the row of a call that was folded again says of its settling. */
export function settlingAfter(state: State, { before, endedAt, reports, settleDelayMs, part }: Occasion): Settling {
  if (before !== null && isSettled(state, before)) return pick(before);
  const historical = reports.every(each => each.historical || !isOfSource(each));
  if (part !== undefined) {
    const fixed = settlingOfPart(state, part, endedAt, historical);
    if (fixed !== null) return fixed;
  }
  // Also where a person had ended the call and took that back.
  if (endedAt === null) return { ...OPEN, historical };
  const endedSeenAt = before?.endedSeenAt ?? state.now;
  // A report with a shorter settle delay never shortens a pending one.
  const notBefore = Math.max(state.now + settleDelayMs, before?.settlesAt ?? 0);
  const settlesAt = aheadOfLine(state, Math.min(notBefore, endedSeenAt + SETTLES_AT_MOST_MS));
  return { endedSeenAt, settlesAt, splitAt: null, historical };
}

/**
 * A part that had settled under its own id has done so again, at the same time. One that never has, of a call that has settled, does
 * not settle either: `call.split` announces it. One of a call that waits, waits as well: null.
 */
function settlingOfPart(
  state: State,
  { id, whole }: Part,
  endedAt: number | null,
  historical: boolean,
): Settling | null {
  const former = formerOf(state, id);
  if (former !== undefined) {
    const { settledAt } = former;
    return { endedSeenAt: settledAt, settlesAt: settledAt, splitAt: null, historical: former.historical };
  }
  return endedAt !== null && isSettled(state, whole) ? { ...OPEN, splitAt: state.now, historical } : null;
}

/** What people and desktops say of a call does not tell of it. */
const isOfSource = ({ fact: { form } }: Readonly<Report>): boolean => form === 'leg' || form === 'call';

const pick = ({ endedSeenAt, settlesAt, splitAt, historical }: Readonly<Settling>): Settling => ({
  endedSeenAt,
  settlesAt,
  splitAt,
  historical,
});

export const isSameSettling = (a: Readonly<Settling>, b: Readonly<Settling>): boolean =>
  a.endedSeenAt === b.endedSeenAt &&
  a.settlesAt === b.settlesAt &&
  a.splitAt === b.splitAt &&
  a.historical === b.historical;

/** What the line has passed is fixed: nothing is due there any more. */
const aheadOfLine = (state: State, dueAt: number): number => Math.max(settledUpTo(state) + 1, dueAt);

/** What a call waited for has come, or will not: it settles soon, though not before what else is told of it asked to wait. */
export function settleSoon(state: State, sourceCallId: number, settleDelayMs: number, sources: Sources): void {
  const present = state.get(call, callIdOf(state, sourceCallId));
  if (present === undefined || present.settlesAt === null || isSettled(state, present)) return;
  const until = reportsOf(state, toldBy(present)).map(each => settleNotBefore(state, each, sources));
  const settlesAt = aheadOfLine(state, Math.max(state.now + settleDelayMs, ...until));
  if (settlesAt < present.settlesAt) state.put(call, { ...present, settlesAt });
}

/**
 * Moves the line to the time of the batch, or to `upTo` where more calls are due than are settled at once. A batch that waits for its
 * turn has the time at which it began, which may be before `firstDue`: then the line stays, and a later batch moves it.
 */
export function settleCalls(upTo: number | null = null, firstDue = 0): Command<void> {
  return {
    name: 'settle calls',
    bytes: 200,
    apply: state => {
      const from = settledUpTo(state);
      const to = Math.min(upTo ?? state.now, state.now);
      // Another worker has been there.
      if (to <= from || to < firstDue) return;
      state.put(settlingLine, { id: LINE, at: to });
      state.journal(callsSettled, { from, to });
    },
  };
}
