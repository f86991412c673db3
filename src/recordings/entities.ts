/** What this room keeps. The audio itself lies in files beside the ledger, named by what is in them. */
import { defineEntity, type EntityRow, integer, nullable, numbered, text } from '../ledger/entity.ts';

/** A recording that somebody named by URL and that is to be fetched. */
export const fetchJob = defineEntity({
  name: 'fetchJob',
  columns: {
    id: numbered('fetchJob'),
    sourceCallId: numbered('call'),
    /** The report that named it. */
    reportId: integer(),
    url: text({ personal: 'content' }),
    /** As it is to be called; null: as the URL calls it. */
    name: nullable(text({ personal: 'content' })),
    requestedAt: integer(),
    /** Those that ended one way or the other; one that this server did not survive does not count. */
    attempts: integer(),
    /** When to try; null once it is done or failed. */
    dueAt: nullable(integer()),
    state: text<'waiting' | 'done' | 'failed'>(),
    lastProblem: nullable(text({ personal: 'content' })),
  },
  key: ['id'],
  indexes: { due: { columns: ['dueAt'], sparse: true }, bySourceCall: { columns: ['sourceCallId'] } },
});
export type FetchJob = EntityRow<typeof fetchJob>;

/** Audio of a call. A call may have several; see `latestRecording`. */
export const recording = defineEntity({
  name: 'recording',
  columns: {
    id: numbered('recording'),
    sourceCallId: numbered('call'),
    name: text({ personal: 'content' }),
    contentType: text(),
    bytes: integer(),
    /** SHA-256 in hex. */
    digest: text(),
    /** Below the directory of recordings. */
    file: text(),
    /** When it was asked for, or handed over. */
    requestedAt: integer(),
    /** When it was stored. */
    at: integer(),
  },
  key: ['id'],
  indexes: { bySourceCall: { columns: ['sourceCallId'] } },
});
export type Recording = EntityRow<typeof recording>;

export const recordingEntities = [fetchJob, recording];
