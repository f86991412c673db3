import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DamagedRow, fits } from './columnValue.ts';
import { boolean, bytes, integer, json, nullable, type Row, text } from './entity.ts';
import { decoder as postgresDecoder } from './postgres/rows.ts';
import { decoder as sqliteDecoder } from './sqlite/rows.ts';

const COLUMNS = {
  integer: integer(),
  text: text(),
  boolean: boolean(),
  bytes: bytes(),
  json: json(),
  maybe: nullable(text()),
};

test('a value - fits columns of its type only, and null those that may be null', () => {
  const values = { integer: 2 ** 53 - 1, text: '', boolean: false, bytes: new Uint8Array(1), json: { a: 1 } };
  for (const [name, column] of Object.entries(COLUMNS)) {
    for (const [type, value] of Object.entries(values)) {
      const expected = name === type || name === 'json' || (name === 'maybe' && type === 'text');
      assert.equal(fits(column, value), expected, `${type} in ${name}`);
    }
    assert.equal(fits(column, null), name === 'maybe');
    assert.equal(fits(column, undefined), false);
  }
  for (const value of [1.5, 2 ** 53, Number.NaN, '1', 1n]) assert.equal(fits(COLUMNS.integer, value), false);
  // What sums may add up to.
  for (const value of [1, 2n ** 60n]) assert.equal(fits({ ...COLUMNS.integer, exact: true }, value), true);
});

for (const [engine, decoder, stored] of [
  ['SQLite', sqliteDecoder, { integer: 1, text: 'a', boolean: 1, bytes: new Uint8Array(1), json: '{}', maybe: null }],
  [
    'PostgreSQL',
    postgresDecoder,
    { integer: 1, text: 'a', boolean: true, bytes: new Uint8Array(1), json: '{}', maybe: null },
  ],
] as const) {
  describe(`a row read from ${engine}`, () => {
    const names = [...Object.keys(COLUMNS), 'count'];
    const decode = decoder({ name: 'thing', columns: COLUMNS }, names);
    const read = (changes: Row) => {
      const values: Row = { count: 2, ...stored, ...changes };
      return decode(names.map(name => values[name]));
    };

    test('as it was stored - is a row; what is no column is a count', () => {
      const row = { integer: 1, text: 'a', boolean: true, bytes: new Uint8Array(1), json: {}, maybe: null, count: 2 };
      assert.deepEqual(read({}), row);
    });

    for (const [name, value] of [
      ['integer', 1.5],
      ['integer', null],
      ['text', 5],
      ['boolean', 2],
      ['bytes', 'ab'],
      ['json', null],
      ['maybe', 5],
    ] as const) {
      test(`with ${value} for its ${name} - is damaged, and says in which column and not with what`, () => {
        assert.throws(
          () => read({ [name]: value }),
          error => error instanceof DamagedRow && error.message.startsWith(`a stored thing.${name} is no `),
        );
      });
    }
  });
}
