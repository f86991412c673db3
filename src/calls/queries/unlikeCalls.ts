/** Compares calls as they are stored with what their reports say, many at a time and without a command. */
import type { Directory } from '../../ledger/directory.ts';
import type { Entity } from '../../ledger/entity.ts';
import { pagesByKey } from '../../ledger/pagesByKey.ts';
import type { Condition, Reader } from '../../ledger/query.ts';
import { selectWithin } from '../../ledger/selectWithin.ts';
import { isSameContent } from '../../values/sameContent.ts';
import {
  type Call,
  call,
  type Participation,
  participation,
  type QueueVisit,
  queueVisit,
  type Report,
  report,
  type SourceCall,
  sourceCall,
} from '../entities.ts';
import type { FoldContext } from '../fold/foldContext.ts';
import { foldReports, participationsOf, queueVisitsOf, type Told } from '../fold/foldReports.ts';
import { numberPlanOf } from '../fold/numberPlan.ts';
import type { CallsContext } from '../fold/refold.ts';
import { isSameRows } from '../fold/storeParts.ts';
import type { Fact } from '../reports/report.ts';
import { toldBy } from '../reports/sourceCalls.ts';
import { settledUpTo } from '../settling/line.ts';
import { demandSource } from '../sources.ts';
import { settlingFaultOf } from './settlingFaults.ts';
import { unlinkedAmong } from './unlinkedCalls.ts';

/** Calls read at a time; their reports come in one question. */
const PAGE = 500;

/** Ids that are named in one sentence; the others are counted. */
const NAMED = 10;

/** What the fold reads of a report: not its bytes. */
const REPORT_COLUMNS = ['id', 'sourceCallId', 'sourceId', 'key', 'fact'] as const;
type ReadReport = Pick<Report, (typeof REPORT_COLUMNS)[number]>;

/**
 * `folds`: folding the call anew puts it right. `parts`: it is not known any more what the call consists of. `settling`: when it settles
 * cannot be.
 */
export interface UnlikeCall {
  readonly of: 'folds' | 'parts' | 'settling';
  readonly sentence: string;
  /** The source whose reports fold it otherwise. */
  readonly sourceId?: number;
}

const unlikeParts = (sentence: string): UnlikeCall => ({ of: 'parts', sentence });

/** Rows that were met and could not be read, with the columns that could. */
export type Unreadable = <R extends object>(from: Entity<R>) => readonly Partial<R>[];

/**
 * One for each call that is not the fold of its reports, by the number plans and holders of extensions that the directory
 * has, or that cannot settle as it says. Also for rows that are part of a call which does not know of them.
 */
export async function* findUnlikeCalls(
  reader: Reader,
  directory: Directory,
  context: Pick<CallsContext, 'sources' | 'holderOf'>,
  onProgress: (calls: number) => void,
  unreadable: Unreadable = () => [],
): AsyncGenerator<UnlikeCall> {
  const fold: FoldContext = {
    planOf: sourceId => numberPlanOf(demandSource(context.sources, directory, sourceId), context.sources),
    holderOf: (extension, of, at) => context.holderOf(directory, extension, of, at),
  };
  const upTo = settledUpTo(directory);
  let compared = 0;
  let members = 0;
  let people = 0;
  let queues = 0;
  for await (const page of pagesByKey<Call>(reader, call, PAGE)) {
    const read = await readAround(reader, page);
    const untold = new Set(unreadable(report).map(each => each.sourceCallId));
    for (const each of page) {
      const sourceCallIds = toldBy(each);
      members += sourceCallIds.length;
      people += read.participants.get(each.id)?.length ?? 0;
      queues += read.visits.get(each.id)?.length ?? 0;
      // What cannot be read has been named, and the rest tells another call.
      const problem = sourceCallIds.some(id => untold.has(id)) ? null : problemOf(each, sourceCallIds, read, fold);
      if (problem !== null) yield problem;
      const fault = settlingFaultOf(each, upTo);
      if (fault !== null) yield { of: 'settling', sentence: fault };
    }
    yield* (await unlinkedAmong(reader, page)).map(unlikeParts);
    compared += page.length;
    onProgress(compared);
  }
  const isUnread = new Set(unreadable(call).map(each => each.id));
  if ((await countOf(reader, sourceCall, [{ column: 'callId', null: false }])) !== members) {
    yield* (await strayMembers(reader, isUnread)).map(unlikeParts);
  }
  if ((await countOf(reader, participation, [])) !== people) {
    yield* (await strayPeople(reader, isUnread)).map(unlikeParts);
  }
  if ((await countOf(reader, queueVisit, [])) !== queues) {
    yield* (await strayVisits(reader, isUnread)).map(unlikeParts);
  }
}

async function countOf<R extends object>(
  reader: Reader,
  from: Entity<R>,
  where: readonly Condition<keyof R & string>[],
): Promise<number> {
  const [all] = await reader.aggregate({ from, where, groupBy: [], sum: [] });
  return Number(all?.['count'] ?? 0);
}

/** Source calls that are part of a call which does not name them, or of none at all. */
async function strayMembers(reader: Reader, isUnread: ReadonlySet<number | undefined>): Promise<readonly string[]> {
  const strays: number[] = [];
  for await (const page of pagesByKey<SourceCall>(reader, sourceCall, PAGE)) {
    const callIds = page.flatMap(each => (each.callId === null || isUnread.has(each.callId) ? [] : [each.callId]));
    const calls = await selectWithin<Call, 'id'>(reader, call, 'id', callIds, ['id', 'sourceCalls', 'records']);
    const named = new Set(calls.flatMap(each => toldBy(each).map(id => `${each.id} ${id}`)));
    for (const { id, callId } of page) {
      if (callId !== null && !isUnread.has(callId) && !named.has(`${callId} ${id}`)) strays.push(id);
    }
  }
  if (strays.length === 0) return [];
  return [
    `source ${namedIds('call', strays)} part of a call that is not there or does not name ${strays.length === 1 ? 'it' : 'them'}`,
  ];
}

const strayPeople = (reader: Reader, isUnread: ReadonlySet<number | undefined>) =>
  strayParts(reader, { of: participation, text: 'people took part in what is no call' }, isUnread);

const strayVisits = (reader: Reader, isUnread: ReadonlySet<number | undefined>) =>
  strayParts(reader, { of: queueVisit, text: 'stays in a queue are of what is no call' }, isUnread);

/** What is kept of a call beside its row, and names one that is not there. */
async function strayParts<R extends { readonly callId: number }>(
  reader: Reader,
  { of, text }: { readonly of: Entity<R>; readonly text: string },
  isUnread: ReadonlySet<number | undefined>,
): Promise<readonly string[]> {
  const rows = await reader.aggregate<R>({ from: of, groupBy: ['callId'], sum: [] });
  const callIds = rows.map(each => each['callId'] as number);
  const there = new Set((await selectWithin<Call, 'id'>(reader, call, 'id', callIds, ['id'])).map(each => each.id));
  const strays = callIds.filter(id => !there.has(id) && !isUnread.has(id));
  return strays.length === 0 ? [] : [`${text}: ${namedIds('call', strays)} not there`];
}

/** `calls 3, 4 and 12 more are`. */
function namedIds(name: string, ids: readonly number[]): string {
  if (ids.length === 1) return `${name} ${ids[0]} is`;
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  return `${name}s ${ids.slice(0, NAMED).join(', ')}${more} are`;
}

interface Around {
  readonly reports: ReadonlyMap<number, readonly ReadReport[]>;
  readonly sourceCalls: ReadonlyMap<number, Pick<SourceCall, 'externalId' | 'callId'>>;
  readonly participants: ReadonlyMap<number, readonly Participation[]>;
  readonly visits: ReadonlyMap<number, readonly QueueVisit[]>;
}

async function readAround(reader: Reader, calls: readonly Call[]): Promise<Around> {
  const sourceCallIds = calls.flatMap(toldBy);
  const callIds = calls.map(each => each.id);
  const [reports, sourceCalls, participants, visits] = await Promise.all([
    selectWithin(reader, report, 'sourceCallId', sourceCallIds, REPORT_COLUMNS),
    selectWithin(reader, sourceCall, 'id', sourceCallIds),
    selectWithin(reader, participation, 'callId', callIds),
    selectWithin(reader, queueVisit, 'callId', callIds),
  ]);
  return {
    reports: Map.groupBy(reports, each => each.sourceCallId),
    sourceCalls: new Map(sourceCalls.map(each => [each.id, each])),
    participants: Map.groupBy(participants, each => each.callId),
    visits: Map.groupBy(visits, each => each.callId),
  };
}

function problemOf(
  stored: Readonly<Call>,
  sourceCallIds: readonly number[],
  { reports, sourceCalls, participants, visits }: Around,
  fold: FoldContext,
): UnlikeCall | null {
  const elsewhere = sourceCallIds.filter(id => sourceCalls.get(id)?.callId !== stored.id);
  if (elsewhere.length > 0) {
    return unlikeParts(`call ${stored.id} names source calls that are not part of it: ${elsewhere.join(', ')}`);
  }
  const own = sourceCallIds.flatMap(id => reports.get(id) ?? []);
  if (!own.some(({ fact }) => fact?.form === 'leg' || fact?.form === 'call')) {
    return unlikeParts(`call ${stored.id} has no report of a source`);
  }
  const odd = own.find(each => !isFact(each.fact));
  if (odd !== undefined) return unlikeParts(`report ${odd.id} of call ${stored.id} tells nothing that is known`);
  try {
    const told = foldReports(own, id => sourceCalls.get(id)!.externalId, fold);
    const differences = fieldDifferences(stored, told);
    const whole = { ...stored, ...told.call };
    const people = participationsOf(whole, told.participants);
    if (!isSameRows(participation, participants.get(stored.id) ?? [], people)) differences.push('participants differ');
    const queues = queueVisitsOf(whole, told.visits);
    if (!isSameRows(queueVisit, visits.get(stored.id) ?? [], queues)) differences.push('queues differ');
    if (differences.length === 0) return null;
    const sentence = `call ${stored.id} is unlike its reports: ${differences.join('; ')}`;
    return { of: 'folds', sentence, sourceId: stored.sourceId };
  } catch (error) {
    return unlikeParts(`call ${stored.id} cannot be folded from its reports: ${(error as Error).message}`);
  }
}

const FORMS: ReadonlySet<unknown> = new Set<Fact['form']>([
  'leg',
  'call',
  'correction',
  'retraction',
  'completion',
  'joined',
  'separated',
]);

/** Whether a stored fact is one at all: folding what is none would tell of another call, and of no fault. */
function isFact(fact: Readonly<Fact> | null): boolean {
  if (fact === null || !FORMS.has(fact.form)) return false;
  return (fact.form !== 'leg' && fact.form !== 'call') || Number.isSafeInteger(fact.startedAt);
}

/** What tells of a person is named and not printed. */
function fieldDifferences(stored: Readonly<Call>, told: Told): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(told.call) as [keyof Call, unknown][]) {
    const kept = stored[name];
    if (isSameContent(kept, value)) continue;
    const isPersonal = call.columns[name]!.personal !== null;
    found.push(
      isPersonal ? `${name} differs` : `${name} is ${JSON.stringify(kept)}, they say ${JSON.stringify(value)}`,
    );
  }
  return found;
}
