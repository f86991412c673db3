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
import { toldBy } from '../reports/sourceCalls.ts';
import { settledUpTo } from '../settling/line.ts';
import { demandSource } from '../sources.ts';
import { settlingFaultOf } from './settlingFaults.ts';

/** Calls read at a time; their reports come in one question. */
const PAGE = 500;

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
}

const unlikeParts = (sentence: string): UnlikeCall => ({ of: 'parts', sentence });

/**
 * One for each call that is not the fold of its reports, by the number plans and holders of extensions that the directory
 * has, or that cannot settle as it says. Also for rows that are part of a call which does not know of them.
 */
export async function* findUnlikeCalls(
  reader: Reader,
  directory: Directory,
  context: Pick<CallsContext, 'sources' | 'holderOf'>,
  onProgress: (calls: number) => void,
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
    for (const each of page) {
      const sourceCallIds = toldBy(each);
      members += sourceCallIds.length;
      people += read.participants.get(each.id)?.length ?? 0;
      queues += read.visits.get(each.id)?.length ?? 0;
      const problem = problemOf(each, sourceCallIds, read, fold);
      if (problem !== null) yield problem;
      const fault = settlingFaultOf(each, upTo);
      if (fault !== null) yield { of: 'settling', sentence: fault };
    }
    compared += page.length;
    onProgress(compared);
  }
  const strays = (await countOf(reader, sourceCall, [{ column: 'callId', null: false }])) - members;
  if (strays > 0) yield unlikeParts(`${strays} source calls are part of a call that does not name them`);
  const lost = (await countOf(reader, participation, [])) - people;
  if (lost > 0) yield unlikeParts(`${lost} people took part in a call that does not exist`);
  const stray = (await countOf(reader, queueVisit, [])) - queues;
  if (stray > 0) yield unlikeParts(`${stray} stays in a queue are of a call that does not exist`);
}

async function countOf<R extends object>(
  reader: Reader,
  from: Entity<R>,
  where: readonly Condition<keyof R & string>[],
): Promise<number> {
  const [all] = await reader.aggregate({ from, where, groupBy: [], sum: [] });
  return Number(all?.['count'] ?? 0);
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
  if (!own.some(({ fact: { form } }) => form === 'leg' || form === 'call')) {
    return unlikeParts(`call ${stored.id} has no report of a source`);
  }
  const told = foldReports(own, id => sourceCalls.get(id)!.externalId, fold);
  const differences = fieldDifferences(stored, told);
  const whole = { ...stored, ...told.call };
  const people = participationsOf(whole, told.participants);
  if (!isSameRows(participation, participants.get(stored.id) ?? [], people)) differences.push('participants differ');
  const queues = queueVisitsOf(whole, told.visits);
  if (!isSameRows(queueVisit, visits.get(stored.id) ?? [], queues)) differences.push('queues differ');
  if (differences.length === 0) return null;
  return { of: 'folds', sentence: `call ${stored.id} is unlike its reports: ${differences.join('; ')}` };
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
