import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type KeyValue, keyOf, mapKey } from './entity.ts';
import { compareValues, Table } from './table.ts';
import { type Item, item, itemRow, place } from './testing/testEntities.ts';

/** Pieces of which a careless key would make the same text in two ways. */
const piece = fc.constantFrom('', 'a', 'b', '1', '12', ':', ';', '#', '1:', '#1', '3:abc', '1:y', '\uffff', '👍');
const tricky = fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join(''));
const whole = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger());
const types = fc.array(fc.boolean(), { minLength: 2, maxLength: 4 });
const tuples = types.chain(isNumber => {
  const tuple = fc.tuple(...isNumber.map(each => (each ? whole : tricky) as fc.Arbitrary<KeyValue>));
  return fc.tuple(tuple, tuple);
});

test('mapKey - tuples have the same key when they are the same, and only then', () => {
  fc.assert(
    fc.property(tuples, ([a, b]) => {
      const same = a.every((value, i) => value === b[i]);
      assert.equal(mapKey(a) === mapKey(b), same);
      assert.equal(mapKey(a), mapKey([...a]));
    }),
    { numRuns: 3_000 },
  );
  const long = 't'.repeat(17);
  assert.notEqual(mapKey([12, 'abc', `${long}1:y`]), mapKey([1, `abc20:${long}`, 'y']));
});

test('keyOf - is the map key of the columns of the key', () => {
  assert.equal(keyOf(item, itemRow(7)), 7);
  assert.equal(keyOf(place, { day: 1, street: 'a', house: 'b', value: 2 }), mapKey([1, 'a', 'b']));
});

describe('compareValues', () => {
  test('texts - as their UTF-8 bytes', () => {
    const unit = fc.constantFrom('a', 'b', '\u007f', '\u0080', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}');
    const word = fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(Math.sign(compareValues(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('NULL before everything, false before true, numbers by size', () => {
    const ascending = [null, false, true];
    const numbers = [null, -(2 ** 53) + 1, -1, 0, 1, 2 ** 53 - 1];
    for (const values of [ascending, numbers]) {
      values.forEach((a, i) => {
        values.forEach((b, j) => {
          assert.equal(Math.sign(compareValues(a, b)), Math.sign(i - j), `${a} and ${b}`);
        });
      });
    }
    assert.equal(compareValues(0, -0), 0);
  });
});

test('Table - finds by every index what a search of all rows finds, after any changes', () => {
  const change = fc.record({
    id: fc.integer({ min: 1, max: 6 }),
    group: fc.constantFrom('x', 'y'),
    ownerId: fc.option(fc.integer({ min: 1, max: 2 }), { freq: 2 }),
    gone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 25 }), fc.nat({ max: 25 }), (changes, asked) => {
      const table = new Table(item);
      const rows = new Map<number, Item>();
      for (const [place, { id, group, ownerId, gone }] of changes.entries()) {
        // What was asked for before a change is kept up to date; the rest is made of what there is.
        if (place === asked) table.find('byGroup', ['x']);
        const row = itemRow(id, { group, ownerId });
        assert.deepEqual(gone ? table.remove(id) : table.set(id, row), rows.get(id));
        if (gone) rows.delete(id);
        else rows.set(id, row);
      }
      const among = (keep: (row: Item) => boolean) => [...rows.values()].filter(keep).sort((a, b) => a.id - b.id);
      for (const group of ['x', 'y', 'z']) {
        assert.deepEqual(
          table.find('byGroup', [group]),
          among(row => row.group === group),
        );
        for (const owner of [1, 2]) {
          assert.deepEqual(
            table.find('byGroupAndOwner', [group, owner]),
            among(row => row.group === group && row.ownerId === owner),
          );
          assert.deepEqual(
            table.find('byOwner', [owner]),
            among(row => row.ownerId === owner),
          );
        }
      }
      const indexed = [...table.inIndex('byOwner')].map(row => row['id']).sort();
      assert.deepEqual(
        indexed,
        among(row => row.ownerId !== null).map(row => row.id),
      );
    }),
    { numRuns: 300 },
  );
});
