/**
 * Random questions over random rows: every engine gives the same rows in the same order as memory (ARCHITECTURE.md, section
 * 4).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { createScratch } from '../../test/kit/scratch.ts';
import { foldCase } from './condition.ts';
import type { Counter, Entity } from './entity.ts';
import type { Aggregate, Condition, Reader, Scalar, Select } from './query.ts';
import { type Item, item, itemRow, tally, testEntities } from './testing/testEntities.ts';
import { TestLedger } from './testing/testLedger.ts';
import { memoryStore, postgresStore, sqliteStore } from './testing/testStores.ts';

/** Few, so that they meet; in another order by UTF-16 than by code point. */
const TEXTS = [
  '',
  'a',
  'A',
  'ab',
  'b',
  'é',
  'e\u0301',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '%',
  '_',
  "'",
  'ß',
  'SS',
  'ΟΔΟΣ',
  'οδος',
  'İ',
  '\u{10400}',
];
/** Texts to compare with; one of them can be stored nowhere. */
const QUERIED_TEXTS = [...TEXTS, 'a\0', 'a\0b', '\0'];
/** Pieces of them, in another case too. */
const PIECES = [
  '',
  'B',
  'É',
  '\u0301',
  '%',
  'S',
  'ss',
  'σ',
  'Σ',
  'ς',
  'δο',
  'i',
  'ı',
  '\u{10428}',
  '0',
  '-',
  '99',
  '\0',
];
const NUMBERS = [-(2 ** 53) + 1, -1, 0, 1, 2, 7, 2 ** 53 - 1];

const word = fc.constantFrom(...TEXTS);
const number = fc.constantFrom(...NUMBERS);
const few = fc.integer({ min: -1, max: 2 });

/** As it is written: there, -0 is 0. */
const json = fc.jsonValue({ maxDepth: 2 }).map(value => JSON.parse(JSON.stringify(value)) as Item['data']);

type Fields = Omit<Item, 'id' | 'label'>;
const fields: fc.Arbitrary<Fields> = fc.record({
  name: word,
  group: word,
  ownerId: fc.option(few),
  // With the owner it is unique; most rows have none.
  slot: fc.constant(null),
  amount: fc.oneof(number, few),
  flag: fc.boolean(),
  maybe: fc.option(fc.boolean()),
  data: json.filter(value => value !== null),
  extra: json,
  raw: fc.uint8Array({ maxLength: 4 }),
  tail: fc.option(fc.uint8Array({ maxLength: 4 })),
});
const rows = fc
  .array(fc.tuple(fc.option(word), fields), { maxLength: 30 })
  // A label is unique: the first row that has it keeps it.
  .map(all =>
    all.map(([label, each], place) =>
      itemRow(place + 1, { ...each, label: all.findIndex(([other]) => other === label) === place ? label : null }),
    ),
  );

const queriedWord = fc.constantFrom(...QUERIED_TEXTS);
/** Columns that may be asked about, and values they may be compared with: fractions too, though they hold none. */
const QUERIED = {
  id: fc.integer({ min: 0, max: 31 }),
  name: queriedWord,
  group: queriedWord,
  ownerId: fc.oneof(few, fc.constantFrom(0.5, -0.5, 1e300)),
  label: queriedWord,
  amount: fc.oneof(number, few),
  flag: fc.boolean(),
  maybe: fc.boolean(),
} satisfies Partial<Record<keyof Item, fc.Arbitrary<Scalar>>>;
type Queried = keyof typeof QUERIED;
const column = fc.constantFrom(...(Object.keys(QUERIED) as Queried[]));
/** Columns of texts and integers, where a piece may be looked for. */
const searched = fc.constantFrom(
  'id' as const,
  'name' as const,
  'label' as const,
  'ownerId' as const,
  'amount' as const,
);
const piece = fc.constantFrom(...PIECES);

const is = fc.constantFrom('=' as const, '!=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const);
const simple: fc.Arbitrary<Condition<Queried>> = column.chain(name =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ column: fc.constant(name), is, value: QUERIED[name] as fc.Arbitrary<Scalar> }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        column: fc.constant(name),
        in: fc.array(QUERIED[name] as fc.Arbitrary<Scalar>, { maxLength: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        column: fc.constant(name),
        notIn: fc.array(QUERIED[name] as fc.Arbitrary<Scalar>, { maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ column: fc.constant(name), null: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ column: searched, contains: piece }) },
    { weight: 2, arbitrary: fc.record({ column: searched, notContains: piece }) },
  ),
);
const { condition } = fc.letrec<{ condition: Condition<Queried> }>(tie => ({
  condition: fc.oneof(
    { maxDepth: 2 },
    { weight: 5, arbitrary: simple },
    { weight: 1, arbitrary: fc.record({ any: fc.array(tie('condition'), { maxLength: 3 }) }) },
  ),
}));
const where = fc.array(condition, { maxLength: 3 });

const select: fc.Arbitrary<Omit<Select<Item>, 'from'>> = fc.record(
  {
    columns: fc.shuffledSubarray(item.columnNames as (keyof Item & string)[], { minLength: 1 }),
    where,
    orderBy: fc.array(fc.record({ column, descending: fc.boolean() }, { requiredKeys: ['column'] }), { maxLength: 3 }),
    offset: fc.nat(8),
    limit: fc.nat(32),
  },
  { requiredKeys: ['limit'] },
);

/** Sums stay exact: only small numbers are added. */
const aggregate: fc.Arbitrary<Omit<Aggregate<Item>, 'from'>> = fc
  .record({
    where,
    groupBy: fc.shuffledSubarray(['group', 'label', 'ownerId', 'flag', 'maybe'] as const, { maxLength: 3 }),
    sum: fc.subarray(['ownerId', 'id'] as const),
  })
  .map(({ sum, ...rest }) => ({ ...rest, sum: sum.filter(name => !rest.groupBy.includes(name as 'ownerId')) }));

type Tallied = { day: number; label: string; calls: number; talkSeconds: number };
const tallied: fc.Arbitrary<Tallied[]> = fc
  .array(fc.record({ day: few, label: word, calls: fc.integer({ min: 1, max: 5 }), talkSeconds: few }))
  .map(all => all.filter(({ day, label }, place) => place === all.findIndex(x => x.day === day && x.label === label)));
const label = fc.constant('label' as const);
const talliedWhere: fc.Arbitrary<Condition<keyof Tallied>[]> = fc.array(
  fc.oneof(
    fc.record({ column: fc.constantFrom('day' as const, 'calls' as const, 'talkSeconds' as const), is, value: few }),
    fc.record({ column: label, is, value: word }),
    fc.record({ column: label, in: fc.array(word, { maxLength: 5 }) }),
    fc.record({ column: label, notIn: fc.array(word, { maxLength: 5 }) }),
    fc.record({ column: label, contains: piece }),
  ),
  { maxLength: 2 },
);
const talliedQuestion = fc.record({
  where: talliedWhere,
  groupBy: fc.shuffledSubarray(['day', 'label'] as const),
  sum: fc.subarray(['calls', 'talkSeconds']),
});
/** A counter may be asked about its sums too. */
const TALLY = tally as Counter<Tallied, string>;

let sides: readonly TestLedger[] = [];
const scratch = createScratch('reader');
before(async () => {
  sides = [
    await TestLedger.open(memoryStore(testEntities)),
    await TestLedger.open(await sqliteStore(testEntities, scratch.path)),
    await TestLedger.open(await postgresStore(testEntities)),
  ];
});
after(async () => {
  for (const side of sides) await side.close();
  scratch[Symbol.dispose]();
});

/** All sides hold these rows and no others. */
async function hold(present: readonly Item[]): Promise<void> {
  for (const side of sides) {
    const known = (await side.rows(item)).map(row => row.id);
    await side.submit(
      state => {
        for (const id of known) state.delete(item, id);
      },
      wants => {
        for (const id of known) wants.get(item, id);
      },
    );
    await side.submit(state => {
      for (const row of present) state.insert(item, row);
    });
  }
}

/** What all answer; those of the others are compared with memory's. */
async function same<Answer>(ask: (side: TestLedger) => Promise<Answer>): Promise<Answer> {
  const [expected, ...answered] = await Promise.all(sides.map(ask));
  for (const each of answered) assert.deepEqual(each, expected);
  return expected!;
}

test('random filters, sorts and pages - are the same rows in the same order', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(rows, fc.array(select, { minLength: 10, maxLength: 10 }), async (present, questions) => {
      await hold(present);
      assert.deepEqual(await same(side => side.rows(item)), present);
      for (const question of questions) {
        answered += (await same(side => side.ledger.reader.select({ from: item, ...question }))).length;
      }
    }),
    { numRuns: 50 },
  );
  assert.ok(answered > 50, 'the questions were too hard to mean anything');
});

test('random groups and sums - are the same', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(rows, fc.array(aggregate, { minLength: 8, maxLength: 8 }), async (present, questions) => {
      await hold(present);
      for (const question of questions) {
        answered += (await same(side => side.ledger.reader.aggregate({ from: item, ...question }))).length;
      }
    }),
    { numRuns: 30 },
  );
  assert.ok(answered > 50, 'the questions were too hard to mean anything');
});

test('random groups and sums of counters - are the same', async () => {
  const add = (all: readonly Tallied[], sign: 1 | -1) => (side: TestLedger) =>
    side.submit(state => {
      for (const { day, label, calls, talkSeconds } of all) {
        state.add(tally, { day, label }, { calls: sign * calls, talkSeconds: sign * talkSeconds });
      }
    });
  await fc.assert(
    fc.asyncProperty(tallied, fc.array(talliedQuestion, { minLength: 6, maxLength: 6 }), async (all, questions) => {
      for (const side of sides) await add(all, 1)(side);
      for (const question of questions) {
        await same(side => side.ledger.reader.aggregate<Tallied>({ from: TALLY, ...question }));
      }
      for (const side of sides) await add(all, -1)(side);
      assert.deepEqual(await same(side => side.sums(tally)), []);
    }),
    { numRuns: 30 },
  );
});

test('texts - are ordered and compared by code point, and NULL comes first', async () => {
  const labels = [...TEXTS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  await hold([itemRow(100), ...TEXTS.map((label, place) => itemRow(place + 1, { label })), itemRow(99)]);
  const ask = async (question: Partial<Select<Item>>) => {
    const found = await same(side => side.ledger.reader.select<Item>({ from: item, limit: 100, ...question }));
    return found.map(row => row.label);
  };
  assert.deepEqual(await ask({ orderBy: [{ column: 'label' }] }), [null, null, ...labels]);
  assert.deepEqual(await ask({ orderBy: [{ column: 'label', descending: true }] }), [
    ...labels.toReversed(),
    null,
    null,
  ]);
  for (const value of labels) {
    const above = await ask({ where: [{ column: 'label', is: '>', value }], orderBy: [{ column: 'label' }] });
    assert.deepEqual(above, labels.slice(labels.indexOf(value) + 1));
  }
});

test('contains - whatever the case, over Unicode, and what is literally there', async () => {
  const names = ['Straße', 'ΟΔΟΣ 5', 'é', 'e\u0301', '50 %', '\u{10400}b', "it's", ''];
  const rows = names.map((name, place) => itemRow(place + 1, { name, label: `L${place}`, amount: -4155 - place }));
  await hold([...rows, itemRow(99, { name: 'Z' })]);
  const ask = async (where: Condition<keyof Item & string>) => {
    const found = await same(side => side.ledger.reader.select<Item>({ from: item, where: [where], limit: 100 }));
    return found.map(row => row.id);
  };
  const all = [1, 2, 3, 4, 5, 6, 7, 8, 99];
  for (const [text, ids] of [
    ['STRASSE', [1]],
    ['ß', [1]],
    ['ος', [2]],
    ['οΣ ', [2]],
    ['É', [3]],
    ['E', [1, 4]],
    ['%', [5]],
    ['_', []],
    ['\u{10428}B', [6]],
    ["'", [7]],
    ['', all],
  ] as const) {
    assert.deepEqual(await ask({ column: 'name', contains: text }), ids, text);
    const others = all.filter(id => !(ids as readonly number[]).includes(id));
    assert.deepEqual(await ask({ column: 'name', notContains: text }), others, text);
  }
  assert.deepEqual(await ask({ column: 'amount', contains: '-415' }), [1, 2, 3, 4, 5]);
  assert.deepEqual(await ask({ column: 'label', contains: 'l0' }), [1]);
});

test('contains - a part of a text folds as it does inside the whole', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'aΣσς İıßŉ\u0307') }));
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(foldCase(a + b), foldCase(a) + foldCase(b));
      assert.equal(foldCase(foldCase(a)), foldCase(a));
    }),
    { numRuns: 500 },
  );
});

test('null - meets no negation', async () => {
  await hold([itemRow(1, { label: 'a', ownerId: 1 }), itemRow(2)]);
  const ask = async (...where: Condition<keyof Item & string>[]) => {
    const found = await same(side => side.ledger.reader.select<Item>({ from: item, where, limit: 100 }));
    return found.map(row => row.id);
  };
  assert.deepEqual(await ask({ column: 'label', notIn: ['b'] }), [1]);
  assert.deepEqual(await ask({ column: 'label', notIn: [] }), [1]);
  assert.deepEqual(await ask({ column: 'label', notContains: 'b' }), [1]);
  assert.deepEqual(await ask({ column: 'ownerId', notIn: [1, 2] }), []);
  assert.deepEqual(
    await ask({
      any: [
        { column: 'ownerId', notIn: [1] },
        { column: 'label', null: true },
      ],
    }),
    [2],
  );
});

test('ties - are broken by the key, in the direction of the last sort', async () => {
  await hold([itemRow(1), itemRow(2, { group: 'y' }), itemRow(3), itemRow(4, { group: 'y' })]);
  const ask = async (orderBy: Select<Item>['orderBy'] & object) => {
    const found = await same(side => side.ledger.reader.select<Item>({ from: item, limit: 100, orderBy }));
    return found.map(row => row.id);
  };
  assert.deepEqual(await ask([]), [1, 2, 3, 4]);
  assert.deepEqual(await ask([{ column: 'group' }]), [1, 3, 2, 4]);
  assert.deepEqual(await ask([{ column: 'group', descending: true }]), [4, 2, 3, 1]);
  assert.deepEqual(await ask([{ column: 'group' }, { column: 'id', descending: true }]), [3, 1, 4, 2]);
  assert.deepEqual(await ask([{ column: 'amount' }, { column: 'group', descending: true }]), [4, 2, 3, 1]);
});

test('a question about nothing - has no rows, with and without groups', async () => {
  await hold([itemRow(1, { ownerId: null })]);
  const none: Condition<keyof Item & string>[] = [{ column: 'id', is: '>', value: 1 }];
  for (const groupBy of [[], ['group' as const]]) {
    const question = { from: item as Entity<Item>, where: none, groupBy, sum: ['ownerId'] };
    assert.deepEqual(await same(side => side.ledger.reader.aggregate(question)), []);
  }
  const all = await same(side => side.ledger.reader.aggregate({ from: item, groupBy: [], sum: ['ownerId'] }));
  assert.deepEqual(all, [{ count: 1, ownerId: 0 }], 'a sum over nothing but NULL is 0');
  assert.deepEqual(await same(side => side.ledger.reader.select({ from: item, where: [{ any: [] }], limit: 9 })), []);
  assert.deepEqual(await same(side => side.ledger.reader.select({ from: item, limit: 0 })), []);
});

test('more than a thousand conditions, all of them or any - are answered as few are', async () => {
  await hold([itemRow(1, { label: 'a' }), itemRow(2, { label: 'b' }), itemRow(1_500, { label: 'c' })]);
  const ids = Array.from({ length: 1_500 }, (_, n) => n + 2);
  const ask = async (where: readonly Condition<keyof Item & string>[]) => {
    const found = await same(side => side.ledger.reader.select<Item>({ from: item, where, limit: 9 }));
    return found.map(row => row.id);
  };
  assert.deepEqual(await ask([{ any: ids.map(value => ({ column: 'id', is: '=', value }) as const) }]), [2, 1_500]);
  assert.deepEqual(await ask(ids.map(value => ({ column: 'id', is: '!=', value }) as const)), [1]);
});

test('a reader - sees what is committed, and goes on beside a batch that is being stored', async () => {
  await hold([itemRow(1)]);
  for (const side of sides) {
    const stored = side.submit(state => state.insert(item, itemRow(2)));
    const seen = await side.rows(item);
    assert.ok(seen.length === 1 || seen.length === 2);
    await stored;
    assert.equal((await side.rows(item)).length, 2);
  }
});

test('a snapshot - answers from one moment while others write, as many as are asked for at once, also after one failed', async () => {
  await hold([itemRow(1)]);
  for (const side of sides) {
    const { reader } = side.ledger;
    const countOf = async (on: Reader) => (await on.select({ from: item, columns: ['id'], limit: 9 })).length;
    await reader.snapshot(async inside => {
      assert.equal(await countOf(inside), 1);
      await side.submit(state => state.insert(item, itemRow(2)));
      assert.deepEqual([await countOf(inside), await inside.snapshot(countOf), await countOf(reader)], [1, 1, 2]);
      const [sum] = await inside.aggregate({ from: item, groupBy: [], sum: [] });
      assert.equal(sum!['count'], 1);
    });
    await assert.rejects(
      reader.snapshot(async () => {
        throw new Error('not answered');
      }),
      /not answered/,
    );
    const wrong = { from: { ...item, name: 'nowhere' } as Entity<Item>, limit: 1 };
    await assert.rejects(reader.snapshot(inside => inside.select(wrong)));
    const counts = await Promise.all(Array.from({ length: 9 }, () => reader.snapshot(countOf)));
    assert.deepEqual(counts, Array(9).fill(2));
  }
});

test('a question that cannot be answered - is refused, and the next one is answered', async () => {
  const wrong = { from: { ...item, name: 'nowhere' } as Entity<Item>, limit: 1 };
  for (const side of sides) {
    await assert.rejects(
      side.ledger.reader.select(wrong),
      /no entity nowhere|no such table|relation "nowhere" does not exist/,
    );
    assert.ok(Array.isArray(await side.rows(item)));
  }
});
