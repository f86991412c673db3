/** Counting everything again: to check the rollups, or to make them anew. */
import type { Counter, Entity, Row } from '../ledger/entity.ts';
import { keyOf } from '../ledger/entity.ts';
import type { Reader } from '../ledger/query.ts';
import type { Command } from '../ledger/state.ts';
import { type Counted, rollupLine, rollupQuarter, rollupQueue, rollupSource, rollupUser, share } from './entities.ts';
import { type CountableCall, contribute, countCall, countedOf } from './onCall.ts';

const ROLLUPS: readonly Counter<Row>[] = [rollupQuarter, rollupUser, rollupLine, rollupQueue, rollupSource] as never;

/** Calls or rows read at a time. */
const PAGE = 1_000;

/** What does not add up, one sentence each; empty when everything does. `dayZone` is the zone the days are kept in. */
export async function findMiscounts(
  reader: Reader,
  calls: Entity<CountableCall>,
  dayZone: string,
  onProgress: (calls: number) => void,
): Promise<string[]> {
  const problems: string[] = [];
  const sums = new Map<string, Map<unknown, Row>>(ROLLUPS.map(counter => [counter.name, new Map()]));
  const add = (counter: Counter<Row>, key: Row, deltas: Row) => {
    const rows = sums.get(counter.name)!;
    const at = keyOf(counter, key);
    const row = rows.get(at) ?? { ...key, ...Object.fromEntries(counter.sums.map(sum => [sum, 0])) };
    for (const sum of counter.sums) row[sum] = (row[sum] as number) + (deltas[sum] as number);
    rows.set(at, row);
  };
  let counted = 0;
  for await (const page of pagesOf(reader, calls)) {
    const ids = page.map(each => each.id);
    const shares = new Map<number, Counted>();
    const kept = await reader.select({ from: share, where: [{ column: 'callId', in: ids }], limit: PAGE });
    for (const each of kept) shares.set(each.callId, each.counted);
    for (const each of page) {
      const should = each.endedAt === null ? undefined : countedOf(each, dayZone);
      if (JSON.stringify(shares.get(each.id)) !== JSON.stringify(should)) {
        problems.push(`call ${each.id} has contributed something else than it is`);
      }
      if (should !== undefined) contribute({ add: add as never }, should, 1);
    }
    counted += page.length;
    onProgress(counted);
  }
  for (const counter of ROLLUPS) {
    const expected = sums.get(counter.name)!;
    const stored = await reader.aggregate<Row>({ from: counter, groupBy: counter.key, sum: counter.sums });
    for (const row of stored) {
      const at = keyOf(counter, row);
      const should = expected.get(at);
      expected.delete(at);
      const wrong = counter.sums.filter(sum => row[sum] !== (should?.[sum] ?? 0));
      if (wrong.length > 0) {
        const said = wrong.map(sum => `${sum} is ${row[sum]}, counted ${should?.[sum] ?? 0}`).join(', ');
        problems.push(`${counter.name} ${JSON.stringify(at)}: ${said}`);
      }
    }
    for (const at of expected.keys()) problems.push(`${counter.name} ${JSON.stringify(at)} is missing`);
  }
  return problems;
}

async function* pagesOf(reader: Reader, calls: Entity<CountableCall>): AsyncGenerator<CountableCall[]> {
  for (let after = 0; ; ) {
    const page = await reader.select({
      from: calls,
      where: [{ column: 'id', is: '>', value: after }],
      orderBy: [{ column: 'id' }],
      limit: PAGE,
    });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}

/** Ids of all calls, a page at a time. */
export async function* callIdPages(reader: Reader, calls: Entity<CountableCall>): AsyncGenerator<number[]> {
  for await (const page of pagesOf(reader, calls)) yield page.map(each => each.id);
}

/** Counts these calls anew, taking out exactly what they had added: for another zone of days. */
export function recountCalls(calls: Entity<CountableCall>, ids: readonly number[], dayZone: string): Command<void> {
  return {
    name: 'recount calls',
    bytes: ids.length * 500,
    wants: wants => {
      for (const id of ids) {
        wants.get(calls, id);
        wants.get(share, id);
      }
    },
    apply: state => {
      for (const id of ids) {
        const after = state.get(calls, id);
        if (after !== undefined) countCall(state, { before: after, after }, dayZone);
      }
    },
  };
}

/** Empties the rollups and every share: the first half of making them anew. */
export async function emptyRollups(reader: Reader, submit: (command: Command<void>) => Promise<void>): Promise<void> {
  for (const counter of ROLLUPS) {
    const rows = await reader.aggregate<Row>({ from: counter, groupBy: counter.key, sum: counter.sums });
    for (let i = 0; i < rows.length; i += PAGE) {
      const page = rows.slice(i, i + PAGE);
      await submit({
        name: 'empty rollup',
        bytes: page.length * 200,
        apply: state => {
          for (const row of page) {
            const sums = Object.fromEntries(counter.sums.map(sum => [sum, -(row[sum] as number)]));
            state.add(counter, Object.fromEntries(counter.key.map(name => [name, row[name]])), sums);
          }
        },
      });
    }
  }
  for (;;) {
    const page = await reader.select({ from: share, limit: PAGE });
    if (page.length === 0) return;
    await submit({
      name: 'empty shares',
      bytes: page.length * 200,
      apply: state => {
        for (const { callId } of page) state.delete(share, callId);
      },
    });
  }
}
