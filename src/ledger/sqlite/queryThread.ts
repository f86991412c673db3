/** The thread that runs queries over a read-only connection, so that a long one stalls neither requests nor writes. */
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
  readonly sql: string;
  readonly parameters: SQLInputValue[];
}

export type QueryAnswer =
  | { readonly id: number; readonly rows: unknown[][] }
  | { readonly id: number; readonly error: string };

/** Texts differ by filter only: a few dozen stay hot. */
const PREPARED_LIMIT = 200;

const { file, snapshot } = workerData as QueryThreadSetup;
const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
registerFunctions(db);
if (snapshot) db.exec('BEGIN');
const statements = new Map<string, StatementSync>();

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

parentPort!.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    db.close();
    parentPort!.close();
    return;
  }
  const { id, sql, parameters } = question;
  try {
    let statement = statements.get(sql);
    if (statement === undefined) {
      if (statements.size >= PREPARED_LIMIT) statements.clear();
      statement = db.prepare(sql);
      statement.setReturnArrays(true);
      statements.set(sql, statement);
    }
    const rows = rowsOf(statement, parameters);
    parentPort!.postMessage({ id, rows } satisfies QueryAnswer);
  } catch (error) {
    parentPort!.postMessage({
      id,
      error: error instanceof Error ? error.message : String(error),
    } satisfies QueryAnswer);
  }
});
parentPort!.postMessage({ id: 0, rows: [] } satisfies QueryAnswer);
