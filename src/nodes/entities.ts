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
    /** When its last heartbeat was stored. */
    seenAt: integer(),
    /** When another node found that its heartbeats had stopped; null: none has. */
    deadSince: nullable(integer()),
  },
  key: ['number'],
  resident: true,
});
export type Node = EntityRow<typeof node>;

/** Which node does a job. It lasts as long as the heartbeats of its node: renewing a lease costs nothing of its own. */
export const lease = defineEntity({
  name: 'lease',
  columns: {
    job: text(),
    /** Null: given back. */
    node: nullable(integer()),
    /** Grows with every change of hands: what was begun under an older one does not count any more. */
    token: integer(),
    since: integer(),
  },
  key: ['job'],
  resident: true,
});
export type LeaseRow = EntityRow<typeof lease>;

export const nodeEntities = [node, lease];
