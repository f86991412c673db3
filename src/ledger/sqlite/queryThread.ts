/** The thread that runs queries over a read-only connection, so that a long one stalls neither requests nor writes. */
import { flushCompileCache } from 'node:module';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { exactly } from '../exactSum.ts';
import { registerFunctions } from './functions.ts';

export interface QueryThreadSetup {
  readonly file: string;
  /** Answers everything from one moment: for counting while the server goes on. The log grows meanwhile. */
  readonly snapshot: boolean;
}

export interface Question {
  readonly id: number;
  /** The snapshot that answers it, begun by the first question; null: what is committed now. */
  readonly snapshot: number | null;
  readonly sql: string;
  readonly parameters: SQLInputValue[];
}

export type QueryAnswer =
  | { readonly id: number; readonly rows: unknown[][] }
  | { readonly id: number; readonly error: string };

/** Texts differ by filter only: a few dozen stay hot. */
const PREPARED_LIMIT = 200;

/** No question of this snapshot follows. */
export interface SnapshotEnd {
  readonly endOf: number;
}

interface Asked {
  readonly db: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
}

const { file, snapshot: isSnapshot } = workerData as QueryThreadSetup;

function connect(): Asked {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  registerFunctions(db);
  return { db, statements: new Map() };
}

const main = connect();
if (isSnapshot) main.db.exec('BEGIN');
const snapshots = new Map<number, Asked>();
/** Connections of snapshots that have ended. */
const idle: Asked[] = [];

function connectionOf(snapshot: number | null): Asked {
  if (snapshot === null) return main;
  let connection = snapshots.get(snapshot);
  if (connection === undefined) {
    connection = idle.pop() ?? connect();
    connection.db.exec('BEGIN');
    snapshots.set(snapshot, connection);
  }
  return connection;
}

function end(snapshot: number): void {
  const connection = snapshots.get(snapshot);
  if (connection === undefined) return;
  snapshots.delete(snapshot);
  connection.db.exec('COMMIT');
  idle.push(connection);
}

function prepared({ db, statements }: Asked, sql: string): StatementSync {
  let statement = statements.get(sql);
  if (statement === undefined) {
    if (statements.size >= PREPARED_LIMIT) statements.clear();
    statement = db.prepare(sql);
    statement.setReturnArrays(true);
    statements.set(sql, statement);
  }
  return statement;
}

function rowsOf(statement: StatementSync, parameters: readonly SQLInputValue[]): unknown[][] {
  try {
    return statement.all(...parameters) as unknown as unknown[][];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_OUT_OF_RANGE') throw error;
  }
  // Some sum is beyond 2^53. Reading every number as a bigint would make all other answers slower.
  statement.setReadBigInts(true);
  try {
    const rows = statement.all(...parameters) as unknown as unknown[][];
    return rows.map(row => row.map(value => (typeof value === 'bigint' ? exactly(value) : value)));
  } finally {
    statement.setReadBigInts(false);
  }
}

parentPort!.on('message', (question: Question | SnapshotEnd | 'close') => {
  if (question === 'close') {
    for (const { db } of [main, ...snapshots.values(), ...idle]) db.close();
    parentPort!.close();
    return;
  }
  if ('endOf' in question) return end(question.endOf);
  const { id, snapshot, sql, parameters } = question;
  try {
    const rows = rowsOf(prepared(connectionOf(snapshot), sql), parameters);
    parentPort!.postMessage({ id, rows } satisfies QueryAnswer);
  } catch (error) {
    parentPort!.postMessage({
      id,
      error: error instanceof Error ? error.message : String(error),
    } satisfies QueryAnswer);
  }
});
parentPort!.postMessage({ id: 0, rows: [] } satisfies QueryAnswer);
// Now, since a process that is killed would not: the next start reads what was compiled here.
flushCompileCache();
