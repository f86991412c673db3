import type { Findings } from '../findings.ts';
import type { ClusterDatabase } from './clusterDatabase.ts';
import { compareEvents, type EventFollower } from './eventFollower.ts';

interface Entry {
  readonly position: number;
  readonly kind: string;
  readonly callId: number | null;
}

/** The journal in the database, as far as it has been held against what the nodes told. */
export class StoredJournal {
  private readonly database: ClusterDatabase;
  private position = 0;

  constructor(database: ClusterDatabase) {
    this.database = database;
  }

  /** Where the journal ends. */
  async end(): Promise<number> {
    const [head] = await this.database.run<{ position: string }>('SELECT position FROM head');
    return Number(head!.position);
  }

  /** Everything since the last time: without gaps, and told by every node in order and once. */
  async compare(followers: readonly EventFollower[], found: Findings): Promise<void> {
    const end = await this.end();
    await Promise.all(followers.map(each => each.untilTold(end)));
    const after = this.position;
    const rows = await this.database.run<{ position: string; kind: string; call_id: string | null }>(
      `SELECT position, kind, call_id FROM journal WHERE position > ${after} AND position <= ${end} ORDER BY position`,
    );
    const entries: Entry[] = rows.map(({ position, kind, call_id }) => ({
      position: Number(position),
      kind,
      callId: call_id === null ? null : Number(call_id),
    }));
    if (entries.length !== end - after) {
      found.lost.add(`the journal has ${entries.length} entries after ${after} up to ${end}`);
    }
    for (const follower of followers) compareEvents(follower, { after, entries }, found);
    this.position = end;
  }
}

/** Rows that a repeat must not make twice. */
export async function findDoubledRows(database: ClusterDatabase, found: Findings): Promise<void> {
  for (const [table, columns] of UNIQUE) {
    const rows = await database.run<{ what: string; count: string }>(
      `SELECT concat_ws(' ', ${columns}) AS what, count(*) FROM ${table} GROUP BY ${columns} HAVING count(*) > 1`,
    );
    for (const { what, count } of rows) found.doubled.add(`${table} ${what} is stored ${count} times`);
  }
}

const UNIQUE = [
  // The same leg may be told again with more in it, which is a report of its own.
  ['report', 'source_call_id, "key", fact'],
  ['portal_call', "COALESCE(open::json->>'token', token)"],
  ['record', 'list_id, identity'],
] as const;
