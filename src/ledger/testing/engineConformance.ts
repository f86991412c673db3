/** What every engine promises (engine.ts), tried on the engine itself. The ledger on top of it: ledgerConformance.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ChangeSet,
  type CounterChanges,
  type Engine,
  EngineFault,
  type Head,
  type RowChanges,
} from '../engine.ts';
import type { Entity, EntityShape, Row } from '../entity.ts';
import { journal } from '../journal.ts';
import type { AggregateRow } from '../query.ts';
import { code, type Item, item, itemRow, member, place, tally, testEntities } from './testEntities.ts';
import type { Store, StoreKind } from './testStores.ts';

const rowsOf = (entity: EntityShape, changes: Partial<Omit<RowChanges, 'entity'>>): RowChanges => ({
  entity,
  inserts: [],
  updates: [],
  deletes: [],
  ...changes,
});

/** An engine and the number of the batch it stored last. */
class Subject {
  readonly store: Store;
  engine!: Engine;
  private number = 0;

  constructor(store: Store) {
    this.store = store;
  }

  async open(lost?: Engine): Promise<void> {
    this.engine = await this.store.open(lost);
    this.number = 0;
  }

  async commit(rows: readonly RowChanges[], counters: readonly CounterChanges[] = [], head?: Head): Promise<void> {
    const before = await this.engine.begin();
    await this.engine.commit(this.changes(rows, counters, head ?? before));
    this.number++;
  }

  /** Batches were handed over in another way than by `commit`. */
  stored(batches: number): void {
    this.number += batches;
  }

  changes(rows: readonly RowChanges[], counters: readonly CounterChanges[], head: Head): ChangeSet {
    return { tookNumbers: false, number: this.number + 1, after: this.number, head, rows, counters };
  }

  /** The head, looked at without changing anything. */
  async head(): Promise<Head> {
    const head = await this.engine.begin();
    await this.engine.abandon();
    return head;
  }

  insert(...items: Item[]): Promise<void> {
    return this.commit([rowsOf(item, { inserts: items })]);
  }

  select<R extends object>(from: Entity<R>): Promise<R[]> {
    return this.engine.reader.select<R>({ from, limit: 1_000 });
  }

  async ids(): Promise<number[]> {
    return (await this.select(item)).map(row => row.id);
  }

  sums(): Promise<AggregateRow[]> {
    return this.engine.reader.aggregate({ from: tally, groupBy: ['day', 'label'], sum: tally.sums });
  }

  async load(entity: EntityShape, index: string | null, ...values: (number | string)[]): Promise<Row[]> {
    await this.engine.begin();
    const [rows] = await this.engine.load([{ entity, index, values }]);
    await this.engine.abandon();
    return rows!;
  }
}

/** `directory` makes an empty directory that is taken away after the test. */
export function describeEngine(kind: StoreKind, directory: () => string): void {
  const check = (title: string, body: (subject: Subject) => Promise<void>) =>
    test(title, async () => {
      const subject = new Subject(await kind.make(testEntities, directory()));
      await subject.open();
      try {
        await body(subject);
      } finally {
        await subject.engine.close();
      }
    });

  describe(`${kind.name} engine`, () => {
    check('an empty store - stands at the beginning and holds what was declared, and the journal', async subject => {
      const { schemaVersion, ...head } = await subject.head();
      assert.deepEqual(head, { position: 0, now: 0, sequences: {} });
      assert.ok(schemaVersion >= 1);
      assert.deepEqual(
        subject.engine.entities.map(each => each.name),
        [...testEntities, journal].map(each => each.name),
      );
      assert.deepEqual(await subject.select(item), []);
      assert.deepEqual(await subject.load(item, null, 1), []);
      assert.deepEqual(await subject.load(item, 'byGroup', 'x'), []);
    });

    check('load - answers each want in its place, by key and by index', async subject => {
      const [one, two, three] = [itemRow(1), itemRow(2, { group: 'y', ownerId: 7 }), itemRow(3, { ownerId: 7 })];
      const homes = [
        { day: 1, street: 'a', house: 'b', value: 1 },
        { day: 1, street: 'ab', house: '', value: 2 },
      ];
      await subject.commit([
        rowsOf(item, { inserts: [one, two, three] }),
        rowsOf(place, { inserts: homes }),
        rowsOf(code, { inserts: [{ code: 'é', value: 3 }] }),
      ]);
      await subject.engine.begin();
      const answers = await subject.engine.load([
        { entity: code, index: null, values: ['é'] },
        { entity: item, index: null, values: [4] },
        { entity: item, index: 'byGroup', values: ['x'] },
        { entity: item, index: null, values: [2] },
        { entity: place, index: null, values: [1, 'ab', ''] },
        { entity: item, index: 'byGroupAndOwner', values: ['x', 7] },
        { entity: item, index: 'byOwner', values: [7] },
        { entity: code, index: null, values: ['e\u0301'] },
        { entity: code, index: null, values: ['é\0'] },
      ]);
      await subject.engine.abandon();
      const expected = [[{ code: 'é', value: 3 }], [], [one, three], [two], [homes[1]], [three], [two, three], [], []];
      assert.deepEqual(answers, expected);
    });

    check(
      'load - rows of one index value come in the order of their keys, whatever order they came in',
      async subject => {
        const streets = ['\u{1f600}', 'b', '\uffff', 'a', ''];
        const homes = streets.map((street, value) => ({ day: -value, street, house: 'h', value }));
        await subject.commit([rowsOf(place, { inserts: homes })]);
        await subject.commit([rowsOf(place, { inserts: [{ day: -1, street: 'a', house: 'h', value: 9 }] })]);
        const values = (await subject.load(place, 'byHouse', 'h')).map(row => row['value']);
        assert.deepEqual(values, [4, 3, 2, 9, 1, 0]);
        const sameDay = ['b', '\u{1f600}', 'a', '\uffff'].map(street => ({ day: 5, street, house: 'same', value: 0 }));
        await subject.commit([rowsOf(place, { inserts: sameDay })]);
        const order = (await subject.load(place, 'byHouse', 'same')).map(row => row['street']);
        assert.deepEqual(order, ['a', 'b', '\uffff', '\u{1f600}']);
      },
    );

    check('a batch - inserts, updates and deletes; a row that moved is found where it is', async subject => {
      await subject.insert(itemRow(1, { ownerId: 1 }), itemRow(2, { ownerId: 1 }), itemRow(3, { ownerId: 1 }));
      const moved = itemRow(2, { ownerId: 2, name: 'moved', raw: new Uint8Array([1, 2]), data: [1] });
      const freed = itemRow(3, { ownerId: null });
      await subject.commit([
        rowsOf(item, {
          inserts: [itemRow(4, { ownerId: 1 })],
          updates: [
            { row: moved, changed: ['ownerId', 'name', 'raw', 'data'] },
            { row: freed, changed: ['ownerId'] },
          ],
          deletes: [itemRow(1, { ownerId: 1 })],
        }),
      ]);
      assert.deepEqual(await subject.load(item, 'byOwner', 1), [itemRow(4, { ownerId: 1 })]);
      assert.deepEqual(await subject.load(item, 'byOwner', 2), [moved]);
      assert.deepEqual(await subject.load(item, null, 1), []);
      assert.deepEqual(await subject.select(item), [moved, freed, itemRow(4, { ownerId: 1 })]);
    });

    check('a row in place of a deleted one - may have its key and its unique values', async subject => {
      await subject.insert(itemRow(1, { label: 'a' }), itemRow(2, { label: 'b' }));
      await subject.commit([
        rowsOf(item, {
          deletes: [itemRow(1, { label: 'a' })],
          updates: [{ row: itemRow(2, { label: 'a' }), changed: ['label'] }],
          inserts: [itemRow(3, { label: 'b' })],
        }),
      ]);
      assert.deepEqual(
        (await subject.select(item)).map(row => row.label),
        ['a', 'b'],
      );
    });

    check('a unique index - takes any number of rows without a value', async subject => {
      await subject.insert(itemRow(1), itemRow(2), itemRow(3, { ownerId: 1 }), itemRow(4, { ownerId: 1 }));
      await subject.insert(itemRow(5, { slot: 1 }), itemRow(6, { slot: 1 }));
      assert.equal((await subject.select(item)).length, 6);
    });

    const poisons: readonly (readonly [what: string, row: Row])[] = [
      ['nothing where there must be something', { ...itemRow(9), name: null }],
      ['a fraction for a whole number', { ...itemRow(9), amount: 1.5 }],
      ['a text for a whole number', { ...itemRow(9), amount: 'many' }],
      ['a key that is taken', itemRow(1, { name: 'again' })],
      ['a unique value that is taken', itemRow(9, { label: 'taken' })],
      ['two unique values that are taken together', itemRow(9, { ownerId: 1, slot: 1 })],
    ];
    check('poison - nothing of the batch is kept, whatever is wrong with it', async subject => {
      await subject.insert(itemRow(1, { label: 'taken', ownerId: 1, slot: 1 }));
      const head = { ...(await subject.head()), position: 5, now: 9, sequences: { item: 9 } };
      for (const [what, poison] of poisons) {
        const batch = [
          rowsOf(code, { inserts: [{ code: 'c', value: 1 }] }),
          rowsOf(item, { inserts: [itemRow(2), poison as Item, itemRow(3)] }),
        ];
        const counters = [{ counter: tally, deltas: [{ day: 1, label: 'l', calls: 1, talkSeconds: 1 }] }];
        const commit = subject.commit(batch, counters, head);
        await assert.rejects(commit, error => error instanceof EngineFault && error.kind === 'poison', what);
        assert.deepEqual(await subject.ids(), [1], what);
        assert.deepEqual(await subject.select(code), [], what);
        assert.deepEqual(await subject.sums(), [], what);
        assert.equal((await subject.head()).position, 0, what);
      }
      await subject.insert(itemRow(2));
      assert.deepEqual(await subject.ids(), [1, 2]);
    });

    check('counters - add up, and a row that comes to nothing is gone', async subject => {
      const add = (day: number, label: string, calls: number, talkSeconds: number) =>
        subject.commit([], [{ counter: tally, deltas: [{ day, label, calls, talkSeconds }] }]);
      const row = (day: number, label: string, calls: number, talkSeconds: number) =>
        ({ day, label, count: 1, calls, talkSeconds }) as const;
      await add(1, 'a', 2, 30);
      await add(1, 'a', 3, -10);
      await add(1, 'b', 1, 0);
      await add(2, 'a', -1, -5);
      assert.deepEqual(await subject.sums(), [row(1, 'a', 5, 20), row(1, 'b', 1, 0), row(2, 'a', -1, -5)]);
      await add(1, 'a', -5, 0);
      await add(1, 'b', -1, 0);
      assert.deepEqual(await subject.sums(), [row(1, 'a', 0, 20), row(2, 'a', -1, -5)]);
      await add(1, 'a', 0, -20);
      assert.deepEqual(await subject.sums(), [row(2, 'a', -1, -5)]);
    });

    check('counters - a row below nothing that is raised to nothing is gone', async subject => {
      const add = (calls: number, talkSeconds: number) =>
        subject.commit([], [{ counter: tally, deltas: [{ day: 1, label: 'a', calls, talkSeconds }] }]);
      await add(-1, -5);
      await add(1, 5);
      assert.deepEqual(await subject.sums(), []);
    });

    check('two rows that swap a unique value - in one batch, as they are afterwards', async subject => {
      await subject.insert(itemRow(1, { label: 'a' }), itemRow(2, { label: 'b' }));
      const swapped = [itemRow(1, { label: 'b' }), itemRow(2, { label: 'a' })];
      await subject.commit([rowsOf(item, { updates: swapped.map(row => ({ row, changed: ['label'] })) })]);
      assert.deepEqual(await subject.select(item), swapped);
    });

    check('abandon - leaves everything as it was, and the next batch begins', async subject => {
      await subject.insert(itemRow(1));
      await subject.engine.begin();
      await subject.engine.abandon();
      await subject.insert(itemRow(2));
      assert.deepEqual(await subject.ids(), [1, 2]);
    });

    check('reads on the spot - answer as `load` does, between batches too', async subject => {
      const { engine } = subject;
      if (engine.readNow === undefined) {
        assert.equal(engine.soleWriter, undefined, 'who writes alone can read on the spot');
        return;
      }
      const stored = itemRow(1, { ownerId: 3, raw: new Uint8Array([0, 255]), data: { a: [null] }, maybe: true });
      await subject.insert(stored, itemRow(2, { ownerId: 3 }));
      const wants = [
        { entity: item, index: null, values: [1] },
        { entity: item, index: 'byOwner', values: [3] },
        { entity: item, index: null, values: [3] },
      ];
      const expected = [[stored], [stored, itemRow(2, { ownerId: 3 })], []];
      const head = await engine.begin();
      assert.deepEqual(wants.map(engine.readNow), expected);
      assert.deepEqual(await engine.load(wants), expected);
      await engine.commit(subject.changes([rowsOf(item, { deletes: [itemRow(2)] })], [], head));
      let read: unknown;
      engine.soleWriter?.reading(() => {
        read = wants.map(want => engine.readNow!(want));
      });
      if (engine.soleWriter !== undefined) assert.deepEqual(read, [[stored], [stored], []]);
    });

    check('closed and opened again - the head and the rows are there', async subject => {
      const head = { ...(await subject.head()), position: 2 ** 53 - 1, now: 77, sequences: { item: 4, 'ü "x"': 1 } };
      await subject.commit([rowsOf(member, { inserts: [{ id: 1, name: 'm', team: null }] })], [], head);
      assert.deepEqual(await subject.head(), head);
      await subject.engine.close();
      await subject.open();
      assert.deepEqual(await subject.head(), head);
      assert.deepEqual(await subject.select(member), [{ id: 1, name: 'm', team: null }]);
    });

    check('a batch on top of one that was not stored - is not stored either', async subject => {
      const { engine } = subject;
      if (engine.soleWriter === undefined) return;
      const head = await subject.head();
      const poisons: readonly Partial<Item>[] = [{ name: null as never }, { raw: 'no bytes' as never }];
      for (const poison of poisons) {
        const first = subject.changes([rowsOf(item, { inserts: [itemRow(1)] })], [], head);
        const second = subject.changes([rowsOf(item, { inserts: [itemRow(2, poison)] })], [], head);
        const third = subject.changes([rowsOf(item, { inserts: [itemRow(3)] })], [], head);
        const order: string[] = [];
        const note = (batch: ChangeSet, after: number) =>
          engine.commit({ ...batch, number: after + 1, after }).then(
            () => order.push('stored'),
            (fault: EngineFault) => order.push(fault.kind),
          );
        await Promise.all([first, second, third].map((batch, place) => note(batch, first.after + place)));
        assert.deepEqual(order, ['stored', 'poison', 'aborted'], 'answered in the order they were handed over');
        assert.deepEqual(await subject.ids(), [1]);
        subject.stored(1);
        await subject.commit([rowsOf(item, { deletes: [itemRow(1)] })]);
      }
      await subject.insert(itemRow(4));
      assert.deepEqual(await subject.ids(), [4]);
    });
  });
}
