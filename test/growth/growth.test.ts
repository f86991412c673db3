/**
 * What is asked of a ledger costs no more when the ledger is ten times as long: rows visited, pages and processor time, never the
 * time of day. Each question keeps its law on SQLite, before and after ANALYZE, and on PostgreSQL.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { entities } from '../../src/app/entities.ts';
import { journal } from '../../src/ledger/journal.ts';
import * as postgresSides from '../../src/ledger/postgres/copySides.ts';
import * as sqliteSides from '../../src/ledger/sqlite/copySides.ts';
import { SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { makeBlock } from '../kit/manyCalls.ts';
import { multiply } from '../kit/multiplied.ts';
import { sharedPostgres } from '../kit/postgres.ts';
import { createScratch } from '../kit/scratch.ts';
import type { MeteredReader } from './cost.ts';
import { assertLaw, isFlat } from './law.ts';
import { PostgresMeter } from './postgresMeter.ts';
import {
  CALL_QUESTIONS,
  MATCH_QUESTIONS,
  type Places,
  placesIn,
  type Question,
  SEARCHED_MOST,
  STATISTIC_QUESTIONS,
} from './questions.ts';
import { SqliteMeter } from './sqliteMeter.ts';
import { SUMMARY_QUESTIONS } from './summaryQuestions.ts';

const BLOCK = { calls: 1_000, days: 2, startsAt: Date.UTC(2025, 5, 2), seed: 7 };
const SMALL = 3;
const LARGE = 10 * SMALL;
const all = [...entities, journal];

const scratch = createScratch('growth');
const sqliteFile = (blocks: number) => join(scratch.path, `${blocks}.db`);
let block: string;

before(async () => {
  const directory = join(scratch.path, 'block');
  mkdirSync(directory);
  block = await makeBlock(directory, BLOCK);
});
after(() => scratch[Symbol.dispose]());

interface Metered {
  readonly reader: MeteredReader;
  readonly places: Places;
}

async function metered(reader: MeteredReader): Promise<Metered> {
  try {
    const places = await placesIn(reader);
    reader.take();
    return { reader, places };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function makeSqlite(blocks: number): Promise<void> {
  const from = sqliteSides.openCopySource(block, all);
  const to = await sqliteSides.openCopyTarget(sqliteFile(blocks), all);
  await multiply(from, to, { times: blocks, days: BLOCK.days });
  await to.close();
  await from.close();
}

async function makePostgres(blocks: number): Promise<Metered> {
  const server = await sharedPostgres();
  const database = { url: server.url(await server.createDatabase()), schema: SCHEMA };
  const from = sqliteSides.openCopySource(block, all);
  const to = await postgresSides.openCopyTarget(database, all);
  await multiply(from, to, { times: blocks, days: BLOCK.days });
  await to.close();
  await from.close();
  return metered(await PostgresMeter.open(database));
}

async function costOf({ ask }: Question, { reader, places }: Metered) {
  await ask(reader, places);
  return reader.take();
}

/** What else the machine does makes processor time longer too, and not three times in a row. */
const ROUNDS = 3;

async function keepsLaw(question: Question, small: Metered, large: Metered, isTimed: boolean): Promise<void> {
  assertLaw(question.law, await costOf(question, small), await costOf(question, large), SEARCHED_MOST);
  if (question.law !== 'found' || !isTimed) return;
  const times: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [one, other] = [await timeOf(question, small), await timeOf(question, large)];
    if (one === null || other === null || isFlat(one, other)) return;
    times.push(`${Math.round(one)} µs and, ten times as long, ${Math.round(other)} µs`);
  }
  assert.fail(`processor time grows with the ledger: ${times.join('; ')}`);
}

const timeOf = ({ ask }: Question, { reader, places }: Metered) => reader.processorTime(() => ask(reader, places));

const LISTS: readonly (readonly [name: string, questions: readonly Question[]])[] = [
  ['GET /v1/calls', CALL_QUESTIONS],
  ['voximplant.statistic.get', STATISTIC_QUESTIONS],
  ['statistics', SUMMARY_QUESTIONS],
  ['possible matches', MATCH_QUESTIONS],
];

interface Kind {
  readonly name: string;
  readonly isTimed: boolean;
  make(): Promise<readonly [small: Metered, large: Metered]>;
}

const openSqlite = () => Promise.all([SMALL, LARGE].map(blocks => metered(new SqliteMeter(sqliteFile(blocks)))));

const KINDS: readonly Kind[] = [
  {
    name: 'SQLite',
    isTimed: true,
    async make() {
      await makeSqlite(SMALL);
      await makeSqlite(LARGE);
      return (await openSqlite()) as [Metered, Metered];
    },
  },
  {
    name: 'SQLite, analyzed',
    isTimed: false,
    async make() {
      for (const blocks of [SMALL, LARGE]) {
        using db = new DatabaseSync(sqliteFile(blocks));
        db.exec('ANALYZE');
      }
      return (await openSqlite()) as [Metered, Metered];
    },
  },
  { name: 'PostgreSQL', isTimed: false, make: async () => [await makePostgres(SMALL), await makePostgres(LARGE)] },
];

for (const kind of KINDS) {
  describe(`the cost of a question on ${kind.name}`, () => {
    let ledgers: readonly [small: Metered, large: Metered];
    before(async () => {
      ledgers = await kind.make();
    });
    after(async () => {
      for (const { reader } of ledgers) await reader.close();
    });
    for (const [name, questions] of LISTS) {
      test(`${name} - keeps the law of each of ${questions.length} questions`, async t => {
        for (const question of questions)
          await t.test(question.name, () => keepsLaw(question, ...ledgers, kind.isTimed));
      });
    }
  });
}

test('the law - is broken where an index is missing', async () => {
  const question = CALL_QUESTIONS.find(each => each.name === 'none, newest')!;
  const broken = await Promise.all(
    [SMALL, LARGE].map(async blocks => {
      const file = join(scratch.path, `${blocks}-broken.db`);
      copyFileSync(sqliteFile(blocks), file);
      using db = new DatabaseSync(file);
      db.exec('DROP INDEX call_by_start');
      return metered(new SqliteMeter(file));
    }),
  );
  await assert.rejects(keepsLaw(question, broken[0]!, broken[1]!, false), /one statement looks at too much/);
  for (const { reader } of broken) await reader.close();
});
