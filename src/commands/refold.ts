/** `aftercall refold`: folds calls anew as their source is configured now, after showing what that changes. */
import { userInfo } from 'node:os';
import { pino } from 'pino';
import { reread } from '../app/dialects.ts';
import { entities } from '../app/entities.ts';
import { openLedger } from '../app/openLedger.ts';
import { callsContext } from '../app/reactors.ts';
import type { RefoldRun } from '../calls/entities.ts';
import { callsInRange } from '../calls/queries/callsInRange.ts';
import { refoldRuns, supersededReports } from '../calls/queries/refoldRuns.ts';
import type { MovedLeg, Refolding } from '../calls/refolding/foldAgain.ts';
import {
  beginRun,
  beginTakingBack,
  endRun,
  matchLegs,
  NoSuchRun,
  RunStands,
  refoldCalls,
  restoreFacts,
  tryRefold,
} from '../calls/refolding/runs.ts';
import { readEnvironment } from '../config/environment.ts';
import { readSetting } from '../config/setting.ts';
import { type Directory, directoryOf, readResidents } from '../ledger/directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { openPreview } from '../ledger/preview.ts';
import { type Source, source } from '../sources/entities.ts';
import { readDateOrInstant } from '../values/dateOrInstant.ts';
import { ledgerOptions } from './ledgerOptions.ts';
import { endProgress, print, progress, StartupError } from './output.ts';
import { RefoldTable } from './refoldTable.ts';
import { withSnapshot } from './snapshot.ts';

export interface RefoldArguments {
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly takeBack?: string;
}

/** Calls in one command: its batch stays a few milliseconds long. */
const CALLS_AT_ONCE = 50;

/** Throws `StartupError` where the arguments do not fit what there is. */
export async function refold({ source: key, from, to, dryRun = false, takeBack }: RefoldArguments): Promise<void> {
  if (takeBack !== undefined) {
    if (key !== undefined || from !== undefined || to !== undefined || dryRun) {
      throw new StartupError('--take-back stands alone: the run knows its source and its calls.');
    }
    return takeRunBack(takeBack);
  }
  if (key === undefined && from === undefined && to === undefined && !dryRun) return listRuns();
  if (key === undefined || from === undefined || to === undefined) {
    throw new StartupError('Give --source, --from and --to, or --take-back.');
  }
  await (dryRun ? preview(key, from, to) : apply(key, from, to));
}

interface Range {
  readonly from: Readonly<Source>;
  readonly since: number;
  readonly until: number;
}

/** Dates begin in the organisation's zone. */
function rangeOf(directory: Directory, key: string, from: string, to: string): Range {
  const [found] = directory.find(source, 'byKey', key);
  if (found === undefined) throw new StartupError(`There is no source ${key}.`);
  const zone = readSetting(directory, 'timeZone');
  const instantOf = (name: string, text: string): number => {
    const at = readDateOrInstant(text, zone);
    if (at === null)
      throw new StartupError(`${name}: ${text} is no date as in 2026-03-01, and no instant with an offset.`);
    return at;
  };
  const [since, until] = [instantOf('--from', from), instantOf('--to', to)];
  if (since >= until) throw new StartupError('--to must be after --from: calls that started before it are looked at.');
  return { from: found, since, until };
}

const refoldingOf = ({ from }: Pick<Range, 'from'>, runId: number): Refolding => ({
  sourceId: from.id,
  runId,
  read: (raw, contentType) => reread(from, raw, contentType),
});

/** Beside a running server, if there is one; writes nothing. */
async function preview(key: string, from: string, to: string): Promise<void> {
  await withSnapshot(readEnvironment(process.env), async reader => {
    const range = rangeOf(directoryOf(await readResidents(entities, reader)), key, from, to);
    const trial = await openPreview(reader, entities, Date.now);
    const table = new RefoldTable();
    const ids = await callsInRange(reader, range.since, range.until);
    for (const some of pages(ids, progress('calls looked at'))) {
      const { matched, ...retold } = await trial.run(tryRefold(some, refoldingOf(range, 0), callsContext));
      table.add(retold);
      table.addAgain(matched);
    }
    endProgress();
    for (const line of table.lines()) print(line);
    print('Nothing was changed: the same command without --dry-run does it, with the server stopped.');
  });
}

async function apply(key: string, from: string, to: string): Promise<void> {
  await withLedger(async ledger => {
    const range = rangeOf(ledger.directory, key, from, to);
    const run = await ledger.submit(
      beginRun({ author: userInfo().username, sourceId: range.from.id, from: range.since, until: range.until }),
    );
    const table = await foldRange(ledger, range, refoldingOf(range, run.id), new RefoldTable());
    await ledger.submit(endRun(run.id, 'applied'));
    for (const line of table.lines()) print(line);
    print(`This was run ${run.id}: "aftercall refold --take-back ${run.id}" gives the reports back what they told.`);
  });
}

/** First all calls, then the matches of the legs that moved: until all have, a leg may seem to be near another's registration. */
async function foldRange(
  ledger: Ledger,
  { since, until }: Pick<Range, 'since' | 'until'>,
  refolding: Refolding,
  table: RefoldTable,
  moved: MovedLeg[] = [],
): Promise<RefoldTable> {
  const ids = await callsInRange(ledger.reader, since, until);
  for (const some of pages(ids, progress('calls folded'))) {
    const retold = await ledger.submit(refoldCalls(some, refolding, callsContext));
    table.add(retold);
    moved.push(...retold.moved);
  }
  for (const some of pages(moved, progress('legs matched'))) {
    table.addAgain(await ledger.submit(matchLegs(some, callsContext)));
  }
  endProgress();
  return table;
}

function* pages<T>(ids: readonly T[], show: (done: number) => void): Generator<readonly T[]> {
  for (let i = 0; i < ids.length; i += CALLS_AT_ONCE) {
    yield ids.slice(i, i + CALLS_AT_ONCE);
    show(Math.min(i + CALLS_AT_ONCE, ids.length));
  }
}

async function takeRunBack(text: string): Promise<void> {
  const runId = Number(text);
  if (!Number.isSafeInteger(runId))
    throw new StartupError(`--take-back: ${text} is no run; "aftercall refold" lists them.`);
  await withLedger(async ledger => {
    const run = await ledger.submit(beginTakingBack(runId)).catch((error: unknown) => {
      if (error instanceof NoSuchRun || error instanceof RunStands) throw new StartupError(`${error.message}.`);
      throw error;
    });
    const moved: MovedLeg[] = [];
    let restored = 0;
    const show = progress('reports restored');
    for (;;) {
      const ids = await supersededReports(ledger.reader, runId, CALLS_AT_ONCE);
      if (ids.length === 0) break;
      const retold = await ledger.submit(restoreFacts(ids, { sourceId: run.sourceId, runId }, callsContext));
      moved.push(...retold.moved);
      restored += ids.length;
      show(restored);
    }
    const range = { since: run.from, until: run.until };
    await foldRange(ledger, range, { sourceId: run.sourceId, runId, read: null }, new RefoldTable(), moved);
    await ledger.submit(endRun(runId, 'takenBack'));
    print(`Run ${runId} is taken back: ${restored.toLocaleString('en')} reports tell again what they told before it.`);
  });
}

/** Nobody else may use the ledger meanwhile. */
async function withLedger(work: (ledger: Ledger) => Promise<void>): Promise<void> {
  const environment = readEnvironment(process.env);
  const log = pino({ level: environment.logLevel });
  const { ledger } = await openLedger({ ...ledgerOptions(environment, log), alone: true });
  try {
    await work(ledger);
  } finally {
    await ledger.close();
  }
}

const STATES: Readonly<Record<RefoldRun['state'], string>> = {
  applying: 'interrupted',
  applied: 'applied',
  takingBack: 'taken back in part: take it back again',
  takenBack: 'taken back',
};

async function listRuns(): Promise<void> {
  await withSnapshot(readEnvironment(process.env), async reader => {
    const directory = directoryOf(await readResidents(entities, reader));
    const runs = await refoldRuns(reader);
    if (runs.length === 0) print('No calls were folded anew so far. "aftercall refold --help" shows how.');
    for (const { id, at, author, sourceId, from, until, state, calls, reports } of runs) {
      const { key } = directory.get(source, sourceId)!;
      const span = `${instantText(from)} to ${instantText(until)}`;
      print(
        `run ${id}, ${instantText(at)}, ${author}: ${key}, calls from ${span}: ${calls} calls changed, ${reports} reports read otherwise; ${STATES[state]}`,
      );
    }
  });
}

const instantText = (at: number): string => new Date(at).toISOString();
