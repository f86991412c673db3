/** Keeps the portal's list of calls in step with the calls, in the command that changed them. */
import type { State } from '../ledger/state.ts';
import type { Direction } from '../values/direction.ts';
import type { Outcome } from '../values/outcome.ts';
import { isListed, type ListedCall, type PortalCall, type PortalLine, portalCall } from './entities.ts';
import { NO_LINE, wholeSecond } from './line.ts';
import { type ListablePart, outcomeFor, talkOf } from './ownPart.ts';

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

/** `participants`: of the call after it. */
export interface ListableChange {
  readonly before: ListableCall | null;
  readonly after: ListableCall | null;
  readonly participants: { readonly after: readonly ListablePart[] };
}

/** What listing a call reads and writes. */
export type ListState = Pick<State, 'get' | 'find' | 'all' | 'expect' | 'put' | 'delete'>;

export interface Listing {
  /** Whether anybody may ask for the list. */
  readonly isKept: (state: ListState) => boolean;
  readonly typeOf: (direction: Direction) => number;
  readonly codeOf: (outcome: Outcome) => string;
  /** The code of a call that lasted this long, where nobody stated one. */
  readonly defaultCode: (durationSeconds: number) => string;
  /** values/numberKey.ts of a number of this call. */
  readonly keyOf: (state: ListState, call: ListableCall, number: string | null) => string;
  /** The recording of a call that consists of these source calls. */
  readonly recordingOf: (state: ListState, sourceCallIds: readonly number[]) => number | null;
}

export function listCall(listing: Listing) {
  return (state: ListState, { before, after, participants: { after: parts } }: ListableChange): void => {
    if (!listing.isKept(state)) return;
    if (after === null) {
      // A registration that became part of another call keeps its line, which that call writes.
      if (before !== null) unlist(state, state.get(portalCall, before.id));
      return;
    }
    const sourceCallIds = [after.id, ...(after.sourceCalls ?? [])];
    state.expect(wants => {
      for (const id of sourceCallIds) wants.get(portalCall, id);
    });
    const own = state.get(portalCall, after.id);
    const finished = sourceCallIds.map(id => state.get(portalCall, id)).filter(isFinished);
    const recordingId = listing.recordingOf(state, sourceCallIds);
    for (const each of finished) put(state, each, { ...each, ...reportedOf(each, after, parts, listing), recordingId });
    if (isFinished(own)) return;
    if (finished.length > 0 || after.endedAt === null) unlist(state, own);
    else
      put(state, own, { ...(own ?? unregistered(after.id)), ...lineOfCall(state, after, parts, listing), recordingId });
  };
}

/** An application registered it, and has finished it. */
function isFinished(row: Readonly<PortalCall> | undefined): row is Readonly<ListedCall> {
  return row !== undefined && row.webhookId !== null && row.open === null;
}

const unregistered = (id: number): PortalCall => ({ id, webhookId: null, open: null, ...NO_LINE, recordingId: null });

function unlist(state: ListState, row: Readonly<PortalCall> | undefined): void {
  if (row === undefined || isFinished(row)) return;
  if (row.open === null) state.delete(portalCall, row.id);
  else if (isListed(row)) state.put(portalCall, { ...row, ...NO_LINE });
}

function put(state: ListState, before: Readonly<PortalCall> | undefined, row: PortalCall): void {
  const same =
    before !== undefined && portalCall.columnNames.every(name => before[name as never] === row[name as never]);
  if (!same) state.put(portalCall, row);
}

/**
 * What the application stated leaves as it came; what it left to a default is what another reporter stated of this user, if one did
 * (docs/one-call.md, "Who wins").
 */
function reportedOf(
  { statusCode, statusStated, durationSeconds, userId }: Readonly<ListedCall>,
  call: ListableCall,
  parts: readonly ListablePart[],
  listing: Listing,
): Pick<PortalLine, 'statusCode' | 'note'> {
  if (statusStated) return { statusCode, note: call.note };
  const isReported = call.sourceCalls !== null && call.outcome !== 'unknown';
  const outcome = isReported ? outcomeFor(userId, call, parts) : null;
  return {
    statusCode: outcome === null ? listing.defaultCode(durationSeconds) : listing.codeOf(outcome),
    note: call.note,
  };
}

function lineOfCall(
  state: ListState,
  call: ListableCall,
  parts: readonly ListablePart[],
  listing: Listing,
): PortalLine {
  const number = call.direction === 'inbound' || call.direction === 'unknown' ? call.from : call.to;
  return {
    token: `call.${call.id}`,
    userId: call.userId,
    type: listing.typeOf(call.direction),
    line: call.line ?? '',
    phoneNumber: number ?? '',
    numberKey: listing.keyOf(state, call, number),
    externalCallId: call.externalId,
    startedAt: wholeSecond(call.startedAt),
    durationSeconds: call.outcome === 'answered' ? (talkOf(call, parts) ?? 0) : 0,
    vote: call.vote,
    costMicros: call.costMicros ?? 0,
    currency: call.currency ?? '',
    statusCode: listing.codeOf(call.outcome),
    statusStated: false,
    failedReason: call.failedReason ?? '',
    clientType: null,
    clientId: null,
    activityId: null,
    note: call.note,
  };
}

/** A file was stored for the call that consists of these source calls: each of its lines shows the one that was asked for last. */
export function noteRecording({ recordingOf }: Pick<Listing, 'recordingOf'>) {
  return (state: ListState, sourceCallIds: readonly number[]): void => {
    const recordingId = recordingOf(state, sourceCallIds);
    for (const id of sourceCallIds) {
      const row = state.get(portalCall, id);
      if (row !== undefined) put(state, row, { ...row, recordingId });
    }
  };
}
