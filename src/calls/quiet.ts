/** How long nothing new may come after a report before its call settles (design section 2, Settled). */
import type { State } from '../ledger/state.ts';
import { pairable, pairing, type Report } from './entities.ts';
import type { IncomingReport } from './report.ts';
import type { Sources } from './sources.ts';

/** A PBX does not mark the last leg of a call; the next one comes within seconds. */
const LEG_QUIET_MS = 5_000;
/** A named recording that is not stored by then is told of later. */
const RECORDING_QUIET_MS = 60_000;
/** A program states a whole call at once. */
const STATED_QUIET_MS = 1_000;
/**
 * A PBX tells of a call's end when it comes to it. While one is configured and has not told of the call an application
 * finished, the call waits this long for it: what has settled on both sides is not joined any more.
 */
const PBX_QUIET_MS = 30_000;

export function quietAfter(
  state: State,
  strandId: number,
  { fact, registration, awaitsRecording }: IncomingReport,
  sources: Sources,
): number {
  if (awaitsRecording === true) return RECORDING_QUIET_MS;
  if (registration !== undefined && awaitsPbx(state, strandId, sources)) return PBX_QUIET_MS;
  return fact.form === 'leg' ? LEG_QUIET_MS : STATED_QUIET_MS;
}

/** Until when a report that was kept asks to wait, but for its recording. */
export function quietUntil(
  state: State,
  { callId: strandId, fact, receivedAt }: Readonly<Report>,
  sources: Sources,
): number {
  if (fact.form === 'call' && isRegistration(state, strandId) && awaitsPbx(state, strandId, sources)) {
    return receivedAt + PBX_QUIET_MS;
  }
  return receivedAt + (fact.form === 'leg' ? LEG_QUIET_MS : STATED_QUIET_MS);
}

const isRegistration = (state: State, strandId: number): boolean =>
  state.find(pairable, 'byStrand', strandId).some(each => each.role === 'registration');

function awaitsPbx(state: State, strandId: number, sources: Sources): boolean {
  if (state.get(pairing, strandId) !== undefined) return false;
  return sources.anyTells(state, 'legs');
}
