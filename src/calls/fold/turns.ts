/**
 * Who of the organisation talked in a call, and when. A PBX writes the queue's talk into its agent's leg, which then lasts as long as
 * the queue does, whoever talked in the end (docs/yeastar.md, section 1.4, case C15); otherwise a leg has the talk of its own extension,
 * and the leg of a person who hands the call on ends there. So a turn is the talk of its leg, and ends where the turn of another person
 * is rung who talks at least as long, or after whom the call goes on without the first: to the next, who begins where the other one
 * stops, perhaps by way of a parking slot or a queue. Who is asked in between ends no turn, nor does a leg that the first person made to
 * ask: both talk. So do all whom a conference calls. Where the row of the first lasts as long as the call, and the one whom that person
 * called stays too, the call was handed on.
 */
import type { Direction } from '../../values/direction.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { conferenceOf, pickedUpIn, ROUNDING_MS } from './legOutcome.ts';
import { bareNumber } from './numberPlan.ts';
import { isCalledFromInside, isExtension } from './reached.ts';

export interface Turn {
  /** Null: somebody outside, to whom the call was sent on. */
  readonly extension: string | null;
  readonly userId: number | null;
  readonly leg: FoldedLeg;
  /** The conference that called this leg. */
  readonly conference: FoldedLeg | null;
  /** UTC milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Its row ends where its person hands the call on: a queue's agent's, or that of a call out, may last as long as the call. */
  readonly isOwnRow: boolean;
}

/** In the order in which they began. Who called in has none, and nobody who made an internal call (callerTurnsOf). */
export function turnsOf(
  answering: readonly FoldedLeg[],
  legs: readonly FoldedLeg[],
  direction: Direction,
): readonly Turn[] {
  const turns = answering.flatMap(leg => turnOf(leg, legs, direction)).sort((a, b) => a.from - b.from);
  return turns.flatMap((turn, place) => {
    const later = turns.slice(place + 1);
    return later.some(other => isTakenOver(turn, other)) ? [] : [{ ...turn, to: handedOnAt(turn, later, legs) }];
  });
}

/** What answers and is no extension may be a mobile outside, or a queue that tells of no agent: somebody talked there. */
function turnOf(leg: FoldedLeg, legs: readonly FoldedLeg[], direction: Direction): Turn[] {
  const isOwnRow = isExtension(leg) && !legs.some(each => each.party === 'queue' && pickedUpIn(each, leg));
  const span = { leg, conference: conferenceOf(leg, legs), from: leg.answeredAt, to: leg.endedAt, isOwnRow };
  if (isExtension(leg)) return [{ ...span, extension: leg.to, userId: leg.called.userId }];
  if (direction !== 'outbound') return [{ ...span, extension: null, userId: null }];
  const { caller, fact } = leg;
  return isCalledFromInside(leg) ? [{ ...span, extension: bareNumber(fact.from!), userId: caller.userId }] : [];
}

/**
 * Of an internal call both sides are here: its caller talks with everybody who does, but not while another one who talks with the
 * caller asks somebody. Who leaves a conference talks no more, whoever stays.
 */
export function callerTurnsOf(turns: readonly Turn[], userId: number): readonly Turn[] {
  const others = turns.filter(each => each.userId !== userId);
  return others.flatMap(turn => {
    const askedUntil = others.filter(each => madeBy(each, turn.leg)).map(each => each.to);
    const from = Math.max(turn.from, ...askedUntil);
    const to = Math.min(turn.to, turn.conference?.endedAt ?? turn.to);
    return from < to ? [{ ...turn, userId, from, to }] : [];
  });
}

const isAnother = (turn: Turn, other: Turn): boolean =>
  (other.extension === null || other.extension !== turn.extension) && !isTogether(turn, other);

/** Two rows tell one talk from its first second on, as of a telephone whose calls another one takes: it is the later one's. */
const isTakenOver = (turn: Turn, other: Turn): boolean =>
  turn.extension !== null &&
  other.extension !== null &&
  isAnother(turn, other) &&
  other.from === turn.from &&
  turn.from < turn.to &&
  turn.to - ROUNDING_MS <= other.to &&
  !madeBy(turn, other.leg);

function handedOnAt(turn: Turn, later: readonly Turn[], legs: readonly FoldedLeg[]): number {
  for (const other of later) {
    if (!isAnother(turn, other) || other.from <= turn.from || other.from >= turn.to) continue;
    if (takesOver(other, turn, legs)) return letGoAt(turn, other, legs);
  }
  return turn.to;
}

/**
 * A leg that this person made hands the call on where the call goes on until the row ends, and the row is one that lasts as long as the
 * call; any other row ends at the hand-on itself. It was only a question where the person then puts that telephone through.
 */
function takesOver(other: Turn, turn: Turn, legs: readonly FoldedLeg[]): boolean {
  const until = goesOnUntil(other.to, turn, legs);
  if (!madeBy(turn, other.leg)) return until >= turn.to - ROUNDING_MS;
  const isPutThrough = ({ to, fact }: FoldedLeg) =>
    to === other.leg.to && Math.abs(fact.startedAt - other.to) <= ROUNDING_MS;
  return !turn.isOwnRow && Math.abs(until - turn.to) <= ROUNDING_MS && !legs.some(isPutThrough);
}

/** Who has handed the call on does not talk while it rings at the next one's, nor while the caller is parked or waits in a queue before. */
function letGoAt(turn: Turn, next: Turn, legs: readonly FoldedLeg[]): number {
  const rangAt = next.leg.fact.startedAt;
  const waits = legs.filter(
    ({ party, fact, endedAt }) =>
      (party === 'parking' || party === 'queue') && fact.startedAt <= rangAt && endedAt >= rangAt - ROUNDING_MS,
  );
  const moments = [...waits.map(each => each.fact.startedAt), rangAt].filter(each => each > turn.from);
  return Math.min(...moments, next.from);
}

/**
 * When the last leg ends of those that each begin where the one before stops, of which the first begins at `stopsAt`. What this person
 * calls to ask is none of them, before the call has come back.
 */
function goesOnUntil(stopsAt: number, turn: Turn, legs: readonly FoldedLeg[]): number {
  let until = stopsAt;
  let isBack = false;
  for (const leg of legs) {
    const isNext = leg !== turn.leg && Math.abs(leg.fact.startedAt - until) <= ROUNDING_MS;
    if (!isNext || leg.endedAt <= until || (!isBack && madeBy(turn, leg))) continue;
    until = leg.endedAt;
    isBack ||= turn.extension !== null && leg.to === turn.extension;
  }
  return until;
}

/** In one conference. */
export const isTogether = (one: Turn, other: Turn): boolean =>
  one.conference !== null && one.conference === other.conference;

/** A caller outside may have the same number. */
const madeBy = ({ extension }: Turn, { fact, caller }: FoldedLeg): boolean =>
  extension !== null && caller.party !== 'external' && fact.from !== null && bareNumber(fact.from) === extension;

/** Who had the other party in the end. */
export function lastTurn(turns: readonly Turn[]): Turn | undefined {
  let last: Turn | undefined;
  for (const each of turns) {
    if (last === undefined || (each.to >= last.to - ROUNDING_MS && !isAskedUntilEnd(each, last))) last = each;
  }
  return last;
}

/** The caller of `turn` was on hold and gave up, while its person asked another one. */
const isAskedUntilEnd = (asked: Turn, turn: Turn): boolean =>
  turn.isOwnRow && madeBy(turn, asked.leg) && asked.to <= turn.to + ROUNDING_MS;

/** What these spans, in UTC milliseconds, cover together: what overlaps counts once. */
export function secondsCovered(spans: readonly (readonly [from: number, to: number])[]): number {
  let totalMs = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    totalMs += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.round(totalMs / 1000);
}
