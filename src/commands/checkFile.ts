import { existsSync } from 'node:fs';
import { entities } from '../app/entities.ts';
import { checkOrganisation, readOrganisationFile } from '../app/organisationFile.ts';
import type { Environment } from '../config/environment.ts';
import { hasKeyFile, openKeyFile } from '../config/keyFile.ts';
import { directoryOf, readResidents } from '../ledger/directory.ts';
import { MemoryEngine } from '../ledger/memory/memoryEngine.ts';
import { isEmptyDatabase } from '../ledger/postgres/snapshot.ts';
import type { Reader } from '../ledger/query.ts';
import { print, StartupError } from './output.ts';
import { withSnapshot } from './snapshot.ts';

/** Prints what the organisation file would change, and changes nothing. */
export async function checkFile(environment: Environment, config: string | undefined): Promise<void> {
  if (config === undefined) throw new StartupError('--check needs --config: name the organisation file.');
  const file = readOrganisationFile(config, process.env);
  const { database, dataDir } = environment;
  const isNew = await hasNothing(database);
  const hasKey = !isNew && hasKeyFile(dataDir);
  const check = async (reader: Reader) => {
    const directory = directoryOf(await readResidents(entities, reader));
    const keyFile = hasKey ? openKeyFile(dataDir) : NO_KEY_FILE;
    for (const line of await checkOrganisation({ directory, reader }, file, { clock: Date.now, keyFile })) print(line);
  };
  if (isNew) await check(new MemoryEngine({ entities }).reader);
  else await withSnapshot(environment, check);
}

async function hasNothing(database: Environment['database']): Promise<boolean> {
  if (database.kind === 'postgres') return isEmptyDatabase(database);
  return database.kind === 'memory' || !existsSync(database.path);
}

/** Opens nothing: a database that is not there has sealed nothing, and looking makes no key. */
const NO_KEY_FILE = {
  seal: (clear: string) => clear,
  open: (sealed: string) => sealed,
};
