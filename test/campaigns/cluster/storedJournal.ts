import type { Findings } from '../findings.ts';
import type { ClusterDatabase } from './clusterDatabase.ts';
import { compareEvents, type EventFollower, type StoredEvent } from './eventFollower.ts';

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
    const after = this.position;
    const [counted] = await this.database.run<{ count: string }>(
      `SELECT count(*) FROM journal WHERE position > ${after} AND position <= ${end}`,
    );
    if (Number(counted!.count) !== end - after) {
      found.lost.add(`the journal has ${counted!.count} entries after ${after} up to ${end}`);
    }
    const rows = await this.database.run<{ id: string; position: string; kind: string; call_id: string | null }>(
      eventsBetween(after, end),
    );
    const stored: StoredEvent[] = rows.map(({ id, position, kind, call_id }) => ({
      id,
      position: Number(position),
      kind,
      callId: call_id === null ? null : Number(call_id),
    }));
    const last = stored.at(-1);
    if (last !== undefined) await Promise.all(followers.map(each => each.untilTold(last)));
    for (const follower of followers) compareEvents(follower, { after, stored }, found);
    this.position = end;
  }
}

/** What readers are told: in place of an entry that moved the settling line, each call that it passed. */
const eventsBetween = (after: number, end: number): string => `
  WITH entry AS (SELECT *, data::jsonb AS said FROM journal WHERE position > ${after} AND position <= ${end}),
    settled AS (
      SELECT id, settles_at AS at FROM call WHERE settles_at IS NOT NULL
      UNION SELECT id, settled_at FROM former_call
    ),
    told AS (
      SELECT position::text AS id, position, kind, call_id, 0 AS at, 0 AS part FROM entry WHERE kind <> 'calls.settled'
      UNION ALL
      SELECT position || '.' || settled.id, position, 'call.settled', settled.id, settled.at, settled.id
      FROM entry JOIN settled ON settled.at > (said->>'from')::bigint AND settled.at <= (said->>'to')::bigint
      WHERE kind = 'calls.settled'
    )
  SELECT id, position, kind, call_id FROM told ORDER BY position, at, part`;

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
