import type { AnyEntity } from '../entity.ts';
import { journal } from '../journal.ts';
import type { Reader } from '../query.ts';
import { Connection, type Database } from './connection.ts';
import { DatabaseError } from './databaseError.ts';
import { messageOf } from './faults.ts';
import {
  checkMigrations,
  checkTables,
  placeOf,
  readMigrations,
  refuseUnfinished,
  versionOf,
  withConnection,
} from './migrate.ts';
import { readerOn } from './reader.ts';

export interface Snapshot {
  readonly reader: Reader;
  close(): Promise<void>;
}

/** Whether nothing of ours is in the schema yet. Throws `DatabaseError`. */
export function isEmptyDatabase(database: Database): Promise<boolean> {
  return withConnection(database, 'snapshot', async connection => (await versionOf(connection, database)) === 0);
}

/** Throws `DatabaseError` where it is. */
export async function demandTables(database: Database): Promise<void> {
  if (await isEmptyDatabase(database)) throw nothingIn(placeOf(database));
}

const nothingIn = (place: string): DatabaseError =>
  new DatabaseError(`There is nothing in ${place} yet: start the server once, or set DATABASE_URL.`);

/** Throws `DatabaseError` unless this is a database of ours that this Aftercall can read as it is. */
export function checkReadable(database: Database, entities: readonly AnyEntity[]): Promise<void> {
  const place = placeOf(database);
  return withConnection(database, 'snapshot', async connection => {
    const migrations = readMigrations();
    const newest = migrations.at(-1)!.version;
    const version = await checkMigrations(connection, database, migrations);
    if (version === 0) throw nothingIn(place);
    if (version < newest) {
      throw new DatabaseError(
        `The PostgreSQL database ${place} has version ${version}, and this Aftercall reads version ${newest}: start this server once to migrate it.`,
      );
    }
    await refuseUnfinished(connection, database);
    await checkTables(connection, entities);
  });
}

/** The database as it is at one moment, read beside the nodes that write to it. Throws `DatabaseError`. */
export async function openPostgresSnapshot(database: Database, entities: readonly AnyEntity[]): Promise<Snapshot> {
  const place = placeOf(database);
  await checkReadable(database, [...entities, journal]);
  const connection = await Connection.open(database, 'snapshot');
  try {
    // The first statement decides which moment it is.
    await connection.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT batch FROM head');
  } catch (error) {
    connection.destroy();
    throw new DatabaseError(`The PostgreSQL database ${place} cannot be read: ${messageOf(error)}.`);
  }
  return { reader: readerOn(connection), close: () => connection.close() };
}
