import type { State } from '../ledger/state.ts';
import { source } from './entities.ts';

/** Whether a source of one of these kinds is active. */
export function anyActive(state: Pick<State, 'find'>, kinds: readonly string[]): boolean {
  return kinds.some(kind => state.find(source, 'byKind', kind).some(each => each.active));
}
