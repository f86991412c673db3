/** The tables the tests of the ledger keep: every type of column, every kind of key and index. */
import {
  type AnyEntity,
  boolean,
  bytes,
  defineCounter,
  defineEntity,
  type EntityRow,
  integer,
  type Json,
  json,
  nullable,
  text,
} from '../entity.ts';

export const item = defineEntity({
  name: 'testItem',
  columns: {
    id: integer(),
    name: text(),
    /** A word of SQL, as a column's name. */
    group: text(),
    ownerId: nullable(integer()),
    slot: nullable(integer()),
    label: nullable(text()),
    amount: integer(),
    flag: boolean(),
    maybe: nullable(boolean()),
    data: json<Json>(),
    extra: nullable(json<Json>()),
    raw: bytes(),
    tail: nullable(bytes()),
  },
  key: ['id'],
  indexes: {
    byGroup: { columns: ['group'] },
    byGroupAndOwner: { columns: ['group', 'ownerId'] },
    byOwner: { columns: ['ownerId'], sparse: true },
    byLabel: { columns: ['label'], unique: true },
    bySlot: { columns: ['ownerId', 'slot'], unique: true, sparse: true },
  },
});
export type Item = EntityRow<typeof item>;

/** A key of a number and two texts. */
export const place = defineEntity({
  name: 'testPlace',
  columns: { day: integer(), street: text(), house: text(), value: integer() },
  key: ['day', 'street', 'house'],
  indexes: { byHouse: { columns: ['house'] } },
});
export type Place = EntityRow<typeof place>;

export const code = defineEntity({ name: 'testCode', columns: { code: text(), value: integer() }, key: ['code'] });

export const member = defineEntity({
  name: 'testMember',
  columns: { id: integer(), name: text(), team: nullable(integer()) },
  key: ['id'],
  indexes: { byName: { columns: ['name'], unique: true }, byTeam: { columns: ['team'], sparse: true } },
  resident: true,
});
export type Member = EntityRow<typeof member>;

export const tally = defineCounter({
  name: 'testTally',
  key: { day: integer(), label: text() },
  sums: ['calls', 'talkSeconds'],
});

export const testEntities: readonly AnyEntity[] = [item, place, code, member, tally];

export const itemRow = (id: number, fields: Partial<Item> = {}): Item => ({
  id,
  name: `item ${id}`,
  group: 'x',
  ownerId: null,
  slot: null,
  label: null,
  amount: 0,
  flag: false,
  maybe: null,
  data: {},
  extra: null,
  raw: new Uint8Array(0),
  tail: null,
  ...fields,
});
