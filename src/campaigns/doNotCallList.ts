import type { State } from '../ledger/state.ts';
import { doNotCall, record } from './entities.ts';
import { isWaiting, stopWaiting } from './waiting.ts';

/** From now on nobody is to call this number: no record that has it is handed out any more, in no campaign. */
export function forbidNumber(state: State, numberKey: string): void {
  if (state.get(doNotCall, numberKey) !== undefined) return;
  state.put(doNotCall, { numberKey });
  for (const row of state.find(record, 'byNumber', numberKey)) {
    if (isWaiting(row)) state.put(record, stopWaiting(state, row));
  }
}
