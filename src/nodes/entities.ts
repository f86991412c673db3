/** What this room keeps: which servers there are, and which of them does what. Without PostgreSQL there are no such rows. */
import { defineEntity, type EntityRow, integer, nullable, text } from '../ledger/entity.ts';

/** One life of one server. */
export const node = defineEntity({
  name: 'node',
  columns: {
    /** Never given twice: a server that starts again is another node. */
    number: integer(),
    /** Where the other nodes reach it; null when they cannot, or it does not listen yet. */
    url: nullable(text()),
    /** Of the program. */
    version: text(),
    startedAt: integer(),
    /** When it said last that it lives. */
    seenAt: integer(),
  },
  key: ['number'],
  resident: true,
});
export type Node = EntityRow<typeof node>;

/**
 * Who does a kind of work. It lasts as long as its node says that it lives: renewing a lease costs nothing of its own.
 */
export const lease = defineEntity({
  name: 'lease',
  columns: {
    work: text(),
    /** Null: given back. */
    node: nullable(integer()),
    /** Grows with every change of hands: what was begun under an older one does not count any more. */
    token: integer(),
    since: integer(),
  },
  key: ['work'],
  resident: true,
});
export type Lease = EntityRow<typeof lease>;

export const nodeEntities = [node, lease];
