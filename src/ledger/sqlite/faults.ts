import type { FaultKind } from '../engine.ts';

/** An error of SQLite, able to cross threads. */
export interface Fault {
  readonly kind: FaultKind;
  readonly message: string;
}

/** Primary result codes (low byte of the extended code), https://sqlite.org/rescode.html */
const KINDS: Readonly<Record<number, FaultKind>> = {
  5: 'unavailable', // BUSY
  6: 'unavailable', // LOCKED
  7: 'unavailable', // NOMEM
  8: 'unavailable', // READONLY: a file system that has been remounted
  10: 'unavailable', // IOERR
  11: 'fatal', // CORRUPT
  13: 'full', // FULL
  14: 'unavailable', // CANTOPEN
  18: 'poison', // TOOBIG
  19: 'poison', // CONSTRAINT
  20: 'poison', // MISMATCH
  25: 'poison', // RANGE
  26: 'fatal', // NOTADB
};

/** What was reported as written may not be: no answer may leave after that. */
const FATAL_IO = new Set([1034 /* IOERR_FSYNC */, 1290 /* IOERR_DIR_FSYNC */]);

/** A full disk shows as IOERR where SQLite grows the WAL's index. */
const FULL_IO = new Set([4874 /* IOERR_SHMSIZE */]);

/** The batch this one builds on was not stored. */
export class Aborted extends Error {}

/** The disk has no room for the batch and for moving the log into the database. */
export class NoRoom extends Error {}

export function faultOf(error: unknown): Fault {
  if (error instanceof Aborted) return { kind: 'aborted', message: 'the batch before was not stored' };
  if (error instanceof NoRoom) return { kind: 'full', message: 'the disk is full' };
  const code = (error as { errcode?: unknown }).errcode;
  const message = error instanceof Error ? error.message : String(error);
  if (typeof code !== 'number') return { kind: 'poison', message };
  if (FATAL_IO.has(code)) return { kind: 'fatal', message: `${message} (the disk could not confirm a write)` };
  if (FULL_IO.has(code)) return { kind: 'full', message: 'database or disk is full' };
  return { kind: KINDS[code & 0xff] ?? 'fatal', message };
}
