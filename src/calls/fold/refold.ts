import { historicalMark } from '../../ledger/event.ts';
import type { State, Wants } from '../../ledger/state.ts';
import { isSameContent } from '../../values/sameContent.ts';
import {
  type Call,
  type Candidate,
  call,
  type Participation,
  participation,
  type QueueVisit,
  queueVisit,
  type Report,
  sourceCall,
} from '../entities.ts';
import { type CallField, callAmended, callEnded, callRegistered } from '../events.ts';
import type { Members } from '../reports/sourceCalls.ts';
import { isSameSettling, type Part, settlingAfter } from '../settling/settle.ts';
import { demandSource, type Sources } from '../sources.ts';
import { foldReports, participationsOf, queueVisitsOf, type Told, type ToldReport } from './foldReports.ts';
import { type HolderOf, numberPlanOf } from './numberPlan.ts';
import { isSamePeople, isSameVisits, type Parts, participationsIn, queueVisitsIn, storeParts } from './storeParts.ts';

/**
 * A call before and after a command; rooms that keep something about calls react within the same command. `before` null:
 * there was none; `after` null: it became part of another call.
 */
export type CallChange = {
  /** Who took part before and after. */
  readonly participants: Parts<Participation>;
  /** The queues it was in before and after. */
  readonly visits: Parts<QueueVisit>;
  /** It is no news: it was loaded from elsewhere, after the fact, or folded anew. */
  readonly historical: boolean;
} & (
  | { readonly before: Readonly<Call> | null; readonly after: Readonly<Call> }
  | { readonly before: Readonly<Call>; readonly after: null }
);

export type CallReactor = (state: State, change: CallChange) => void;

export interface CallsContext {
  readonly sources: Sources;
  /** Who held an extension at an instant (UTC milliseconds). */
  readonly holderOf: (state: Pick<State, 'find'>, ...asked: Parameters<HolderOf>) => number | null;
  /** The local date, in days since 1970-01-01, in the organisation's zone. */
  readonly dayOf: (state: State, at: number) => number;
  /** What the reactors read of a source call. */
  readonly wantSourceCall?: (wants: Wants, sourceCallId: number) => void;
  /** What they read of whom a leg or a registration is with. */
  readonly wantCandidate?: (wants: Wants, row: Readonly<Candidate>) => void;
  /** Run in this order, in the same command. */
  readonly reactors: readonly CallReactor[];
  /** Run after them, and only once every call that a command makes of others is folded: these look calls up. */
  readonly lateReactors: readonly CallReactor[];
}

interface Occasion {
  /** The report that made the call change. */
  readonly cause: number;
  readonly isNew: boolean;
  /** The report tells more of a leg that is known already; the call's own row may stay as it is. */
  readonly amendsLeg?: boolean;
  /** Rooms keep more of this report than the call's own row does, and react though the row stays as it is. */
  readonly concernsOthers?: boolean;
  /** What changes is no news: it was told before, and is read otherwise now. */
  readonly historical?: boolean;
  /** How long nothing new may come before the call settles. */
  readonly settleDelayMs: number;
  /** Present where it was part of another call until now. */
  readonly part?: Part;
}

/**
 * Folds a call again from its reports and stores, journals and tells what became different. `members` is what it
 * consists of.
 */
export function refold(
  state: State,
  { id: callId, sourceCalls, records }: Members,
  reports: readonly Readonly<Report>[],
  { cause, isNew, amendsLeg = false, concernsOthers = false, historical = false, settleDelayMs, part }: Occasion,
  context: CallsContext,
): void {
  const before = isNew ? null : (state.get(call, callId) ?? null);
  const { call: told, participants, visits } = foldNow(state, reports, context);
  const day =
    before !== null && before.startedAt === told.startedAt ? before.day : context.dayOf(state, told.startedAt);
  const after: Call = {
    id: callId,
    ...told,
    day,
    sourceCalls,
    records,
    ...settlingAfter(state, { before, endedAt: told.endedAt, reports, settleDelayMs, ...(part && { part }) }),
  };
  const changed = before === null ? [] : changedFields(before, after);
  if (isNew) state.insert(call, after);
  else if (before === null || changed.length > 0 || !isSameWithin(before, after)) state.put(call, after);
  const people = storeParts(
    state,
    participation,
    isNew ? [] : participationsIn(state, callId),
    participationsOf(after, participants),
  );
  const queues = storeParts(state, queueVisit, isNew ? [] : queueVisitsIn(state, callId), queueVisitsOf(after, visits));
  if (amendsLeg && !changed.includes('legs')) changed.push('legs');
  if (before !== null && !isSamePeople(people)) changed.push('participants');
  if (before !== null && !isSameVisits(queues)) changed.push('queues');
  const isHistorical = historical || reports.some(each => each.id === cause && each.historical);
  if (before === null || changed.length > 0) {
    const happened = { callId, reportId: cause, ...historicalMark(isHistorical) };
    if (before === null && after.endedAt === null) state.journal(callRegistered, happened);
    else if (before === null) state.journal(callEnded, happened);
    else if (before.endedAt === null && after.endedAt !== null)
      state.journal(callEnded, { ...happened, fields: changed });
    else state.journal(callAmended, { ...happened, fields: changed });
  }
  if (before === null || changed.length > 0 || concernsOthers) {
    // A reactor may make the call be folded again: everything of this round is written by now.
    const change: CallChange = { before, after, participants: people, visits: queues, historical: isHistorical };
    for (const reactor of [...context.reactors, ...context.lateReactors]) reactor(state, change);
  }
}

/** What these reports say, by the numbers and holders that are known. */
export const foldNow = (state: State, reports: readonly Readonly<ToldReport>[], context: CallsContext): Told =>
  foldReports(reports, id => state.get(sourceCall, id)!.externalId, {
    planOf: sourceId => numberPlanOf(demandSource(context.sources, state, sourceId), context.sources),
    holderOf: (extension, of, at) => context.holderOf(state, extension, of, at),
  });

/** Of what no name outside stands for. */
const isSameWithin = (before: Readonly<Call>, after: Readonly<Call>): boolean =>
  isSameSettling(before, after) && isSameContent(before.records, after.records);

/** What is a call's under another name outside, or not at all. */
const OUTSIDE = {
  id: null,
  day: null,
  sourceId: 'source',
  costMicros: 'cost',
  sourceCalls: 'aliases',
  records: null,
  endedSeenAt: null,
  settlesAt: null,
  splitAt: null,
  historical: null,
} as const;

const FIELDS = (call.columnNames as readonly (keyof Call)[]).flatMap((name): [keyof Call, CallField][] => {
  if (!(name in OUTSIDE)) return [[name, name as Exclude<keyof Call, keyof typeof OUTSIDE>]];
  const outside = OUTSIDE[name as keyof typeof OUTSIDE];
  return outside === null ? [] : [[name, outside]];
});

export function changedFields(before: Readonly<Call>, after: Readonly<Call>): CallField[] {
  const changed: CallField[] = [];
  for (const [name, field] of FIELDS) if (!isSameContent(before[name], after[name])) changed.push(field);
  return changed;
}
