import type { State, Wants } from '../../ledger/state.ts';
import { type Call, call, type Report } from '../entities.ts';
import { type CallField, callAmended, callEnded, callRegistered } from '../events.ts';
import { isSameSettling, type Part, settlingAfter } from '../settling/settle.ts';
import { demandSource, type Sources } from '../sources.ts';
import { foldCall } from './fold.ts';
import { numberPlanOf } from './numberPlan.ts';

/**
 * A call before and after a command; rooms that keep something about calls react within the same command. `before` null:
 * there was none; `after` null: it became part of another call.
 */
export type CallChange =
  | { readonly before: Readonly<Call> | null; readonly after: Readonly<Call> }
  | { readonly before: Readonly<Call>; readonly after: null };
export type CallReactor = (state: State, change: CallChange) => void;

export interface CallsContext {
  readonly sources: Sources;
  /** Who held an extension at an instant (UTC milliseconds). */
  readonly holderOf: (state: State, extension: string | null, at: number) => number | null;
  /** The local date, in days since 1970-01-01, in the organisation's zone. */
  readonly dayOf: (state: State, at: number) => number;
  /** What the reactors read of a strand. */
  readonly wantStrand?: (wants: Wants, strandId: number) => void;
  /** Run in this order, in the same command. */
  readonly reactors: readonly CallReactor[];
}

interface Occasion {
  /** The report that made the call change. */
  readonly cause: number;
  readonly isNew: boolean;
  /** The report tells more of a leg that is known already; the call's own row may stay as it is. */
  readonly amendsLeg?: boolean;
  /** Rooms keep more of this report than the call's own row does, and react though the row stays as it is. */
  readonly concernsOthers?: boolean;
  /** How long nothing new may come before the call settles. */
  readonly settleDelayMs: number;
  /** Present where it was part of another call until now. */
  readonly part?: Part;
}

/**
 * Folds a call again from its reports and stores, journals and tells what became different. `strands` are those it
 * consists of, ascending; the first is its id.
 */
export function refold(
  state: State,
  strands: readonly number[],
  reports: readonly Readonly<Report>[],
  { cause, isNew, amendsLeg = false, concernsOthers = false, settleDelayMs, part }: Occasion,
  context: CallsContext,
): void {
  const callId = strands[0]!;
  const before = isNew ? null : (state.get(call, callId) ?? null);
  const { fields, legs } = foldCall(
    reports.map(each => ({
      reportId: each.id,
      strandId: each.callId,
      sourceId: each.sourceId,
      key: each.key,
      fact: each.fact,
    })),
    {
      planOf: sourceId => numberPlanOf(demandSource(context.sources, state, sourceId)),
      holderOf: (extension, at) => context.holderOf(state, extension, at),
    },
  );
  const first = leadingReport(reports);
  const day =
    before !== null && before.startedAt === fields.startedAt ? before.day : context.dayOf(state, fields.startedAt);
  const after: Call = {
    id: callId,
    sourceId: first.sourceId,
    externalId: externalIdOf(first),
    ...fields,
    day,
    legs,
    strands: strands.length === 1 ? null : strands.slice(1),
    ...settlingAfter(state, { before, endedAt: fields.endedAt, reports, settleDelayMs, ...(part && { part }) }),
  };
  const changed = before === null ? [] : changedFields(before, after);
  if (isNew) state.insert(call, after);
  else if (before === null || changed.length > 0 || !isSameSettling(before, after)) state.put(call, after);
  if (amendsLeg && !changed.includes('legs')) changed.push('legs');
  if (before === null || changed.length > 0) {
    const isHistorical = reports.some(each => each.id === cause && each.historical);
    const happened = { callId, reportId: cause, ...(isHistorical ? { historical: true } : {}) };
    if (before === null && after.endedAt === null) state.journal(callRegistered, happened);
    else if (before === null) state.journal(callEnded, happened);
    else if (before.endedAt === null && after.endedAt !== null)
      state.journal(callEnded, { ...happened, fields: changed });
    else state.journal(callAmended, { ...happened, fields: changed });
  }
  if (before === null || changed.length > 0 || concernsOthers) {
    // A reactor may make the call be folded again: everything of this round is written by now.
    for (const reactor of context.reactors) reactor(state, { before, after });
  }
}

/** Whose call it is: a PBX's before a program's, the oldest of these. What people say is of no source. */
function leadingReport(reports: readonly Readonly<Report>[]): Readonly<Report> {
  let leading: Readonly<Report> | undefined;
  for (const each of reports) {
    const { form } = each.fact;
    if (form !== 'leg' && form !== 'call') continue;
    const leads = leading === undefined || (form === 'leg') !== (leading.fact.form === 'leg');
    if (leading === undefined || (leads ? form === 'leg' : each.id < leading.id)) leading = each;
  }
  if (leading === undefined) throw new Error('a call needs a report of a source');
  return leading;
}

/** The source's own name of the call. */
function externalIdOf({ fact, group }: Readonly<Report>): string | null {
  if (fact.form === 'call') return fact.externalId;
  return group.slice(group.indexOf('|') + 1);
}

/** What is a call's under another name outside, or not at all. */
const OUTSIDE = {
  id: null,
  day: null,
  sourceId: 'source',
  costMicros: 'cost',
  strands: 'aliases',
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

function changedFields(before: Readonly<Call>, after: Readonly<Call>): CallField[] {
  return FIELDS.flatMap(([name, field]) =>
    before[name] !== after[name] && JSON.stringify(before[name]) !== JSON.stringify(after[name]) ? [field] : [],
  );
}
