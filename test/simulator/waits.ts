/** Nothing is done before its time. */
import type { Everything, Wrong } from './everything.ts';
import { toldEntries } from './settlement.ts';
import type { StoreWatch } from './storeWatch.ts';

/** What a PBX has told of a call settles so much later at the earliest (ARCHITECTURE.md, section 2). */
const LEG_WAIT_MS = 5_000;
/** A batch is stored up to 3 s after the instant it is of, and a second more where the disk is slow. */
const SLACK_MS = 4_000;

/**
 * A call settles 5 s after the last leg that was told before: by the ledger's time always, and as people see it unless a clock
 * was wrong that makes the ledger's time.
 */
export function checkWaits(
  { reportedAt, enteredAt }: StoreWatch,
  all: Everything,
  wasClockWrong: boolean,
  wrong: Wrong,
): void {
  const { journal, reports, calls } = all;
  const regrouped = new Set<number>();
  for (const { kind, callId } of journal) {
    if (callId !== null && (kind === 'call.joined' || kind === 'call.split')) regrouped.add(callId);
  }
  for (const { kind, callId, entry } of toldEntries(all)) {
    const { position, at } = entry;
    if (kind !== 'call.settled' || callId === null || regrouped.has(callId)) continue;
    const call = calls.find(each => each.id === callId);
    if (call === undefined || call.sourceCalls !== null) continue;
    const settledAt = enteredAt.get(position)!;
    for (const { id, sourceCallId, fact, receivedAt } of reports) {
      const toldAt = reportedAt.get(id)!;
      if (sourceCallId !== callId || fact.form !== 'leg' || toldAt >= settledAt) continue;
      if (at - receivedAt < LEG_WAIT_MS) {
        wrong('too early', `call ${callId} settled ${at - receivedAt} ms after a leg, by the ledger`);
      }
      if (!wasClockWrong && settledAt - toldAt < LEG_WAIT_MS - SLACK_MS) {
        wrong('too early', `call ${callId} settled ${Math.round(settledAt - toldAt)} ms after a leg was told`);
      }
    }
  }
}
