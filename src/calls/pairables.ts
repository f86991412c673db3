import type { State } from '../ledger/state.ts';
import type { Direction } from '../values/direction.ts';
import { numberKey } from '../values/numberKey.ts';
import { sampleClock } from './clocks.ts';
import { type Pairable, pairable, type Source, source } from './entities.ts';
import { numberPlanOf } from './numberPlan.ts';
import type { CallsContext } from './refold.ts';
import type { IncomingReport, LegFact } from './report.ts';

const DAY_MS = 86_400_000;

export const dayOfInstant = (at: number): number => Math.floor(at / DAY_MS);

/** Only where somebody else may tell of the same calls is it worth remembering who they were with. */
export function expectsPartners(state: Pick<State, 'find'>): boolean {
  return ['bitrix24', 'genesys'].some(key => state.find(source, 'byKey', key)[0]?.active === true);
}

/**
 * What a new report can be found by, before and after; `before` null when nothing was known, `after` null when there is
 * nobody or nothing to be found by.
 */
export interface PairableChange {
  readonly before: Readonly<Pairable> | null;
  readonly after: Readonly<Pairable> | null;
}

/** Writes what `incoming` can be found by. `reportId` is of this report, `strandId` of its call. */
export function keepPairable(
  state: State,
  strandId: number,
  reportId: number,
  incoming: IncomingReport,
  from: Readonly<Source>,
  context: CallsContext,
): PairableChange {
  if (incoming.fact.form === 'leg') {
    const row = legRow(state, strandId, reportId, incoming.fact, incoming, from, context);
    if (row !== null) {
      state.insert(pairable, row);
      sampleClock(state, from.id, row.endedAt!);
    }
    return { before: null, after: row };
  }
  const { registration } = incoming;
  if (registration === undefined) return { before: null, after: null };
  const before = state.find(pairable, 'byStrand', strandId)[0] ?? null;
  const row: Pairable = {
    id: before?.id ?? reportId,
    strandId,
    sourceId: from.id,
    role: 'registration',
    userId: registration.userId,
    numberKey: numberKey(registration.number, from),
    day: dayOfInstant(registration.startedAt),
    startedAt: registration.startedAt,
    endedAt: registration.endedAt,
    direction: registration.direction,
    name: registration.externalId,
    tie: incoming.group,
  };
  if (registration.clocked) sampleClock(state, from.id, registration.endedAt ?? registration.startedAt);
  if (before === null) state.insert(pairable, row);
  else state.put(pairable, row);
  return { before, after: row };
}

function legRow(
  state: State,
  strandId: number,
  id: number,
  fact: LegFact,
  { group, key }: IncomingReport,
  from: Readonly<Source>,
  context: CallsContext,
): Pairable | null {
  const parties = partiesOf(fact, from);
  if (parties === null) return null;
  const userId = context.holderOf(state, parties.extension, fact.startedAt);
  if (userId === null) return null;
  return {
    id,
    strandId,
    sourceId: from.id,
    role: 'leg',
    userId,
    numberKey: numberKey(parties.remote, from),
    day: dayOfInstant(fact.startedAt),
    startedAt: fact.startedAt,
    endedAt: fact.startedAt + (fact.durationSeconds ?? fact.talkSeconds ?? 0) * 1000,
    direction: parties.direction,
    name: nameOf(group),
    tie: `${group} ${key}`,
  };
}

/** The PBX's id of the call, without the serial that scopes it; a leg without one has a group of its own. */
function nameOf(group: string): string | null {
  const name = group.slice(group.indexOf('|') + 1);
  return name.startsWith('leg:') || name.startsWith('uid:') ? null : name;
}

/** An extension and whom it spoke with outside; null for a menu, a queue, or two extensions. */
function partiesOf(
  fact: LegFact,
  from: Readonly<Source>,
): { extension: string; remote: string | null; direction: Direction } | null {
  const plan = numberPlanOf(from);
  const { from: caller, to: called } = fact;
  const fromInside = plan.isInternal(caller);
  const toInside = plan.isInternal(called);
  if (fromInside === toInside) return null;
  if (toInside) {
    if (fact.direction === 'outbound' || plan.partyOf(called, 'inbound') !== 'extension') return null;
    return { extension: called!, remote: caller, direction: 'inbound' };
  }
  if (fact.direction === 'inbound') return null;
  return { extension: caller!, remote: called, direction: 'outbound' };
}
