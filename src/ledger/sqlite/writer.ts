/**
 * The thread that owns the only writing connection. It writes one batch at a time, each in one transaction that is
 * synced before the answer (WAL, synchronous=FULL), and never checkpoints.
 */
import { statfsSync, statSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { AnyEntity, CounterShape } from '../entity.ts';
import { packBytes } from '../packedBytes.ts';
import { column, table } from '../sqlNames.ts';
import { Aborted, type Fault, faultOf, NoRoom } from './faults.ts';
import type { Flush, TableFlush } from './flush.ts';

export interface WriterSetup {
  readonly file: string;
  readonly entities: readonly AnyEntity[];
}

export type WriterAnswer = { readonly fault: Fault | null };

/** Pages kept by the writer: most of what a batch touches (index tails, rollups) stays in it. KiB. */
const CACHE_KIB = 65_536;
/** A checkpoint holds the write lock for its last few pages. */
const BUSY_MS = 30_000;
/** Left free beside what the log still has to bring into the database: its index, the key file, log lines of others. */
const RESERVE_BYTES = 4 * 1024 * 1024;
/** A reader may hold on to the log while the disk is nearly full; then nothing is taken until it lets go. */
const MAKE_ROOM_BUSY_MS = 200;

const { file, entities } = workerData as WriterSetup;
const db = new DatabaseSync(file, { timeout: BUSY_MS });
db.exec(
  `PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-${CACHE_KIB}; PRAGMA foreign_keys=OFF`,
);
const { synchronous } = db.prepare('PRAGMA synchronous').get() as { synchronous: number };
const { journal_mode: journalMode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
if (synchronous !== 2 || journalMode !== 'wal') throw new Error('SQLite must run with synchronous=FULL and a WAL');

const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');
const rollback = db.prepare('ROLLBACK');
const setHead = db.prepare('UPDATE head SET position=?, now=?, sequences=?');
const inserts = entities.map(
  entity =>
    `INSERT INTO ${table(entity)} (${entity.columnNames.map(column).join(',')}) VALUES (${entity.columnNames.map(() => '?').join(',')})`,
);
const statements = new Map<string, StatementSync>();

function prepared(sql: string): StatementSync {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = db.prepare(sql);
    statements.set(sql, statement);
  }
  return statement;
}

const keyIs = (entity: AnyEntity): string => entity.key.map(name => `${column(name)}=?`).join(' AND ');

function upsert(counter: CounterShape): string {
  const sums = counter.sums.map(sum => `${column(sum)}=${column(sum)}+excluded.${column(sum)}`).join(',');
  return `${inserts[entities.indexOf(counter)]} ON CONFLICT DO UPDATE SET ${sums} RETURNING ${column(counter.sums[0]!)} AS left`;
}

/**
 * A log that fills the disk could never be moved into the database, and everything would stand still. So there is
 * always room left for moving all of it; when there is not, this thread moves it now, and refuses what has no room.
 */
function makeRoom(): void {
  if (freeBytes() >= logBytes() + RESERVE_BYTES) return;
  db.exec(`PRAGMA busy_timeout=${MAKE_ROOM_BUSY_MS}`);
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.exec(`PRAGMA busy_timeout=${BUSY_MS}`);
  }
  if (freeBytes() < logBytes() + RESERVE_BYTES) throw new NoRoom();
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(file);
  return bavail * bsize;
}

const logBytes = (): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

function write(flush: Flush): void {
  makeRoom();
  const bytesOf = (place: number) => new Uint8Array(flush.buffer, ...flush.blobs[place]!);
  begin.run();
  for (const each of flush.tables) writeTable(each, bytesOf);
  for (const { entity: place, rows } of flush.counters) {
    const counter = entities[place] as CounterShape;
    const add = prepared(upsert(counter));
    const isNothing = counter.sums.map(sum => `${column(sum)}=0`).join(' AND ');
    const emptied = prepared(`DELETE FROM ${table(counter)} WHERE ${keyIs(counter)} AND ${isNothing}`);
    for (const row of rows) {
      // Of most rows the first sum counts calls, and is not nothing.
      const { left } = add.get(...row) as { left: number };
      if (left === 0) emptied.run(...row.slice(0, counter.key.length));
    }
  }
  setHead.run(flush.head.position, flush.head.now, JSON.stringify(flush.head.sequences));
  commit.run();
}

function writeTable(each: TableFlush, bytesOf: (place: number) => Uint8Array): void {
  const entity = entities[each.entity]!;
  const stored = (value: TableFlush['inserts'][number][number], name: string | undefined): SQLInputValue => {
    if (value === null || name === undefined) return value;
    const { type, words } = entity.columns[name]!;
    if (type !== 'bytes') return value;
    const bytes = bytesOf(value as number);
    return words === null ? bytes : packBytes(bytes, words);
  };
  const withBytes = (values: TableFlush['inserts'][number], names: readonly string[]): SQLInputValue[] =>
    names.some(name => entity.columns[name]!.type === 'bytes')
      ? values.map((value, i) => stored(value, names[i]))
      : values;
  if (each.deletes.length > 0) {
    const statement = prepared(`DELETE FROM ${table(entity)} WHERE ${keyIs(entity)}`);
    for (const key of each.deletes) statement.run(...key);
  }
  for (const { columns, rows } of each.updates) {
    const set = columns.map(name => `${column(name)}=?`).join(',');
    const statement = prepared(`UPDATE ${table(entity)} SET ${set} WHERE ${keyIs(entity)}`);
    for (const values of rows) statement.run(...withBytes(values, columns));
  }
  if (each.inserts.length > 0) {
    const statement = prepared(inserts[each.entity]!);
    for (const values of each.inserts) statement.run(...withBytes(values, entity.columnNames));
  }
}

/** Number of the newest batch this thread has made durable. */
let durable = 0;

parentPort!.on('message', (flush: Flush | 'close') => {
  if (flush === 'close') {
    db.close();
    parentPort!.close();
    return;
  }
  let fault: Fault | null = null;
  try {
    if (flush.after !== durable) throw new Aborted();
    write(flush);
    durable = flush.number;
  } catch (error) {
    fault = faultOf(error);
    try {
      if (db.isTransaction) rollback.run();
    } catch {
      // The failed statement has rolled back already; the first error is the one with the reason.
    }
  }
  parentPort!.postMessage({ fault } satisfies WriterAnswer);
});
parentPort!.postMessage({ fault: null } satisfies WriterAnswer);
// Now, since a process that is killed would not: the next start reads what was compiled here.
flushCompileCache();
