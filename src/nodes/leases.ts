import { type Fence, Relieved } from '../ledger/duty.ts';
import type { State } from '../ledger/state.ts';
import { type Lease, lease, node } from './entities.ts';

/** A node that has not said for so long that it lives is dead: it says so every two seconds, and one time may come late. */
export const DEAD_AFTER_MS = 5_500;

/** Within the command of a node that lives: whatever of `works` nobody has, or a dead node, is this one's from now on. */
export function takeLeases(state: State, number: number, works: readonly string[]): void {
  for (const work of works) {
    const held = state.get(lease, work);
    if (held === undefined) state.put(lease, { work, node: number, token: 1, since: state.now });
    else if (isFree(state, held)) state.put(lease, { work, node: number, token: held.token + 1, since: state.now });
  }
}

/** Whoever waits for it may have it at once; what was begun under it does not count any more. */
export function giveBack(state: State, held: Readonly<Lease>): void {
  state.put(lease, { ...held, node: null, token: held.token + 1, since: state.now });
}

function isFree(state: State, { node: holder }: Readonly<Lease>): boolean {
  const row = holder === null ? undefined : state.get(node, holder);
  return row === undefined || row.seenAt <= state.now - DEAD_AFTER_MS;
}

/** Refuses a command of a node that had the work under `token`, once somebody has it under a newer one. */
export function fenceOf(work: string, token: number): Fence {
  return command => ({
    ...command,
    apply: state => {
      const held = state.get(lease, work);
      if (held?.token !== token) throw new Relieved(`another node does this work: ${work}`);
      return command.apply(state);
    },
  });
}
