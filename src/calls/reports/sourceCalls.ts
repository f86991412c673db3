/** Which call a source call is part of, and what it was reported of (ARCHITECTURE.md, section 2). */
import type { State, Wants } from '../../ledger/state.ts';
import { type Call, call, link, participation, queueVisit, type Report, report, sourceCall } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';

/** The call a source call is part of now; an id that names no source call is returned as it is. */
export function callIdOf(state: Pick<State, 'get'>, sourceCallId: number): number {
  return state.get(sourceCall, sourceCallId)?.callId ?? sourceCallId;
}

/** What a call is made of. */
export type Members = Pick<Call, 'id' | 'sourceCalls' | 'records'>;

export const alone = (id: number): Members => ({ id, sourceCalls: null, records: null });

/** Ascending: the first is the call's own id. */
export const sourceCallsOf = ({ id, sourceCalls }: Pick<Call, 'id' | 'sourceCalls'>): readonly number[] =>
  sourceCalls === null ? [id] : [id, ...sourceCalls];

/** The source calls whose reports make the call: also the dialling records it was completed for. */
export const toldBy = (whole: Members): readonly number[] =>
  whole.records === null ? sourceCallsOf(whole) : [...sourceCallsOf(whole), ...whole.records];

/** The source call a source reports under this name; null where it has reported nothing under it. */
export function sourceCallNamed(state: Pick<State, 'find'>, sourceId: number, name: string): number | null {
  return state.find(sourceCall, 'byName', sourceId, name)[0]?.id ?? null;
}

/** What this room may read of a source call, whatever happens to it. */
export function wantSourceCall(wants: Wants, id: number): void {
  wants.get(sourceCall, id);
  wants.get(call, id);
  wants.find(participation, 'byCall', id);
  wants.find(queueVisit, 'byCall', id);
  wants.find(link, 'byA', id);
  wants.find(link, 'byB', id);
  wants.find(report, 'bySourceCall', id);
}

/**
 * What may be read of the call that a source call is part of: that leads to the call, and the call to whatever else it is made of.
 * Answers with those source calls, as far as they are known.
 */
export function wantCall(
  wants: Wants,
  sourceCallId: number,
  context: Pick<CallsContext, 'wantSourceCall'>,
): ReadonlySet<number> {
  const callId = callIdOf(wants, sourceCallId);
  const whole = wants.get(call, callId);
  const all = new Set([sourceCallId, callId, ...(whole === undefined ? [] : toldBy(whole))]);
  for (const id of all) {
    wantSourceCall(wants, id);
    context.wantSourceCall?.(wants, id);
  }
  return all;
}

export function reportsOf(state: State, sourceCallIds: readonly number[]): readonly Readonly<Report>[] {
  if (sourceCallIds.length === 1) return state.find(report, 'bySourceCall', sourceCallIds[0]!);
  state.expect(wants => {
    for (const id of sourceCallIds) wants.find(report, 'bySourceCall', id);
  });
  return sourceCallIds.flatMap(id => state.find(report, 'bySourceCall', id));
}
