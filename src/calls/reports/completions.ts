/** That an agent is done with the dialling record of a call: kept as a report of that call, whichever it turns out to be. */
import type { State } from '../../ledger/state.ts';
import { call, report } from '../entities.ts';
import { type CallsContext, refold } from '../fold/refold.ts';
import type { Completion } from './report.ts';
import { callIdOf, reportsOf, strandsOf } from './strands.ts';

/** A record without a call: its report waits under this id. */
const NO_CALL = 0;
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

const groupOf = (recordId: number): string => `record:${recordId}`;

export function reportCompletion(state: State, completed: Completed, context: CallsContext): void {
  const { sourceId, kind, recordId, handle, author, userId, result, raw, contentType, callId } = completed;
  const fact: Completion = { form: 'completion', recordId, author, userId, at: state.now, result };
  const id = state.next('report');
  state.insert(report, {
    id,
    sourceId,
    group: groupOf(recordId),
    key: String(handle),
    kind,
    callId: callId ?? NO_CALL,
    receivedAt: state.now,
    deliveries: 1,
    fact,
    warnings: null,
    contentType,
    raw,
  });
  if (callId !== null) foldAgain(state, callId, id, context);
}

/** The record turned out to be of another call, or of one at last: what was said of it goes with it. */
export function moveCompletions(
  state: State,
  sourceId: number,
  recordId: number,
  callId: number | null,
  context: CallsContext,
): void {
  for (const row of state.find(report, 'byGroup', sourceId, groupOf(recordId))) {
    const before = row.callId === NO_CALL ? null : callIdOf(state, row.callId);
    if (before === callId) continue;
    state.put(report, { ...row, callId: callId ?? NO_CALL });
    for (const each of [before, callId]) if (each !== null) foldAgain(state, each, row.id, context);
  }
}

function foldAgain(state: State, id: number, cause: number, context: CallsContext): void {
  const present = state.get(call, callIdOf(state, id));
  if (present === undefined) return;
  const strands = strandsOf(present);
  refold(state, strands, reportsOf(state, strands), { cause, isNew: false, settleDelayMs: SETTLE_DELAY_MS }, context);
}
