import { compareValues } from '../ledger/table.ts';
import type { Direction } from '../values/direction.ts';
import type { Leg } from './entities.ts';
import type { FoldContext, KeyedFact } from './fold.ts';
import type { LegFact } from './report.ts';

/** A leg with the instants it implies, UTC milliseconds. */
export interface FoldedLeg {
  readonly leg: Leg;
  readonly answeredAt: number;
  readonly endedAt: number;
}

/** Legs in the order they started, each told once, ties by what is told so that arrival does not matter. */
export function foldLegs(facts: readonly (KeyedFact & { fact: LegFact })[], context: FoldContext): FoldedLeg[] {
  const byKey = new Map<string, { id: number; key: string; fact: LegFact }>();
  for (const { key, fact, reportId } of facts) {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { id: reportId, key, fact });
    else if (known.id < reportId) byKey.set(key, { ...known, fact: fuller(known.fact, fact) });
    else byKey.set(key, { id: reportId, key, fact: fuller(fact, known.fact) });
  }
  const told = [...byKey.values()].sort((a, b) => a.fact.startedAt - b.fact.startedAt || (a.key < b.key ? -1 : 1));
  const legs: FoldedLeg[] = [];
  for (const { id, fact } of told) {
    const { form: _form, ...rest } = fact;
    const direction = fact.direction === 'unknown' ? inferDirection(fact, context) : fact.direction;
    const party = context.plan.partyOf(fact.to, direction);
    const extension = party === 'extension' ? fact.to : direction === 'outbound' ? fact.from : null;
    const userId = extension === null ? null : context.holderOf(extension, fact.startedAt);
    const leg: FoldedLeg['leg'] = { ...rest, id, direction, party, userId };
    const endedAt = endOf(leg, legs);
    legs.push({ leg, endedAt, answeredAt: endedAt - (fact.talkSeconds ?? 0) * 1000 });
  }
  return legs;
}

/**
 * A PBX writes the queue's duration and talk into its agent's leg too, though the agent's leg starts when the agent
 * answers (reference/yeastar.md 1.4, sample chain rows 3 and 4): such a leg ends with its queue.
 */
function endOf(leg: FoldedLeg['leg'], before: readonly FoldedLeg[]): number {
  if (leg.party === 'extension') {
    const queue = before.findLast(
      each =>
        each.leg.party === 'queue' &&
        each.leg.talkSeconds === leg.talkSeconds &&
        each.leg.durationSeconds === leg.durationSeconds &&
        each.endedAt > leg.startedAt,
    );
    if (queue !== undefined) return queue.endedAt;
  }
  return leg.startedAt + (leg.durationSeconds ?? leg.talkSeconds ?? 0) * 1000;
}

/** What a later copy of the same leg may know that an earlier one did not (reference/yeastar.md D05). */
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

function inferDirection(fact: LegFact, { plan }: FoldContext): Direction {
  const from = plan.isInternal(fact.from);
  const to = plan.isInternal(fact.to);
  if (from) return to ? 'internal' : fact.to === null ? 'unknown' : 'outbound';
  return to ? 'inbound' : 'unknown';
}
