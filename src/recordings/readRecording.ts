import type { ReadStream } from 'node:fs';
import type { Reader } from '../ledger/query.ts';
import { latestRecording } from './attach.ts';
import type { AudioStore } from './audioStore.ts';
import { type Recording, recording } from './entities.ts';

/** More than a call ever has; the newest ones. */
const PER_CALL = 1_000;

export interface ReadableRecording {
  readonly recording: Recording;
  /** Bytes `start` to `end`, both included and below `recording.bytes`; all of them when left out. To be read or destroyed. */
  stream(range?: { readonly start: number; readonly end: number }): ReadStream;
}

/** Null when there is no such recording, or its file is gone or not the one that was stored. */
export async function readRecording(reader: Reader, store: AudioStore, id: number): Promise<ReadableRecording | null> {
  const [found] = await reader.select({
    from: recording,
    where: [{ column: 'id', is: '=', value: id }],
    limit: 1,
  });
  if (found === undefined || (await store.size(found.file)) !== found.bytes) return null;
  return { recording: found, stream: range => store.read(found.file, range) };
}

/** The recording a call has by its reports, of several the one that was asked for last; null when it has none. */
export async function recordingOfCall(reader: Reader, sourceCallId: number): Promise<Recording | null> {
  const all = await reader.select({
    from: recording,
    where: [{ column: 'sourceCallId', is: '=', value: sourceCallId }],
    orderBy: [{ column: 'id', descending: true }],
    limit: PER_CALL,
  });
  return latestRecording(all) ?? null;
}
