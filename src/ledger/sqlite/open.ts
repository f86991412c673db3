import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { CopyError, unfinishedSentence } from '../copySides.ts';
import type { AnyEntity } from '../entity.ts';
import { type Migration, type MigrationState, readMigrationFiles, refusalOf } from '../migrationFiles.ts';
import { snake } from '../sqlNames.ts';
import { readMark } from './copyMark.ts';

/** The data directory cannot be used; the message gives the reason and what to do. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));

export interface OpenedDatabase {
  readonly file: string;
  readonly schemaVersion: number;
  /** Lets another server use the database. */
  release(): void;
}

export interface OpeningOptions {
  /** Throws where the database must not be used, before anything in it is changed; an unfinished copy without it. */
  readonly refuse?: (db: DatabaseSync, file: string) => void;
  /** What to do when another process uses it. */
  readonly advice?: string;
  readonly migrations?: readonly Migration[];
}

/** Takes the database file for this process, creates or migrates it. */
export async function openDatabase(
  file: string,
  { refuse = refuseUnfinished, advice, migrations = readMigrations() }: OpeningOptions = {},
): Promise<OpenedDatabase> {
  const directory = dirname(file);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new DataDirectoryError(
      `The data directory ${directory} cannot be written (${reason}): make it writable for this user or set DATA_DIR.`,
    );
  }
  const release = takeLock(file, advice);
  try {
    return { file, schemaVersion: await migrate(file, refuse, migrations), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Throws `DataDirectoryError` where rows are missing that a copying is still to bring. */
export function refuseUnfinished(db: DatabaseSync, file: string): void {
  const mark = readMark(db);
  if (mark !== null) throw new DataDirectoryError(unfinishedSentence(file, mark));
}

/**
 * A lock that dies with its process, whatever kills it: an exclusive transaction on a file beside the database. `advice`:
 * what to do when another process has it.
 */
export function takeLock(file: string, advice = 'stop it, or set DATA_DIR to another one'): () => void {
  const directory = dirname(file);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(`${file}.lock`);
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
    const held = lock;
    return () => held.close();
  } catch (error) {
    lock?.close();
    const code = (error as { errcode?: number }).errcode ?? 0;
    if ((code & 0xff) === 5) {
      throw new DataDirectoryError(`The data directory ${directory} is in use by another Aftercall server: ${advice}.`);
    }
    throw new DataDirectoryError(
      `The data directory ${directory} cannot be used (${(error as Error).message}): check its permissions and free space, or set DATA_DIR.`,
    );
  }
}

export const readMigrations = (): Migration[] => readMigrationFiles(MIGRATIONS);

async function migrate(
  file: string,
  refuse: NonNullable<OpeningOptions['refuse']>,
  migrations: readonly Migration[],
): Promise<number> {
  const newest = migrations.at(-1)!.version;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 5_000 });
    const version = checkMigrations(db, file, migrations);
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
    refuse(db, file);
    if (version > 0 && version < newest) await backup(db, `${file}.before-${String(newest).padStart(4, '0')}`);
    for (const migration of migrations) {
      if (migration.version <= version) continue;
      db.exec('BEGIN EXCLUSIVE');
      try {
        db.exec(migration.sql);
        db.prepare('INSERT INTO migration (version, name, checksum) VALUES (?, ?, ?)').run(
          migration.version,
          migration.name,
          migration.checksum,
        );
        db.exec(`PRAGMA user_version=${migration.version}; COMMIT`);
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    }
    return newest;
  } catch (error) {
    if (error instanceof DataDirectoryError || error instanceof CopyError) throw error;
    throw new DataDirectoryError(`The database ${file} cannot be opened: ${(error as Error).message}.`);
  } finally {
    db?.close();
  }
}

/** The version of a database; throws `DataDirectoryError` where other migrations than these made it. */
export function checkMigrations(db: DatabaseSync, file: string, migrations: readonly Migration[]): number {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  const applied =
    version === 0
      ? []
      : (db.prepare('SELECT version, checksum FROM migration').all() as unknown as MigrationState['applied']);
  const refusal = refusalOf(migrations, { version, applied }, 'an empty data directory (DATA_DIR)');
  if (refusal !== null) throw new DataDirectoryError(`The database ${file} ${refusal}`);
  return version;
}

/** The tables as they are must be the tables the rooms declare; anything else is a bug in a migration. */
export function checkTables(db: DatabaseSync, entities: readonly AnyEntity[]): void {
  for (const entity of entities) {
    const columns = db.prepare(`SELECT name FROM pragma_table_info(?)`).all(snake(entity.name)) as { name: string }[];
    const there = columns
      .map(each => each.name)
      .sort()
      .join();
    const declared = entity.columnNames.map(snake).sort().join();
    if (there !== declared) throw new Error(`table ${entity.name} has the columns ${there}, declared are ${declared}`);
  }
}
