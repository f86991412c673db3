import type { State, Wants } from '../../ledger/state.ts';
import { numberKey } from '../../values/numberKey.ts';
import type { PhoneContext } from '../../values/phone.ts';
import { type Candidate, candidate, type Report } from '../entities.ts';
import { agentLegsOf } from '../fold/agentLegs.ts';
import { foldLegs } from '../fold/foldLegs.ts';
import { numberPlanOf } from '../fold/numberPlan.ts';
import type { CallsContext } from '../fold/refold.ts';
import type { IncomingReport, RegistrationParties } from '../reports/report.ts';
import type { CallSource, Sources } from '../sources.ts';
import { registrationsNaming } from './callNames.ts';
import { sampleClock } from './clocks.ts';

const DAY_MS = 86_400_000;

export const dayOfInstant = (at: number): number => Math.floor(at / DAY_MS);

/** Only where somebody else may tell of the same calls is it worth remembering who they were with. */
export function expectsPartners(state: Pick<State, 'find'>, sources: Sources): boolean {
  return sources.anyTells(state, 'registrations') || sources.anyTells(state, 'completions');
}

/** Only where one source tells of legs and another of registrations is there anything to match. */
export const mayMatch = (state: Pick<State, 'find'>, sources: Sources): boolean =>
  sources.mayHaveTold(state, 'legs') && sources.mayHaveTold(state, 'registrations');

/**
 * What a new report can be found by, before and after; `before` null when nothing was known, `after` null when there is
 * nobody or nothing to be found by.
 */
export interface CandidateChange {
  readonly before: Readonly<Candidate> | null;
  readonly after: Readonly<Candidate> | null;
}

/** A report as far as it tells what it is found by. */
export type Findable = Pick<IncomingReport, 'sourceId' | 'name' | 'key' | 'fact' | 'registration'>;

/** In a row that is foreseen, of what has no number yet: one that is never given, so that it is looked for nowhere. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;

/** What a report will be found by, as far as it can be known before the other legs of its call are. */
export function foreseen(
  wants: Wants,
  incoming: Findable,
  from: Readonly<CallSource>,
  context: CallsContext,
): readonly Readonly<Candidate>[] {
  const { sourceId, fact, registration, name, key } = incoming;
  if (registration !== undefined) return [registrationRow(UNKNOWN, UNKNOWN, registration, incoming, from)];
  if (fact.form !== 'leg') return [];
  const told = [{ id: UNKNOWN, sourceCallId: UNKNOWN, sourceId, key, fact }];
  const rows = legRows(wants, { sourceCallId: UNKNOWN, name, told }, from, context);
  return [...rows, ...registrationsNaming(wants, name)];
}

/** A leg that began longer ago than this is not looked for by what overlaps its end. */
const LONGEST_CALL_MS = 4 * 3_600_000;
/** Clocks are believed to be off by this much, and gaps within a block are as long. */
export const MARGIN_MS = 2 * 15 * 60_000;

/** First and last day in which what belongs to one block with this may have started. */
export function daysAround(startedAt: number, endedAt: number | null): readonly [first: number, last: number] {
  return [dayOfInstant(startedAt - LONGEST_CALL_MS - MARGIN_MS), dayOfInstant((endedAt ?? startedAt) + MARGIN_MS)];
}

/** The source call that a report is of, with the reports of it that were there before. */
export interface OfSourceCall {
  readonly sourceCallId: number;
  readonly known: readonly LegOrOther[];
}

type LegOrOther = Pick<Report, 'id' | 'sourceCallId' | 'sourceId' | 'key' | 'fact'>;

/**
 * Writes what `incoming` can be found by, and anew what earlier legs of its source call can be found by, of which it may tell more;
 * returns what may match otherwise now. `reportId` is of this report.
 */
export function keepCandidates(
  state: State,
  { sourceCallId, known }: OfSourceCall,
  reportId: number,
  incoming: IncomingReport,
  from: Readonly<CallSource>,
  context: CallsContext,
): readonly CandidateChange[] {
  const { registration, name, key, fact } = incoming;
  const before = known.length === 0 ? [] : state.find(candidate, 'bySourceCall', sourceCallId);
  if (fact.form === 'leg') {
    const told = [...known, { id: reportId, sourceCallId, sourceId: from.id, key, fact }];
    const rows = legRows(state, { sourceCallId, name, told }, from, context);
    const own = rows.find(each => each.id === reportId);
    if (own !== undefined) sampleClock(state, from.id, own.endedAt!);
    const changes = storeRows(state, before, rows, reportId);
    return changes.length === 0 ? namedAnew(state, name) : changes;
  }
  if (registration === undefined) return [];
  const kept = before[0] ?? null;
  const row = registrationRow(kept?.id ?? reportId, sourceCallId, registration, incoming, from);
  if (registration.clocked) sampleClock(state, from.id, registration.endedAt ?? registration.startedAt);
  if (kept === null) state.insert(candidate, row);
  else state.put(candidate, row);
  return [{ before: kept, after: row }];
}

/** Stores the rows of a source call instead of those before. `freshId`: of a report that has no row yet. */
function storeRows(
  state: State,
  before: readonly Readonly<Candidate>[],
  after: readonly Candidate[],
  freshId: number | null,
): CandidateChange[] {
  const gone = new Map(before.map(each => [each.id, each]));
  const changes: CandidateChange[] = [];
  for (const row of after) {
    const earlier = gone.get(row.id) ?? null;
    gone.delete(row.id);
    if (earlier !== null && isSameRow(earlier, row)) continue;
    if (row.id === freshId) state.insert(candidate, row);
    else state.put(candidate, row);
    changes.push({ before: earlier, after: row });
  }
  for (const row of gone.values()) {
    state.delete(candidate, row.id);
    changes.push({ before: row, after: null });
  }
  return changes;
}

const isSameRow = (one: Readonly<Candidate>, other: Readonly<Candidate>): boolean =>
  candidate.columnNames.every(column => one[column as never] === other[column as never]);

/** A leg that nothing finds makes its call another one for those that name it. */
const namedAnew = (state: State, name: string): readonly CandidateChange[] =>
  registrationsNaming(state, name).map(row => ({ before: row, after: row }));

/**
 * Writes anew what the legs of a source call can be found by; returns the first reports of the legs for which that has changed. Their
 * clock was measured when they arrived. `retold` are reports that tell something else now, which counts also where only a name finds their
 * call.
 */
export function moveCandidates(
  state: State,
  { sourceCallId, name, told }: ToldLegs,
  retold: ReadonlySet<number>,
  from: Readonly<CallSource>,
  context: CallsContext,
): readonly number[] {
  const before = state.find(candidate, 'bySourceCall', sourceCallId);
  const rows = legRows(state, { sourceCallId, name, told }, from, context);
  const moved = new Set(storeRows(state, before, rows, null).map(each => (each.before ?? each.after)!.id));
  const found = new Set(rows.map(each => each.id));
  const unfound = told.filter(({ id }) => retold.has(id) && !found.has(id) && !moved.has(id));
  if (unfound.length > 0 && registrationsNaming(state, name).length > 0) for (const { id } of unfound) moved.add(id);
  return [...moved].sort((a, b) => a - b);
}

function registrationRow(
  id: number,
  sourceCallId: number,
  registration: RegistrationParties,
  { name }: Pick<IncomingReport, 'name'>,
  from: Readonly<CallSource>,
): Candidate {
  const { number, externalId, ...said } = registration;
  return {
    id,
    sourceCallId,
    sourceId: from.id,
    role: 'registration',
    ...said,
    numberKey: numberKey(number, from),
    day: dayOfInstant(said.startedAt),
    name: externalId,
    tie: name,
  };
}

/** What was reported of the legs of one source call. */
export interface ToldLegs {
  readonly sourceCallId: number;
  readonly name: string;
  readonly told: readonly LegOrOther[];
}

/** One row for each leg that the fold knows an agent and a number outside of, by the id of its first report. */
function legRows(
  state: Pick<State, 'find'>,
  { sourceCallId, name, told }: ToldLegs,
  from: Readonly<CallSource>,
  context: CallsContext,
): readonly Candidate[] {
  const facts = told.flatMap(({ id, key, fact }) =>
    fact.form === 'leg' ? [{ reportId: id, sourceCallId, sourceId: from.id, key, fact }] : [],
  );
  if (facts.length === 0) return [];
  const plan = numberPlanOf(from, context.sources);
  const legs = foldLegs(facts, {
    planOf: () => plan,
    holderOf: (extension, of, at) => context.holderOf(state, extension, of, at),
  });
  const keys = new Map(facts.map(({ reportId, key }) => [reportId, key]));
  return agentLegsOf(legs).map(({ leg, userId, number, isDialled, direction }) => ({
    id: leg.id,
    sourceCallId,
    sourceId: from.id,
    role: 'leg',
    userId,
    numberKey: numberKey(number, isDialled ? from : received(from)),
    day: dayOfInstant(leg.fact.startedAt),
    startedAt: leg.fact.startedAt,
    endedAt: leg.endedAt,
    clocked: true,
    direction,
    name: null,
    tie: `${name} ${keys.get(leg.id)!}`,
  }));
}

/** The outside prefix is dialled, and nobody who calls in has it. */
export const received = (from: Readonly<CallSource>): PhoneContext => ({ ...from, outsidePrefix: null });
