import { defineEntity, type EntityRow, integer, json, nullable, text } from './entity.ts';
import type { JournalEntry } from './state.ts';

/** The ordered, append-only list of what happened (design section 2, Journal). */
export const journal = defineEntity({
  name: 'journal',
  columns: {
    /** 1, 2, 3 … without gaps, in the order the commands were applied. */
    position: integer(),
    /** UTC milliseconds, never smaller than the entry before. */
    at: integer(),
    kind: text(),
    callId: nullable(integer()),
    data: nullable(json<NonNullable<JournalEntry['data']>>()),
  },
  key: ['position'],
  indexes: { byCall: { columns: ['callId'], sparse: true } },
});

export type JournalRow = EntityRow<typeof journal>;
