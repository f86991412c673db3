/** What the ledger promises on top of any engine (state.ts, ledger.ts; ARCHITECTURE.md, section 4). */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { until } from '../../../test/kit/until.ts';
import { journal } from '../journal.ts';
import { CommandFailed, StorageUnavailable } from '../refusals.ts';
import { Refusal, type State } from '../state.ts';
import {
  bareEvent,
  code,
  type Item,
  item,
  itemMade,
  itemRow,
  type Member,
  member,
  oddEvent,
  place,
  tally,
  testEntities,
} from './testEntities.ts';
import { HeldEngine } from './testHeldEngine.ts';
import { command, TestLedger } from './testLedger.ts';
import type { StoreKind } from './testStores.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Commands that fit into one batch. */
const BATCH = 512;

const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(row => row.id);

function refuse(message: string): never {
  throw new Refusal(message);
}

/** Text that something between here and the disk may take for something else. */
const TEXTS = [
  '',
  ' ',
  "it's",
  '"quoted"',
  "'; DROP TABLE test_item; --",
  '\\ \\n \\u0000 %s ? ?1 :a $b @c',
  'two\nlines\r\n\tand a tab\u0001\u001f\u007f\u0080',
  'null',
  '0',
  'Zoë Ωμέγα Привет 你好 שלום',
  'e\u0301 is not é',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  '\u{10000}\u{10ffff}',
  '\uffff\ufffe\ufdd0',
  '\ufeffbyte order mark',
  '\u2028\u2029',
  'a'.repeat(100 * KiB),
  '👍'.repeat(25 * KiB),
];
const NUMBERS = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1, 253_402_300_799_999];
const BYTES = [
  new Uint8Array(0),
  new Uint8Array([0]),
  new Uint8Array([1]),
  new TextEncoder().encode('\u0000{"not":"read","n":1}'),
  Uint8Array.from({ length: 256 }, (_, value) => value),
  new TextEncoder().encode('{"not":"read"}'),
  new TextEncoder().encode('{"not":"read","n":12}{"not":"read","n":34}'),
  new Uint8Array([0xed, 0xa0, 0x80, 0xff, 0xfe]),
  new Uint8Array(200 * KiB).fill(0xff),
];
const deep = (levels: number): Item['data'] => (levels === 0 ? 'ground' : { in: [deep(levels - 1)] });
const JSONS: readonly Item['data'][] = [
  {},
  [],
  '',
  0,
  1e300,
  -0.1,
  2 ** 53 - 1,
  true,
  false,
  [null, [null]],
  { '': '', ' ': 1, "'": "'", '"': '"', '👍': 'é', toString: 'own', a: { b: { c: [1, 'two', null, { d: true }] } } },
  TEXTS,
  deep(200),
];

function nastyRow(id: number): Item {
  const text = TEXTS[id % TEXTS.length]!;
  return itemRow(id, {
    name: text,
    group: TEXTS[(id * 7) % TEXTS.length]!,
    // One of each is enough for a unique index.
    label: id <= TEXTS.length ? text : null,
    amount: NUMBERS[id % NUMBERS.length]!,
    flag: id % 2 === 0,
    maybe: [null, true, false][id % 3]!,
    data: JSONS[id % JSONS.length]!,
    extra: id % 4 === 0 ? null : JSONS[(id * 5) % JSONS.length]!,
    raw: BYTES[id % BYTES.length]!,
    tail: id % 5 === 0 ? null : BYTES[(id * 3) % BYTES.length]!,
  });
}

/** `directory` makes an empty directory that is taken away after the test. */
export function describeLedger(kind: StoreKind, directory: () => string): void {
  const check = (
    title: string,
    body: (on: TestLedger, t: TestContext) => Promise<void>,
    options: { batchCommands?: number } = {},
  ) =>
    test(title, async t => {
      const on = await TestLedger.open(await kind.make(testEntities, directory()), options);
      try {
        await body(on, t);
      } finally {
        await on.close();
      }
      assert.deepEqual(on.fatal, []);
    });

  describe(`ledger on ${kind.name}`, () => {
    check('rows - are put, read, changed and deleted by key', async on => {
      await on.submit(state => {
        state.insert(item, itemRow(1, { name: 'inserted' }));
        state.put(item, itemRow(2, { name: 'put' }));
        state.put(place, { day: 1, street: 'a', house: 'b', value: 1 });
        state.put(code, { code: 'c', value: 1 });
        assert.equal(state.get(item, 1)?.name, 'inserted');
      });
      const seen = await on.submit(state => {
        const read = [state.get(item, 1), state.get(item, 2), state.get(item, 3), state.get(place, 1, 'a', 'b')];
        state.put(item, { ...state.get(item, 1)!, name: 'changed' });
        state.delete(item, 2);
        state.delete(item, 3);
        state.delete(place, 1, 'a', 'b');
        state.put(code, { code: 'c', value: 2 });
        return [...read, state.get(item, 1)?.name, state.get(item, 2), state.get(place, 1, 'a', 'b')];
      });
      const before = [itemRow(1, { name: 'inserted' }), itemRow(2, { name: 'put' }), undefined];
      assert.deepEqual(seen, [
        ...before,
        { day: 1, street: 'a', house: 'b', value: 1 },
        'changed',
        undefined,
        undefined,
      ]);
      assert.deepEqual(await on.rows(item), [itemRow(1, { name: 'changed' })]);
      assert.deepEqual(await on.rows(place), []);
      assert.deepEqual(await on.rows(code), [{ code: 'c', value: 2 }]);
      await on.submit(state => {
        state.put(item, itemRow(2, { name: 'back' }));
        state.delete(item, 1);
        state.insert(item, itemRow(1, { name: 'anew' }));
      });
      assert.deepEqual(await on.rows(item), [itemRow(1, { name: 'anew' }), itemRow(2, { name: 'back' })]);
    });

    check('keys of several parts - that differ never meet', async on => {
      const homes = [
        { day: 1, street: 'a', house: 'bc', value: 1 },
        { day: 1, street: 'ab', house: 'c', value: 2 },
        { day: 1, street: '', house: 'abc', value: 3 },
        { day: 11, street: '', house: '', value: 4 },
        { day: 1, street: '1', house: '', value: 5 },
        { day: -1, street: '', house: '1:', value: 6 },
        // A number that ends where a length begins.
        { day: 12, street: 'abc', house: `${'t'.repeat(17)}1:y`, value: 7 },
        { day: 1, street: `abc20:${'t'.repeat(17)}`, house: 'y', value: 8 },
      ];
      await on.submit(state => {
        for (const home of homes) state.put(place, home);
      });
      await on.submit(state => {
        for (const home of homes) state.put(place, { ...home, value: home.value * 10 });
        assert.equal(state.get(place, 1, 'ab', 'c')?.value, 20);
      });
      const values = (await on.rows(place)).map(row => row.value).sort((a, b) => a - b);
      assert.deepEqual(values, [10, 20, 30, 40, 50, 60, 70, 80]);
    });

    check('texts as keys - are told apart by every code unit', async on => {
      const keys = TEXTS.filter(text => text.length < 1_000);
      await on.batch(keys.map((each, value) => state => state.put(code, { code: each, value })));
      const read = await on.submit(
        state => keys.map(each => state.get(code, each)?.value),
        wants => {
          for (const each of keys) wants.get(code, each);
        },
      );
      assert.deepEqual(read, [...keys.keys()]);
      const stored = (await on.rows(code)).map(row => row.code);
      const utf8 = (text: string) => Buffer.from(text);
      assert.deepEqual(
        stored,
        [...keys].sort((a, b) => Buffer.compare(utf8(a), utf8(b))),
      );
    });

    check('an index - shows what the command itself and those before it in the batch have done', async on => {
      await on.submit(state => {
        for (const id of [5, 3, 1]) state.insert(item, itemRow(id, { ownerId: 1 }));
        state.insert(item, itemRow(2, { ownerId: 2, group: 'y' }));
      });
      const look = (state: State) => [
        idsOf(state.find(item, 'byOwner', 1)),
        idsOf(state.find(item, 'byOwner', 2)),
        idsOf(state.find(item, 'byGroup', 'x')),
        idsOf(state.find(item, 'byGroupAndOwner', 'x', 1)),
      ];
      const wants = (wants: { find: (...want: [typeof item, string, ...(number | string)[]]) => void }) => {
        for (const owner of [1, 2]) wants.find(item, 'byOwner', owner);
        for (const group of ['x', 'y']) wants.find(item, 'byGroup', group);
        wants.find(item, 'byGroupAndOwner', 'x', 1);
      };
      const seen = await on.batch<number[][]>(
        [
          look,
          state => {
            state.insert(item, itemRow(4, { ownerId: 1 }));
            state.put(item, { ...state.find(item, 'byOwner', 2)[0]!, group: 'x' });
            return look(state);
          },
          state => {
            state.put(item, { ...state.get(item, 3)!, ownerId: 2 });
            state.delete(item, 1);
            state.put(item, { ...state.get(item, 5)!, ownerId: null });
            return look(state);
          },
          state => {
            state.put(item, { ...state.get(item, 5)!, ownerId: 1 });
            state.put(item, itemRow(1, { ownerId: 1, group: 'y' }));
            return look(state);
          },
        ],
        wants,
      );
      assert.deepEqual(seen, [
        [[1, 3, 5], [2], [1, 3, 5], [1, 3, 5]],
        [[1, 3, 4, 5], [2], [1, 2, 3, 4, 5], [1, 3, 4, 5]],
        [[4], [2, 3], [2, 3, 4, 5], [4]],
        [
          [1, 4, 5],
          [2, 3],
          [2, 3, 4, 5],
          [4, 5],
        ],
      ]);
      assert.deepEqual(await on.submit(look), seen[3]);
      await on.reopen();
      assert.deepEqual(await on.submit(look), seen[3]);
    });

    check('an index - knows of rows that were read by their key first', async on => {
      await on.submit(state => {
        for (const id of [1, 2, 3]) state.insert(item, itemRow(id, { ownerId: 1 }));
      });
      const seen = await on.submit(state => {
        state.put(item, { ...state.get(item, 1)!, ownerId: 2 });
        state.delete(item, 2);
        state.put(item, itemRow(4, { ownerId: 1 }));
        return [state.find(item, 'byOwner', 1), state.find(item, 'byOwner', 2), state.find(item, 'byOwner', 3)].map(
          idsOf,
        );
      });
      assert.deepEqual(seen, [[3, 4], [1], []]);
    });

    check('a unique value - moves from one row to another within a batch', async on => {
      await on.submit(state => state.insert(item, itemRow(1, { label: 'a' })));
      await on.batch<void>(
        [
          state => state.put(item, { ...state.get(item, 1)!, label: 'b' }),
          state => state.insert(item, itemRow(2, { label: 'a' })),
          state => {
            state.delete(item, 2);
            state.insert(item, itemRow(3, { label: 'a' }));
          },
        ],
        wants => wants.get(item, 1),
      );
      const labels = (await on.rows(item)).map(row => [row.id, row.label]);
      assert.deepEqual(labels, [
        [1, 'b'],
        [3, 'a'],
      ]);
      assert.deepEqual(await on.submit(state => idsOf(state.find(item, 'byLabel', 'a'))), [3]);
    });

    check('counters - add up over commands and batches, refused ones left out', async on => {
      const add = (label: string, calls: number, talkSeconds: number) => (state: State) => {
        state.add(tally, { day: 1, label }, { calls });
        state.add(tally, { day: 1, label }, { talkSeconds });
      };
      const refused = (state: State) => {
        add('a', 1_000, 1_000)(state);
        add('never', 1, 1)(state);
        refuse('no');
      };
      await on.outcomes([add('a', 1, 10), refused, add('b', 1, 0), add('a', 2, -3), refused, add('none', 0, 0)]);
      const row = (label: string, calls: number, talkSeconds: number) =>
        ({ day: 1, label, count: 1, calls, talkSeconds }) as const;
      assert.deepEqual(await on.sums(tally), [row('a', 3, 7), row('b', 1, 0)]);
      await on.batch([add('a', -3, -7), add('b', -1, 5), add('c', 4, 4), add('c', -4, -4)]);
      assert.deepEqual(await on.sums(tally), [row('b', 0, 5)]);
      await on.submit(add('b', 0, -5));
      assert.deepEqual(await on.sums(tally), []);
    });

    check('the journal - has no gaps, keeps the order of the commands and is told after it is durable', async on => {
      const say = (kind: string, times: number) => (state: State) => {
        for (let n = 1; n <= times; n++) state.journal(oddEvent(kind), { callId: n, n, 'ü "': ['a'], nothing: null });
        return on.ledger.position;
      };
      const refused = (state: State) => {
        state.journal(bareEvent('never.told'), {});
        refuse('no');
      };
      on.time.now = 5_000;
      await on.outcomes([say('a.said', 2), refused, state => state.journal(bareEvent('b.said'), {}), say('c.said', 1)]);
      on.time.now = 6_000;
      await on.submit(say('d.said', 1));
      const said = (position: number, kind: string, n: number | null, at = 5_000) => ({
        position,
        at,
        kind,
        callId: n,
        data: n === null ? null : { n, 'ü "': ['a'], nothing: null },
      });
      const expected = [
        said(1, 'a.said', 1),
        said(2, 'a.said', 2),
        said(3, 'b.said', null),
        said(4, 'c.said', 1),
        said(5, 'd.said', 1, 6_000),
      ];
      assert.deepEqual(await on.rows(journal), expected);
      assert.deepEqual(on.told, expected);
      assert.equal(on.ledger.position, 5);
      await on.reopen();
      assert.equal(on.ledger.position, 5);
      await on.submit(say('e.said', 1));
      assert.deepEqual(on.told.at(-1), said(6, 'e.said', 1, 6_000));
    });

    check('who waits for entries - is told each batch once, until they leave', async on => {
      const positions: number[][] = [];
      const leave = on.ledger.onCommit(entries => positions.push(entries.map(each => each.position)));
      await on.batch(Array.from({ length: 3 }, () => (state: State) => state.journal(bareEvent('a.said'), {})));
      await on.submit(state => state.put(code, { code: 'silent', value: 1 }));
      leave();
      await on.submit(state => state.journal(bareEvent('a.said'), {}));
      assert.deepEqual(positions, [[1, 2, 3]], 'a batch without entries is told to nobody');
    });

    check('sequences - have no gaps after commands that were refused, failed or poisoned', async on => {
      await on.submit(state => state.insert(item, itemRow(1_000, { label: 'taken' })));
      const take = (fields: Partial<Item>, end: () => void = () => {}) => {
        return (state: State) => {
          const id = state.next('item');
          assert.equal(state.next('of its own'), id);
          state.insert(item, itemRow(id, fields));
          end();
          return id;
        };
      };
      const outcomes = await on.outcomes([
        take({}),
        take({}, () => refuse('no')),
        take({}),
        take({ label: 'taken' }),
        take({}),
        take({}, () => assert.fail('a bug')),
        take({}),
        take({ name: null as never }),
      ]);
      const words = outcomes.map(each => (each instanceof Error ? each.name : each));
      assert.deepEqual(words, [1, 'Refusal', 2, 'CommandFailed', 3, 'AssertionError', 4, 'CommandFailed']);
      assert.deepEqual(await on.batch([take({}), take({})]), [5, 6]);
      await on.crash();
      assert.equal(await on.submit(take({})), 7);
      assert.deepEqual(idsOf(await on.rows(item)), [1, 2, 3, 4, 5, 6, 7, 1_000]);
    });

    check('time - is the clock’s, never goes backwards, and is one per batch', async on => {
      const tick = (state: State) => {
        state.journal(bareEvent('a.said'), {});
        return state.now;
      };
      on.time.now = 500;
      assert.deepEqual(await on.batch([tick, tick]), [500, 500]);
      on.time.now = 400;
      assert.equal(await on.submit(tick), 500);
      on.time.now = 501;
      assert.equal(await on.submit(tick), 501);
      on.time.now = 1;
      await on.reopen();
      assert.equal(await on.submit(tick), 501);
      await on.crash();
      assert.equal(await on.submit(tick), 501);
      assert.deepEqual(
        (await on.rows(journal)).map(row => row.at),
        [500, 500, 500, 501, 501, 501],
      );
    });

    check('time - goes on when the clock was far ahead and is right again', async on => {
      const tick = (state: State) => {
        state.journal(bareEvent('a.said'), {});
        return state.now;
      };
      on.time.now = 3_600_000;
      assert.equal(await on.submit(tick), 3_600_000);
      on.time.now = 1_000;
      // Whatever is due a moment after what was said last becomes due.
      await until('it goes on', () => (on.ledger.now() >= 3_600_020 ? true : undefined));
      const later = await on.submit(tick);
      assert.ok(later >= 3_600_020 && later < 3_600_000 + 60_000, String(later));
      on.time.now = 4_000_000;
      assert.equal(await on.submit(tick), 4_000_000);
    });

    check('time and numbers - go on even where a command wrote nothing', async on => {
      on.time.now = 600;
      assert.deepEqual(await on.submit(state => [state.now, state.next('ticket')]), [600, 1]);
      on.time.now = 550;
      assert.deepEqual(await on.submit(state => [state.now, state.next('ticket')]), [600, 2]);
      await on.reopen();
      assert.deepEqual(await on.submit(state => [state.now, state.next('ticket')]), [600, 3]);
      on.time.now = 700;
      assert.equal(await on.submit(state => state.now), 700);
      on.time.now = 650;
      assert.equal(await on.submit(state => state.now), 700, 'though nobody but that reader has seen it');
    });

    check('a full batch of nasty values - comes back as it went in, and again after an update', async on => {
      const ids = Array.from({ length: BATCH }, (_, n) => n + 1);
      const rows = ids.map(nastyRow);
      await on.batch(rows.map(row => state => state.insert(item, row)));
      assert.deepEqual(await on.rows(item), rows);
      await on.reopen();
      const read = await on.submit(
        state => ids.map(id => state.get(item, id)),
        wants => {
          for (const id of ids) wants.get(item, id);
        },
      );
      assert.deepEqual(read, rows);
      for (const text of TEXTS) {
        const found = await on.submit(state => state.find(item, 'byGroup', text).map(row => row.id));
        assert.deepEqual(found, idsOf(rows.filter(row => row.group === text)));
      }
      const changed = ids.map(id => ({ ...nastyRow(id + 1), id, label: null }));
      await Promise.all(
        changed.map(row =>
          on.submit(
            state => state.put(item, row),
            wants => wants.get(item, row.id),
          ),
        ),
      );
      assert.deepEqual(await on.rows(item), changed);
      await on.crash();
      assert.deepEqual(await on.rows(item), changed);
    });

    check('values that are the same in two ways - are one value', async on => {
      await on.submit(state => state.insert(item, itemRow(1, { amount: -0, data: { a: undefined, b: 1 } })));
      await on.reopen();
      const [row] = await on.rows(item);
      assert.ok(row!.amount === 0);
      assert.equal(JSON.stringify(row!.data), '{"b":1}');
      const byZero = { column: 'amount', is: '=', value: -0 } as const;
      assert.equal((await on.ledger.reader.select({ from: item, where: [byZero], limit: 9 })).length, 1);
      assert.equal(await on.submit(state => state.get(item, 1)?.amount === 0), true);
    });

    check('two poisoned commands in a full batch - fail alone, and the others are kept in order', async on => {
      await on.submit(state => state.insert(item, itemRow(1_000_000, { label: 'taken' })));
      const poisons = new Map<number, Partial<Item>>([
        [100, { label: 'taken' }],
        [300, { name: null as never }],
      ]);
      const outcomes = await on.outcomes(
        Array.from({ length: BATCH }, (_, n) => state => {
          const id = state.next('item');
          state.insert(item, itemRow(id, { amount: n, ...poisons.get(n) }));
          state.add(tally, { day: 1, label: 'all' }, { calls: 1 });
          state.journal(itemMade, { callId: n + 1 });
          return id;
        }),
      );
      const failed = outcomes.flatMap((outcome, n) => (outcome instanceof CommandFailed ? [n] : []));
      assert.deepEqual(failed, [100, 300]);
      const kept = Array.from({ length: BATCH }, (_, n) => n).filter(n => !poisons.has(n));
      const made = outcomes.filter(outcome => typeof outcome === 'number');
      assert.deepEqual(
        made,
        kept.map((_, place) => place + 1),
      );
      const rows = (await on.rows(item)).slice(0, -1);
      assert.deepEqual(
        rows.map(row => row.amount),
        kept,
      );
      const entries = await on.rows(journal);
      assert.deepEqual(
        entries.map(row => row.position),
        made,
      );
      assert.deepEqual(
        entries.map(row => row.callId! - 1),
        kept,
      );
      assert.deepEqual(on.told, entries);
      const [sums] = await on.sums(tally);
      assert.equal(sums?.['calls'], BATCH - 2);
    });

    check('a command that throws - leaves nothing for those after it', async on => {
      await on.submit(state => {
        state.insert(item, itemRow(1, { ownerId: 1, name: 'before' }));
        state.insert(item, itemRow(2, { ownerId: 1 }));
        state.put(member, { id: 1, name: 'm', team: 1 });
      });
      const error = new Refusal('thrown');
      const seen = await on.outcomes(
        [
          state => {
            state.put(item, { ...state.get(item, 1)!, name: 'during', ownerId: 2 });
            state.put(item, { ...state.get(item, 1)!, name: 'later' });
            state.delete(item, 2);
            state.insert(item, itemRow(state.next('item') + 10, { ownerId: 1 }));
            state.insert(item, itemRow(state.next('item') + 10, { ownerId: 2 }));
            state.delete(item, 12);
            state.put(member, { id: 2, name: 'n', team: 1 });
            state.delete(member, 1);
            state.add(tally, { day: 1, label: 'a' }, { calls: 1 });
            state.journal(bareEvent('never.told'), {});
            throw error;
          },
          state => ({
            one: state.get(item, 1)?.name,
            owned: idsOf(state.find(item, 'byOwner', 1)),
            moved: idsOf(state.find(item, 'byOwner', 2)),
            gone: [state.get(item, 11), state.get(item, 12)],
            members: idsOf(state.all(member)),
            team: idsOf(state.find(member, 'byTeam', 1)),
            next: state.next('item'),
          }),
          state => state.journal(bareEvent('a.said'), {}),
        ],
        wants => {
          for (const id of [1, 2, 11, 12]) wants.get(item, id);
          for (const owner of [1, 2]) wants.find(item, 'byOwner', owner);
        },
      );
      assert.equal(seen[0], error, 'the very error that was thrown');
      assert.deepEqual(seen[1], {
        one: 'before',
        owned: [1, 2],
        moved: [],
        gone: [undefined, undefined],
        members: [1],
        team: [1],
        next: 1,
      });
      assert.deepEqual(
        (await on.rows(journal)).map(row => [row.position, row.kind]),
        [[1, 'a.said']],
      );
      assert.deepEqual(await on.sums(tally), []);
      assert.deepEqual(idsOf(await on.rows(item)), [1, 2]);
      assert.deepEqual(idsOf(on.ledger.directory.all(member)), [1]);
    });

    check('an insert of what is there already - fails, and hides nothing from those after it', async on => {
      await on.submit(state => state.insert(item, itemRow(1, { name: 'first' })));
      const insert = (state: State) => state.insert(item, itemRow(1, { name: 'second' }));
      const [refused, seen] = await on.outcomes([
        state => {
          insert(state);
          refuse('no');
        },
        state => state.get(item, 1)?.name,
      ]);
      assert.ok(refused instanceof Refusal);
      assert.equal(seen, 'first');
      const [failed, after] = await on.outcomes([insert, state => state.get(item, 1)?.name]);
      assert.ok(failed instanceof CommandFailed);
      assert.equal(after, 'first');
      assert.equal((await on.rows(item))[0]?.name, 'first');
    });

    check('an insert of what the batch has inserted already - is refused as the bug it is', async on => {
      const insert = (name: string) => (state: State) => state.insert(item, itemRow(1, { name }));
      const [first, second, both] = await on.outcomes([
        insert('first'),
        insert('second'),
        state => {
          state.insert(item, itemRow(2));
          state.insert(item, itemRow(2));
        },
      ]);
      assert.equal(first, undefined);
      assert.match(String(second), /inserted twice/);
      assert.match(String(both), /inserted twice/);
      assert.deepEqual(await on.rows(item), [itemRow(1, { name: 'first' })]);
    });

    check('residents - are all there for commands, and for doors once they are durable', async on => {
      const put = (id: number, name: string, team: number | null) => (state: State) => {
        state.put(member, { id, name, team });
        return state.all(member).map(row => row.name);
      };
      const seen = await on.batch<unknown>([
        put(2, 'b', 1),
        put(1, 'a', 1),
        state => {
          state.put(member, { ...state.get(member, 2)!, name: 'c', team: 2 });
          return [
            idsOf(state.find(member, 'byTeam', 1)),
            idsOf(state.find(member, 'byTeam', 2)),
            on.ledger.directory.all(member),
          ];
        },
        put(3, 'd', null),
        state => {
          state.delete(member, 1);
          return [state.all(member).map(row => row.name), state.get(member, 1), state.find(member, 'byName', 'a')];
        },
      ]);
      assert.deepEqual(seen, [['b'], ['a', 'b'], [[1], [2], []], ['a', 'c', 'd'], [['c', 'd'], undefined, []]]);
      const check = () => {
        const { directory } = on.ledger;
        const rows: Member[] = [
          { id: 2, name: 'c', team: 2 },
          { id: 3, name: 'd', team: null },
        ];
        assert.deepEqual(directory.all(member), rows);
        assert.deepEqual(directory.get(member, 2), rows[0]);
        assert.equal(directory.get(member, 1), undefined);
        assert.deepEqual(directory.find(member, 'byName', 'c'), [rows[0]]);
        assert.deepEqual(directory.find(member, 'byTeam', 1), []);
      };
      check();
      await on.outcomes([state => state.put(member, { id: 4, name: 'c', team: null }), () => refuse('no')]);
      check();
      await on.reopen();
      check();
      assert.throws(() => on.ledger.directory.all(item), /not resident/);
    });

    check('a command that asks for a row at a time - is run until it has them, within bounds', async on => {
      const chain = (length: number) => (state: State) => {
        let id = 1;
        for (let steps = 1; steps < length; steps++) id = state.get(item, id)!.amount;
        state.journal(oddEvent('chain.walked'), { callId: length, n: length, 'ü "': [], nothing: null });
        return id;
      };
      await on.submit(state => {
        for (let id = 1; id <= 50; id++) state.insert(item, itemRow(id, { amount: id + 1, ownerId: id }));
      });
      const [eight, fifty, one] = await on.outcomes([
        chain(9),
        chain(50),
        state => idsOf(state.find(item, 'byOwner', 7)),
      ]);
      assert.equal(eight, 9);
      assert.deepEqual(one, [7]);
      if (on.engine.readNow === undefined) {
        assert.ok(fifty instanceof CommandFailed);
        assert.match(fifty.message, /kept asking/);
        assert.deepEqual(
          (await on.rows(journal)).map(row => row.callId),
          [9],
        );
      } else assert.equal(fifty, 50);
    });

    check('a command that fails to say what it will read - fails alone', async on => {
      const fails = () => {
        throw new TypeError('nothing to read');
      };
      const isAsked = on.engine.readNow === undefined;
      const [failing, good] = await Promise.allSettled([
        on.submit(state => state.put(item, itemRow(1)), fails),
        on.submit(
          state => state.put(item, itemRow(2)),
          wants => wants.get(item, 2),
        ),
      ]);
      assert.equal(good.status, 'fulfilled');
      assert.equal(failing.status, isAsked ? 'rejected' : 'fulfilled');
      await on.submit(state => state.put(item, itemRow(3)));
      const kept = (await on.rows(item)).map(row => row.id);
      assert.deepEqual(kept, isAsked ? [2, 3] : [1, 2, 3]);
    });

    check('commands that look under numbers they have just taken - are run in order, and load together', async on => {
      const { engine } = on;
      let loads = 0;
      const load = engine.load.bind(engine);
      engine.load = wants => {
        loads++;
        return load(wants);
      };
      await on.submit(state => state.insert(item, itemRow(1_000, { name: 'there' })));
      loads = 0;
      const COMMANDS = 60;
      const seen = await on.outcomes(
        Array.from({ length: COMMANDS }, (_, n) => state => {
          const id = state.next('item');
          const before = [state.get(item, id), state.find(item, 'byOwner', id).length, state.get(item, 1_000)?.name];
          state.put(item, itemRow(id, { ownerId: id, amount: n }));
          state.journal(itemMade, { callId: id });
          if (n % 10 === 5) refuse('no');
          return [id, ...before];
        }),
      );
      const made = seen.filter(each => !(each instanceof Refusal));
      assert.deepEqual(
        made,
        made.map((_, place) => [place + 1, undefined, 0, 'there']),
      );
      assert.equal(made.length, COMMANDS - COMMANDS / 10);
      const order = (await on.rows(item)).slice(0, -1).map(row => row.amount);
      assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
      );
      assert.ok(loads <= 4, `${loads} loads`);
    });

    check('what was acknowledged - is there after a crash, what was not is not', async on => {
      const acknowledged = new Set<number>();
      for (let round = 0; round < 3; round++) {
        const outcomes = await on.outcomes(
          Array.from({ length: 40 }, (_, n) => state => {
            const id = state.next('item');
            state.insert(item, itemRow(id, { amount: round }));
            state.journal(itemMade, { callId: id });
            if (n % 7 === 0) refuse('no');
            return id;
          }),
        );
        for (const outcome of outcomes) if (typeof outcome === 'number') acknowledged.add(outcome);
        await on.crash();
        assert.deepEqual(idsOf(await on.rows(item)), [...acknowledged]);
        assert.equal(on.ledger.position, acknowledged.size);
      }
    });

    check('drain - finishes what came, refuses what comes', async on => {
      const came = Array.from({ length: 700 }, () => on.submit(state => state.next('item')));
      const drained = on.ledger.drain().then(() => 'drained');
      await assert.rejects(
        on.submit(() => 0),
        StorageUnavailable,
      );
      let answered = 0;
      for (const each of came) void each.then(() => answered++);
      assert.equal(await drained, 'drained');
      assert.equal(answered, 700);
      assert.equal(on.ledger.waiting, 0);
      await on.ledger.drain();
    });

    test('drain - waits for a batch that is being stored', { timeout: 30_000 }, async () => {
      const store = await kind.make(testEntities, directory());
      const on = await TestLedger.open(store, { wrap: engine => new HeldEngine(engine) });
      const held = on.engine as HeldEngine;
      held.hold();
      const arrival = held.arrival();
      const order: string[] = [];
      const answer = on.submit(state => state.insert(item, itemRow(1))).then(() => order.push('answered'));
      const commit = await arrival;
      const drained = on.ledger.drain().then(() => order.push('drained'));
      await new Promise(resolve => setImmediate(resolve));
      await commit.release();
      await Promise.all([answer, drained]);
      assert.deepEqual(order, ['answered', 'drained']);
      await on.close();
    });

    check('a batch - is bounded in commands and in bytes, and the backlog in bytes', async (on, t) => {
      // A batch is bounded in time, too, which would end one early on a machine that is busy.
      t.mock.method(performance, 'now', () => 0);
      const bump = (state: State) => state.add(tally, { day: 1, label: 'a' }, { calls: 1 });
      await on.batch(Array.from({ length: 2 * BATCH + 10 }, () => bump));
      assert.deepEqual(on.batches.splice(0), [BATCH, BATCH, 10]);
      const heavy = command(bump, undefined, MiB);
      await Promise.all(Array.from({ length: 10 }, () => on.ledger.submit(heavy)));
      assert.deepEqual(on.batches.splice(0), [4, 4, 2]);
      const oversize = command(bump, undefined, 5 * MiB);
      await Promise.all([on.ledger.submit(oversize), on.ledger.submit(oversize)]);
      assert.deepEqual(on.batches.splice(0), [1, 1], 'what is larger than a batch has one for itself');
      const outcomes = await Promise.allSettled(Array.from({ length: 70 }, () => on.ledger.submit(heavy)));
      const refused = outcomes.filter(each => each.status === 'rejected');
      assert.equal(refused.length, 5);
      assert.ok(refused.every(each => each.reason instanceof StorageUnavailable));
      assert.equal((await on.sums(tally))[0]?.['calls'], 2 * BATCH + 10 + 10 + 2 + 65);
    });

    check('slow commands - do not hold the answers of those before them', async (on, t) => {
      let now = 0;
      t.mock.method(performance, 'now', () => now);
      const order: number[] = [];
      await on.batch(
        Array.from({ length: 5 }, (_, n) => (state: State) => {
          now += 30;
          order.push(n);
          state.journal(bareEvent('a.said'), {});
        }),
      );
      assert.deepEqual(order, [0, 1, 2, 3, 4]);
      assert.deepEqual(on.batches, [1, 1, 1, 1, 1]);
      assert.equal(on.ledger.position, 5);
    });

    check(
      'one command per batch - when it is told so',
      async on => {
        const bump = (state: State) => {
          state.put(code, { code: 'a', value: (state.get(code, 'a')?.value ?? 0) + 1 });
          return state.get(code, 'a')!.value;
        };
        assert.deepEqual(await on.batch([bump, bump, bump]), [1, 2, 3]);
        assert.deepEqual(on.batches, [1, 1, 1]);
      },
      { batchCommands: 1 },
    );

    test('two ledgers in one process - share nothing', async () => {
      const [left, right] = [
        await TestLedger.open(await kind.make(testEntities, directory())),
        await TestLedger.open(await kind.make(testEntities, directory())),
      ];
      try {
        const write = (on: TestLedger, name: string, times: number) =>
          on.batch(
            Array.from({ length: times }, () => (state: State) => {
              const id = state.next('item');
              state.insert(item, itemRow(id, { name, label: `label ${id}` }));
              state.put(member, { id: 1, name, team: id });
              state.add(tally, { day: 1, label: 'a' }, { calls: 1 });
              state.journal(itemMade, { callId: id });
              return [id, idsOf(state.find(member, 'byTeam', id)), state.now];
            }),
          );
        left.time.now = 2_000;
        right.time.now = 9_000;
        for (let round = 0; round < 3; round++) {
          const [ofLeft, ofRight] = await Promise.all([write(left, 'left', 3), write(right, 'right', 5)]);
          assert.deepEqual(
            ofLeft,
            [1, 2, 3].map(n => [round * 3 + n, [1], 2_000]),
          );
          assert.deepEqual(
            ofRight,
            [1, 2, 3, 4, 5].map(n => [round * 5 + n, [1], 9_000]),
          );
        }
        for (const [on, name, count] of [[left, 'left', 9] as const, [right, 'right', 15] as const]) {
          assert.deepEqual(new Set((await on.rows(item)).map(row => row.name)), new Set([name]));
          assert.equal((await on.rows(item)).length, count);
          assert.deepEqual(on.ledger.directory.all(member), [{ id: 1, name, team: count }]);
          assert.equal((await on.sums(tally))[0]?.['calls'], count);
          assert.equal(on.ledger.position, count);
          assert.equal(on.told.length, count);
        }
      } finally {
        await left.close();
        await right.close();
      }
    });
  });
}
