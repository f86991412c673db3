/** Where the tests of the ledger keep things: one kind of store per engine, all of them opened the same way. */
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type RunningPostgres, sharedPostgres } from '../../../test/kit/postgres.ts';
import type { Engine } from '../engine.ts';
import type { AnyEntity } from '../entity.ts';
import { type DiskBehaviour, MemoryEngine } from '../memory/memoryEngine.ts';
import { SharedMemory } from '../memory/testing/sharedMemory.ts';
import { type CommitFate, SharedMemoryEngine } from '../memory/testing/sharedMemoryEngine.ts';
import { tableStatements as postgresTableStatements } from '../postgres/ddl.ts';
import { prepareDatabase } from '../postgres/migrate.ts';
import { PostgresEngine } from '../postgres/postgresEngine.ts';
import { tableStatements } from '../sqlite/ddl.ts';
import { openDatabase } from '../sqlite/open.ts';
import { SqliteEngine } from '../sqlite/sqliteEngine.ts';
import { snake } from '../sqlNames.ts';

export interface Store {
  /** Opens what is there. The engine opened before is closed, or is given here as lost in a crash. */
  open(lost?: Engine): Promise<Engine>;
}

export interface StoreKind {
  readonly name: string;
  /** `directory` is empty and the caller's to take away. */
  make(entities: readonly AnyEntity[], directory: string): Promise<Store>;
}

export function memoryStore(
  entities: readonly AnyEntity[],
  options: { readonly readsOnTheSpot?: boolean; readonly disk?: () => DiskBehaviour } = {},
): Store {
  const engine = new MemoryEngine({ entities, ...options });
  return {
    async open() {
      engine.crash();
      return engine;
    },
  };
}

/** One node of several on a store in memory; `fate` is what becomes of its commits. */
export function sharedMemoryStore(entities: readonly AnyEntity[], fate: () => CommitFate = () => 'works'): Store {
  const store = new SharedMemory(entities);
  const wire = {
    there: async () => {},
    back: async () => {},
    commit: fate,
    notify: (deliver: () => void) => deliver(),
  };
  return {
    async open(lost) {
      await lost?.close();
      return new SharedMemoryEngine({ store, nodeId: randomUUID(), wire });
    },
  };
}

/** A new database with the tables of `entities`: making it costs two dozen syncs, copying it none. */
const templates = new Map<readonly AnyEntity[], Buffer>();

async function template(entities: readonly AnyEntity[], directory: string): Promise<Buffer> {
  const known = templates.get(entities);
  if (known !== undefined) return known;
  const file = join(directory, 'template.db');
  // The migrations make the tables of the rooms; those of a test are made beside them.
  const opened = await openDatabase(file);
  const db = new DatabaseSync(file);
  const made = new Set(
    db
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map(row => row['name']),
  );
  const missing = entities.filter(each => !made.has(snake(each.name)));
  db.exec(['BEGIN', ...missing.flatMap(tableStatements), 'COMMIT'].join(';'));
  db.close();
  opened.release();
  const bytes = readFileSync(file);
  templates.set(entities, bytes);
  return bytes;
}

export async function sqliteStore(entities: readonly AnyEntity[], directory: string): Promise<Store> {
  let file = join(directory, 'ledger.db');
  writeFileSync(file, await template(entities, directory));
  let lives = 0;
  return {
    async open(lost) {
      if (lost !== undefined) {
        // What kill -9 leaves: the files as they are, nobody has closed them.
        const left = file;
        file = join(directory, `ledger-${++lives}.db`);
        copyFileSync(left, file);
        if (existsSync(`${left}-wal`)) copyFileSync(`${left}-wal`, `${file}-wal`);
        await lost.close();
      }
      return SqliteEngine.open({ file, entities });
    },
  };
}

export const SCHEMA = 'aftercall';

/** Databases with the tables of some entities, which the others are copies of. */
const postgresTemplates = new Map<readonly AnyEntity[], Promise<string>>();

/** A new database of a server, with the tables of the rooms and of `entities`; its name. */
export async function makePostgresDatabase(server: RunningPostgres, entities: readonly AnyEntity[]): Promise<string> {
  const name = await server.createDatabase();
  await prepareDatabase({ url: server.url(name), schema: SCHEMA }, []);
  const tables = await server.run(name, `SELECT tablename FROM pg_tables WHERE schemaname = '${SCHEMA}'`);
  const migrated = new Set(tables.map(row => row['tablename']));
  const missing = entities.filter(each => !migrated.has(snake(each.name)));
  await server.run(name, [`SET search_path = ${SCHEMA}`, ...missing.flatMap(postgresTableStatements)].join(';'));
  return name;
}

/** A new database on a server of this process. */
export async function postgresDatabase(
  entities: readonly AnyEntity[],
): Promise<{ server: RunningPostgres; url: string }> {
  const server = await sharedPostgres();
  let template = postgresTemplates.get(entities);
  if (template === undefined) {
    template = makePostgresDatabase(server, entities);
    postgresTemplates.set(entities, template);
  }
  return { server, url: server.url(await server.createDatabase(await template)) };
}

export async function postgresStore(entities: readonly AnyEntity[]): Promise<Store> {
  const { server, url } = await postgresDatabase(entities);
  const database = new URL(url).pathname.slice(1);
  return {
    async open(lost) {
      if (lost !== undefined) {
        // What kill -9 leaves: connections that have ended without a word.
        await server.disconnect(database);
        await lost.close();
      }
      return PostgresEngine.open({ url, schema: SCHEMA, entities, nodeId: randomUUID() });
    },
  };
}

export const MEMORY: StoreKind = { name: 'memory', make: async entities => memoryStore(entities) };
/** Everything a command reads comes through `load`, as from a store that is far away. */
export const FAR_MEMORY: StoreKind = {
  name: 'memory, far away',
  make: async entities => memoryStore(entities, { readsOnTheSpot: false }),
};
export const SHARED_MEMORY: StoreKind = {
  name: 'memory, shared',
  make: async entities => sharedMemoryStore(entities),
};
export const SQLITE: StoreKind = { name: 'SQLite', make: sqliteStore };

export const POSTGRES: StoreKind = { name: 'PostgreSQL', make: postgresStore };

export const STORE_KINDS: readonly StoreKind[] = [MEMORY, FAR_MEMORY, SHARED_MEMORY, SQLITE, POSTGRES];
