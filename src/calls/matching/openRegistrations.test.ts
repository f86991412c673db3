import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../ledger/state.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { type Candidate, callEntities, candidate } from '../entities.ts';
import { dayOfInstant } from './candidates.ts';
import { openRegistrations } from './openRegistrations.ts';

const NOON = Date.UTC(2026, 2, 2, 12);
const HOUR_MS = 3_600_000;
const PARTIES = { userId: 1, numberKey: '+14155550101' };

const rowOf = (id: number, startedAt: number, fields: Partial<Candidate> = {}): Candidate => ({
  id,
  sourceCallId: id,
  sourceId: 1,
  role: 'registration',
  ...PARTIES,
  day: dayOfInstant(startedAt),
  startedAt,
  endedAt: null,
  clocked: true,
  direction: 'inbound',
  name: null,
  tie: `call ${id}`,
  ...fields,
});

/** What is found, and how many rows were read for it. */
async function found(rows: readonly Candidate[], instants: readonly number[]) {
  const on = await TestLedger.open(memoryStore(callEntities), { given: { call: 10_000, report: 10_000 } });
  const answer = await on.submit(state => {
    for (const row of rows) state.insert(candidate, row);
    let visited = 0;
    const counting = {
      find: ((...asked: Parameters<State['find']>) => {
        const read = state.find(...asked);
        visited += read.length;
        return read;
      }) as State['find'],
    } as State;
    const ids = openRegistrations(counting, PARTIES, instants);
    return { ids, visited };
  });
  await on.close();
  return answer;
}

test('openRegistrations - those of the agent and the number that are open, of the days around the instants', async () => {
  const rows = [
    rowOf(1, NOON - HOUR_MS),
    rowOf(2, NOON - HOUR_MS, { endedAt: NOON }),
    rowOf(3, NOON - HOUR_MS, { role: 'leg', endedAt: NOON }),
    rowOf(4, NOON - HOUR_MS, { userId: 2 }),
    rowOf(5, NOON - HOUR_MS, { numberKey: '+14155550102' }),
    rowOf(6, NOON - 72 * HOUR_MS),
  ];
  assert.deepEqual((await found(rows, [NOON])).ids, [1]);
  assert.deepEqual((await found(rows, [NOON, NOON - 72 * HOUR_MS])).ids, [1, 6]);
});

test('openRegistrations - reads no row of the days before, however many there are', async () => {
  const earlier = (days: number) => Array.from({ length: days }, (_, n) => rowOf(n + 2, NOON - (n + 2) * 24 * HOUR_MS));
  for (const days of [10, 1_000]) {
    assert.deepEqual(await found([rowOf(1, NOON), ...earlier(days)], [NOON]), { ids: [1], visited: 1 });
  }
});
