/** The settle delay of a report: for so long nothing new may come before its call settles (ARCHITECTURE.md, section 2). */
import type { State } from '../../ledger/state.ts';
import { type Report, sourceCall } from '../entities.ts';
import { isMatched } from '../matching/links.ts';
import type { IncomingReport } from '../reports/report.ts';
import type { Sources } from '../sources.ts';

/** A PBX does not mark the last leg of a call; the next one comes within seconds. */
const LEG_SETTLE_DELAY_MS = 5_000;
/** A named recording that is not stored by then is reported later. */
const RECORDING_SETTLE_DELAY_MS = 60_000;
/** A program states a whole call at once. */
const STATED_SETTLE_DELAY_MS = 1_000;
/**
 * A PBX reports the end of a call when it gets to it. While one is configured and has not reported the call that an
 * application finished, the call waits this long for it: what has settled on both sides is not joined any more.
 */
const PBX_SETTLE_DELAY_MS = 30_000;

export function settleDelayOf(
  state: State,
  sourceCallId: number,
  { fact, registration, awaitsRecording }: IncomingReport,
  sources: Sources,
): number {
  if (awaitsRecording === true) return RECORDING_SETTLE_DELAY_MS;
  if (registration !== undefined && awaitsPbx(state, sourceCallId, sources)) return PBX_SETTLE_DELAY_MS;
  return fact.form === 'leg' ? LEG_SETTLE_DELAY_MS : STATED_SETTLE_DELAY_MS;
}

/** The earliest instant at which a stored report lets its call settle, its recording aside. */
export function settleNotBefore(
  state: State,
  { sourceCallId, fact, receivedAt }: Readonly<Report>,
  sources: Sources,
): number {
  if (fact.form === 'call' && isRegistration(state, sourceCallId) && awaitsPbx(state, sourceCallId, sources)) {
    return receivedAt + PBX_SETTLE_DELAY_MS;
  }
  return receivedAt + (fact.form === 'leg' ? LEG_SETTLE_DELAY_MS : STATED_SETTLE_DELAY_MS);
}

const isRegistration = (state: State, sourceCallId: number): boolean =>
  state.get(sourceCall, sourceCallId)?.kind === 'registration';

function awaitsPbx(state: State, sourceCallId: number, sources: Sources): boolean {
  return sources.anyTells(state, 'legs') && !isMatched(state, sourceCallId);
}
