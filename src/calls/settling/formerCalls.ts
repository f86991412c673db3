/** Calls that settled and became part of another one: when they settled is kept under their own id. */
import type { State } from '../../ledger/state.ts';
import { type Call, type FormerCall, formerCall } from '../entities.ts';
import { settledUpTo } from './line.ts';

/** Before the call vanishes into another one. One that was split off a settled call has not settled by itself. */
export function keepFormer(state: State, { id, settlesAt, historical }: Readonly<Call>): void {
  if (settlesAt === null || settlesAt > settledUpTo(state)) return;
  state.put(formerCall, { id, settledAt: settlesAt, historical });
}

export const formerOf = (state: State, id: number): Readonly<FormerCall> | undefined => state.get(formerCall, id);
