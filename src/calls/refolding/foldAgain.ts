/** Folds calls that are known already anew, as their source is configured now (docs/refolding.md). */
import type { State, Wants } from '../../ledger/state.ts';
import {
  type Call,
  type Candidate,
  call,
  candidate,
  type MovedLeg,
  movedLeg,
  type Report,
  sourceCall,
} from '../entities.ts';
import { type CallChange, type CallsContext, refold } from '../fold/refold.ts';
import { registrationsNaming } from '../matching/callNames.ts';
import { expectsPartners, moveCandidates } from '../matching/candidates.ts';
import { dropSuspicions, linksOf, otherOf } from '../matching/links.ts';
import { matchAround } from '../matching/match.ts';
import { regroup } from '../matching/regroup.ts';
import { callIdOf, reportsOf, toldBy, wantSourceCall } from '../reports/sourceCalls.ts';
import { type CallSource, demandSource } from '../sources.ts';
import { firstsOf, isLegOf, type ReadKept, readAgain } from './readAgain.ts';

/** What came of some calls. */
export interface Retold {
  /** Calls that the source tells of, and that are as they were. */
  readonly unchanged: readonly Readonly<Call>[];
  /** One for each call that changed, came into being or became part of another. */
  readonly changes: readonly CallChange[];
  readonly readOtherwise: number;
  readonly unreadable: number;
  /** Legs that can be found by something else now: their matches are to be looked for. */
  readonly moved: readonly MovedLeg[];
}

export interface Refolding {
  readonly sourceId: number;
  /** How kept bytes are read; null: what reports tell stays. */
  readonly read: ReadKept | null;
  /** Under which earlier facts are kept. */
  readonly runId: number;
}

/** A change that is no news does not put off a call that waits to settle. */
const OCCASION = { isNew: false, settleDelayMs: 0, historical: true } as const;

export function wantCalls(wants: Wants, ids: readonly number[], context: CallsContext): void {
  for (const id of ids) {
    wantSourceCall(wants, id);
    context.wantSourceCall?.(wants, id);
  }
}

/** Of each call the reports of the source are read again where `read` is given, and the call is folded from all of its reports. */
export function foldAgain(
  state: State,
  ids: readonly number[],
  { sourceId, read, runId }: Refolding,
  context: CallsContext,
): Retold {
  const from = demandSource(context.sources, state, sourceId);
  const paired = expectsPartners(state, context.sources);
  const watch = new ChangeWatch();
  const watched = watch.over(context);
  expectCalls(state, ids, paired);
  const looked: Readonly<Call>[] = [];
  const moved: MovedLeg[] = [];
  let readOtherwise = 0;
  let unreadable = 0;
  for (const id of ids) {
    const present = state.get(call, id);
    if (present === undefined) continue;
    const reports = reportsOf(state, toldBy(present));
    const first = reports.find(each => each.sourceId === sourceId);
    if (first === undefined) continue;
    looked.push(present);
    const again = read === null ? null : readAgain(state, reports, { from, read, runId }, context);
    readOtherwise += again?.changed.length ?? 0;
    unreadable += again?.unreadable ?? 0;
    const told = again === null || again.changed.length === 0 ? reports : reportsOf(state, toldBy(present));
    if (paired) moved.push(...moveLegs(state, told, new Set(again?.changed), from, context));
    const cause = again?.changed[0] ?? first.id;
    refold(state, present, told, { cause, ...OCCASION, amendsLeg: (again?.changed.length ?? 0) > 0 }, watched);
  }
  const unchanged = looked.filter(each => !watch.has(each.id));
  return { unchanged, changes: watch.changes, readOtherwise, unreadable, moved };
}

function expectCalls(state: State, ids: readonly number[], paired: boolean): void {
  state.expect(wants => {
    for (const id of ids) {
      const present = state.get(call, id);
      for (const each of present === undefined ? [] : toldBy(present)) wantSourceCall(wants, each);
    }
  });
  if (!paired) return;
  state.expect(wants => {
    for (const id of ids) {
      const present = state.get(call, id);
      const reports = present === undefined ? [] : reportsOf(state, toldBy(present));
      const legs = reports.filter(each => each.fact.form === 'leg');
      for (const each of new Set(legs.map(leg => leg.sourceCallId))) wants.find(candidate, 'bySourceCall', each);
    }
  });
}

/** The legs of these reports that can be found by something else than before; each is remembered until it is matched. */
function moveLegs(
  state: State,
  reports: readonly Readonly<Report>[],
  retold: ReadonlySet<number>,
  from: Readonly<CallSource>,
  context: CallsContext,
): MovedLeg[] {
  const moved: MovedLeg[] = [];
  const legs = firstsOf(reports).filter(each => isLegOf(each, from.id));
  for (const [sourceCallId, told] of Map.groupBy(legs, each => each.sourceCallId)) {
    const { name } = state.get(sourceCall, sourceCallId)!;
    for (const reportId of moveCandidates(state, { sourceCallId, name, told }, retold, from, context)) {
      const leg: MovedLeg = { sourceId: from.id, reportId, sourceCallId };
      state.put(movedLeg, leg);
      moved.push(leg);
    }
  }
  return moved;
}

/**
 * Looks for the registrations that moved legs are, once all of them have moved. What had settled on both sides becomes a possible match,
 * as ever (matching/match.ts); suspicions about the legs are formed anew.
 */
export function matchAgain(state: State, moved: readonly MovedLeg[], context: CallsContext): readonly CallChange[] {
  const watch = new ChangeWatch();
  const watched = watch.over(context);
  state.expect(wants => wantMoved(wants, moved));
  for (const { sourceId, reportId, sourceCallId } of moved) {
    state.delete(movedLeg, sourceId, reportId);
    dropSuspicions(state, sourceCallId);
    // Also around the registrations that it is found to be, or that name it: they may be far away now.
    const { name } = state.get(sourceCall, sourceCallId)!;
    const others = [...partnersOf(state, sourceCallId), ...registrationsNaming(state, name)];
    const seeds = [state.get(candidate, reportId), ...others].filter(row => row !== undefined);
    const regrouped = matchAround(
      state,
      seeds.map(row => ({ before: row, after: row })),
      context,
      true,
    );
    if (regrouped.length === 0) continue;
    regroup(state, regrouped, null, { cause: reportId, settleDelayMs: 0, historical: true }, watched);
  }
  return watch.changes;
}

export function wantMoved(wants: Wants, moved: readonly MovedLeg[]): void {
  for (const { sourceId, reportId, sourceCallId } of moved) {
    wants.get(movedLeg, sourceId, reportId);
    wants.get(candidate, reportId);
    wantSourceCall(wants, sourceCallId);
  }
}

const partnersOf = (state: State, sourceCallId: number): readonly Readonly<Candidate>[] =>
  linksOf(state, sourceCallId)
    .filter(each => each.verdict === 'matched' && each.legId !== null)
    .flatMap(each => state.find(candidate, 'bySourceCall', otherOf(each, sourceCallId)));

/** The calls that reports are part of. */
export const callsOf = (state: State, sourceCallIds: readonly number[]): readonly number[] => [
  ...new Set(sourceCallIds.map(id => callIdOf(state, id))),
];

/** What becomes of each call from its first change to its last. */
class ChangeWatch {
  private readonly found = new Map<number, CallChange>();

  over(context: CallsContext): CallsContext {
    return { ...context, reactors: [...context.reactors, (_state, change) => this.note(change)] };
  }

  has(callId: number): boolean {
    return this.found.has(callId);
  }

  get changes(): readonly CallChange[] {
    return [...this.found.values()];
  }

  private note(change: CallChange): void {
    const { id } = change.after ?? change.before!;
    const earlier = this.found.get(id);
    const participants = { before: (earlier ?? change).participants.before, after: change.participants.after };
    const visits = { before: (earlier ?? change).visits.before, after: change.visits.after };
    const before = earlier === undefined ? change.before : earlier.before;
    this.found.set(id, { ...change, before, participants, visits } as CallChange);
  }
}
