import { entities } from '../app/entities.ts';
import type { Environment } from '../config/environment.ts';
import { openPostgresSnapshot } from '../ledger/postgres/snapshot.ts';
import type { Reader } from '../ledger/query.ts';
import { openSnapshot } from '../ledger/sqlite/snapshot.ts';
import { StartupError } from './output.ts';

/** Reads beside a running server, if there is one; writes nothing. */
export async function withSnapshot<T>(
  { database }: Pick<Environment, 'database'>,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (database.kind === 'memory') throw new StartupError('DATABASE_URL=memory: keeps nothing that could be read.');
  const snapshot = await (database.kind === 'postgres'
    ? openPostgresSnapshot(database, entities)
    : openSnapshot(database.path, entities));
  try {
    return await work(snapshot.reader);
  } finally {
    await snapshot.close();
  }
}
