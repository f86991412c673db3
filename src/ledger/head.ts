import { defineEntity, integer, json } from './entity.ts';
import type { Reader } from './query.ts';

/** The one row that every engine has beside the entities, as far as it can be asked for like one of them. */
const head = defineEntity({
  name: 'head',
  columns: {
    /** Of the newest journal entry. */
    position: integer(),
    /** The newest number that each sequence has given out. */
    sequences: json<Readonly<Record<string, number>>>(),
  },
  key: [],
});

export interface StoredHead {
  readonly position: number;
  readonly sequences: Readonly<Record<string, number>>;
}

/** Of a store in SQL. */
export async function readHead(reader: Reader): Promise<StoredHead> {
  const [row] = await reader.select({ from: head, limit: 1 });
  if (row === undefined) throw new Error('the table head is empty');
  return row;
}
