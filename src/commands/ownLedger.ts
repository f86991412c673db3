/** The ledger for a command that changes it: the server is stopped, and there is one. */
import { type Logger, pino } from 'pino';
import { openLedger } from '../app/openLedger.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { demandTables } from '../ledger/postgres/snapshot.ts';
import { demandDatabase } from '../ledger/sqlite/snapshot.ts';
import { ledgerOptions } from './ledgerOptions.ts';
import { StartupError } from './output.ts';

/**
 * Nobody else may use the ledger meanwhile. Where there is none, nothing is made: what changes a ledger is never its first start, and a
 * mistyped path would have an empty one mended. Rejects with `StartupError`, `DataDirectoryError` or `DatabaseError`.
 */
export async function withOwnLedger(work: (ledger: Ledger, log: Logger) => Promise<void>): Promise<void> {
  const environment = readEnvironment(process.env);
  await demandLedger(environment);
  const log = pino({ level: environment.logLevel });
  const { ledger } = await openLedger({ ...ledgerOptions(environment, log), alone: true });
  try {
    await work(ledger, log);
  } finally {
    await ledger.close();
  }
}

async function demandLedger({ database }: Pick<Environment, 'database'>): Promise<void> {
  if (database.kind === 'memory') throw new StartupError('DATABASE_URL=memory: keeps nothing that could be changed.');
  if (database.kind === 'sqlite') demandDatabase(database.path);
  else await demandTables(database);
}
