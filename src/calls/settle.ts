import type { Command, State } from '../ledger/state.ts';
import { settling } from './entities.ts';
import { callIdOf } from './strands.ts';

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

/** What a call waited for has come, or will not: it settles soon. */
export function settleSoon(state: State, strandId: number, quietMs: number): void {
  const waiting = state.get(settling, callIdOf(state, strandId));
  if (waiting === undefined || waiting.dueAt === null || waiting.dueAt <= state.now + quietMs) return;
  state.put(settling, { ...waiting, dueAt: state.now + quietMs });
}
