import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { type JournalRow, journal } from '../../ledger/journal.ts';
import type { Reader, Select } from '../../ledger/query.ts';
import { memoryStore, STORE_KINDS } from '../../ledger/testing/testStores.ts';
import { call, formerCall } from '../entities.ts';
import { ENTITIES, TestOffice } from '../testing/testOffice.ts';
import { START, statedCall, statedReport } from '../testing/testReports.ts';
import { settledCalls } from './expansion.ts';
import { settleCalls } from './settle.ts';

/** Calls 1 to 9, three of which are due at the same time each; all have settled in two moves of the line, 1 to 3 in the first. */
async function openSettled(office: TestOffice): Promise<readonly JournalRow[]> {
  for (let n = 0; n < 9; n++) {
    office.wait(50 + Math.floor(n / 3));
    const startedAt = START + n * 60_000 - 600_000;
    await office.tell(statedReport(statedCall(`call ${n}`, { startedAt, durationSeconds: 40 })));
  }
  office.wait(60);
  const first = (await office.calls())[0]!;
  await office.on.ledger.submit(settleCalls(first.settlesAt));
  await office.on.ledger.submit(settleCalls());
  const moves = (await office.on.rows(journal)).filter(each => each.kind === settledCalls.kind);
  assert.equal(moves.length, 2);
  return moves;
}

const idsOf = (parts: readonly JournalRow[]): string[] => parts.map(each => `${each.position}.${each.callId}`);

const ALL = (moves: readonly JournalRow[]): string[] =>
  Array.from({ length: 9 }, (_, n) => `${moves[n < 3 ? 0 : 1]!.position}.${n + 1}`);

for (const kind of STORE_KINDS) {
  describe(`what a move of the line stands for, on ${kind.name}`, () => {
    test('pages of any size, of one entry or of several - are the same list, by due time and id', async () => {
      const directory = createScratch('expansion').path;
      await using office = await TestOffice.open(await kind.make(ENTITIES, directory));
      const moves = await openSettled(office);
      const { reader } = office.on.ledger;
      const readAll = async (limit: number): Promise<string[]> => {
        const found: string[] = [];
        let left = moves;
        let after: number | null = null;
        for (;;) {
          const { parts, isAll } = await settledCalls.parts(reader, left, after, limit);
          assert.ok(parts.length <= limit);
          found.push(...idsOf(parts));
          if (isAll) return found;
          const last: JournalRow = parts.at(-1)!;
          left = moves.filter(each => each.position >= last.position);
          after = last.callId;
        }
      };
      const check = async () => {
        for (const limit of [1, 2, 3, 4, 9, 10]) assert.deepEqual(await readAll(limit), ALL(moves), `by ${limit}`);
        for (const move of moves) {
          const { parts, isAll } = await settledCalls.parts(reader, [move], null, 100);
          assert.deepEqual([idsOf(parts), isAll], [ALL(moves).filter(id => id.startsWith(`${move.position}.`)), true]);
        }
      };
      await check();
      await office.join(1, 5);
      await office.join(6, 9);
      await check();
      await office.split(1);
      await check();
    });
  });
}

describe('calls that are joined and split while they are read', () => {
  /** A reader that does something each time before it reads these rows. */
  const reading = (reader: Reader, name: string, meanwhile: () => Promise<unknown>): Reader => ({
    ...reader,
    select: (async (query: Select<object>) => {
      if (query.from.name === name) await meanwhile();
      return reader.select(query);
    }) as Reader['select'],
  });

  for (const name of [call.name, formerCall.name]) {
    test(`before ${name} is read - none is missing, and none comes twice`, async () => {
      await using office = await TestOffice.open(memoryStore(ENTITIES));
      const moves = await openSettled(office);
      let isJoined = false;
      const meanwhile = async () => {
        await (isJoined ? office.split(1) : office.join(1, 5));
        isJoined = !isJoined;
      };
      for (let n = 0; n < 4; n++) {
        const reader = reading(office.on.ledger.reader, name, meanwhile);
        assert.deepEqual(idsOf((await settledCalls.parts(reader, moves, null, 100)).parts), ALL(moves));
        for (const after of [4, 5]) {
          const { parts } = await settledCalls.parts(reader, moves.slice(1), after, 100);
          assert.deepEqual(idsOf(parts), ALL(moves).slice(after));
        }
      }
    });
  }
});
