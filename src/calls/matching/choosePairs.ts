/** Which registration is which leg: a pure choice over everything one agent and one number had to do with each other. */
import type { Direction } from '../../values/direction.ts';
import type { Candidate } from '../entities.ts';

/** A start is told by two clocks and two programs (ARCHITECTURE.md, "One call, several reporters"). */
const SAME_START_MS = 10_000;
/** What lies further apart belongs to another occasion. */
export const BLOCK_GAP_MS = 15 * 60_000;

/** Something a PBX told, with its instants by our clock. */
export interface Told {
  readonly row: Pick<Candidate, 'id' | 'sourceCallId' | 'tie'>;
  readonly startedAt: number;
  /** The start while the end is not known. */
  readonly endedAt: number;
}

/** A leg or a registration. */
export interface Timed extends Told {
  readonly row: Readonly<Candidate>;
}

/** All of a PBX's call, by our clock, with everybody it tells of. */
export interface NamedCall extends Told {
  readonly direction: Direction;
  readonly userIds: ReadonlySet<number>;
  /** values/numberKey.ts */
  readonly numberKeys: ReadonlySet<string>;
}

export interface Pair {
  readonly registration: Timed;
  /** Or all of the call that the registration names, where none of its legs is that agent's. */
  readonly leg: Told;
}

/**
 * Nearest first, ties by what was told and never by what came first, so that the order of arrival does not matter. `named` has
 * the call that each registration names, by its row's id; `fixed` are pairs that nothing changes any more; `allowed` is asked
 * of a pair when it is its turn, and told those there are; `cameTooEarly` of what was told before it can have been, by
 * the clock that told it. A leg takes one registration, a named call any number.
 */
export function choosePairs(
  block: readonly Timed[],
  named: ReadonlyMap<number, NamedCall>,
  fixed: readonly Pair[],
  allowed: (pair: Pair, chosen: readonly Pair[]) => boolean,
  cameTooEarly: (told: Timed) => boolean,
): readonly Pair[] {
  const taken = new Set<number>(fixed.flatMap(({ registration, leg }) => [registration.row.id, leg.row.id]));
  const free = block.filter(({ row }) => !taken.has(row.id));
  const legs = free.filter(({ row }) => row.role === 'leg').sort((a, b) => a.startedAt - b.startedAt);
  const possible: { pair: Pair; distanceMs: number }[] = [];
  for (const registration of free) {
    if (registration.row.role !== 'registration') continue;
    const call = named.get(registration.row.id);
    for (const leg of legs) {
      const distanceMs = distanceOf(registration, leg, call, cameTooEarly);
      if (distanceMs !== null) possible.push({ pair: { registration, leg }, distanceMs });
    }
    if (call !== undefined) {
      possible.push({ pair: { registration, leg: call }, distanceMs: distanceOfCall(registration, call) });
    }
  }
  possible.sort(
    (a, b) =>
      a.distanceMs - b.distanceMs ||
      compare(a.pair.leg.row.tie, b.pair.leg.row.tie) ||
      compare(a.pair.registration.row.tie, b.pair.registration.row.tie),
  );
  const chosen: Pair[] = [];
  for (const { pair } of possible) {
    const { registration, leg } = pair;
    if (taken.has(registration.row.id) || taken.has(leg.row.id) || !allowed(pair, [...fixed, ...chosen])) continue;
    taken.add(registration.row.id);
    if (leg !== named.get(registration.row.id)) taken.add(leg.row.id);
    chosen.push(pair);
  }
  return chosen;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Null when they cannot be the same. The agent's leg of the call that the application names is nearer than any time; a leg of
 * another agent is left to that one's registration.
 */
function distanceOf(
  registration: Timed,
  leg: Timed,
  named: NamedCall | undefined,
  cameTooEarly: (told: Timed) => boolean,
): number | null {
  if (contradict(registration.row.direction, leg.row.direction)) return null;
  if (registration.row.userId !== leg.row.userId) return null;
  const apartMs = apart(registration, leg);
  if (named?.row.sourceCallId === leg.row.sourceCallId && isWithinBlock(registration, leg)) return apartMs - NAMED_MS;
  if (registration.row.numberKey !== leg.row.numberKey) return null;
  if (isClose(registration, leg)) return apartMs;
  // A clock is measured by its reports, and a backlog, or events made up by hand, measure it wrong; but not one that is ahead.
  const reportedApartMs = Math.abs(registration.row.startedAt - leg.row.startedAt);
  if (reportedApartMs > SAME_START_MS || cameTooEarly(registration) || cameTooEarly(leg)) return null;
  return reportedApartMs + UNCORRECTED_MS;
}

/** After the legs of the call. At another time than the call's a leg of the agent and the number is believed before a name. */
const distanceOfCall = (registration: Timed, call: NamedCall): number =>
  apart(registration, call) + (isClose(registration, call) ? -NAMED_CALL_MS : LAST_MS);

const apart = (a: Told, b: Told): number => Math.abs(a.startedAt - b.startedAt);

const overlap = (a: Told, b: Told): boolean => a.startedAt <= b.endedAt && b.startedAt <= a.endedAt;

/** At the same time, as far as clocks can say. */
export const isClose = (a: Told, b: Told): boolean => overlap(a, b) || apart(a, b) <= SAME_START_MS;

/** An id that is told again later than this is another call's. */
export const isWithinBlock = (a: Told, b: Told): boolean => overlap(a, b) || apart(a, b) < BLOCK_GAP_MS;

/** Further than anything that is near by corrected clocks. */
const UNCORRECTED_MS = 1e9;
const LAST_MS = 1e10;

/** Nearer than anything that is only near in time; the legs of a call come before the call. */
const NAMED_MS = 1e12;
const NAMED_CALL_MS = 1e11;

export const contradict = (a: Direction, b: Direction): boolean => a !== 'unknown' && b !== 'unknown' && a !== b;

/** Those that follow each other with gaps under 15 minutes, the seed among them. `all` of one agent and one number. */
export function blockAround(seed: Timed, all: readonly Timed[]): readonly Timed[] {
  const ordered = [...all].sort((a, b) => a.startedAt - b.startedAt);
  let block: Timed[] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const each of ordered) {
    if (each.startedAt - until >= BLOCK_GAP_MS) {
      if (block.some(({ row }) => row.id === seed.row.id)) return block;
      block = [];
    }
    block.push(each);
    until = Math.max(until, each.endedAt);
  }
  return block;
}
