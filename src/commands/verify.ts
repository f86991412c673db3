import { join } from 'node:path';
import { entities } from '../app/entities.ts';
import { callsContext, counted } from '../app/reactors.ts';
import { findSettlingFaults } from '../calls/queries/settlingFaults.ts';
import { findUnlikeCalls } from '../calls/queries/unlikeCalls.ts';
import { settledUpTo } from '../calls/settling/line.ts';
import { readEnvironment } from '../config/environment.ts';
import { readSetting } from '../config/setting.ts';
import { directoryOf, readResidents } from '../ledger/directory.ts';
import { findGaps } from '../ledger/journal.ts';
import type { Reader } from '../ledger/query.ts';
import { countSpareFiles, findLostFiles } from '../recordings/checkFiles.ts';
import { findMiscounts } from '../statistics/recount.ts';
import { endProgress, print, progress } from './output.ts';
import { withSnapshot } from './snapshot.ts';

export interface VerifyArguments {
  readonly digests?: boolean;
}

/** Sentences of one kind that are printed; the others are counted. */
const SHOWN = 100;

/** What is wrong, by what puts it right. */
interface Findings {
  /** Of the journal, of which there is no other copy. */
  readonly journal: Problems;
  readonly totals: Problems;
  /** When calls settle, which readers of events have been told. */
  readonly settling: Problems;
  /** Calls that are not what their reports say. */
  readonly calls: Problems;
  /** Calls whose reports, or whose people, are not theirs. */
  readonly parts: Problems;
  readonly recordings: Problems;
}

/** Counts all, and keeps as many as are shown. */
class Problems {
  count = 0;
  readonly first: string[] = [];

  async take(sentences: AsyncIterable<string> | Iterable<string>): Promise<this> {
    for await (const sentence of sentences) this.add(sentence);
    return this;
  }

  add(sentence: string): void {
    if (++this.count <= SHOWN) this.first.push(sentence);
  }
}

/** Exits with 1 unless everything adds up. */
export async function verify({ digests = false }: VerifyArguments = {}): Promise<void> {
  const environment = readEnvironment(process.env);
  const directory = join(environment.dataDir, 'recordings');
  const began = Date.now();
  const findings = await withSnapshot(environment, async reader => {
    const found = await findAll(reader, directory, digests);
    const spare = await countSpareFiles(reader, directory, began);
    endProgress();
    if (spare.count > 0) {
      print(`${spare.count} files in ${directory} belong to no recording (${spare.bytes} bytes): nothing needs them.`);
    }
    return found;
  });
  report(findings);
}

async function findAll(reader: Reader, directory: string, digests: boolean): Promise<Findings> {
  const residents = directoryOf(await readResidents(entities, reader));
  const zone = readSetting(residents, 'rollupZone');
  const journal = await new Problems().take(await findGaps(reader));
  const totals = await new Problems().take(findMiscounts(reader, counted, zone, progress('calls counted')));
  const unlike = findUnlikeCalls(reader, residents, callsContext, progress('calls compared with their reports'));
  const found = { folds: new Problems(), parts: new Problems(), settling: new Problems() };
  for await (const { of, sentence } of unlike) found[of].add(sentence);
  await found.settling.take(findSettlingFaults(reader, settledUpTo(residents)));
  const lost = findLostFiles(reader, { directory, digests, onProgress: progress('recordings looked for') });
  const { folds: calls, parts, settling } = found;
  return { journal, totals, settling, calls, parts, recordings: await new Problems().take(lost) };
}

/** What to do about each kind. */
const REMEDIES: Readonly<Record<keyof Findings, string>> = {
  journal: 'restore a backup',
  totals: 'run "aftercall rebuild"',
  settling: 'restore a backup',
  calls:
    'where the numbers, the country, the area code, the outside prefix or the shortSeconds of a source were changed since, or who holds or held an extension, run "aftercall refold", with --dry-run first (docs/refolding.md)',
  parts: 'restore a backup',
  recordings: 'put the files back from a backup',
};

function report(findings: Findings): void {
  const kinds = (Object.keys(REMEDIES) as (keyof Findings)[]).filter(kind => findings[kind].count > 0);
  for (const kind of kinds) {
    const { first, count } = findings[kind];
    for (const problem of first) print(problem);
    if (count > first.length) print(`… and ${count - first.length} more`);
  }
  const count = kinds.reduce((sum, kind) => sum + findings[kind].count, 0);
  print(
    count === 0
      ? 'Everything adds up.'
      : `${count} things do not add up: ${[...new Set(kinds.map(kind => REMEDIES[kind]))].join('; ')}.`,
  );
  process.exitCode = count === 0 ? 0 : 1;
}
