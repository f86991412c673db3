/** A SQLite database that is copied from, and one that is copied to. Each is locked as a server locks it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import {
  CopyError,
  type CopyHead,
  type CopyKey,
  type CopyMark,
  type CopyRow,
  type CopySource,
  type CopyTarget,
  type CopyValue,
  notEmptySentence,
  PAGE_BYTES,
} from '../copySides.ts';
import { EngineFault } from '../engine.ts';
import type { AnyEntity } from '../entity.ts';
import { exactly } from '../exactSum.ts';
import { column, table } from '../sqlNames.ts';
import { MARK_TABLE, readMark } from './copyMark.ts';
import { faultOf } from './faults.ts';
import { checkTables, DataDirectoryError, openDatabase, takeLock } from './open.ts';
import { checkReadable } from './snapshot.ts';

/** Of a database that is written to from one end to the other, the inner pages of its indexes stay in it. */
const CACHE_KIB = 65_536;
/** Pages of the log that are moved into the database at once: 64 MiB. */
const CHECKPOINT_PAGES = 16_384;
/** A person with a shell may be looking. */
const BUSY_MS = 10_000;

const advice = 'stop it (or the command that does) for as long as the copying takes';

/** Refuses while a server uses it, and keeps servers away. Throws `CopyError` and `DataDirectoryError`. */
export function openCopySource(path: string, entities: readonly AnyEntity[]): CopySource {
  const file = resolve(path);
  if (!existsSync(file)) throw new CopyError(`There is no database ${file}: name the file of the ledger in --from.`);
  const release = takeLock(file, advice);
  try {
    checkReadable(file, entities);
    const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
    db.exec('BEGIN');
    return new SqliteSide(db, file, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Creates it, or takes an empty one or an unfinished copy. Throws `CopyError` and `DataDirectoryError`. */
export async function openCopyTarget(path: string, entities: readonly AnyEntity[]): Promise<CopyTarget> {
  const file = resolve(path);
  const { release } = await openDatabase(file, { refuse: refuseUsed, advice });
  try {
    const db = new DatabaseSync(file, { timeout: BUSY_MS });
    db.exec(
      `PRAGMA synchronous=FULL; PRAGMA cache_size=-${CACHE_KIB}; PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}; PRAGMA foreign_keys=OFF`,
    );
    checkTables(db, entities);
    return new SqliteTarget(db, file, release, entities);
  } catch (error) {
    release();
    throw error instanceof DataDirectoryError ? error : faulty(error);
  }
}

/** A ledger is not even migrated. */
function refuseUsed(db: DatabaseSync, file: string): void {
  const isNew = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'head'").get() === undefined;
  if (isNew || readMark(db) !== null) return;
  if (readHead(db).now !== 0) throw new CopyError(notEmptySentence(file));
}

function readHead(db: DatabaseSync): CopyHead {
  const { position, now, sequences } = db.prepare('SELECT position, now, sequences FROM head').get() as {
    position: number;
    now: number;
    sequences: string;
  };
  return { position, now, sequences: JSON.parse(sequences) };
}

const list = (names: readonly string[]): string => names.map(column).join(', ');
const marks = (names: readonly string[]): string => names.map(() => '?').join(', ');

class SqliteSide implements CopySource {
  readonly place: string;
  readonly head: CopyHead;
  protected readonly db: DatabaseSync;
  private readonly release: () => void;
  private readonly statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, file: string, release: () => void) {
    this.db = db;
    this.place = file;
    this.release = release;
    this.head = readHead(db);
  }

  async count(entity: AnyEntity): Promise<number> {
    return this.reading(entity, () => {
      const [count] = this.prepared(`SELECT count(*) FROM ${table(entity)}`).get() as unknown as [number];
      return count;
    });
  }

  async page(entity: AnyEntity, after: CopyKey | null, rows: number): Promise<CopyRow[]> {
    // Reading keeps this thread busy: what the other side is to do meanwhile leaves first.
    await turn();
    return this.reading(entity, () => {
      const statement = this.select(entity, after === null ? null : '>', rows);
      const found: CopyRow[] = [];
      let bytes = 0;
      for (const values of statement.iterate(...(after ?? [])) as unknown as Iterable<SQLInputValue[]>) {
        const row = decoded(entity, values);
        found.push(row);
        for (const value of row) bytes += sizeOf(value);
        if (bytes >= PAGE_BYTES) break;
      }
      return found;
    });
  }

  async find(entity: AnyEntity, key: CopyKey): Promise<CopyRow | null> {
    return this.reading(entity, () => {
      const values = this.select(entity, '=', 1).get(...key) as unknown as SQLInputValue[] | undefined;
      return values === undefined ? null : decoded(entity, values);
    });
  }

  async close(): Promise<void> {
    this.db.close();
    this.release();
  }

  protected prepared(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      statement.setReturnArrays(true);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private select(entity: AnyEntity, compare: '>' | '=' | null, rows: number): StatementSync {
    const { key, columnNames } = entity;
    const where = compare === null ? '' : `WHERE (${list(key)}) ${compare} (${marks(key)})`;
    const statement = this.prepared(
      `SELECT ${list(columnNames)} FROM ${table(entity)} ${where} ORDER BY ${list(key)} LIMIT ${rows}`,
    );
    // Sums may be beyond 2^53.
    statement.setReadBigInts(entity.kind === 'counter');
    return statement;
  }

  private reading<T>({ name }: AnyEntity, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw faulty(error, `reading ${name}: `);
    }
  }
}

class SqliteTarget extends SqliteSide implements CopyTarget {
  readonly mark: CopyMark | null;
  private readonly entities: readonly AnyEntity[];

  constructor(db: DatabaseSync, file: string, release: () => void, entities: readonly AnyEntity[]) {
    super(db, file, release);
    this.mark = readMark(db);
    this.entities = entities;
  }

  async begin(mark: CopyMark): Promise<void> {
    this.writing(() => {
      this.db.exec(`CREATE TABLE ${MARK_TABLE} (mark TEXT NOT NULL) STRICT`);
      this.prepared(`INSERT INTO ${MARK_TABLE} (mark) VALUES (?)`).run(JSON.stringify(mark));
    });
  }

  async add(entity: AnyEntity, rows: readonly CopyRow[], mark: CopyMark): Promise<void> {
    const { columnNames } = entity;
    const insert = this.prepared(`INSERT INTO ${table(entity)} (${list(columnNames)}) VALUES (${marks(columnNames)})`);
    this.writing(() => {
      for (const row of rows) insert.run(...row.map(encoded));
      this.prepared(`UPDATE ${MARK_TABLE} SET mark = ?`).run(JSON.stringify(mark));
    });
  }

  async empty(): Promise<void> {
    this.writing(() => {
      for (const entity of this.entities) this.db.exec(`DELETE FROM ${table(entity)}`);
      this.db.exec(`DROP TABLE ${MARK_TABLE}`);
    });
  }

  async finish({ position, now, sequences }: CopyHead): Promise<void> {
    this.writing(() => {
      this.prepared('UPDATE head SET position = ?, now = ?, sequences = ?').run(
        position,
        now,
        JSON.stringify(sequences),
      );
      this.db.exec(`DROP TABLE ${MARK_TABLE}`);
    });
    // A database that is not in use is one file.
    this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  private writing(work: () => void): void {
    try {
      this.db.exec('BEGIN IMMEDIATE');
      work();
      this.db.exec('COMMIT');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw faulty(error);
    }
  }
}

function decoded({ columns, columnNames }: AnyEntity, values: readonly SQLInputValue[]): CopyRow {
  return values.map((value, i) => {
    if (columns[columnNames[i]!]!.type === 'boolean' && value !== null) return value === 1;
    return typeof value === 'bigint' ? exactly(value) : (value as CopyValue);
  });
}

const encoded = (value: CopyValue): SQLInputValue => (typeof value === 'boolean' ? Number(value) : value);

const sizeOf = (value: CopyValue): number =>
  typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8;

function faulty(error: unknown, what = ''): EngineFault {
  const { kind, message } = faultOf(error);
  return new EngineFault(kind, what + message, { cause: error });
}
