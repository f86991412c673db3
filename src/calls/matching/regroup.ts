/** Makes the calls what the source calls are found to be: joins several into the oldest, and gives back what was one of its own. */
import { historicalMark } from '../../ledger/event.ts';
import type { State } from '../../ledger/state.ts';
import { type Call, call, formerCall, participation, queueVisit, sourceCall } from '../entities.ts';
import { callJoined, callSplit } from '../events.ts';
import { type CallChange, type CallsContext, refold } from '../fold/refold.ts';
import { dropParts, participationsIn, queueVisitsIn } from '../fold/storeParts.ts';
import { recordsOf } from '../reports/completions.ts';
import { callIdOf, type Members, reportsOf, sourceCallsOf, toldBy, wantSourceCall } from '../reports/sourceCalls.ts';
import { keepFormer } from '../settling/formerCalls.ts';
import { clusterOf, storedNeighbours } from './clusters.ts';

interface Reason {
  /** The report that made it so. */
  readonly cause: number;
  readonly settleDelayMs: number;
  /** What changes is no news. */
  readonly historical?: boolean;
}

/**
 * Looks at every call these source calls were or are part of; answers with the source calls of those that became other ones, which
 * are folded anew. `fresh` is a source call that has no call yet.
 */
export function regroup(
  state: State,
  sourceCallIds: readonly number[],
  fresh: number | null,
  { cause, settleDelayMs, historical = false }: Reason,
  context: CallsContext,
): ReadonlySet<number> {
  expectTogether(state, sourceCallIds);
  const { groups, before } = groupsAround(state, sourceCallIds, fresh);
  const changed = groups.filter(group => !isAlready(group, before, fresh));
  if (changed.length === 0) return new Set();
  const heads = new Set(groups.map(group => group[0]!));
  expectTogether(state, changed.flat());
  state.expect(wants => {
    for (const id of heads) if (!before.has(id)) wants.get(formerCall, id);
    for (const id of before.keys()) if (!heads.has(id)) wants.get(formerCall, id);
  });
  if (context.wantSourceCall !== undefined) {
    state.expect(wants => {
      for (const id of [...changed.flat(), ...before.keys()]) context.wantSourceCall!(wants, id);
    });
  }
  const changes: CallChange[] = [];
  const folding: CallsContext = { ...context, lateReactors: [(_state, change) => changes.push(change)] };
  for (const row of before.values()) if (!heads.has(row.id)) vanish(state, row, historical, folding);
  for (const group of changed) {
    const id = group[0]!;
    const others = group.slice(1);
    const reborn = !before.has(id) && id !== fresh;
    const members = membersOf(state, group);
    for (const each of toldBy(members)) lead(state, each, id);
    const joined = others.filter(other => before.has(other));
    const happened = { callId: id, reportId: cause, ...historicalMark(historical) };
    if (reborn) state.journal(callSplit, happened);
    if (joined.length > 0) state.journal(callJoined, { ...happened, callIds: joined });
    const whole = reborn ? [...before.values()].find(each => sourceCallsOf(each).includes(id)) : undefined;
    const part = whole === undefined ? {} : { part: { id, whole } };
    const occasion = { cause, isNew: id === fresh, settleDelayMs, historical, ...part };
    refold(state, members, reportsOf(state, toldBy(members)), occasion, folding);
  }
  for (const change of changes) for (const reactor of context.lateReactors) reactor(state, change);
  return new Set(changed.flat());
}

function membersOf(state: State, group: readonly number[]): Members {
  const [id, ...others] = group;
  const members = { id: id!, sourceCalls: others.length === 0 ? null : others, records: null };
  return { ...members, records: recordsOf(state, members) };
}

/** From now on the source call is part of this call. */
function lead(state: State, id: number, callId: number): void {
  const row = state.get(sourceCall, id)!;
  if (row.callId !== callId) state.put(sourceCall, { ...row, callId });
}

function expectTogether(state: State, sourceCallIds: readonly number[]): void {
  state.expect(wants => {
    for (const id of sourceCallIds) wantSourceCall(wants, id);
  });
}

function isAlready(
  group: readonly number[],
  before: ReadonlyMap<number, Readonly<Call>>,
  fresh: number | null,
): boolean {
  const row = before.get(group[0]!);
  if (row === undefined) return group.length === 1 && group[0] === fresh;
  const known = sourceCallsOf(row);
  return known.length === group.length && known.every((id, i) => id === group[i]);
}

/** The source calls of every call that is touched, as they belong together now, and those calls as they were. */
function groupsAround(
  state: State,
  sourceCallIds: readonly number[],
  fresh: number | null,
): { groups: readonly (readonly number[])[]; before: ReadonlyMap<number, Readonly<Call>> } {
  const before = new Map<number, Readonly<Call>>();
  const waiting = [...sourceCallIds];
  const placed = new Set<number>();
  const groups: number[][] = [];
  const neighbours = storedNeighbours(state);
  const touch = (id: number): void => {
    if (id === fresh) return;
    const callId = callIdOf(state, id);
    if (before.has(callId)) return;
    const row = state.get(call, callId);
    if (row === undefined) return;
    before.set(callId, row);
    expectTogether(state, sourceCallsOf(row));
    waiting.push(...sourceCallsOf(row));
  };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (placed.has(next)) continue;
    const group = [...clusterOf(next, neighbours)].sort((a, b) => a - b);
    for (const id of group) {
      placed.add(id);
      touch(id);
    }
    groups.push(group);
  }
  return { groups: groups.sort((a, b) => a[0]! - b[0]!), before };
}

/** It is part of an older call now: what was kept about it is taken out, and its id leads to that call. */
function vanish(state: State, before: Readonly<Call>, historical: boolean, context: CallsContext): void {
  state.delete(call, before.id);
  keepFormer(state, before);
  const participants = dropParts(state, participation, participationsIn(state, before.id));
  const visits = dropParts(state, queueVisit, queueVisitsIn(state, before.id));
  const change: CallChange = { before, after: null, participants, visits, historical };
  for (const reactor of [...context.reactors, ...context.lateReactors]) reactor(state, change);
}
