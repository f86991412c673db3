import type { State } from '../ledger/state.ts';
import { extension } from './entities.ts';

/** The user who held an extension at an instant (UTC milliseconds); null when nobody did. */
export function holderOf(state: Pick<State, 'find'>, number: string | null, at: number): number | null {
  if (number === null) return null;
  for (const held of state.find(extension, 'byNumber', number)) {
    if (held.from <= at && at < held.until) return held.userId;
  }
  return null;
}
