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
import { participation, queueVisit } from '../../src/calls/entities.ts';
import type { AnyEntity } from '../../src/ledger/entity.ts';
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
  ALIKE,
  ALIKE_QUESTIONS,
  CALL_QUESTIONS,
  filtersUnasked,
  MATCH_QUESTIONS,
  type Places,
  placesIn,
  type Question,
  SEARCHED_MOST,
  STATISTIC_QUESTIONS,
  WITHHELD,
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
/** By how many blocks they have. */
const postgresDatabases = new Map<number, string>();

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
  const name = await server.createDatabase();
  postgresDatabases.set(blocks, name);
  const database = { url: server.url(name), schema: SCHEMA };
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
  const { law, page } = question;
  const options = { page, searchedMost: SEARCHED_MOST, estimates: small.reader.estimates };
  assertLaw(law, await costOf(question, small), await costOf(question, large), options);
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
  /** The same, with most names and numbers alike. */
  makeAlike(): Promise<readonly [small: Metered, large: Metered]>;
}

const ALIKE_STATEMENTS = [
  `UPDATE source_call SET external_id = '${ALIKE}' WHERE id % 5 <> 0`,
  `UPDATE portal_call SET phone_number = '', number_key = '${WITHHELD}', external_call_id = '${ALIKE}' WHERE id % 5 <> 0`,
];

/** Of both ledgers a copy that differs. */
async function altered(
  name: string,
  statements: readonly string[],
): Promise<readonly [small: Metered, large: Metered]> {
  const opened: Metered[] = [];
  for (const blocks of [SMALL, LARGE]) {
    const file = join(scratch.path, `${blocks}-${name}.db`);
    copyFileSync(sqliteFile(blocks), file);
    using db = new DatabaseSync(file);
    for (const each of statements) db.exec(each);
    opened.push(await metered(new SqliteMeter(file)));
  }
  return opened as unknown as [Metered, Metered];
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
    makeAlike: () => altered('alike', ALIKE_STATEMENTS),
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
    makeAlike: () => altered('alike', ALIKE_STATEMENTS),
  },
  {
    name: 'PostgreSQL',
    isTimed: false,
    make: async () => [await makePostgres(SMALL), await makePostgres(LARGE)],
    async makeAlike() {
      const server = await sharedPostgres();
      const alike = async (blocks: number) => {
        const name = postgresDatabases.get(blocks)!;
        await server.run(name, [`SET search_path TO "${SCHEMA}"`, ...ALIKE_STATEMENTS, 'ANALYZE'].join('; '));
        return metered(await PostgresMeter.open({ url: server.url(name), schema: SCHEMA }));
      };
      return [await alike(SMALL), await alike(LARGE)];
    },
  },
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
    test('GET /v1/calls - is asked with each filter there is', () => {
      assert.deepEqual(filtersUnasked(ledgers[0].places), []);
    });
    for (const [name, questions] of LISTS) {
      test(`${name} - keeps the law of each of ${questions.length} questions`, async t => {
        for (const question of questions)
          await t.test(question.name, () => keepsLaw(question, ...ledgers, kind.isTimed));
      });
    }
    test(`names and numbers that most calls have - are walked`, async t => {
      const alike = await kind.makeAlike();
      for (const question of ALIKE_QUESTIONS) await t.test(question.name, () => keepsLaw(question, ...alike, false));
      for (const { reader } of alike) await reader.close();
    });
  });
}

/** Reads all rows of a table that a question is about, as one would that forgot a bound. */
const unbounded = (metered: Metered, entity: AnyEntity): Metered => {
  const { reader } = metered;
  const select: MeteredReader['select'] = query =>
    reader.select(query.from.name === entity.name ? { ...query, limit: Number.MAX_SAFE_INTEGER } : query);
  const snapshot: MeteredReader['snapshot'] = work => work(unbounded(metered, entity).reader);
  return {
    ...metered,
    reader: {
      estimates: reader.estimates,
      select,
      snapshot,
      aggregate: query => reader.aggregate(query),
      take: () => reader.take(),
      processorTime: ask => reader.processorTime(ask),
      close: () => reader.close(),
    },
  };
};

for (const [name, entity] of [
  ['user, newest', participation],
  ['user, a page in the middle', participation],
  ['queue, newest', queueVisit],
] as const) {
  test(`the law - is broken by a bound that is missing of ${name}, though few rows are read`, async () => {
    const question = CALL_QUESTIONS.find(each => each.name === name)!;
    const [small, large] = await openSqlite();
    const broken = keepsLaw(question, unbounded(small!, entity), unbounded(large!, entity), false);
    await assert.rejects(broken, /visits grow with the ledger/);
    await keepsLaw(question, small!, large!, false);
    for (const { reader } of [small!, large!]) await reader.close();
  });
}

test('the law - is broken where an index is missing', async () => {
  const question = CALL_QUESTIONS.find(each => each.name === 'none, newest')!;
  const broken = await altered('broken', ['DROP INDEX call_by_start']);
  await assert.rejects(keepsLaw(question, ...broken, false), /one statement looks at too much/);
  for (const { reader } of broken) await reader.close();
});
