import { compareValues } from '../../ledger/table.ts';
import type { Direction } from '../../values/direction.ts';
import { contentText } from '../../values/sameContent.ts';
import type { LegMeaning } from '../entities.ts';
import type { LegFact } from '../reports/report.ts';
import { crossings, crossingsFirst } from './betweenPbxs.ts';
import type { FoldContext, KeyedFact } from './foldContext.ts';
import { isAnsweredAtEnd, ROUNDING_MS } from './legOutcome.ts';
import { bareNumber, type HolderOf, type NumberMeaning, type NumberPlan } from './numberPlan.ts';
import { isInside, type Party } from './party.ts';
import { isExtension } from './reached.ts';

/** One stage of a call: what was told of it, what it means, and the instants it implies (UTC milliseconds). */
export interface FoldedLeg extends LegMeaning, LegParties {
  readonly sourceId: number;
  readonly fact: LegFact;
  readonly plan: NumberPlan;
  readonly party: Party;
  readonly direction: Direction;
  /** The number that was reached, without a name around it. */
  readonly to: string | null;
  readonly answeredAt: number;
  readonly endedAt: number;
  /** It left by a trunk for another PBX of ours, whose legs tell what became of it (betweenPbxs.ts). */
  readonly crosses: boolean;
}

export interface ReportedLeg {
  /** The id of its first report. */
  readonly id: number;
  readonly sourceId: number;
  readonly key: string;
  readonly fact: LegFact;
}

/** Each leg once, with all that its reports tell of it. */
export function reportedLegs(facts: readonly (KeyedFact & { fact: LegFact })[]): readonly ReportedLeg[] {
  if (facts.length === 1) return facts.map(reportedLegOf);
  const byKey = new Map<string, ReportedLeg>();
  for (const each of facts) {
    const { key, fact, reportId } = each;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, reportedLegOf(each));
    else if (known.id < reportId) byKey.set(key, { ...known, fact: fuller(known.fact, fact) });
    else byKey.set(key, { ...reportedLegOf(each), fact: fuller(fact, known.fact) });
  }
  return [...byKey.values()];
}

const reportedLegOf = ({ reportId, sourceId, key, fact }: KeyedFact & { fact: LegFact }): ReportedLeg => ({
  id: reportId,
  sourceId,
  key,
  fact,
});

export function foldLegs(facts: readonly (KeyedFact & { fact: LegFact })[], context: FoldContext): FoldedLeg[] {
  const placed = reportedLegs(facts).map(({ id, sourceId, fact }) => {
    const plan = context.planOf(sourceId);
    const to = fact.to === null ? null : bareNumber(fact.to);
    return { id, sourceId, fact, plan, to, ...readParties(fact, plan, context.holderOf) };
  });
  const read = withCallersOutside(placed.sort(inOrder));
  const arrivals = crossings(read);
  const legs: FoldedLeg[] = [];
  for (const leg of crossingsFirst(read, arrivals)) {
    const { party, direction, caller, called } = leg;
    const userId = party === 'extension' ? called.userId : direction === 'outbound' ? caller.userId : null;
    const endedAt = endOf(leg, legs);
    const answeredAt = Math.max(endedAt - (leg.fact.talkSeconds ?? 0) * 1000, leg.fact.startedAt);
    legs.push({ ...leg, userId, endedAt, answeredAt, crosses: arrivals.has(leg) });
  }
  return legs;
}

/** Of legs that begin in the same second the caller meets the menu first, then what rings others. */
const PLACES: Partial<Record<Party, number>> = {
  ivr: 0,
  queue: 1,
  ringGroup: 1,
  paging: 1,
  conference: 1,
  extension: 2,
  unknown: 2,
};
const LAST_PLACE = 3;

type PlacedLeg = Pick<FoldedLeg, 'fact' | 'party' | 'to'>;

/** As they began; ties by what was reached, then by its number, then by what is told: never by what came first. */
function inOrder(a: PlacedLeg, b: PlacedLeg): number {
  return (
    a.fact.startedAt - b.fact.startedAt ||
    (PLACES[a.party] ?? LAST_PLACE) - (PLACES[b.party] ?? LAST_PLACE) ||
    compareValues(a.to, b.to) ||
    compareValues(contentText(a.fact), contentText(b.fact))
  );
}

export interface LegParties {
  readonly caller: NumberMeaning;
  readonly called: NumberMeaning;
  readonly direction: Direction;
  /** What was reached. */
  readonly party: Party;
}

export function readParties(fact: LegFact, plan: NumberPlan, holderOf: HolderOf): LegParties {
  const caller = plan.meaningOf(fact.from, fact.startedAt, holderOf);
  const called = plan.meaningOf(fact.to, fact.startedAt, holderOf);
  return { caller, called, ...asCalled(fact, caller.party, called) };
}

function asCalled(fact: LegFact, caller: Party, called: NumberMeaning): Pick<LegParties, 'direction' | 'party'> {
  const direction = directionOf(fact, caller, called);
  return { direction, party: partyOf(fact, called, direction) };
}

const OUTSIDE: NumberMeaning = { party: 'external', by: null, userId: null };

/**
 * Who calls in is outside, whose extension the number may be here: at another PBX it is another's. What goes on in the same number is the
 * caller's too, unless the PBX says that it was called inside, or it goes out after that extension was reached here.
 */
function withCallersOutside<Leg extends Omit<PlacedLeg, 'party'> & LegParties & { readonly sourceId: number }>(
  legs: readonly Leg[],
): readonly Leg[] {
  const callers = new Map<number, string | null>();
  for (const { sourceId, fact, caller, direction } of legs) {
    if (callers.has(sourceId)) continue;
    const isHere = direction === 'inbound' && fact.from !== null && caller.party !== 'external';
    callers.set(sourceId, isHere ? bareNumber(fact.from) : null);
  }
  const reached = new Set<string>();
  return legs.map(leg => {
    const { sourceId, fact, called, to } = leg;
    const caller = callers.get(sourceId) ?? null;
    const isCaller = caller !== null && fact.from !== null && bareNumber(fact.from) === caller;
    const isOwn = goesOut(fact, called) && reached.has(`${sourceId} ${caller}`);
    reached.add(`${sourceId} ${to}`);
    return isCaller && !isOwn && fact.direction !== 'internal'
      ? { ...leg, caller: OUTSIDE, ...asCalled(fact, OUTSIDE.party, called) }
      : leg;
  });
}

/**
 * A PBX writes the queue's duration and talk into its agent's leg too, though the agent's leg starts when the agent answers
 * (docs/yeastar.md, section 1.4, case C15): such a leg ends with its queue. Where the queue's row goes on after its agent, because the
 * caller was handed on, the agent's leg has talk of its own from its start, whichever ring it tells.
 */
function endOf(leg: LegParties & { readonly fact: LegFact }, before: readonly FoldedLeg[]): number {
  const { fact } = leg;
  if (!isExtension(leg)) return ownEndOf(fact);
  const queues = before.filter(each => each.party === 'queue');
  const queue = queues.findLast(each => each.endedAt > fact.startedAt || isAnsweredAtEnd(fact, each));
  if (queue === undefined) return ownEndOf(fact);
  const { durationSeconds, talkSeconds } = fact;
  const repeatsTalk = talkSeconds === queue.fact.talkSeconds;
  if (repeatsTalk && durationSeconds === queue.fact.durationSeconds) return Math.max(queue.endedAt, fact.startedAt);
  if (talkSeconds === null || !startsAtAnswer(fact, queue)) return ownEndOf(fact);
  return repeatsTalk ? queue.endedAt : fact.startedAt + talkSeconds * 1000;
}

/** A phone cannot have rung longer than its queue: where it did, its row starts when it began to ring. */
function startsAtAnswer({ status, startedAt, ringSeconds }: LegFact, queue: FoldedLeg): boolean {
  if (status !== 'answered' || queue.fact.status !== 'answered' || (queue.fact.talkSeconds ?? 0) === 0) return false;
  if (Math.abs(startedAt - queue.answeredAt) > ROUNDING_MS) return false;
  return ((ringSeconds ?? 0) - (queue.fact.ringSeconds ?? 0)) * 1000 <= ROUNDING_MS;
}

/** A leg that tells a talk longer than itself lasts as long as the talk (docs/yeastar.md, case C24). */
const ownEndOf = ({ startedAt, durationSeconds, talkSeconds }: LegFact): number =>
  startedAt + Math.max(durationSeconds ?? 0, talkSeconds ?? 0) * 1000;

/** What a later copy of the same leg may know that an earlier one did not (docs/yeastar.md, case D05). */
const LATE_FIELDS = ['recording', 'did', 'didName', 'agentRingSeconds', 'noteId', 'noteEditable'] as const;

/** Whether `fact` tells anything of its leg that the copies before it did not: otherwise it is a repeat. */
export function tellsMore(known: readonly LegFact[], fact: LegFact): boolean {
  return LATE_FIELDS.some(name => fact[name] !== null && known.every(each => each[name] !== fact[name]));
}

/** Whatever is known stays known; of two values the greater, so that arrival does not matter. */
function fuller(a: LegFact, b: LegFact): LegFact {
  const merged: Record<string, unknown> = { ...a };
  for (const name of LATE_FIELDS) if (compareValues(b[name], a[name]) > 0) merged[name] = b[name];
  return merged as unknown as LegFact;
}

/**
 * A PBX may mark a row as the call that it belongs to: Inbound, also where one of its own extensions forwards to the outside or calls a
 * colleague. What came in, came by a trunk.
 */
function directionOf(fact: LegFact, caller: Party, called: NumberMeaning): Direction {
  const { direction, to, trunkIn } = fact;
  const isOut = goesOut(fact, called);
  if (direction === 'inbound') {
    if (caller !== 'extension') return 'inbound';
    if (isOut) return 'outbound';
    return trunkIn === null ? 'internal' : 'inbound';
  }
  if (direction !== 'unknown') return direction;
  const isHere = isInside(called.party);
  if (!isInside(caller)) return isHere || called.party === 'unknown' ? 'inbound' : 'unknown';
  if (isHere && !isOut) return 'internal';
  return to === null ? 'unknown' : 'outbound';
}

/** What left by a trunk reached somebody outside, whatever that number is here. No number at all is a prompt, where a PBX tells of one. */
function partyOf(fact: LegFact, called: NumberMeaning, direction: Direction): Party {
  if (fact.to === null && (direction === 'outbound' || direction === 'unknown')) return 'unknown';
  return leftByTrunk(fact, called) ? 'external' : called.party;
}

const goesOut = (fact: LegFact, called: NumberMeaning): boolean =>
  called.party === 'external' || leftByTrunk(fact, called);

/** The PBX's own word. A prompt or a name is none that it could have dialled. */
const leftByTrunk = ({ trunkOut }: LegFact, { party }: NumberMeaning): boolean =>
  trunkOut !== null && party !== 'service';
