import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { createScratch } from '../../test/kit/scratch.ts';
import type { Engine } from './engine.ts';
import { type AnyEntity, defineEntity, type Entity, integer, json, nullable } from './entity.ts';
import { PostgresEngine } from './postgres/postgresEngine.ts';
import { SqliteEngine } from './sqlite/sqliteEngine.ts';
import { defineShape, packed, readJson, type Shape, writeJson } from './storedJson.ts';
import { TestLedger } from './testing/testLedger.ts';
import { postgresDatabase, SCHEMA, sqliteStore } from './testing/testStores.ts';

/** `seconds` was `duration` before, and a text before that. */
const STEPS: Shape['steps'] = [
  older => ({ duration: Number((older as { duration: string }).duration) }),
  older => ({ seconds: (older as { duration: number }).duration }),
];
const shapeOf = (version: number) => defineShape('test.fact', ...STEPS.slice(0, version - 1));

interface Thing {
  id: number;
  fact: unknown;
  more: unknown;
}

/** The same row as a program of this version declares it. */
const thingOf = (version: number): Entity<Thing> =>
  defineEntity({
    name: 'testThing',
    columns: {
      id: integer(),
      fact: json<unknown>({ shape: shapeOf(version) }),
      more: nullable(json<unknown>({ shape: shapeOf(version) })),
    },
    key: ['id'],
  });

describe('stored JSON', () => {
  const written = [1, 2, 3].map(version =>
    writeJson([{ duration: '7' }, { duration: 7 }, { seconds: 7 }][version - 1], shapeOf(version)),
  );

  test('a value of any older shape - is brought up to the newest', () => {
    assert.deepEqual(
      written.map(text => readJson(text, shapeOf(3))),
      [{ seconds: 7 }, { seconds: 7 }, { seconds: 7 }],
    );
    assert.deepEqual(readJson(written[0]!, shapeOf(2)), { duration: 7 });
  });

  test('a value of the first shape, or of a column without one - is stored as it is', () => {
    assert.equal(written[0], '{"duration":"7"}');
    const like = { $shape: 2, value: [null] };
    assert.deepEqual(readJson(writeJson(like, null), null), like);
    for (const value of ['', 0, null, [], ['a']]) {
      for (const version of [2, 3]) {
        assert.deepEqual(readJson(writeJson(value, shapeOf(version)), shapeOf(version)), value);
      }
    }
  });

  test('a value of a newer shape, or of none there was - is refused, and says which', () => {
    for (const version of [1, 2]) {
      assert.throws(() => readJson(written[2]!, shapeOf(version)), {
        name: 'UnknownShape',
        message: `A stored test.fact has shape 3, and this Aftercall knows shapes up to ${version}: run a newer Aftercall.`,
      });
    }
    for (const shape of ['0', '-1', '1.5', '"two"', 'null']) {
      assert.throws(() => readJson(`{"$shape":${shape},"value":{}}`, shapeOf(3)), {
        name: 'UnknownShape',
        message: `A stored test.fact has the shape ${shape}, which no Aftercall ever wrote.`,
      });
    }
  });

  test('a packed value - is stored as a list that says its shape, and read whatever it was stored as', () => {
    const pack = (value: unknown) => [(value as { seconds: number }).seconds];
    const unpack = ([seconds]: readonly unknown[]) => ({ seconds });
    const third = packed(shapeOf(3), { pack, unpack });
    assert.equal(writeJson({ seconds: 7 }, third), '[3,7]');
    const inMinutes = packed(
      defineShape('test.fact', ...STEPS, older => ({ minutes: (older as number[])[0]! / 60 })),
      {
        pack: value => [(value as { minutes: number }).minutes],
        unpack: ([minutes]) => ({ minutes }),
      },
    );
    assert.deepEqual(
      [...written, '[3,7]'].map(text => readJson(text, third)),
      Array.from({ length: 4 }, () => ({ seconds: 7 })),
    );
    assert.deepEqual(readJson('[3,120]', inMinutes), { minutes: 2 });
    assert.deepEqual(readJson('[4,2]', inMinutes), { minutes: 2 });
    assert.throws(() => readJson('[4,2]', third), /has shape 4, and this Aftercall knows shapes up to 3/);
    for (const text of ['[]', '["3",7]', '[0,7]']) {
      assert.throws(() => readJson(text, third), /which no Aftercall ever wrote/);
    }
  });

  const engines: readonly (readonly [
    name: string,
    make: () => Promise<{ open: (entities: readonly AnyEntity[]) => Promise<Engine>; texts: () => Promise<unknown[]> }>,
  ])[] = [
    [
      'SQLite',
      async () => {
        const { path } = createScratch('stored-json');
        await sqliteStore([thingOf(1)], path);
        const file = join(path, 'ledger.db');
        return {
          open: entities => SqliteEngine.open({ file, entities }),
          texts: async () => {
            using db = new DatabaseSync(file, { readOnly: true });
            return db
              .prepare('SELECT fact FROM test_thing ORDER BY id')
              .all()
              .map(row => row['fact']);
          },
        };
      },
    ],
    [
      'PostgreSQL',
      async () => {
        const { server, url } = await postgresDatabase([thingOf(1)]);
        return {
          open: entities => PostgresEngine.open({ url, schema: SCHEMA, entities, nodeId: randomUUID() }),
          texts: async () => {
            const rows = await server.run(
              new URL(url).pathname.slice(1),
              `SELECT fact FROM ${SCHEMA}.test_thing ORDER BY id`,
            );
            return rows.map(row => row['fact']);
          },
        };
      },
    ],
  ];
  for (const [name, make] of engines) {
    test(`a ledger on ${name} - gives rows of older versions in today's shape, and refuses those of a newer one`, async () => {
      const store = await make();
      const on = async <T>(version: number, work: (ledger: TestLedger, thing: Entity<Thing>) => Promise<T>) => {
        const thing = thingOf(version);
        const ledger = await TestLedger.open({ open: () => store.open([thing]) });
        try {
          return await work(ledger, thing);
        } finally {
          await ledger.close();
        }
      };
      await on(1, (ledger, thing) =>
        ledger.submit(state => state.insert(thing, { id: 1, fact: { duration: '5' }, more: null })),
      );
      await on(2, (ledger, thing) =>
        ledger.submit(state => state.insert(thing, { id: 2, fact: { duration: 6 }, more: { duration: 66 } })),
      );
      await on(3, async (ledger, thing) => {
        const expected = [
          { id: 1, fact: { seconds: 5 }, more: null },
          { id: 2, fact: { seconds: 6 }, more: { seconds: 66 } },
        ];
        assert.deepEqual(await ledger.rows(thing), expected);
        // Commands read through it too, and write what they change in the newest shape.
        const seen = await ledger.submit(state => {
          const [first, second] = [state.get(thing, 1), state.get(thing, 2)];
          if (second !== undefined) state.put(thing, { ...second, fact: { seconds: 60 } });
          return [first, second];
        });
        assert.deepEqual(seen, expected);
      });
      assert.deepEqual(await store.texts(), ['{"duration":"5"}', '{"$shape":3,"value":{"seconds":60}}']);
      await on(2, async (ledger, thing) => {
        const refusal = /A stored test\.fact has shape 3, and this Aftercall knows shapes up to 2/;
        await assert.rejects(ledger.rows(thing), refusal);
        const [outcome] = await ledger.outcomes([state => state.get(thing, 2)]);
        assert.match(String(outcome), refusal);
      });
    });
  }
});
