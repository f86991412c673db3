import type { Command, State } from '../../ledger/state.ts';
import { call, settling } from '../entities.ts';
import { callSettled } from '../events.ts';
import { callIdOf, reportsOf, toldBy } from '../reports/sourceCalls.ts';
import type { Sources } from '../sources.ts';
import { settleNotBefore } from './settleDelay.ts';

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
        state.journal(callSettled, { callId });
        settled++;
      }
      return settled;
    },
  };
}

/** What a call waited for has come, or will not: it settles soon, though not before what else is told of it asked to wait. */
export function settleSoon(state: State, sourceCallId: number, settleDelayMs: number, sources: Sources): void {
  const callId = callIdOf(state, sourceCallId);
  const waiting = state.get(settling, callId);
  const present = state.get(call, callId);
  if (present === undefined || waiting === undefined || waiting.dueAt === null) return;
  const until = reportsOf(state, toldBy(present)).map(each => settleNotBefore(state, each, sources));
  const dueAt = Math.max(state.now + settleDelayMs, ...until);
  if (dueAt < waiting.dueAt) state.put(settling, { ...waiting, dueAt });
}
