import type { DatabaseSync } from 'node:sqlite';
import type { CopyMark } from '../copySides.ts';

/** Is there while a database is an unfinished copy, and no longer: no migration makes it. */
export const MARK_TABLE = 'unfinished_copy';

export function readMark(db: DatabaseSync): CopyMark | null {
  const there = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(MARK_TABLE);
  if (there === undefined) return null;
  const { mark } = db.prepare(`SELECT mark FROM ${MARK_TABLE}`).get() as { mark: string };
  return JSON.parse(mark);
}
