/** Numbers of a source that nothing says anything about: counted, so that a number plan can be mended. */
import type { State } from '../../ledger/state.ts';
import { type UnknownNumber, unknownNumbers } from '../entities.ts';
import type { LegFact } from '../reports/report.ts';
import type { CallSource } from '../sources.ts';
import { readParties } from './foldLegs.ts';
import { bareNumber, type HolderOf, numberPlanOf } from './numberPlan.ts';
import type { CallsContext } from './refold.ts';

/** A plan that lacks more is mended by patterns, not number by number. */
const NUMBERS_KEPT = 20;

/** Counts the unknown numbers of a new leg; answers with a warning for each. */
export function noteUnknownNumbers(
  state: State,
  from: Readonly<CallSource>,
  fact: LegFact,
  context: CallsContext,
): readonly string[] {
  const found = unknownIn(state, fact, from, context);
  if (found.length === 0) return [];
  const before = state.get(unknownNumbers, from.id);
  const after = {
    sourceId: from.id,
    seen: (before?.seen ?? 0) + found.length,
    latest: found.reduce((latest, number) => withSeen(latest, number, state.now), before?.latest ?? []),
  };
  state.put(unknownNumbers, after);
  return found.map(warningOf);
}

/** The same warnings of a leg that was counted before. */
export const warningsOfUnknown = (
  state: State,
  from: Readonly<CallSource>,
  fact: LegFact,
  context: CallsContext,
): readonly string[] => unknownIn(state, fact, from, context).map(warningOf);

const warningOf = (number: string): string =>
  `number ${number} is unknown: no user holds it, and no number plan names it`;

function unknownIn(state: State, fact: LegFact, from: Readonly<CallSource>, context: CallsContext): string[] {
  const holderOf: HolderOf = (extension, at) => context.holderOf(state, extension, at);
  const { direction, caller, party } = readParties(fact, numberPlanOf(from, context.sources), holderOf);
  const callsFromInside = direction === 'outbound' || direction === 'internal';
  const numbers = [
    callsFromInside && caller.party === 'unknown' ? fact.from : null,
    party === 'unknown' ? fact.to : null,
  ];
  return [...new Set(numbers.filter(each => each !== null).map(bareNumber))];
}

/** Latest first. */
function withSeen(latest: readonly UnknownNumber[], number: string, at: number): readonly UnknownNumber[] {
  const known = latest.find(each => each.number === number);
  const others = latest.filter(each => each.number !== number);
  return [{ number, times: (known?.times ?? 0) + 1, seenAt: at }, ...others].slice(0, NUMBERS_KEPT);
}
