import { sourceCallNamed } from '../../calls/reports/sourceCalls.ts';
import type { State } from '../../ledger/state.ts';
import { type OpenCall, openCall } from '../../portal/registrations.ts';
import type { Source } from '../../sources/entities.ts';

/** The open registration a CALL_ID names: the portal reports each call under that name. */
export function openCallNamed(
  state: Pick<State, 'get' | 'find'>,
  portal: Readonly<Source>,
  callId: string,
): Readonly<OpenCall> | null {
  const id = sourceCallNamed(state, portal.id, callId);
  return id === null ? null : openCall(state, id);
}
