/** What a schema's lock and channel are called, which it shares with the other schemas of its database. */
import { createHash } from 'node:crypto';

/** First part of our locks' keys: that they are ours. */
const LOCK_CLASS = 0x61_66_74_63;

const numberOf = (schema: string): number => createHash('sha256').update(schema).digest().readUInt32BE() >>> 1;

/** The two arguments of `pg_advisory_lock` and its like, for the lock under which batches and migrations run. */
export const lockArguments = (schema: string): string => `${LOCK_CLASS}, ${numberOf(schema)}`;

/** The same of the lock that every node shares, and that one which must be alone takes for itself. */
export const presenceArguments = (schema: string): string => `${LOCK_CLASS + 1}, ${numberOf(schema)}`;

/**
 * Who holds the first lock and has not got on for longer than any node that still runs. One that waits for a standby is not it, nor
 * one that has waited for the lock for long itself: the server has answered it since.
 */
export const endStuckBatch = (schema: string, writer: string, stuckMs: number): string => `
SELECT pg_terminate_backend(a.pid)
FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ${LOCK_CLASS} AND l.objid = ${numberOf(schema)} AND l.objsubid = 2
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND a.application_name = '${writer}' AND a.pid <> pg_backend_pid()
  AND a.wait_event IS DISTINCT FROM 'SyncRep'
  AND greatest(a.xact_start, a.state_change) < clock_timestamp() - interval '${stuckMs} milliseconds'`;

/** Where a node notifies that it has stored a batch. */
export const channelOf = (schema: string): string => `aftercall_${numberOf(schema)}`;
