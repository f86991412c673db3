/** Finds the leg of a PBX that a registration of an application is, and keeps what it found. */
import type { State } from '../../ledger/state.ts';
import { call, doubt, judgement, type Pairable, pairable, pairing } from '../entities.ts';
import { possibleMatchFound } from '../events.ts';
import { callIdOf, strandsOf, wantStrand } from '../reports/strands.ts';
import { isSettled, settledAtOf } from '../settling/line.ts';
import { contradictsPeople, ordered, verdictOn } from './bundles.ts';
import { blockAround, choosePairs, type Pair, type Timed } from './choosePairs.ts';
import { offsetOf } from './clocks.ts';
import { dayOfInstant, daysAround, MARGIN_MS, type PairableChange, wantAround } from './pairables.ts';

/** Days a block may reach back; a robot that dials one number all week is paired within the days around each call. */
const MOST_DAYS = 4;

/**
 * Chooses anew among everything around what changed, and returns the strands whose call may be another one now. A pair
 * that was there when its call settled stays. Two that have both settled were both told as calls of their own: that they
 * look like one becomes a doubt for a person; what is still fresh joins what has settled, and nobody was told of it twice.
 */
export function pairAround(state: State, changes: readonly PairableChange[]): readonly number[] {
  const block = blocksOf(
    state,
    changes.flatMap(({ before, after }) => [before, after]).filter(row => row !== null),
  );
  if (!block.some(({ row }) => row.role === 'registration') || !block.some(({ row }) => row.role === 'leg')) {
    return [];
  }
  expectRelations(state, block);
  const rows = new Map(block.map(each => [each.row.id, each]));
  const known = new Map<number, Pair>();
  for (const registration of block) {
    if (registration.row.role !== 'registration') continue;
    const found = state.get(pairing, registration.row.strandId);
    const leg = found === undefined ? undefined : rows.get(found.legId);
    if (leg !== undefined) known.set(registration.row.id, { registration, leg });
  }
  const isApart = ({ registration, leg }: Pair) =>
    verdictOn(state, registration.row.strandId, leg.row.strandId) === 'apart';
  const fixed = [...known.values()].filter(pair => wasTold(state, pair) && !isApart(pair));
  const open = new Set(block.filter(({ row }) => row.role === 'registration').map(({ row }) => row.strandId));
  const chosen = choosePairs(block, fixed, (pair, others) => !contradictsPeople(state, pair, others, open));
  const now = new Map(fixed.map(pair => [pair.registration.row.id, pair]));
  const doubted: Pair[] = [];
  for (const pair of chosen) {
    const same = known.get(pair.registration.row.id)?.leg.row.strandId === pair.leg.row.strandId;
    if (same || !(hasSettled(state, pair.registration) && hasSettled(state, pair.leg))) {
      now.set(pair.registration.row.id, pair);
    } else {
      doubted.push(pair);
    }
  }
  for (const pair of doubted) {
    raiseDoubt(state, pair);
    // While a person thinks about it, the registration stays with the leg it has.
    const before = known.get(pair.registration.row.id);
    const isFree = [...now.values()].every(each => each.leg.row.id !== before?.leg.row.id);
    if (before !== undefined && isFree && !isApart(before)) now.set(before.registration.row.id, before);
  }
  return keep(state, block, known, now);
}

/** Everything that choosing, grouping and what people said may read of a block, in three loads where reading is far away. */
function expectRelations(state: State, block: readonly Timed[]): void {
  const strands = [...new Set(block.map(({ row }) => row.strandId))];
  const callsOf = () => [...new Set(strands.map(id => callIdOf(state, id)))];
  state.expect(wants => {
    for (const id of strands) wantStrand(wants, id);
  });
  state.expect(wants => {
    for (const id of callsOf()) wantStrand(wants, id);
  });
  state.expect(wants => {
    const calls = callsOf().map(id => state.get(call, id));
    const all = [...new Set([...strands, ...calls.flatMap(each => (each === undefined ? [] : strandsOf(each)))])];
    for (const a of all) {
      wantStrand(wants, a);
      for (const b of all) {
        if (a >= b) continue;
        wants.get(judgement, a, b);
        wants.get(doubt, a, b);
      }
    }
  });
}

function keep(
  state: State,
  block: readonly Timed[],
  known: ReadonlyMap<number, Pair>,
  now: ReadonlyMap<number, Pair>,
): readonly number[] {
  const affected = new Set<number>();
  for (const { row } of block) {
    if (row.role !== 'registration') continue;
    const before = known.get(row.id)?.leg.row;
    const after = now.get(row.id)?.leg.row;
    if (before?.id === after?.id) continue;
    if (after === undefined) state.delete(pairing, row.strandId);
    else state.put(pairing, { id: row.strandId, withId: after.strandId, legId: after.id, at: state.now });
    if (before?.strandId === after?.strandId) continue;
    if (after !== undefined) forgetDoubt(state, row.strandId, after.strandId);
    affected.add(row.strandId);
    for (const leg of [before, after]) if (leg !== undefined) affected.add(leg.strandId);
  }
  return [...affected];
}

/** The pair was there when the call settled. */
function wasTold(state: State, { registration: { row } }: Pair): boolean {
  const settledAt = settledAtOf(state, state.get(call, callIdOf(state, row.strandId)));
  return settledAt !== null && state.get(pairing, row.strandId)!.at <= settledAt;
}

const hasSettled = (state: State, { row }: Timed): boolean =>
  isSettled(state, state.get(call, callIdOf(state, row.strandId)));

function raiseDoubt(state: State, { registration, leg }: Pair): void {
  const [id, withId] = ordered(registration.row.strandId, leg.row.strandId);
  if (callIdOf(state, id) === callIdOf(state, withId) || state.get(doubt, id, withId) !== undefined) return;
  state.put(doubt, { id, withId, at: state.now });
  state.journal(possibleMatchFound, { callId: id, otherCallId: withId });
}

/** What became one after all is doubted no more: one of the two had been split off another call, and was fresh again. */
function forgetDoubt(state: State, a: number, b: number): void {
  const pair = ordered(a, b);
  if (state.get(doubt, ...pair) !== undefined) state.delete(doubt, ...pair);
}

/** The blocks of all these rows, and of the rows that bear the same name as one of them. */
function blocksOf(state: State, seeds: readonly Readonly<Pairable>[]): readonly Timed[] {
  const found = new Map<number, Timed>();
  const waiting = [...seeds];
  const timed = (row: Readonly<Pairable>): Timed => {
    const offset = offsetOf(state, row);
    return { row, startedAt: row.startedAt + offset, endedAt: (row.endedAt ?? row.startedAt) + offset };
  };
  for (let seed = waiting.pop(); seed !== undefined; seed = waiting.pop()) {
    const seen = found.get(seed.id)?.row;
    // A registration that changed hands is looked for in both.
    if (seen !== undefined && seen.userId === seed.userId && seen.numberKey === seed.numberKey) continue;
    for (const each of blockOf(state, seed, timed)) {
      if (found.has(each.row.id)) continue;
      found.set(each.row.id, each);
      const { name, role } = each.row;
      if (name === null) continue;
      // Others tell of the same name under their own parties.
      waiting.push(
        ...state.find(pairable, 'byName', name).filter(other => other.role !== role && !found.has(other.id)),
      );
    }
  }
  return [...found.values()];
}

function blockOf(state: State, seed: Readonly<Pairable>, timed: (row: Readonly<Pairable>) => Timed): readonly Timed[] {
  const { userId, numberKey } = seed;
  const rows: Timed[] = [];
  const read = (day: number) => {
    for (const row of state.find(pairable, 'byParties', userId, numberKey, day)) rows.push(timed(row));
  };
  let [first, last] = daysAround(seed.startedAt, seed.endedAt);
  state.expect(wants => wantAround(wants, seed));
  for (let day = first; day <= last; day++) read(day);
  for (;;) {
    // What it was moved from is looked around too, and is no longer there itself.
    const own = rows.find(({ row }) => row.id === seed.id);
    const block = own === undefined ? around(timed(seed), rows) : blockAround(own, rows);
    const starts = block.map(each => each.row.startedAt);
    const earlier = dayOfInstant(Math.min(...starts, seed.startedAt) - MARGIN_MS);
    const later = dayOfInstant(Math.max(...block.map(each => each.endedAt), seed.startedAt) + MARGIN_MS);
    if ((earlier >= first && later <= last) || last - first >= MOST_DAYS) return block;
    while (first > earlier) read(--first);
    while (last < later) read(++last);
  }
}

const around = (seed: Timed, rows: readonly Timed[]): readonly Timed[] =>
  blockAround(seed, [...rows, seed]).filter(each => each !== seed);
