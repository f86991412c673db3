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
  numbered,
  text,
} from '../entity.ts';
import { defineEvent, id, optional, orNull, whole, words } from '../event.ts';
import type { Expansion } from '../expansion.ts';
import type { JournalRow } from '../journal.ts';

/** What some bytes of the tests repeat. */
export const WORDS = new TextEncoder().encode('{"not":"read","n":');

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
    raw: bytes({ words: WORDS }),
    tail: nullable(bytes({ words: WORDS })),
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

/** Its ids are numbers of a sequence, and so is what it answers. */
export const ticket = defineEntity({
  name: 'testTicket',
  columns: { id: numbered('ticket'), answers: nullable(numbered('ticket')), text: text() },
  key: ['id'],
  indexes: { byAnswered: { columns: ['answers'], sparse: true } },
});

export const testEntities: readonly AnyEntity[] = [item, place, code, member, ticket, tally];

/** An event of any kind, of which nothing else is said. */
export const bareEvent = (kind: string) =>
  defineEvent({ kind, call: 'never', description: 'Something was said.', data: {}, example: {} });

export const itemMade = defineEvent({
  kind: 'item.made',
  call: 'always',
  description: 'An item was made.',
  data: { itemId: optional(id('The item.')) },
  example: { callId: 1 },
});

/** A name and values that an engine could get wrong. */
export const oddEvent = (kind: string) =>
  defineEvent({
    kind,
    call: 'always',
    description: 'Something was said in odd words.',
    data: { n: whole('A number.'), 'ü "': words(['a'], 'Words.'), nothing: orNull(whole('Nothing.')) },
    example: { callId: 1, n: 1, 'ü "': ['a'], nothing: null },
  });

export const itemRow = (itemId: number, fields: Partial<Item> = {}): Item => ({
  id: itemId,
  name: `item ${itemId}`,
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

/** One entry that stands for `members`, each of a call that is a member's id, in the order of their names. */
export const membersMoved = defineEvent({
  kind: 'members.moved',
  call: 'never',
  description: 'All members of a team have moved.',
  data: { team: whole('The team.') },
  example: { team: 1 },
});

/** `asked` gets the entries whose parts are asked for, and the part after which. */
export function memberMoves(asked: string[] = []): Expansion {
  return {
    kind: membersMoved.kind,
    async parts(reader, entries, after, limit) {
      asked.push(`${entries.map(each => each.position).join(' ')} after ${after}`);
      const parts: JournalRow[] = [];
      for (const { position, at, data } of entries) {
        const rows = await reader.select<Member>({
          from: member,
          where: [{ column: 'team', is: '=', value: data!['team'] as number }],
          orderBy: [{ column: 'name' }],
          limit: 10_000,
        });
        parts.push(...rows.map(({ id: callId }) => ({ position, at, kind: 'member.moved', callId, data: null })));
      }
      const [first] = entries;
      const begin = parts.findIndex(each => each.position === first!.position && each.callId === after) + 1;
      return { parts: parts.slice(begin, begin + limit), isAll: begin + limit >= parts.length };
    },
  };
}
