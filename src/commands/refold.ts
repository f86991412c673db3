/** `aftercall refold`: folds calls anew as their source is configured now, after showing what that changes. */
import { userInfo } from 'node:os';
import { reread } from '../app/dialects.ts';
import { entities } from '../app/entities.ts';
import { noteFolded, spanOfCalls } from '../app/foldRules.ts';
import { callsContext } from '../app/reactors.ts';
import type { RefoldRun } from '../calls/entities.ts';
import { callsInRange } from '../calls/queries/callsInRange.ts';
import { refoldRuns } from '../calls/queries/refoldRuns.ts';
import type { ReadKept } from '../calls/refolding/readAgain.ts';
import { NoSuchRun, RunStands, tryRefold } from '../calls/refolding/runs.ts';
import { applyRun, type RunWatch, takeRunBack } from '../calls/refolding/steps.ts';
import { readEnvironment } from '../config/environment.ts';
import { readSetting } from '../config/setting.ts';
import { type Directory, directoryOf, readResidents } from '../ledger/directory.ts';
import { openPreview } from '../ledger/preview.ts';
import { type Source, source } from '../sources/entities.ts';
import { readDateOrInstant } from '../values/dateOrInstant.ts';
import { endProgress, endWithReader, print, progress, StartupError } from './output.ts';
import { withOwnLedger } from './ownLedger.ts';
import { RefoldTable } from './refoldTable.ts';
import { withSnapshot } from './snapshot.ts';

export interface RefoldArguments {
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly takeBack?: string;
}

/** Calls whose matches are looked for among each other (docs/refolding.md). */
const CALLS_AT_ONCE = 50;

/** Throws `StartupError` where the arguments do not fit what there is. */
export async function refold({ source: key, from, to, dryRun = false, takeBack }: RefoldArguments): Promise<void> {
  if (takeBack !== undefined) {
    if (key !== undefined || from !== undefined || to !== undefined || dryRun) {
      throw new StartupError('--take-back stands alone: the run knows its source and its calls.');
    }
    return takeBackByNumber(takeBack);
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

const readerOf =
  ({ from }: Pick<Range, 'from'>): ReadKept =>
  (raw, contentType) =>
    reread(from, raw, contentType);

/** Beside a running server, if there is one; writes nothing. */
async function preview(key: string, from: string, to: string): Promise<void> {
  endWithReader();
  await withSnapshot(readEnvironment(process.env), async reader => {
    const range = rangeOf(directoryOf(await readResidents(entities, reader)), key, from, to);
    const trial = await openPreview(reader, entities, Date.now);
    const table = new RefoldTable();
    const refolding = { sourceId: range.from.id, runId: 0, read: readerOf(range) };
    const ids = await callsInRange(reader, range.since, range.until);
    for (const some of pages(ids, progress('calls looked at'))) {
      const { matched, ...retold } = await trial.run(tryRefold(some, refolding, callsContext));
      table.add(retold);
      table.addAgain(matched);
    }
    endProgress();
    for (const line of table.lines()) print(line);
    print('Nothing was changed: the same command without --dry-run does it, with the server stopped.');
  });
}

async function apply(key: string, from: string, to: string): Promise<void> {
  await withOwnLedger(async ledger => {
    const range = rangeOf(ledger.directory, key, from, to);
    const begun = { author: userInfo().username, sourceId: range.from.id, from: range.since, until: range.until };
    const span = await spanOfCalls(ledger.reader);
    const table = new RefoldTable();
    const { id } = await applyRun({ ledger, context: callsContext, watch: watchRun(table) }, begun, readerOf(range));
    const isWhole = span === null || (range.since <= span[0] && span[1] < range.until);
    if (isWhole) await ledger.submit(noteFolded(range.from.id));
    endProgress();
    for (const line of table.lines()) print(line);
    print(`This was run ${id}: "aftercall refold --take-back ${id}" gives the reports back what they told.`);
  });
}

function watchRun(table: RefoldTable): RunWatch {
  const [folded, matched] = [progress('calls folded'), progress('legs matched')];
  return {
    restored: progress('reports restored'),
    folded: (calls, retold) => {
      table.add(retold);
      folded(calls);
    },
    matched: (legs, changes) => {
      table.addAgain(changes);
      matched(legs);
    },
  };
}

function* pages<T>(ids: readonly T[], show: (done: number) => void): Generator<readonly T[]> {
  for (let i = 0; i < ids.length; i += CALLS_AT_ONCE) {
    yield ids.slice(i, i + CALLS_AT_ONCE);
    show(Math.min(i + CALLS_AT_ONCE, ids.length));
  }
}

async function takeBackByNumber(text: string): Promise<void> {
  const runId = Number(text);
  if (!Number.isSafeInteger(runId))
    throw new StartupError(`--take-back: ${text} is no run; "aftercall refold" lists them.`);
  await withOwnLedger(async ledger => {
    const steps = { ledger, context: callsContext, watch: watchRun(new RefoldTable()) };
    const restored = await takeRunBack(steps, runId).catch((error: unknown) => {
      if (error instanceof NoSuchRun || error instanceof RunStands) throw new StartupError(`${error.message}.`);
      throw error;
    });
    endProgress();
    print(`Run ${runId} is taken back: ${restored.toLocaleString('en')} reports tell again what they told before it.`);
  });
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
