/** Which registration is which leg: a pure choice over everything one agent and one number had to do with each other. */
import type { Candidate } from '../entities.ts';

/** A start is told by two clocks and two programs (ARCHITECTURE.md, "One call, several reporters"). */
const SAME_START_MS = 10_000;
/** What lies further apart belongs to another occasion. */
export const BLOCK_GAP_MS = 15 * 60_000;

/** A leg or a registration with its instants by our clock. */
export interface Timed {
  readonly row: Readonly<Candidate>;
  readonly startedAt: number;
  /** The start while the end is not known. */
  readonly endedAt: number;
}

export interface Pair {
  readonly registration: Timed;
  readonly leg: Timed;
}

/**
 * Nearest first, ties by what was told and never by what came first, so that the order of arrival does not matter. `fixed`
 * are pairs that nothing changes any more; `allowed` is asked of a pair when it is its turn, and told those there are.
 */
export function choosePairs(
  block: readonly Timed[],
  fixed: readonly Pair[],
  allowed: (pair: Pair, chosen: readonly Pair[]) => boolean,
): readonly Pair[] {
  const taken = new Set<number>(fixed.flatMap(({ registration, leg }) => [registration.row.id, leg.row.id]));
  const free = block.filter(({ row }) => !taken.has(row.id));
  const legs = free.filter(({ row }) => row.role === 'leg').sort((a, b) => a.startedAt - b.startedAt);
  const possible: { pair: Pair; distanceMs: number }[] = [];
  for (const registration of free) {
    if (registration.row.role !== 'registration') continue;
    for (const leg of legs) {
      const distanceMs = distanceOf(registration, leg);
      if (distanceMs !== null) possible.push({ pair: { registration, leg }, distanceMs });
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
    taken.add(registration.row.id).add(leg.row.id);
    chosen.push(pair);
  }
  return chosen;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Null when they cannot be the same. A PBX's id that the application names is nearer than any time. */
function distanceOf(registration: Timed, leg: Timed): number | null {
  if (contradict(registration.row, leg.row)) return null;
  const apartMs = Math.abs(registration.startedAt - leg.startedAt);
  const overlap = registration.startedAt <= leg.endedAt && leg.startedAt <= registration.endedAt;
  const named = registration.row.name !== null && registration.row.name === leg.row.name;
  if (named && (overlap || apartMs < BLOCK_GAP_MS)) return apartMs - NAMED_MS;
  if (registration.row.userId !== leg.row.userId || registration.row.numberKey !== leg.row.numberKey) return null;
  if (overlap || apartMs <= SAME_START_MS) return apartMs;
  // A clock is measured by its reports, and a backlog, or events made up by hand, measure it wrong.
  const reportedApartMs = Math.abs(registration.row.startedAt - leg.row.startedAt);
  return reportedApartMs <= SAME_START_MS ? reportedApartMs + UNCORRECTED_MS : null;
}

/** Further than anything that is near by corrected clocks. */
const UNCORRECTED_MS = 1e9;

/** Nearer than anything that is only near in time. */
const NAMED_MS = 1e12;

function contradict(a: Readonly<Candidate>, b: Readonly<Candidate>): boolean {
  return a.direction !== 'unknown' && b.direction !== 'unknown' && a.direction !== b.direction;
}

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
