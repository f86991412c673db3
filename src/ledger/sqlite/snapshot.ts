import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { AnyEntity } from '../entity.ts';
import { journal } from '../journal.ts';
import type { Reader } from '../query.ts';
import { checkMigrations, checkTables, DataDirectoryError, readMigrations, refuseUnfinished } from './open.ts';
import { QueryThreadClient } from './queryThreadClient.ts';

export interface Snapshot {
  readonly reader: Reader;
  close(): Promise<void>;
}

/** Throws `DataDirectoryError` where there is no such file. */
export function demandDatabase(file: string): void {
  if (existsSync(file)) return;
  throw new DataDirectoryError(`There is no database ${file}: start the server once, or set DATA_DIR.`);
}

/** Throws `DataDirectoryError` unless this is a database of ours that this Aftercall can read as it is. */
export function checkReadable(file: string, entities: readonly AnyEntity[]): void {
  demandDatabase(file);
  const migrations = readMigrations();
  const newest = migrations.at(-1)!.version;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    const version = checkMigrations(db, file, migrations);
    if (version < newest) {
      throw new DataDirectoryError(
        `The database ${file} has version ${version}, and this Aftercall reads version ${newest}: start this server once to migrate it.`,
      );
    }
    refuseUnfinished(db, file);
    checkTables(db, entities);
  } catch (error) {
    if (error instanceof DataDirectoryError) throw error;
    throw new DataDirectoryError(`The database ${file} cannot be read: ${(error as Error).message}.`);
  } finally {
    db?.close();
  }
}

/** The database as it is at one moment, read beside a server that may be running. Throws `DataDirectoryError`. */
export async function openSnapshot(file: string, entities: readonly AnyEntity[]): Promise<Snapshot> {
  checkReadable(file, [...entities, journal]);
  const reader = await QueryThreadClient.start({ file, snapshot: true }, error => {
    throw error;
  });
  return { reader, close: () => reader.close() };
}
