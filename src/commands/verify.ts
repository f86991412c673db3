import { entities } from '../app/entities.ts';
import { counted } from '../app/reactors.ts';
import { readEnvironment } from '../config/environment.ts';
import { readSetting } from '../config/setting.ts';
import { directoryOf, readResidents } from '../ledger/directory.ts';
import { findGaps } from '../ledger/journal.ts';
import { findMiscounts } from '../statistics/recount.ts';
import { print, progress } from './output.ts';
import { withSnapshot } from './snapshot.ts';

const SHOWN = 100;

/** Exits with 1 unless everything adds up. */
export async function verify(): Promise<void> {
  const problems = await withSnapshot(readEnvironment(process.env), async reader => {
    const directory = directoryOf(await readResidents(entities, reader));
    const zone = readSetting(directory, 'rollupZone');
    return [...(await findGaps(reader)), ...(await findMiscounts(reader, counted, zone, progress('calls counted')))];
  });
  for (const problem of problems.slice(0, SHOWN)) print(problem);
  if (problems.length > SHOWN) print(`… and ${problems.length - SHOWN} more`);
  print(
    problems.length === 0 ? 'Everything adds up.' : `${problems.length} things do not add up: run "aftercall rebuild".`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
