import type { State, Wants } from '../../ledger/state.ts';
import type { Direction } from '../../values/direction.ts';
import { numberKey } from '../../values/numberKey.ts';
import type { PhoneContext } from '../../values/phone.ts';
import { type Candidate, candidate, type Report, sourceClock } from '../entities.ts';
import { readParties } from '../fold/foldLegs.ts';
import { type HolderOf, type NumberPlan, numberPlanOf } from '../fold/numberPlan.ts';
import { isInside } from '../fold/party.ts';
import type { CallsContext } from '../fold/refold.ts';
import type { IncomingReport, LegFact, RegistrationParties } from '../reports/report.ts';
import type { CallSource, Sources } from '../sources.ts';
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

/** What matching this report will read, as far as it can be known before. */
export function wantCandidate(
  wants: Wants,
  state: State,
  incoming: IncomingReport,
  from: Readonly<CallSource>,
  context: CallsContext,
): void {
  const { fact, registration, name } = incoming;
  const called = fact.form === 'leg' ? callNameOf(name) : null;
  if (called !== null) wants.find(candidate, 'byName', called);
  const row =
    fact.form === 'leg'
      ? legRow(state, 0, 0, fact, incoming, from, context)
      : registration === undefined
        ? null
        : registrationRow(0, 0, registration, incoming, from);
  if (row === null) return;
  for (const id of context.sources.ids(state)) wants.get(sourceClock, id);
  wantAround(wants, row);
}

/** The rows that a block around this one may be made of. */
export function wantAround(
  wants: Wants,
  { userId, numberKey: key, startedAt, endedAt, name }: Readonly<Candidate>,
): void {
  const [first, last] = daysAround(startedAt, endedAt);
  for (let day = first; day <= last; day++) wants.find(candidate, 'byParties', userId, key, day);
  if (name !== null) wants.find(candidate, 'byName', name);
}

/** A leg that began longer ago than this is not looked for by what overlaps its end. */
const LONGEST_CALL_MS = 4 * 3_600_000;
/** Clocks are believed to be off by this much, and gaps within a block are as long. */
export const MARGIN_MS = 2 * 15 * 60_000;

/** First and last day in which what belongs to one block with this may have started. */
export function daysAround(startedAt: number, endedAt: number | null): readonly [first: number, last: number] {
  return [dayOfInstant(startedAt - LONGEST_CALL_MS - MARGIN_MS), dayOfInstant((endedAt ?? startedAt) + MARGIN_MS)];
}

/**
 * Writes what `incoming` can be found by; answers with what may match otherwise now. `reportId` is of this report, the source call is
 * that of its call.
 */
export function keepCandidate(
  state: State,
  { sourceCallId, isNew }: { readonly sourceCallId: number; readonly isNew: boolean },
  reportId: number,
  incoming: IncomingReport,
  from: Readonly<CallSource>,
  context: CallsContext,
): readonly CandidateChange[] {
  if (incoming.fact.form === 'leg') {
    const row = legRow(state, sourceCallId, reportId, incoming.fact, incoming, from, context);
    if (row === null) return namedAnew(state, incoming.name);
    state.insert(candidate, row);
    sampleClock(state, from.id, row.endedAt!);
    return [{ before: null, after: row }];
  }
  const { registration } = incoming;
  if (registration === undefined) return [];
  const before = isNew ? null : (state.find(candidate, 'bySourceCall', sourceCallId)[0] ?? null);
  const row = registrationRow(before?.id ?? reportId, sourceCallId, registration, incoming, from);
  if (registration.clocked) sampleClock(state, from.id, registration.endedAt ?? registration.startedAt);
  if (before === null) state.insert(candidate, row);
  else state.put(candidate, row);
  return [{ before, after: row }];
}

/** A leg that nothing finds makes its call another one for those that name it. */
const namedAnew = (state: State, name: string): readonly CandidateChange[] =>
  registrationsNaming(state, name).map(row => ({ before: row, after: row }));

/** What applications registered under the name of this source call. */
export function registrationsNaming(state: State, name: string): readonly Readonly<Candidate>[] {
  const called = callNameOf(name);
  if (called === null) return [];
  return state.find(candidate, 'byName', called).filter(({ role }) => role === 'registration');
}

/**
 * Writes anew what the leg of a stored report can be found by, the first report of that leg; whether that has changed. Its clock was
 * measured when it arrived. `retold`: it tells something else now, which counts also where only a name finds its call.
 */
export function moveCandidate(
  state: State,
  first: Readonly<Report>,
  { name, retold }: { readonly name: string; readonly retold: boolean },
  from: Readonly<CallSource>,
  context: CallsContext,
): boolean {
  const { id, sourceCallId, key, fact } = first;
  const before = state.get(candidate, id);
  const after = fact.form === 'leg' ? legRow(state, sourceCallId, id, fact, { name, key }, from, context) : null;
  if (after === null) {
    if (before !== undefined) state.delete(candidate, id);
    return before !== undefined || (retold && registrationsNaming(state, name).length > 0);
  }
  const isSame =
    before !== undefined && candidate.columnNames.every(column => before[column as never] === after[column as never]);
  if (!isSame) state.put(candidate, after);
  return !isSame;
}

function registrationRow(
  id: number,
  sourceCallId: number,
  registration: RegistrationParties,
  { name }: IncomingReport,
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

function legRow(
  state: State,
  sourceCallId: number,
  id: number,
  fact: LegFact,
  { name, key }: Pick<IncomingReport, 'name' | 'key'>,
  from: Readonly<CallSource>,
  context: CallsContext,
): Candidate | null {
  const holderOf: HolderOf = (extension, of, at) => context.holderOf(state, extension, of, at);
  const parties = partiesOf(fact, numberPlanOf(from, context.sources), holderOf);
  if (parties === null) return null;
  const { userId } = parties;
  if (userId === null) return null;
  return {
    id,
    sourceCallId,
    sourceId: from.id,
    role: 'leg',
    userId,
    numberKey: numberKey(parties.remote, parties.direction === 'inbound' ? received(from) : from),
    day: dayOfInstant(fact.startedAt),
    startedAt: fact.startedAt,
    endedAt: endOf(fact),
    clocked: true,
    direction: parties.direction,
    name: callNameOf(name),
    tie: `${name} ${key}`,
  };
}

export const endOf = ({ startedAt, durationSeconds, talkSeconds }: LegFact): number =>
  startedAt + (durationSeconds ?? talkSeconds ?? 0) * 1000;

/** The outside prefix is dialled, and nobody who calls in has it. */
export const received = (from: Readonly<CallSource>): PhoneContext => ({ ...from, outsidePrefix: null });

/** The PBX's id of the call, without the serial that scopes it; a leg without one has a name of its own. */
export function callNameOf(name: string): string | null {
  const id = name.slice(name.indexOf('|') + 1);
  return id.startsWith('leg:') || id.startsWith('uid:') ? null : id;
}

/** An extension and whom it spoke with outside; null for a menu, a queue, or two extensions. */
function partiesOf(
  fact: LegFact,
  plan: NumberPlan,
  holderOf: HolderOf,
): { userId: number | null; remote: string | null; direction: Direction } | null {
  const { caller, called, party } = readParties(fact, plan, holderOf);
  const fromInside = isInside(caller.party);
  const toInside = isInside(party);
  if (fromInside === toInside) return null;
  if (toInside) {
    if (fact.direction === 'outbound' || party !== 'extension') return null;
    return { userId: called.userId, remote: fact.from, direction: 'inbound' };
  }
  return { userId: caller.userId, remote: fact.to, direction: 'outbound' };
}
