import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { sharedPostgres } from '../../test/kit/postgres.ts';
import { createRandom } from '../../test/kit/random.ts';
import { createScratch } from '../../test/kit/scratch.ts';
import { type CopyReport, copyLedger } from './copy.ts';
import { CopyError, type CopySource, type CopyTarget, PAGE_BYTES } from './copySides.ts';
import { type Engine, EngineFault } from './engine.ts';
import type { AnyEntity, Json } from './entity.ts';
import { journal } from './journal.ts';
import * as postgres from './postgres/copySides.ts';
import { PostgresEngine } from './postgres/postgresEngine.ts';
import * as sqlite from './sqlite/copySides.ts';
import { SqliteEngine } from './sqlite/sqliteEngine.ts';
import { code, item, itemMade, itemRow, member, place, tally, testEntities } from './testing/testEntities.ts';
import { TestLedger } from './testing/testLedger.ts';
import { makePostgresDatabase, SCHEMA, sqliteStore } from './testing/testStores.ts';

const everything: readonly AnyEntity[] = [...testEntities, journal];
const PAGE_ROWS = 3;

/** Somewhere a ledger can be, empty at first. */
interface Place {
  readonly name: string;
  source(): Promise<CopySource>;
  target(): Promise<CopyTarget>;
  open(): Promise<Engine>;
  run(sql: string): Promise<void>;
}

async function sqlitePlace(): Promise<Place & { readonly file: string }> {
  const directory = createScratch('copy').path;
  await sqliteStore(testEntities, directory);
  const file = join(directory, 'ledger.db');
  return {
    name: 'SQLite',
    file,
    source: async () => sqlite.openCopySource(file, everything),
    target: () => sqlite.openCopyTarget(file, everything),
    open: () => SqliteEngine.open({ file, entities: testEntities }),
    async run(sql) {
      const db = new DatabaseSync(file);
      db.exec(sql);
      db.close();
    },
  };
}

async function postgresPlace(): Promise<Place & { disconnect(): Promise<void> }> {
  const server = await sharedPostgres();
  const name = await makePostgresDatabase(server, testEntities);
  const database = { url: server.url(name), schema: SCHEMA };
  return {
    name: 'PostgreSQL',
    source: () => postgres.openCopySource(database, everything),
    target: () => postgres.openCopyTarget(database, everything),
    open: () => PostgresEngine.open({ ...database, entities: testEntities, nodeId: 'test' }),
    disconnect: () => server.disconnect(name),
    run: async sql => void (await server.run(name, `SET search_path = ${SCHEMA}; ${sql}`)),
  };
}

const PLACES = { sqlite: sqlitePlace, postgres: postgresPlace };
type Kind = keyof typeof PLACES;
const KINDS = Object.keys(PLACES) as Kind[];
const PAIRS = KINDS.flatMap(from => KINDS.map(to => [from, to] as const));

const TEXTS = [
  '',
  ' ',
  'ä',
  '\u{1f4de}',
  '\ufffd',
  "'; --",
  '\\x00',
  '"',
  '\u0001',
  '\uffff',
  'x'.repeat(2_000),
  'Ω≈ç',
];
const JSONS: readonly Json[] = [
  0,
  -1.5e-7,
  '\0',
  '\ud800',
  [],
  {},
  { z: 1, a: [null, true, { '': 'ä' }], 10: 'x', 9: 'y' },
  'é',
];

/** Values that are easily lost on the way, in every type of column and kind of key. */
async function fill(on: Place): Promise<void> {
  const ledger = await TestLedger.open({ open: () => on.open() });
  const bytes = (n: number) => Uint8Array.from({ length: n % 7 === 0 ? 0 : n * 11 }, (_, i) => (i * 31 + n) % 256);
  await ledger.submit(state => {
    for (const [n, name] of TEXTS.entries()) {
      state.put(
        item,
        itemRow(state.next('item') * 1_000_003, {
          name,
          group: name,
          ownerId: n % 3 === 0 ? null : -n,
          slot: n,
          label: n % 2 === 0 ? null : name,
          amount: [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0, 2 ** 32, -(2 ** 31)][n % 5]!,
          flag: n % 2 === 0,
          maybe: [null, true, false][n % 3]!,
          data: JSONS[n % JSONS.length]!,
          extra: n % 4 === 0 ? null : JSONS[(n + 1) % JSONS.length]!,
          raw: bytes(n),
          tail: n % 2 === 0 ? null : bytes(n + 1),
        }),
      );
      state.put(code, { code: name, value: n });
      for (const day of [-1, 20_000]) state.put(place, { day, street: name, house: TEXTS[(n * 5) % 12]!, value: n });
      state.put(member, { id: n, name: `member ${n}`, team: n % 2 === 0 ? n : null });
      state.add(tally, { day: n % 3, label: name }, { calls: n + 1, talkSeconds: n * 7 });
      state.journal(itemMade, { callId: n + 1, ...(n % 2 === 0 ? { itemId: n + 1 } : {}) });
    }
  });
  await ledger.close();
}

/** Every row as the ledger reads it, and where it stands. */
async function contentOf(on: Place): Promise<unknown> {
  const ledger = await TestLedger.open({ open: () => on.open() });
  const { reader } = ledger.engine;
  const tables = await Promise.all(everything.map(from => reader.select({ from: from as typeof item, limit: 10_000 })));
  await ledger.close();
  const side = await on.source();
  await side.close();
  return { tables, head: side.head };
}

async function copyBetween(from: Place, to: Place, options: Partial<Parameters<typeof copyLedger>[0]> = {}) {
  const source = await from.source();
  try {
    const target = await to.target();
    try {
      return await copyLedger({ source, target, entities: everything, pageRows: PAGE_ROWS, ...options });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

const rowsOf = ({ tables }: CopyReport): number => tables.reduce((sum, { rows }) => sum + rows, 0);
const ALL_ROWS = TEXTS.length * 7;

describe('copyLedger', () => {
  for (const [from, to] of PAIRS) {
    test(`${from} to ${to} - every row, and where the ledger stands`, async () => {
      const [source, target] = [await PLACES[from](), await PLACES[to]()];
      await fill(source);
      const before = await contentOf(source);
      const report = await copyBetween(source, target);
      assert.deepEqual([rowsOf(report), report.refused, report.differences.count], [ALL_ROWS, [], 0]);
      assert.deepEqual(await contentOf(target), before);
      assert.deepEqual(await contentOf(source), before);
      await assert.rejects(copyBetween(source, target), isCopyError(/is not empty: name a new one in --to/));
      await assert.rejects(copyBetween(source, target, { restart: true }), isCopyError(/is not empty/));
    });

    test(`${from} to ${to} - stopped after every page, before and after it was stored`, async () => {
      const [source, target] = [await PLACES[from](), await PLACES[to]()];
      await fill(source);
      let stops = 0;
      for (let report: CopyReport | null = null; report === null; stops++) {
        const side = await target.target();
        const from = await source.source();
        try {
          report = await copyLedger({
            source: from,
            target: stopping(side, stops % 2 === 0),
            entities: everything,
            pageRows: PAGE_ROWS,
          });
        } catch (error) {
          assert.equal((error as Error).message, 'stopped');
        } finally {
          await side.close();
          await from.close();
        }
        if (report !== null) assert.deepEqual([rowsOf(report), report.differences.count], [ALL_ROWS, 0]);
        else await assert.rejects(target.open(), /is an unfinished copy of .*: run the same "aftercall copy" again/);
      }
      assert.ok(stops > ALL_ROWS / PAGE_ROWS / 2, `${stops} stops`);
      assert.deepEqual(await contentOf(target), await contentOf(source));
    });

    test(`${from} to ${to} - what was changed in the copy is named, and the copy stays unfinished`, async () => {
      const [source, target] = [await PLACES[from](), await PLACES[to]()];
      await fill(source);
      await interrupted(source, target);
      await target.run(
        "UPDATE test_code SET value = 4711 WHERE code = 'ä'; DELETE FROM test_item WHERE id = 1000003; INSERT INTO test_tally VALUES (9, 'x', 1, 1)",
      );
      const { differences } = await copyBetween(source, target);
      assert.deepEqual(differences, {
        count: 3,
        first: [
          'testItem 1000003 is missing in the copy',
          'testCode "ä" differs in value',
          'testTally 9, "x" is in the copy only',
        ],
      });
      await assert.rejects(target.open(), /unfinished copy/);
      const again = await copyBetween(source, target, { restart: true });
      assert.equal(again.differences.count, 0);
      assert.deepEqual(await contentOf(target), await contentOf(source));
    });
  }

  for (const from of KINDS) {
    test(`${from} - moved on meanwhile, or another one: refused, until it is begun anew`, async () => {
      const [source, other, target] = [await PLACES[from](), await PLACES[from](), await sqlitePlace()];
      await fill(source);
      await fill(other);
      await interrupted(source, target);
      await assert.rejects(copyBetween(other, target), isCopyError(/is an unfinished copy of .*, not of .*--restart/));
      const ledger = await TestLedger.open({ open: () => source.open() });
      ledger.time.now = 5_000;
      await ledger.submit(state => state.put(code, { code: 'later', value: 1 }));
      await ledger.close();
      await assert.rejects(
        copyBetween(source, target),
        isCopyError(/ at position 12 of 1970-01-01T00:00:01.000Z, and that has moved on to position 12 of .*--restart/),
      );
      const { differences } = await copyBetween(source, target, { restart: true });
      assert.equal(differences.count, 0);
      assert.deepEqual(await contentOf(target), await contentOf(source));
    });

    test(`${from} - while it is copied from or to, nobody else has it`, async () => {
      const on = await PLACES[from]();
      for (const open of [on.source, on.target]) {
        const side = await open();
        await Promise.all([
          assert.rejects(on.open(), /in use by another|being rebuilt or copied/),
          assert.rejects(on.source(), /in use/),
          assert.rejects(on.target(), /in use/),
        ]);
        await side.close();
      }
      const engine = await on.open();
      await Promise.all([assert.rejects(on.source(), /in use/), assert.rejects(on.target(), /in use/)]);
      await engine.close();
    });

    test(`${from} - a page holds no more than its bytes, and a row that is larger stands alone`, async () => {
      const on = await PLACES[from]();
      const ledger = await TestLedger.open({ open: () => on.open() });
      for (let id = 1; id <= 6; id++) {
        const raw = new Uint8Array(id === 4 ? PAGE_BYTES * 2 : PAGE_BYTES / 2);
        await ledger.submit(state => state.put(item, itemRow(id, { raw })));
      }
      await ledger.close();
      const side = await on.source();
      const sizes: number[] = [];
      for (let after: readonly number[] | null = null; ; ) {
        const page = await side.page(item, after, 1_000);
        if (page.length === 0) break;
        sizes.push(page.length);
        after = [page.at(-1)![0] as number];
      }
      await side.close();
      assert.equal(
        sizes.reduce((sum, each) => sum + each, 0),
        6,
      );
      assert.ok(Math.max(...sizes) <= 3, `${sizes}`);
    });
  }

  test('a node that was cut off from an empty schema - does not write into the copy, and knows it when it is a ledger', async () => {
    const [source, target] = [await sqlitePlace(), await postgresPlace()];
    await fill(source);
    const node = await target.open();
    await node.begin();
    const empty = await node.shared!.changedResidents();
    assert.deepEqual(
      empty.map(({ entity, rows }) => [entity.name, rows.length]),
      [[member.name, 0]],
    );
    await node.abandon();
    await target.disconnect();
    await interrupted(source, target);
    await assert.rejects(node.begin(), /is an unfinished copy of /);
    await target.disconnect();
    assert.equal((await copyBetween(source, target)).differences.count, 0);
    const { position } = await node.begin();
    const [members] = await node.shared!.changedResidents();
    assert.deepEqual([position, members?.rows.length], [TEXTS.length, TEXTS.length]);
    await node.close();
  });

  test('what PostgreSQL cannot keep - named by table and key, tried again, and everything else is there', async () => {
    const [source, target] = [await sqlitePlace(), await postgresPlace()];
    await fill(source);
    const random = createRandom(1);
    const incompressible = Array.from({ length: 4_000 }, () => String.fromCharCode(random.integer(40, 126))).join('');
    await source.run(
      `UPDATE test_item SET name = 'a' || char(0) || 'b' WHERE id = 2000006;
       UPDATE test_place SET street = char(0) WHERE street = '' AND day = -1;
       INSERT INTO test_code VALUES ('${incompressible}', 1)`,
    );
    const { refused, differences } = await copyBetween(source, target);
    assert.equal(differences.count, 0);
    assert.deepEqual(
      refused.map(({ entity, key }) => [entity, key]),
      [
        ['testItem', [2000006]],
        ['testPlace', [-1, '\0', '']],
        ['testCode', [incompressible]],
      ],
    );
    assert.match(refused[0]!.why, /^its name has a NUL character, which no text of PostgreSQL can have$/);
    assert.match(refused[1]!.why, /^its street has a NUL/);
    assert.match(refused[2]!.why, /^a text in it is too long for an index of PostgreSQL/);
    await assert.rejects(target.open(), /unfinished copy/);
    assert.equal((await copyBetween(source, target)).refused.length, 3, 'nobody has put them right');

    await source.run(
      "UPDATE test_item SET name = 'ab' WHERE id = 2000006; UPDATE test_place SET street = '' WHERE street = char(0)",
    );
    await source.run('DELETE FROM test_code WHERE length(code) > 3000');
    const again = await copyBetween(source, target);
    assert.deepEqual(again.refused, []);
    assert.deepEqual(
      again.differences.first,
      ['testPlace -1, "", "" is missing in the copy'],
      'it has another key now',
    );
    assert.equal((await copyBetween(source, target, { restart: true })).differences.count, 0);
    assert.deepEqual(await contentOf(target), await contentOf(source));
  });

  for (const from of KINDS) {
    test(`${from} - a whole number that no ledger can have: says in which table`, async () => {
      const [source, target] = [await PLACES[from](), await sqlitePlace()];
      await fill(source);
      await source.run('UPDATE test_member SET team = 9007199254740993 WHERE id = 2');
      await assert.rejects(copyBetween(source, target), error => {
        assert.ok(error instanceof EngineFault);
        assert.match(error.message, /^reading testMember( 2 has a team beyond 2\^53|: .*9007199254740993)/);
        return true;
      });
    });
  }
});

/** Copies some of it. */
async function interrupted(from: Place, to: Place): Promise<void> {
  let tables = 0;
  const onTable = () => {
    if (++tables === everything.length) throw new Error('stopped');
  };
  await assert.rejects(copyBetween(from, to, { onTable }), /^Error: stopped$/);
}

/** The same target, which lets one page pass and ends at the second: before it is stored, or after. */
function stopping(side: CopyTarget, isStored: boolean): CopyTarget {
  let pages = 0;
  return {
    place: side.place,
    head: side.head,
    mark: side.mark,
    count: entity => side.count(entity),
    page: (...requested) => side.page(...requested),
    find: (...requested) => side.find(...requested),
    begin: mark => side.begin(mark),
    async add(...page) {
      const isLast = ++pages === 2;
      if (!isLast || isStored) await side.add(...page);
      if (isLast) throw new Error('stopped');
    },
    empty: () => side.empty(),
    finish: head => side.finish(head),
    close: () => side.close(),
  };
}

const isCopyError = (sentence: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CopyError, String(error));
  assert.match(error.message, sentence);
  return true;
};
