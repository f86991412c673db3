/** Calls as the queues that are asked for saw them. */
import type { Condition, Reader } from '../../ledger/query.ts';
import { selectWithin } from '../../ledger/selectWithin.ts';
import { decidingVisit } from '../../values/decidingVisit.ts';
import { type Call, call, type QueueVisit, queueVisit } from '../entities.ts';
import { type CallCondition, type CallFilter, isAboutQueues, type SourceThresholds } from './callFilter.ts';
import type { CallCursor } from './listCalls.ts';
import { nextParts } from './partWindows.ts';

const CANDIDATE = ['id', 'sourceId', 'outcome', 'queue'] as const;
type Candidate = Pick<Call, (typeof CANDIDATE)[number]>;

/** Whether calls fit is seen by the rows of their queues: the call's own row does not say it. */
export function dependsOnVisits(filter: CallFilter): boolean {
  if (!isAboutQueues(filter)) return false;
  const { queues, sourceIds, outcomes, figure } = filter;
  const names = queues?.some(each => each !== null) ?? false;
  return names || [sourceIds, outcomes, figure?.outcome, figure?.answeredWithin].some(each => each !== undefined);
}

/** The names of queues, where nothing but calls that were in one of them is asked for. */
export function onlyQueues({ queues }: CallFilter): readonly string[] | null {
  const names = queues?.filter(each => each !== null) ?? [];
  return names.length > 0 && names.length === queues!.length ? names : null;
}

/** The next calls that were in one of these queues, from a position on; `bounds` are of the start. */
export async function nextInQueues(
  reader: Reader,
  queues: readonly string[],
  bounds: readonly Condition<'startedAt'>[],
  position: CallCursor | null,
  rowsWanted: number,
): Promise<{ readonly where: readonly CallCondition[]; readonly edge: CallCursor | null; readonly rows: number }> {
  const wanted = { from: queueVisit, column: 'queue', values: queues, bounds } as const;
  const { parts, edge } = await nextParts(reader, wanted, position, rowsWanted);
  return { where: [{ column: 'id', in: [...new Set(parts.map(each => each.callId))] }], edge, rows: parts.length };
}

/** Of a window, the calls that fit: of each, the queue that decides among those asked for. */
export async function keptInQueues(
  reader: Reader,
  where: readonly CallCondition[],
  filter: CallFilter,
): Promise<readonly number[]> {
  const candidates = await reader.select<Call>({
    from: call,
    columns: CANDIDATE,
    where,
    orderBy: [{ column: 'startedAt', descending: true }],
    limit: Number.MAX_SAFE_INTEGER,
  });
  const queued = candidates.filter(each => each.queue !== null).map(each => each.id);
  const rows = await selectWithin(reader, queueVisit, 'callId', queued);
  const visits = Map.groupBy(rows, each => each.callId);
  return candidates.filter(each => fits(each, visits.get(each.id) ?? [], filter)).map(each => each.id);
}

function fits(
  of: Candidate,
  visits: readonly QueueVisit[],
  { queues, sourceIds, outcomes, figure }: CallFilter,
): boolean {
  const isOfSource = (each: { readonly sourceId: number }) => sourceIds?.includes(each.sourceId) ?? true;
  const asked = visits.filter(each => isOfSource(each) && (queues?.includes(each.queue) ?? true));
  const visit = decidingVisit(asked);
  if (visit === undefined && (visits.length > 0 || !isOfSource(of))) return false;
  const { outcome } = visit ?? of;
  if (outcomes !== undefined && !outcomes.includes(outcome)) return false;
  if (figure?.outcome !== undefined && figure.outcome !== outcome) return false;
  return figure?.answeredWithin === undefined || (visit !== undefined && isWithin(visit, figure.answeredWithin));
}

/** Whether it waited no longer than its queue allows, the queue's own threshold before the source's. */
function isWithin({ sourceId, queue, waitSeconds }: QueueVisit, thresholds: readonly SourceThresholds[]): boolean {
  const own = thresholds.find(each => each.sourceId === sourceId);
  if (own === undefined || waitSeconds === null) return false;
  const { queueThresholds, answerWithinSeconds } = own;
  return waitSeconds <= (Object.hasOwn(queueThresholds, queue) ? queueThresholds[queue]! : answerWithinSeconds);
}
