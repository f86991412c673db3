import type { Wants } from '../ledger/state.ts';
import type { CampaignsContext, JoinedCall } from './context.ts';
import type { CallRecord } from './entities.ts';
import { resultOfOutcome } from './resultOutcome.ts';

/** PBX clocks tell whole seconds, and are set by people: a call may seem to start outside the time of its record. */
const CLOCK_MS = 2_000;
/** Calls that count as attempts while one agent holds a record; nobody dials a number more often for one record. */
const MAX_COUNTED = 50;

/** Whether a call of the holder to the record's number counts for it, by when it started. */
export function isWithin({ retrievedAt, completedAt }: Readonly<CallRecord>, startedAt: number): boolean {
  if (retrievedAt === null || startedAt < retrievedAt - CLOCK_MS) return false;
  return completedAt === null || startedAt <= completedAt + CLOCK_MS;
}

/**
 * What calls make of a record that is held or was completed: always reckoned anew from what it was when it was retrieved,
 * so that it does not matter which came first, the call or the completion. What the agent gave stands. A call that tells
 * nothing of how it ended is an attempt, and its default takes no result from anybody (docs/one-call.md, "Who wins").
 */
export function withCalls(state: Wants, row: Readonly<CallRecord>, context: CampaignsContext): CallRecord {
  const ours = callsOf(state, row, 'ours', context);
  // A clock may have been measured wrong. Only where the corrected starts lead nowhere do those as told count: otherwise they
  // would take in calls of another occasion.
  const calls = (ours.length > 0 ? ours : callsOf(state, row, 'its own', context)).filter(each => each.ended);
  const decisive = calls.find(each => each.outcome !== 'unknown');
  const counted = {
    ...row,
    attempt: row.attemptBefore + calls.length,
    callTime: calls[0]?.startedAt ?? row.callTimeBefore,
    callId: (decisive ?? calls[0])?.callId ?? null,
  };
  if (row.resultFrom === 'agent') return counted;
  if (decisive !== undefined) {
    return { ...counted, callResult: resultOfOutcome(decisive.outcome).code, resultFrom: 'call' };
  }
  return { ...counted, callResult: row.callResultBefore, resultFrom: row.completedAt === null ? null : 'list' };
}

/** Latest first. Of calls that started in the same millisecond one counts. */
function callsOf(
  state: Wants,
  row: Readonly<CallRecord>,
  clock: 'ours' | 'its own',
  { latestCallTo }: CampaignsContext,
): JoinedCall[] {
  const { heldBy, joinKey, retrievedAt, completedAt } = row;
  const calls: JoinedCall[] = [];
  if (heldBy === null || joinKey === null || retrievedAt === null) return calls;
  let to = completedAt === null ? Number.MAX_SAFE_INTEGER : completedAt + CLOCK_MS;
  for (let looked = 0; looked < 2 * MAX_COUNTED && calls.length < MAX_COUNTED; looked++) {
    const found = latestCallTo(state, heldBy, joinKey, retrievedAt - CLOCK_MS, to, clock);
    if (found === null) break;
    // A call of several legs to one number is one attempt.
    if (!calls.some(each => each.callId === found.callId)) calls.push(found);
    to = found.startedAt - 1;
  }
  return calls;
}
