import { type Fence, LeaseLost } from '../ledger/lease.ts';
import type { State } from '../ledger/state.ts';
import { type LeaseRow, lease, node } from './entities.ts';

/** A node without a heartbeat for so long is dead: one comes every two seconds, and one may be late. */
export const DEAD_AFTER_MS = 5_500;

/** Within the command of a live node: takes the leases of those `jobs` that no live node holds. */
export function takeLeases(state: State, number: number, jobs: readonly string[]): void {
  for (const job of jobs) {
    const held = state.get(lease, job);
    if (held === undefined) state.put(lease, { job, node: number, token: 1, since: state.now });
    else if (isFree(state, held)) state.put(lease, { job, node: number, token: held.token + 1, since: state.now });
  }
}

/** Any node may take it at once; what was begun under it no longer counts. */
export function giveBack(state: State, held: Readonly<LeaseRow>): void {
  state.put(lease, { ...held, node: null, token: held.token + 1, since: state.now });
}

function isFree(state: State, { node: holder }: Readonly<LeaseRow>): boolean {
  const row = holder === null ? undefined : state.get(node, holder);
  return row === undefined || row.deadSince !== null;
}

/** Refuses a command of a node that held the lease under `token`, once there is a newer token. */
export function fenceOf(job: string, token: number): Fence {
  return command => ({
    ...command,
    apply: state => {
      const held = state.get(lease, job);
      if (held?.token !== token) throw new LeaseLost(`another node does this job: ${job}`);
      return command.apply(state);
    },
  });
}
