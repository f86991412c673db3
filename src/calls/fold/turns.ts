/**
 * Who of the organisation talked in a call, and when. A PBX writes the queue's talk into its agent's leg, which then lasts as long as
 * the queue does, whoever talked in the end (docs/yeastar.md, section 1.4, case C15); otherwise a leg has the talk of its own extension,
 * and the leg of a person who hands the call on ends there. So a turn is the talk of its leg, and ends where the turn of another person
 * begins who talks at least as long. A leg that the first person made, to ask the other one, ends no turn: both talk. So do all whom a
 * conference calls.
 */
import type { Direction } from '../../values/direction.ts';
import type { FoldedLeg } from './foldLegs.ts';
import { conferenceOf, ROUNDING_MS } from './legOutcome.ts';
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
}

/** In the order in which they began. Who called in has none, and nobody who made an internal call (callerTurnsOf). */
export function turnsOf(
  answering: readonly FoldedLeg[],
  legs: readonly FoldedLeg[],
  direction: Direction,
): readonly Turn[] {
  const turns = answering
    .flatMap(leg => turnOf(leg, conferenceOf(leg, legs), direction))
    .sort((a, b) => a.from - b.from);
  return turns.map((turn, place) => ({ ...turn, to: handedOnAt(turn, turns.slice(place + 1)) }));
}

/** What answers and is no extension may be a mobile outside, or a queue that tells of no agent: somebody talked there. */
function turnOf(leg: FoldedLeg, conference: FoldedLeg | null, direction: Direction): Turn[] {
  const span = { leg, conference, from: leg.answeredAt, to: leg.endedAt };
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

function handedOnAt(turn: Turn, later: readonly Turn[]): number {
  for (const other of later) {
    const isAnother = other.extension === null || other.extension !== turn.extension;
    if (!isAnother || isTogether(turn, other) || other.from <= turn.from || other.from >= turn.to) continue;
    if (madeBy(turn, other.leg) || other.to < turn.to - ROUNDING_MS) continue;
    return other.from;
  }
  return turn.to;
}

/** In one conference. */
export const isTogether = (one: Turn, other: Turn): boolean =>
  one.conference !== null && one.conference === other.conference;

const madeBy = ({ extension }: Turn, { fact }: FoldedLeg): boolean =>
  extension !== null && fact.from !== null && bareNumber(fact.from) === extension;

/** Who had the other party in the end. */
export function lastTurn(turns: readonly Turn[]): Turn | undefined {
  let last: Turn | undefined;
  for (const each of turns) if (last === undefined || each.to >= last.to - ROUNDING_MS) last = each;
  return last;
}

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
