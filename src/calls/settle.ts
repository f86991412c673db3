import type { Command } from '../ledger/state.ts';
import { settling } from './entities.ts';

/** Settles those of the calls whose time has come; one that heard something new meanwhile waits on. */
export function settleCalls(callIds: readonly number[]): Command<number> {
  return {
    name: 'settle calls',
    bytes: callIds.length * 100,
    wants: wants => {
      for (const id of callIds) wants.get(settling, id);
    },
    apply: state => {
      let settled = 0;
      for (const callId of callIds) {
        const waiting = state.get(settling, callId);
        if (waiting === undefined || waiting.dueAt === null || waiting.dueAt > state.now) continue;
        state.put(settling, { ...waiting, dueAt: null, settledAt: state.now });
        state.journal({ kind: 'call.settled', callId });
        settled++;
      }
      return settled;
    },
  };
}
