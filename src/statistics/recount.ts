/** Counting everything again: to check the rollups, or to make them anew. */
import type { Counter, Entity, Row } from '../ledger/entity.ts';
import { keyOf } from '../ledger/entity.ts';
import { addExactly, type ExactSum } from '../ledger/exactSum.ts';
import { pagesByKey } from '../ledger/pagesByKey.ts';
import type { Reader } from '../ledger/query.ts';
import type { Command, State, Wants } from '../ledger/state.ts';
import { dayBegun } from '../values/zonedTime.ts';
import {
  type Countable,
  type CountableCall,
  type CountableParticipation,
  type CountableVisit,
  statisticsEntities,
} from './entities.ts';
import { contribute, countCall } from './onCall.ts';
import { partsByCall } from './partsOfCalls.ts';
import { dayText, type RollupKey, rollupText } from './rollupText.ts';

const ROLLUPS: readonly Counter[] = statisticsEntities as unknown as readonly Counter[];

/** Calls or rows read at a time. */
const PAGE = 1_000;

const numbered = (id: number): string => `source ${id}`;

/**
 * What does not add up, one sentence each, as it is found: there may be one for every call. None when everything does. `dayZone` is the
 * zone the days are kept in; `sourceName`, what people call a source.
 */
export async function* findMiscounts(
  reader: Reader,
  { calls, participations, visits }: Countable,
  dayZone: string,
  onProgress: (calls: number) => void,
  sourceName: (id: number) => string = numbered,
): AsyncGenerator<string> {
  const sums = new Recount();
  let counted = 0;
  for await (const page of pagesByKey(reader, calls, PAGE)) {
    const ids = page.map(each => each.id);
    const people = await partsByCall(reader, participations, ids);
    const queues = await partsByCall(reader, visits, ids);
    for (const each of page) {
      const day = dayOrNull(dayZone, each.startedAt);
      if (each.day !== day) yield `call ${each.id} is counted in ${dayText(each.day)} and began in ${dayText(day)}`;
      const parts = { participants: people.get(each.id) ?? [], visits: queues.get(each.id) ?? [] };
      if (each.endedAt !== null) contribute(sums, each, parts, 1);
    }
    counted += page.length;
    onProgress(counted);
  }
  for (const counter of ROLLUPS) {
    const stored = await reader.aggregate<Row>({ from: counter, groupBy: counter.key, sum: counter.sums });
    yield* sums.differences(counter, stored, sourceName);
  }
}

/** Null for what is no instant. */
function dayOrNull(zone: string, at: number): number | null {
  try {
    return dayBegun(zone, at);
  } catch {
    return null;
  }
}

/** Rollups as calls make them, in memory. */
class Recount implements Pick<State, 'add'> {
  private readonly sums = new Map<string, Map<unknown, Row>>(ROLLUPS.map(counter => [counter.name, new Map()]));

  add: State['add'] = (counter, key, deltas) => {
    const rows = this.sums.get(counter.name)!;
    const at = keyOf(counter, key);
    const row: Row = rows.get(at) ?? { ...key, ...Object.fromEntries(counter.sums.map(sum => [sum, 0])) };
    for (const sum of counter.sums) row[sum] = addExactly(row[sum] as ExactSum, deltas[sum] ?? 0);
    rows.set(at, row);
  };

  *differences(counter: Counter, stored: readonly Row[], sourceName: (id: number) => string): Generator<string> {
    const expected = this.sums.get(counter.name)!;
    for (const row of stored) {
      const at = keyOf(counter, row);
      const should = expected.get(at);
      expected.delete(at);
      const wrong = counter.sums.filter(sum => row[sum] !== (should?.[sum] ?? 0));
      if (wrong.length === 0) continue;
      const reported = wrong.map(sum => `${sum} is ${row[sum]}, counted ${should?.[sum] ?? 0}`).join(', ');
      yield `${rollupText(row as unknown as RollupKey, sourceName)}: ${reported}`;
    }
    for (const row of expected.values()) {
      const counted = counter.sums.filter(sum => row[sum] !== 0).map(sum => `${sum} counted ${row[sum]}`);
      yield `${rollupText(row as unknown as RollupKey, sourceName)}: is missing, ${counted.join(', ')}`;
    }
  }
}

/** Ids of all calls, a page at a time. */
export async function* callIdPages(reader: Reader, calls: Entity<CountableCall>): AsyncGenerator<number[]> {
  for await (const page of pagesByKey(reader, calls, PAGE)) yield page.map(each => each.id);
}

/** The day an instant belongs to, in the zone that days are kept in when the command runs. */
export type DayOf = (state: State, at: number) => number;

/** What the commands below read of calls. */
const wantCounted = (wants: Wants, { calls, participations, visits }: Countable, ids: readonly number[]): void => {
  for (const id of ids) {
    wants.get(calls, id);
    wants.find(participations, 'byCall', id);
    wants.find(visits, 'byCall', id);
  }
};

/** Moves calls into the days they belong to now: each leaves the day it was counted in and joins the new one. */
export function moveDays<C extends CountableCall, P extends CountableParticipation, V extends CountableVisit>(
  countable: Countable<C, P, V>,
  ids: readonly number[],
  dayOf: DayOf,
): Command<void> {
  return {
    name: 'move calls to other days',
    bytes: ids.length * 500,
    wants: wants => wantCounted(wants, countable as unknown as Countable, ids),
    apply: state => {
      const { calls, participations, visits } = countable;
      for (const id of ids) {
        const before = state.get(calls, id);
        if (before === undefined) continue;
        const after = inItsDay(state, before, dayOf);
        if (after === before) continue;
        state.put(calls, after);
        // The day is the call's alone: who took part stays, and so do its queues.
        const people = state.find(participations, 'byCall', id);
        const queues = state.find(visits, 'byCall', id);
        const participants = { before: people, after: people };
        countCall(state, { before, after, participants, visits: { before: queues, after: queues } });
      }
    },
  };
}

/** Counts these calls once more, in the days they belong to now: the second half of making the rollups anew. */
export function countAgain<C extends CountableCall, P extends CountableParticipation, V extends CountableVisit>(
  countable: Countable<C, P, V>,
  ids: readonly number[],
  dayOf: DayOf,
): Command<void> {
  return {
    name: 'count calls again',
    bytes: ids.length * 500,
    wants: wants => wantCounted(wants, countable as unknown as Countable, ids),
    apply: state => {
      const { calls, participations, visits } = countable;
      for (const id of ids) {
        const stored = state.get(calls, id);
        if (stored === undefined) continue;
        const after = inItsDay(state, stored, dayOf);
        if (after !== stored) state.put(calls, after);
        const participants = { before: [], after: state.find(participations, 'byCall', id) };
        const queues = { before: [], after: state.find(visits, 'byCall', id) };
        countCall(state, { before: null, after, participants, visits: queues });
      }
    },
  };
}

function inItsDay<C extends CountableCall>(state: State, stored: C, dayOf: DayOf): C {
  const day = dayOf(state, stored.startedAt);
  return stored.day === day ? stored : { ...stored, day };
}

/** The rows of a rollup. */
export interface StoredRollup {
  readonly counter: Counter;
  readonly rows: readonly Row[];
}

/** All rows there are; rejects where one cannot be read. */
export async function readRollups(reader: Reader): Promise<readonly StoredRollup[]> {
  const stored: StoredRollup[] = [];
  for (const counter of ROLLUPS) {
    const rows = await reader.aggregate<Row>({ from: counter, groupBy: counter.key, sum: counter.sums });
    stored.push({ counter, rows });
  }
  return stored;
}

/** Empties the rollups: the first half of making them anew. */
export async function emptyRollups(reader: Reader, submit: (command: Command<void>) => Promise<void>): Promise<void> {
  for (const { counter, rows } of await readRollups(reader)) {
    for (let i = 0; i < rows.length; i += PAGE) {
      const page = rows.slice(i, i + PAGE);
      await submit({
        name: 'empty rollup',
        bytes: page.length * 200,
        apply: state => {
          for (const row of page) {
            const sums = Object.fromEntries(counter.sums.map(sum => [sum, -(row[sum] as ExactSum)]));
            state.add(counter, Object.fromEntries(counter.key.map(name => [name, row[name]])), sums);
          }
        },
      });
    }
  }
}
