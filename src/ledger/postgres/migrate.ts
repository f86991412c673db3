import { fileURLToPath } from 'node:url';
import { CopyError, unfinishedSentence } from '../copySides.ts';
import type { AnyEntity } from '../entity.ts';
import { type Migration, readMigrationFiles, refusalOf } from '../migrationFiles.ts';
import { snake } from '../sqlNames.ts';
import { Connection, type Database, type Purpose } from './connection.ts';
import { readMark } from './copyMark.ts';
import { DatabaseError } from './databaseError.ts';
import { messageOf } from './faults.ts';
import { channelOf, lockArguments } from './names.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));
const OLDEST_SERVER = 15;

export const readMigrations = (): Migration[] => readMigrationFiles(MIGRATIONS);

/** Where the database is, for sentences: who may connect is nobody's business. */
export function placeOf({ url, schema }: Database): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? (decodeURIComponent(hostname) || 'localhost');
  return `${host}${port === '' ? '' : `:${port}`}${pathname}, schema ${schema}`;
}

/** Opens a connection and does `work` on it; whatever goes wrong becomes one sentence. */
export async function withConnection<T>(
  database: Database,
  purpose: Purpose,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const place = placeOf(database);
  let connection: Connection;
  try {
    connection = await Connection.open(database, purpose);
  } catch (error) {
    throw new DatabaseError(
      `The PostgreSQL database ${place} cannot be reached (${messageOf(error)}): check DATABASE_URL, and that the server runs and lets this user in.`,
    );
  }
  try {
    return await work(connection);
  } catch (error) {
    if (error instanceof DatabaseError || error instanceof CopyError) throw error;
    throw new DatabaseError(`The PostgreSQL database ${place} cannot be opened: ${messageOf(error)}.`);
  } finally {
    await connection.close();
  }
}

export interface PreparingOptions {
  /** Throws where the tables must not be used, before anything is changed; an unfinished copy without it. */
  readonly refuse?: (connection: Connection, database: Database) => Promise<void>;
  readonly migrations?: readonly Migration[];
}

/** Creates or migrates the tables of the schema, by one node while the others wait; the version they have then. Throws `DatabaseError`. */
export function prepareDatabase(
  database: Database,
  entities: readonly AnyEntity[],
  { refuse = refuseUnfinished, migrations = readMigrations() }: PreparingOptions = {},
): Promise<number> {
  return withConnection(database, 'migration', async connection => {
    await checkServer(connection, placeOf(database));
    await checkMigrations(connection, database, migrations);
    await refuse(connection, database);
    const newest = migrations.at(-1)!.version;
    if ((await versionOf(connection, database)) < newest) {
      await connection.run(`SELECT pg_advisory_lock(${lockArguments(database.schema)})`);
      // Another node may have been faster.
      const version = await versionOf(connection, database);
      for (const each of migrations) if (each.version > version) await migrate(connection, database, each);
      await connection.run(`SELECT pg_advisory_unlock(${lockArguments(database.schema)})`);
    }
    await checkMigrations(connection, database, migrations);
    await checkTables(connection, entities);
    return newest;
  });
}

/** Throws `DatabaseError` where rows are missing that a copying is still to bring. */
export async function refuseUnfinished(connection: Connection, database: Database): Promise<void> {
  const mark = await readMark(connection, database);
  if (mark !== null) throw new DatabaseError(unfinishedSentence(placeOf(database), mark));
}

async function checkServer(connection: Connection, place: string): Promise<void> {
  const [row] = await connection.run(
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('fsync')::boolean, pg_is_in_recovery()",
  );
  const [version, encoding, isSynced, isStandby] = row as [number, string, boolean, boolean];
  const refuse = (why: string) => {
    throw new DatabaseError(`The PostgreSQL database ${place} ${why}.`);
  };
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_SERVER) refuse(`has version ${major}: use ${OLDEST_SERVER} or later`);
  if (encoding !== 'UTF8') refuse(`keeps text as ${encoding}: make one with ENCODING 'UTF8'`);
  if (!isSynced) refuse('runs with fsync=off, and what it confirms may be lost: set fsync=on');
  if (isStandby) refuse('is a standby, which cannot be written to: name the primary in DATABASE_URL');
}

/** 0: nothing of ours is there. */
export async function versionOf(connection: Connection, { schema }: Database): Promise<number> {
  const [there] = await connection.execute('SELECT to_regclass($1) IS NOT NULL', [`"${schema}".head`]);
  if (there?.[0] !== true) return 0;
  const [row] = await connection.run('SELECT schema_version FROM head');
  return (row?.[0] ?? 0) as number;
}

async function migrate(connection: Connection, { schema }: Database, migration: Migration): Promise<void> {
  const { version, name, sql, checksum } = migration;
  await connection.run('BEGIN');
  try {
    const [there] = await connection.execute('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    // Who may not create schemas can be given one.
    if (there === undefined) await connection.run(`CREATE SCHEMA "${schema}"`);
    await connection.run(sql);
    await connection.execute('INSERT INTO migration (version, name, checksum) VALUES ($1, $2, $3)', [
      version,
      name,
      checksum,
    ]);
    // Another batch, so that nodes of the version before notice it and stop.
    await connection.execute('UPDATE head SET schema_version = $1, batch = batch + 1', [version]);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {});
    throw new Error(`migration ${version}: ${messageOf(error)}`, { cause: error });
  }
  await connection.execute('SELECT pg_notify($1, $2)', [channelOf(schema), 'migration']);
}

/** The version of a schema; throws `DatabaseError` where other migrations than these made it. */
export async function checkMigrations(
  connection: Connection,
  database: Database,
  migrations: readonly Migration[],
): Promise<number> {
  const version = await versionOf(connection, database);
  if (version === 0) return 0;
  const rows = await connection.run(`SELECT version, checksum FROM "${database.schema}".migration`);
  const applied = rows.map(([number, checksum]) => ({ version: number as number, checksum: checksum as string }));
  const refusal = refusalOf(migrations, { version, applied }, 'an empty schema (DATABASE_URL)');
  if (refusal !== null) throw new DatabaseError(`The PostgreSQL database ${placeOf(database)} ${refusal}`);
  return version;
}

/** The tables as they are must be the tables the rooms declare; anything else is a bug in a migration. */
export async function checkTables(connection: Connection, entities: readonly AnyEntity[]): Promise<void> {
  const rows = await connection.run(
    'SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()',
  );
  const there = Map.groupBy(rows, ([name]) => name as string);
  for (const entity of entities) {
    const columns = (there.get(snake(entity.name)) ?? []).map(([, name]) => name as string).sort();
    const declared = entity.columnNames.map(snake).sort();
    if (columns.join() === declared.join()) continue;
    throw new Error(`table ${entity.name} has the columns ${columns.join()}, declared are ${declared.join()}`);
  }
}
