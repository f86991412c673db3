import { defineEntity, type EntityRow, integer, json, nullable, text } from './entity.ts';
import type { EventData } from './event.ts';
import type { Reader } from './query.ts';

/** The ordered, append-only list of what happened (ARCHITECTURE.md, section 2). */
export const journal = defineEntity({
  name: 'journal',
  columns: {
    /** 1, 2, 3 … without gaps, in the order the commands were applied. */
    position: integer(),
    /** UTC milliseconds, never smaller than the entry before. */
    at: integer(),
    kind: text(),
    callId: nullable(integer()),
    data: nullable(json<EventData>()),
  },
  key: ['position'],
  indexes: { byCall: { columns: ['callId'], sparse: true } },
});

export type JournalRow = EntityRow<typeof journal>;

/** Positions are 1, 2, 3 … without gaps; a sentence when they are not. */
export async function findGaps(reader: Reader): Promise<string[]> {
  const [counted] = await reader.aggregate<JournalRow>({ from: journal, groupBy: [], sum: [] });
  const [newest] = await reader.select<JournalRow>({
    from: journal,
    columns: ['position'],
    orderBy: [{ column: 'position', descending: true }],
    limit: 1,
  });
  const entries = Number(counted?.['count'] ?? 0);
  const position = newest?.position ?? 0;
  return entries === position ? [] : [`the journal has ${entries} entries, and the newest is number ${position}`];
}
