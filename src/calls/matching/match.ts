/** Finds the leg of a PBX, or the call it names, that a registration of an application is, and keeps the link. */
import { historicalMark } from '../../ledger/event.ts';
import type { State, Wants } from '../../ledger/state.ts';
import { type Candidate, call, candidate, formerCall, report } from '../entities.ts';
import { possibleMatchFound } from '../events.ts';
import type { CallsContext } from '../fold/refold.ts';
import { callIdOf, sourceCallsOf, wantCall } from '../reports/sourceCalls.ts';
import { isSettled, settledAtOf } from '../settling/line.ts';
import { callsNamed, namedWith } from './callNames.ts';
import { type CandidateChange, dayOfInstant, daysAround, MARGIN_MS } from './candidates.ts';
import { blockAround, choosePairs, type Pair, type Timed, type Told } from './choosePairs.ts';
import { offsetOf, UNNOTICED_MS, wantClocks } from './clocks.ts';
import { contradictsPeople } from './clusters.ts';
import {
  decisionOn,
  dropMatch,
  isMatched,
  isSuspected,
  keepMatch,
  matchOf,
  ordered,
  otherOf,
  suspect,
  WHOLE_CALL,
} from './links.ts';
import { isWhole, namedCalls, wholeRow } from './namedCalls.ts';

/** Days a block may reach back; a robot that dials one number all week is paired within the days around each call. */
const MOST_DAYS = 4;

/**
 * Chooses anew among everything around what changed, and returns the source calls whose call may be another one now. A pair
 * that was there when its call settled stays. Two that have both settled were both told as calls of their own: that they
 * look like one becomes a suspicion for a person; what is still fresh joins what has settled, and nobody was told of it twice.
 * `historical`: what is found is no news.
 */
export function matchAround(
  state: State,
  changes: readonly CandidateChange[],
  context: CallsContext,
  historical = false,
): readonly number[] {
  const seeds = changes.flatMap(({ before, after }) => [before, after]).filter(row => row !== null);
  state.expect(wants => wantMatches(wants, seeds, context));
  const block = blocksOf(state, seeds);
  const registrations = block.filter(({ row }) => row.role === 'registration');
  if (registrations.length === 0) return [];
  const isAlone = ({ row }: Timed) => row.name === null && !isMatched(state, row.sourceCallId);
  if (registrations.length === block.length && registrations.every(isAlone)) return [];
  const known = knownPairs(state, block, registrations);
  const isApart = ({ registration, leg }: Pair) =>
    decisionOn(state, registration.row.sourceCallId, leg.row.sourceCallId) === 'separated';
  const fixed = [...known.values()].filter(pair => wasTold(state, pair) && !isApart(pair));
  const isFixed = new Set(fixed.map(({ registration }) => registration));
  const free = registrations.filter(each => !isFixed.has(each));
  const named = namedCalls(state, free, context);
  const open = new Set(registrations.map(({ row }) => row.sourceCallId));
  const allowed = (pair: Pair, others: readonly Pair[]) => !contradictsPeople(state, pair, others, open);
  const chosen = choosePairs(block, named, fixed, allowed, told => cameTooEarly(state, told));
  const now = new Map(fixed.map(pair => [pair.registration.row.id, pair]));
  const suspected: Pair[] = [];
  for (const pair of chosen) {
    const same = known.get(pair.registration.row.id)?.leg.row.sourceCallId === pair.leg.row.sourceCallId;
    if (same || !(hasSettled(state, pair.registration) && hasSettled(state, pair.leg))) {
      now.set(pair.registration.row.id, pair);
    } else {
      suspected.push(pair);
    }
  }
  for (const pair of suspected) {
    raise(state, pair, historical);
    // While a person thinks about it, the registration stays with the leg it has.
    const before = known.get(pair.registration.row.id);
    if (before === undefined || isApart(before)) continue;
    const isFree = isWhole(before.leg) || [...now.values()].every(each => each.leg.row.id !== before.leg.row.id);
    if (isFree) now.set(before.registration.row.id, before);
  }
  return keep(state, block, known, now);
}

/** The pairs there are, by the registration's row. */
function knownPairs(state: State, block: readonly Timed[], registrations: readonly Timed[]): ReadonlyMap<number, Pair> {
  const rows = new Map(block.map(each => [each.row.id, each]));
  const known = new Map<number, Pair>();
  for (const registration of registrations) {
    const { id, sourceCallId } = registration.row;
    const found = matchOf(state, sourceCallId);
    if (found === undefined) continue;
    const other = otherOf(found, sourceCallId);
    const { legId } = found;
    // Other legs may have shown since that nobody finds this one.
    const gone = { id: legId!, sourceCallId: other, tie: '' };
    const row = legId === WHOLE_CALL ? wholeRow(other, '') : gone;
    known.set(id, { registration, leg: rows.get(legId!) ?? { ...registration, row } });
  }
  return known;
}

/**
 * What choosing among everything around these rows may read, and grouping by what is chosen: the rows around them, then what these
 * are of, then whatever else is part of the same calls.
 */
export function wantMatches(wants: Wants, rows: readonly Readonly<Candidate>[], context: CallsContext): void {
  if (rows.length === 0) return;
  wantClocks(wants, context.sources);
  const named = rows.flatMap(row => namedWith(wants, row));
  const all = [...rows, ...named, ...blocksOf(wants, [...rows, ...named]).map(({ row }) => row)];
  const registrations = all.filter(({ role }) => role === 'registration');
  if (registrations.length === 0) return;
  const calls = registrations.flatMap(({ name }) => (name === null ? [] : callsNamed(wants, name)));
  for (const id of new Set([...all.map(each => each.sourceCallId), ...calls.map(each => each.id)])) {
    for (const each of wantCall(wants, id, context)) wants.get(formerCall, each);
  }
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
    if (before !== undefined && before.sourceCallId !== after?.sourceCallId) {
      dropMatch(state, row.sourceCallId, before.sourceCallId);
    }
    if (after !== undefined) {
      keepMatch(state, row.sourceCallId, after.sourceCallId, isWhole({ row: after }) ? WHOLE_CALL : after.id);
    }
    if (before?.sourceCallId === after?.sourceCallId) continue;
    affected.add(row.sourceCallId);
    for (const leg of [before, after]) if (leg !== undefined) affected.add(leg.sourceCallId);
  }
  return [...affected];
}

/**
 * Its report came before its start by the clock that told it, which is ahead then: what it says uncorrected is not true. Before
 * its end comes also what somebody makes up to try it.
 */
function cameTooEarly(state: State, { row, startedAt }: Timed): boolean {
  if (startedAt >= row.startedAt) return false;
  const first = state.get(report, row.id);
  return first !== undefined && row.startedAt - first.receivedAt > UNNOTICED_MS;
}

/** The pair was there when the call settled. */
function wasTold(state: State, { registration: { row } }: Pair): boolean {
  const settledAt = settledAtOf(state, state.get(call, callIdOf(state, row.sourceCallId)));
  return settledAt !== null && matchOf(state, row.sourceCallId)!.at <= settledAt;
}

const hasSettled = (state: State, { row }: Told): boolean =>
  isSettled(state, state.get(call, callIdOf(state, row.sourceCallId)));

/** Announced is that two calls look like one, by whichever of their source calls it was found first. */
function raise(state: State, { registration, leg }: Pair, historical: boolean): void {
  const [id, otherId] = ordered(registration.row.sourceCallId, leg.row.sourceCallId);
  const [callId, otherCallId] = ordered(callIdOf(state, id), callIdOf(state, otherId));
  if (callId === otherCallId) return;
  const isKnown = isSuspected(state, partsOf(state, callId), partsOf(state, otherCallId));
  if (!suspect(state, id, otherId) || isKnown) return;
  state.journal(possibleMatchFound, { callId, otherCallId, ...historicalMark(historical) });
}

function partsOf(state: State, callId: number): readonly number[] {
  const whole = state.get(call, callId);
  return whole === undefined ? [callId] : sourceCallsOf(whole);
}

/** The blocks of all these rows, and of the rows that tell of a call under the same name as one of them. */
function blocksOf(state: Wants, seeds: readonly Readonly<Candidate>[]): readonly Timed[] {
  const found = new Map<number, Timed>();
  const waiting = [...seeds];
  const timed = (row: Readonly<Candidate>): Timed => {
    const offset = offsetOf(state, row);
    return { row, startedAt: row.startedAt + offset, endedAt: (row.endedAt ?? row.startedAt) + offset };
  };
  for (let seed = waiting.pop(); seed !== undefined; seed = waiting.pop()) {
    const seen = found.get(seed.id)?.row;
    // A registration that changed hands is looked for in both.
    if (seen !== undefined && seen.userId === seed.userId && seen.numberKey === seed.numberKey) continue;
    for (const each of blockOf(state, seed, timed)) {
      if (found.has(each.row.id)) continue;
      const { row } = each;
      found.set(row.id, each);
      // Others tell of the same name under their own parties.
      const others = [...(row.role === 'registration' ? matchedLegOf(state, row) : []), ...namedWith(state, row)];
      waiting.push(...others.filter(({ id }) => !found.has(id)));
    }
  }
  return [...found.values()];
}

/** A registration that changed hands may have a leg that is nowhere around it any more, and has one match all the same. */
function matchedLegOf(state: Wants, { sourceCallId }: Readonly<Candidate>): readonly Readonly<Candidate>[] {
  const legId = matchOf(state, sourceCallId)?.legId ?? WHOLE_CALL;
  const leg = legId === WHOLE_CALL ? undefined : state.get(candidate, legId);
  return leg === undefined ? [] : [leg];
}

function blockOf(
  state: Wants,
  seed: Readonly<Candidate>,
  timed: (row: Readonly<Candidate>) => Timed,
): readonly Timed[] {
  const { userId, numberKey } = seed;
  const rows: Timed[] = [];
  const read = (day: number) => {
    for (const row of state.find(candidate, 'byParties', day, userId, numberKey)) rows.push(timed(row));
  };
  let [first, last] = daysAround(seed.startedAt, seed.endedAt);
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
