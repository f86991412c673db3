/** Makes the calls what the strands are found to be: joins several into the oldest, and gives back what was one of its own. */
import type { State } from '../../ledger/state.ts';
import { alias, type Call, call, settling } from '../entities.ts';
import { callJoined, callSplit } from '../events.ts';
import { type CallsContext, dropParticipants, refold } from '../fold/refold.ts';
import { callIdOf, reportsOf, strandsOf, wantStrand } from '../reports/strands.ts';
import { bundleOf, keptLinks } from './bundles.ts';

interface Reason {
  /** The report that made it so. */
  readonly cause: number;
  readonly settleDelayMs: number;
}

/**
 * Looks at every call these strands were or are part of; answers with the strands of those that became other ones, which
 * are folded anew. `fresh` is a strand that has no call yet.
 */
export function regroup(
  state: State,
  strandIds: readonly number[],
  fresh: number | null,
  { cause, settleDelayMs }: Reason,
  context: CallsContext,
): ReadonlySet<number> {
  expectTogether(state, strandIds);
  const { groups, before } = groupsAround(state, strandIds, fresh);
  const changed = groups.filter(group => !isAlready(group, before, fresh));
  if (changed.length === 0) return new Set();
  const heads = new Set(groups.map(group => group[0]!));
  expectTogether(state, changed.flat());
  if (context.wantStrand !== undefined) {
    state.expect(wants => {
      for (const id of [...changed.flat(), ...before.keys()]) context.wantStrand!(wants, id);
    });
  }
  for (const id of before.keys()) if (!heads.has(id)) vanish(state, id, context);
  for (const group of changed) {
    const id = group[0]!;
    const others = group.slice(1);
    for (const other of others) state.put(alias, { id: other, into: id });
    const reborn = !before.has(id) && id !== fresh;
    if (reborn) state.delete(alias, id);
    const joined = others.filter(other => before.has(other));
    if (reborn) state.journal(callSplit, { callId: id, reportId: cause });
    if (joined.length > 0) state.journal(callJoined, { callId: id, reportId: cause, callIds: joined });
    refold(state, group, reportsOf(state, group), { cause, isNew: id === fresh, settleDelayMs }, context);
  }
  return new Set(changed.flat());
}

function expectTogether(state: State, strandIds: readonly number[]): void {
  state.expect(wants => {
    for (const id of strandIds) wantStrand(wants, id);
  });
}

function isAlready(
  group: readonly number[],
  before: ReadonlyMap<number, Readonly<Call>>,
  fresh: number | null,
): boolean {
  const row = before.get(group[0]!);
  if (row === undefined) return group.length === 1 && group[0] === fresh;
  const known = strandsOf(row);
  return known.length === group.length && known.every((id, i) => id === group[i]);
}

/** The strands of every call that is touched, as they belong together now, and those calls as they were. */
function groupsAround(
  state: State,
  strandIds: readonly number[],
  fresh: number | null,
): { groups: readonly (readonly number[])[]; before: ReadonlyMap<number, Readonly<Call>> } {
  const before = new Map<number, Readonly<Call>>();
  const waiting = [...strandIds];
  const placed = new Set<number>();
  const groups: number[][] = [];
  const touch = (id: number): void => {
    if (id === fresh) return;
    const callId = callIdOf(state, id);
    if (before.has(callId)) return;
    const row = state.get(call, callId);
    if (row === undefined) return;
    before.set(callId, row);
    expectTogether(state, strandsOf(row));
    waiting.push(...strandsOf(row));
  };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (placed.has(next)) continue;
    const group = [...bundleOf(state, next, keptLinks(state))].sort((a, b) => a - b);
    for (const id of group) {
      placed.add(id);
      touch(id);
    }
    groups.push(group);
  }
  return { groups: groups.sort((a, b) => a[0]! - b[0]!), before };
}

/** It is part of an older call now: what was kept about it is taken out, and its id leads to that call. */
function vanish(state: State, id: number, context: CallsContext): void {
  // Read again: a reactor to another one that vanished may have folded it meanwhile.
  const before = state.get(call, id)!;
  state.delete(call, id);
  state.delete(settling, id);
  const participants = dropParticipants(state, id);
  for (const reactor of context.reactors) reactor(state, { before, after: null, participants });
}
