/** Keeps the portal's list of calls in step with the calls, in the command that changed them. */
import type { State } from '../ledger/state.ts';
import type { Direction } from '../values/direction.ts';
import type { Outcome } from '../values/outcome.ts';
import { type Registration, registration, type StatisticRow, statisticRow } from './entities.ts';

/** As much of a call as its line in the list needs. */
export interface ListableCall {
  readonly id: number;
  readonly sourceCalls: readonly number[] | null;
  readonly direction: Direction;
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly externalId: string | null;
  readonly userId: number | null;
  readonly line: string | null;
  readonly talkSeconds: number | null;
  readonly costMicros: number | null;
  readonly currency: string | null;
  readonly vote: number | null;
  readonly failedReason: string | null;
  readonly note: string | null;
}

export interface Listing {
  /** Whether anybody may ask for the list. */
  readonly isKept: (state: State) => boolean;
  readonly typeOf: (direction: Direction) => number;
  /** What stands in the place of the line. */
  readonly lineOf: (lineNumber: string | null) => string;
  readonly codeOf: (outcome: Outcome) => string;
  /** The code of a call that lasted this long, where nobody stated one. */
  readonly defaultCode: (durationSeconds: number) => string;
  /** values/numberKey.ts of a number of this call. */
  readonly keyOf: (state: State, call: ListableCall, number: string | null) => string;
}

export function listCall(listing: Listing) {
  return (
    state: State,
    { before, after }: { readonly before: ListableCall | null; readonly after: ListableCall | null },
  ): void => {
    if (!listing.isKept(state)) return;
    if (after === null) {
      // A registration that became part of another call keeps its line, which that call writes.
      if (before !== null && !isFinished(state.get(registration, before.id))) drop(state, before.id);
      return;
    }
    const sourceCalls = [after.id, ...(after.sourceCalls ?? [])];
    state.expect(wants => {
      for (const id of sourceCalls) {
        wants.get(registration, id);
        wants.get(statisticRow, id);
      }
    });
    const finished = sourceCalls.map(id => state.get(registration, id)).filter(each => isFinished(each));
    for (const each of finished) put(state, lineOfRegistration(each, after, listing, state.get(statisticRow, each.id)));
    if (finished.some(each => each.id === after.id)) return;
    if (finished.length > 0 || after.endedAt === null) drop(state, after.id);
    else put(state, lineOfCall(state, after, listing, state.get(statisticRow, after.id)));
  };
}

function isFinished(row: Readonly<Registration> | undefined): row is Readonly<Registration> {
  return row !== undefined && row.finishedAt !== null;
}

function drop(state: State, id: number): void {
  if (state.get(statisticRow, id) !== undefined) state.delete(statisticRow, id);
}

function put(state: State, row: StatisticRow): void {
  const before = state.get(statisticRow, row.id);
  const same =
    before !== undefined && statisticRow.columnNames.every(name => before[name as never] === row[name as never]);
  if (!same) state.put(statisticRow, row);
}

type Kept = Pick<
  StatisticRow,
  'restAppId' | 'restAppName' | 'transcriptId' | 'transcriptPending' | 'recordFileId' | 'recordDuration'
>;

/** What others than the call write into the line. */
const keptOf = (before: Readonly<StatisticRow> | undefined): Kept => ({
  restAppId: null,
  restAppName: null,
  transcriptId: before?.transcriptId ?? null,
  transcriptPending: before?.transcriptPending ?? false,
  recordFileId: before?.recordFileId ?? null,
  recordDuration: before?.recordDuration ?? null,
});

/**
 * What the application stated leaves as it came; what it left to a default is what another reporter stated, if one did
 * (docs/one-call.md, "Who wins").
 */
function lineOfRegistration(
  row: Readonly<Registration>,
  call: ListableCall,
  listing: Listing,
  before: Readonly<StatisticRow> | undefined,
): StatisticRow {
  const duration = row.durationSeconds ?? 0;
  const told = call.sourceCalls !== null && call.outcome !== 'unknown' ? listing.codeOf(call.outcome) : null;
  return {
    ...keptOf(before),
    id: row.id,
    portalUserId: row.finishedBy,
    portalNumber: listing.lineOf(row.lineNumber),
    phoneNumber: row.phoneNumber,
    phoneKey: row.numberKey,
    callToken: row.token,
    externalCallId: row.externalCallId,
    callDuration: duration,
    callStart: wholeSecond(row.startedAt),
    callVote: row.vote,
    costMicros: row.costMicros ?? 0,
    costCurrency: row.currency ?? '',
    failedCode: row.statusCode ?? told ?? listing.defaultCode(duration),
    failedReason: row.failedReason ?? '',
    crmEntityType: row.clientType,
    crmEntityId: row.clientId,
    crmActivityId: row.activityId,
    comment: call.note,
    callType: row.type,
  };
}

function lineOfCall(
  state: State,
  call: ListableCall,
  listing: Listing,
  before: Readonly<StatisticRow> | undefined,
): StatisticRow {
  const number = call.direction === 'inbound' || call.direction === 'unknown' ? call.from : call.to;
  return {
    ...keptOf(before),
    id: call.id,
    portalUserId: call.userId,
    portalNumber: call.line ?? '',
    phoneNumber: number ?? '',
    phoneKey: listing.keyOf(state, call, number),
    callToken: `call.${call.id}`,
    externalCallId: call.externalId,
    callDuration: call.outcome === 'answered' ? (call.talkSeconds ?? 0) : 0,
    callStart: wholeSecond(call.startedAt),
    callVote: call.vote,
    costMicros: call.costMicros ?? 0,
    costCurrency: call.currency ?? '',
    failedCode: listing.codeOf(call.outcome),
    failedReason: call.failedReason ?? '',
    crmEntityType: null,
    crmEntityId: null,
    crmActivityId: null,
    comment: call.note,
    callType: listing.typeOf(call.direction),
  };
}

/** Leaves in whole seconds, and is compared by what left. */
const wholeSecond = (at: number): number => Math.floor(at / 1000) * 1000;

/** A file was stored for this call. */
export function noteRecording(state: State, sourceCallId: number, fileId: number): void {
  const row = state.get(statisticRow, sourceCallId);
  if (row !== undefined) state.put(statisticRow, { ...row, recordFileId: fileId });
}
