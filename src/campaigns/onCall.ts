import { historicalMark } from '../ledger/event.ts';
import type { State, Wants } from '../ledger/state.ts';
import type { Attempt, CampaignsContext } from './context.ts';
import { type CallRecord, record } from './entities.ts';
import { recordAmended } from './events.ts';
import { isWithin, withCalls } from './joinedCalls.ts';

/**
 * A call that ends, or changes after it did, changes the records that the agents in it worked on with the numbers they dialled. What
 * was completed already is amended, and nobody is acknowledged again (docs/one-call.md, "How a dialling record finds its
 * call"). `historical`: the change of the call is no news, and so is what becomes of the records.
 */
export function joinRecords(
  context: CampaignsContext,
): (state: State, attempts: readonly Attempt[], historical?: boolean) => void {
  return (state, attempts, historical = false) => {
    const seen = new Set<number>();
    for (const { userId, numberKey, startedAt } of attempts) {
      if (userId === null || numberKey === null) continue;
      for (const row of state.find(record, 'byAgentNumber', numberKey, userId)) {
        if (seen.has(row.id) || !isWithin(row, startedAt)) continue;
        seen.add(row.id);
        refresh(state, row, historical, context);
      }
    }
  };
}

/** What that will read for one attempt. */
export function wantRecords(wants: Wants, { userId, numberKey, startedAt }: Attempt, context: CampaignsContext): void {
  if (userId === null || numberKey === null) return;
  for (const row of wants.find(record, 'byAgentNumber', numberKey, userId)) {
    if (isWithin(row, startedAt)) withCalls(wants, row, context);
  }
}

const FROM_CALLS = ['callResult', 'resultFrom', 'attempt', 'callTime', 'callId'] as const;

function refresh(state: State, before: Readonly<CallRecord>, historical: boolean, context: CampaignsContext): void {
  const after = withCalls(state, before, context);
  if (FROM_CALLS.every(name => before[name] === after[name])) return;
  state.put(record, after);
  if (after.completedAt !== null && after.callId !== before.callId) {
    context.onRejoined?.(state, after.id, after.callId, historical);
  }
  // Where the agent gave the result, a call adds an attempt and changes nothing that was said.
  if (after.completedAt === null || after.resultFrom === 'agent') return;
  state.journal(recordAmended, {
    callId: after.callId,
    recordId: after.id,
    callingListId: after.listId,
    callResultCode: after.callResult,
    ...historicalMark(historical),
  });
}
