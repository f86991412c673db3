import { join } from 'node:path';
import { entities } from '../app/entities.ts';
import { rulesOf, spanOfCalls } from '../app/foldRules.ts';
import { findAllLost } from '../app/lostRows.ts';
import { unlikeLinesAmong } from '../app/portalListCheck.ts';
import { callsContext, counted } from '../app/reactors.ts';
import { type Call, call, report } from '../calls/entities.ts';
import { FOLD_RULES } from '../calls/fold/foldRules.ts';
import { commandToEnd, interruptedRuns } from '../calls/queries/interruptedRuns.ts';
import { findSettlingFaults } from '../calls/queries/settlingFaults.ts';
import { findUnlikeCalls } from '../calls/queries/unlikeCalls.ts';
import { settledUpTo } from '../calls/settling/line.ts';
import { findUnreadableEntries } from '../campaigns/agentOutbox.ts';
import { readEnvironment } from '../config/environment.ts';
import { readSetting } from '../config/setting.ts';
import { type Directory, directoryOf, readResidents } from '../ledger/directory.ts';
import { readHead } from '../ledger/head.ts';
import { findGaps, journal } from '../ledger/journal.ts';
import { pagesByKey } from '../ledger/pagesByKey.ts';
import type { Reader } from '../ledger/query.ts';
import { ReadablePart } from '../ledger/readablePart.ts';
import { countSpareFiles, findLostFiles } from '../recordings/checkFiles.ts';
import { recording } from '../recordings/entities.ts';
import { source } from '../sources/entities.ts';
import { findMiscounts } from '../statistics/recount.ts';
import { Findings, type Kind } from './findings.ts';
import { endProgress, endWithReader, print, progress } from './output.ts';
import { withSnapshot } from './snapshot.ts';

export interface VerifyArguments {
  readonly digests?: boolean;
}

interface Verifying {
  readonly reader: ReadablePart;
  /** Empty of what cannot be read. */
  readonly residents: Directory;
  readonly findings: Findings;
  /** Of recordings. */
  readonly directory: string;
  readonly digests: boolean;
  /** UTC milliseconds at which it began. */
  readonly began: number;
}

interface Check {
  /** As in `the statistics could not be checked`. */
  readonly of: string;
  run(verifying: Verifying): Promise<void>;
}

/** Calls compared with their lines at a time. */
const PAGE = 1_000;

/** What is lost comes first: what is found after it may follow from it. */
const CHECKS: readonly Check[] = [
  { of: 'what is stored', run: lookAtAll },
  { of: 'the journal', run: checkJournal },
  { of: 'the numbers of rows', run: checkNumbers },
  { of: 'runs of refold', run: checkRuns },
  { of: 'the statistics', run: checkTotals },
  { of: 'the calls', run: checkCalls },
  { of: 'the settling of calls', run: checkSettling },
  { of: "the portal's list", run: checkPortalList },
  { of: 'the recordings', run: checkRecordings },
];

/** Prints what it finds as it finds it, and exits with 1 unless everything adds up. */
export async function verify({ digests = false }: VerifyArguments = {}): Promise<void> {
  endWithReader();
  const environment = readEnvironment(process.env);
  const directory = join(environment.dataDir, 'recordings');
  const findings = new Findings();
  const began = Date.now();
  await withSnapshot(environment, async all => {
    const reader = new ReadablePart(all, sentence => findings.add('unreadable', sentence));
    const residents = directoryOf(await readResidents(entities, reader));
    for (const check of CHECKS) {
      await check.run({ reader, residents, findings, directory, digests, began }).catch((error: Error) => {
        findings.add('unreadable', `${check.of} could not be checked: ${error.message}`);
      });
    }
  });
  endProgress();
  findings.conclude();
}

/** Calls and their reports are read by what compares them. */
async function lookAtAll({ reader, findings }: Verifying): Promise<void> {
  await findings.take('unreadable', findUnreadableEntries(reader));
  await reader.lookAt([...entities.filter(each => each.name !== call.name && each.name !== report.name), journal]);
}

async function checkJournal({ reader, findings }: Verifying): Promise<void> {
  await findings.take('journal', await findGaps(reader));
}

async function checkNumbers({ reader, findings }: Verifying): Promise<void> {
  await findings.take('lost', findAllLost(reader, await readHead(reader)));
}

async function checkRuns({ reader, residents, findings }: Verifying): Promise<void> {
  for (const run of await interruptedRuns(reader)) {
    const key = sourceName(residents)(run.sourceId);
    const [what, otherwise] =
      run.state === 'applying'
        ? ['under way, or was interrupted', `, or take it back: "aftercall refold --take-back ${run.id}"`]
        : ['being taken back, or that was interrupted', ''];
    findings.add('unfinished', `run ${run.id} of refold is ${what}: run "${commandToEnd(run, key)}"${otherwise}`);
  }
}

async function checkTotals({ reader, residents, findings }: Verifying): Promise<void> {
  if (readSetting(residents, 'rebuilding') !== null) {
    const begun = 'the statistics are being made anew, or that was interrupted';
    findings.add('unfinished', `${begun}: run "aftercall rebuild", or start the server, which does it first`);
    return;
  }
  if (readSetting(residents, 'movingDays')) {
    const begun = 'the statistics are being moved to the days of another time zone, or that was interrupted';
    findings.add('unfinished', `${begun}: start the server, which does it first`);
    return;
  }
  const zone = readSetting(residents, 'rollupZone');
  const miscounts = findMiscounts(reader, counted, zone, progress('calls counted'), sourceName(residents));
  await findings.take('totals', miscounts);
}

async function checkCalls({ reader, residents, findings }: Verifying): Promise<void> {
  const unlike = findUnlikeCalls(reader, residents, callsContext, progress('calls compared with their reports'), from =>
    reader.unreadable(from),
  );
  const kinds = { folds: 'calls', parts: 'parts', settling: 'settling' } satisfies Record<string, Kind>;
  const unlikeOf = new Set<number>();
  for await (const { of, sentence, sourceId } of unlike) {
    findings.add(kinds[of], sentence);
    if (sourceId !== undefined) unlikeOf.add(sourceId);
  }
  const otherwise = [...unlikeOf].filter(id => rulesOf(residents, id) !== FOLD_RULES);
  if (otherwise.length > 0) findings.advise('calls', await adviceOn(reader, residents, otherwise));
}

/** Other rules explain what is unlike; what else may have changed is said where it goes on being so. */
async function adviceOn(reader: Reader, residents: Directory, sourceIds: readonly number[]): Promise<string> {
  const span = (await spanOfCalls(reader)) ?? [0, 0];
  const [from, to] = [dateText(span[0] - DAY_MS), dateText(span[1] + 2 * DAY_MS)];
  const before = [...new Set(sourceIds.map(id => rulesOf(residents, id)))].join(' and ');
  const commands = sourceIds.map(
    id => `"aftercall refold --source ${sourceName(residents)(id)} --from ${from} --to ${to}"`,
  );
  return `calls were folded by rules ${before}, and this Aftercall folds by rules ${FOLD_RULES}: run ${commands.join(' and ')}, with --dry-run first (docs/refolding.md)`;
}

const DAY_MS = 86_400_000;
const dateText = (at: number): string => new Date(at).toISOString().slice(0, 10);

async function checkSettling({ reader, residents, findings }: Verifying): Promise<void> {
  await findings.take('settling', findSettlingFaults(reader, settledUpTo(residents)));
}

async function checkPortalList({ reader, residents, findings }: Verifying): Promise<void> {
  if (!readSetting(residents, 'portalList')) return;
  for await (const page of pagesByKey<Call>(reader, call, PAGE)) {
    for (const { of, sentence } of await unlikeLinesAmong(reader, residents, page)) findings.add(of, sentence);
  }
}

async function checkRecordings({ reader, findings, directory, digests, began }: Verifying): Promise<void> {
  const onProgress = progress('recordings looked for');
  await findings.take('recordings', findLostFiles(reader, { directory, digests, onProgress }));
  const spare = await countSpareFiles(reader, directory, began);
  if (spare.count === 0) return;
  endProgress();
  const isLost = findings.count('lost') + reader.unreadable(recording).length > 0;
  const reason = isLost
    ? 'keep them, they may be the audio of recordings whose rows are lost'
    : 'a crash leaves one, and no row was lost';
  print(`${spare.count} files in ${directory} belong to no recording (${spare.bytes} bytes): ${reason}.`);
}

const sourceName =
  (residents: Directory) =>
  (id: number): string =>
    residents.get(source, id)?.key ?? `source ${id}`;
