/** That an agent is done with the dialling record of a call: kept as a report of the record, which tells of that call. */
import type { State, Wants } from '../../ledger/state.ts';
import { call, link, report, type SourceCall, sourceCall } from '../entities.ts';
import { type CallsContext, refold } from '../fold/refold.ts';
import { wantClocks } from '../matching/clocks.ts';
import { linksOf, ordered, otherOf } from '../matching/links.ts';
import { keepReport } from './keepReport.ts';
import type { Completion } from './report.ts';
import { callIdOf, reportsOf, toldBy, wantCall, wantSourceCall } from './sourceCalls.ts';

const SETTLE_DELAY_MS = 1_000;

export interface Completed {
  readonly sourceId: number;
  /** The dialect's word for such a report. */
  readonly kind: string;
  readonly recordId: number;
  readonly handle: number;
  readonly author: string;
  /** Whose desktop it was. */
  readonly userId: number | null;
  readonly result: string | null;
  readonly raw: Uint8Array;
  readonly contentType: string | null;
  readonly callId: number | null;
}

const nameOf = (recordId: number): string => `record:${recordId}`;

export function reportCompletion(state: State, completed: Completed, context: CallsContext): void {
  const { sourceId, kind, recordId, handle, author, userId, result, raw, contentType, callId } = completed;
  const fact: Completion = { form: 'completion', recordId, author, userId, at: state.now, result };
  const record = recordOf(state, sourceId, recordId) ?? newRecord(state, sourceId, recordId);
  const key = String(handle);
  const id = keepReport(state, { sourceId, sourceCallId: record.id, key, kind, fact, contentType, raw });
  const occasion = { cause: id, settleDelayMs: SETTLE_DELAY_MS, historical: false };
  if (record.callId === callId) foldAgain(state, callId, occasion, context);
  else moveRecord(state, record, callId, occasion, context);
}

interface Moved {
  readonly sourceId: number;
  readonly recordId: number;
  readonly callId: number | null;
  /** That it moves is no news, and puts off no call that waits to settle. */
  readonly historical: boolean;
}

/** The record turned out to be of another call, or of one at last: what was said of it goes with it. */
export function moveCompletions(
  state: State,
  { sourceId, recordId, callId, historical }: Moved,
  context: CallsContext,
): void {
  const record = recordOf(state, sourceId, recordId);
  if (record === undefined || record.callId === callId) return;
  const [first] = state.find(report, 'bySourceCall', record.id);
  const settleDelayMs = historical ? 0 : SETTLE_DELAY_MS;
  moveRecord(state, record, callId, { cause: first!.id, settleDelayMs, historical }, context);
}

/** What saying that the agent is done with a record of this call reads. */
export function wantCompletion(
  wants: Wants,
  { sourceId, recordId, callId }: Pick<Completed, 'sourceId' | 'recordId' | 'callId'>,
  context: CallsContext,
): void {
  wantClocks(wants, context.sources);
  const record = recordOf(wants, sourceId, recordId);
  if (record !== undefined) wantSourceCall(wants, record.id);
  if (callId !== null) wantCall(wants, callId, context);
}

const recordOf = (state: Pick<State, 'find'>, sourceId: number, recordId: number): Readonly<SourceCall> | undefined =>
  state.find(sourceCall, 'byName', sourceId, nameOf(recordId))[0];

function newRecord(state: State, sourceId: number, recordId: number): SourceCall {
  const row: SourceCall = {
    id: state.next('call'),
    sourceId,
    name: nameOf(recordId),
    kind: 'record',
    externalId: null,
    callId: null,
  };
  state.insert(sourceCall, row);
  return row;
}

/** Links the record with the call it tells of now, and folds the two calls that lost it and got it. */
function moveRecord(
  state: State,
  record: Readonly<SourceCall>,
  callId: number | null,
  occasion: FoldOccasion,
  context: CallsContext,
): void {
  for (const { a, b, by } of linksOf(state, record.id)) state.delete(link, a, b, by);
  state.put(sourceCall, { ...record, callId });
  if (callId !== null) {
    const [a, b] = ordered(record.id, callId);
    state.put(link, { a, b, by: 'matcher', verdict: 'matched', at: state.now, legId: null, suspicionId: null });
  }
  for (const each of [record.callId, callId]) foldAgain(state, each, occasion, context);
}

interface FoldOccasion {
  readonly cause: number;
  readonly settleDelayMs: number;
  readonly historical: boolean;
}

/** A call that is about to be folded anyway, since it is only becoming one, finds the record by its link. */
function foldAgain(state: State, callId: number | null, occasion: FoldOccasion, context: CallsContext): void {
  if (callId === null) return;
  const present = state.get(call, callIdOf(state, callId));
  if (present === undefined) return;
  const members = { ...present, records: recordsOf(state, present) };
  refold(state, members, reportsOf(state, toldBy(members)), { ...occasion, isNew: false }, context);
}

/** The dialling records that are linked with a call, ascending; null when there is none. */
export function recordsOf(state: State, members: Parameters<typeof toldBy>[0]): readonly number[] | null {
  const found = toldBy({ ...members, records: null }).flatMap(id =>
    linksOf(state, id)
      .filter(each => each.verdict === 'matched' && each.legId === null)
      .map(each => otherOf(each, id)),
  );
  return found.length === 0 ? null : found.sort((a, b) => a - b);
}
