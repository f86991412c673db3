/**
 * Numbers of a source that nothing says anything about: counted, so that a number plan can be mended. The count is of the warnings on the
 * first reports of legs, and follows them when these are read again.
 */
import type { State } from '../../ledger/state.ts';
import { type Report, type UnknownNumber, type UnknownNumbers, unknownNumbers } from '../entities.ts';
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
  countUnknown(state, { sourceId: from.id, receivedAt: state.now }, [], found);
  return found.map(warningOf);
}

type Warned = Readonly<Pick<Report, 'sourceId' | 'receivedAt' | 'warnings'>> & { readonly fact: LegFact };

/** The warnings of a leg by the number plans and the people there are now; null where they are what they were. */
export function warningsNow(
  state: State,
  { fact, warnings }: Pick<Warned, 'fact' | 'warnings'>,
  from: Readonly<CallSource>,
  context: CallsContext,
): readonly string[] | null {
  const unknown = unknownIn(state, fact, from, context);
  const warned = warnedOf({ fact, warnings });
  if (unknown.length === warned.length && unknown.every(each => warned.includes(each))) return null;
  return [...withoutUnknown({ fact, warnings }), ...unknown.map(warningOf)];
}

/** Counts what a leg warns of now instead of what it warned of before. */
export function recountUnknown(state: State, before: Warned, after: Pick<Warned, 'fact' | 'warnings'>): void {
  countUnknown(state, before, warnedOf(before), warnedOf(after));
}

const warningOf = (number: string): string =>
  `number ${number} is unknown: no user holds it, and no number plan names it`;

/** The numbers that a leg was counted for: its warnings name them. */
const warnedOf = ({ fact, warnings }: Pick<Warned, 'fact' | 'warnings'>): readonly string[] =>
  numbersOf([fact.from, fact.to]).filter(each => warnings?.includes(warningOf(each)) === true);

function withoutUnknown(leg: Pick<Warned, 'fact' | 'warnings'>): readonly string[] {
  const unknown = warnedOf(leg).map(warningOf);
  return (leg.warnings ?? []).filter(each => !unknown.includes(each));
}

function unknownIn(state: State, fact: LegFact, from: Readonly<CallSource>, context: CallsContext): readonly string[] {
  const holderOf: HolderOf = (extension, of, at) => context.holderOf(state, extension, of, at);
  const { direction, caller, party } = readParties(fact, numberPlanOf(from, context.sources), holderOf);
  const callsFromInside = direction === 'outbound' || direction === 'internal';
  return numbersOf([
    callsFromInside && caller.party === 'unknown' ? fact.from : null,
    party === 'unknown' ? fact.to : null,
  ]);
}

const numbersOf = (given: readonly (string | null)[]): readonly string[] => [
  ...new Set(given.filter(each => each !== null).map(bareNumber)),
];

function countUnknown(
  state: State,
  { sourceId, receivedAt }: Pick<Warned, 'sourceId' | 'receivedAt'>,
  gone: readonly string[],
  come: readonly string[],
): void {
  if (gone.length === 0 && come.length === 0) return;
  const { seen = 0, latest = [] } = state.get(unknownNumbers, sourceId) ?? {};
  const after: UnknownNumbers = {
    sourceId,
    seen: Math.max(0, seen - gone.length + come.length),
    latest: come.reduce((all, number) => withSeen(all, number, receivedAt), gone.reduce(withoutOne, latest)),
  };
  if (after.seen > 0) state.put(unknownNumbers, after);
  else state.delete(unknownNumbers, sourceId);
}

/** Latest first; of those seen at the same time, the one that was counted last. */
function withSeen(latest: readonly UnknownNumber[], number: string, at: number): readonly UnknownNumber[] {
  const known = latest.find(each => each.number === number);
  const others = latest.filter(each => each.number !== number);
  const seen = { number, times: (known?.times ?? 0) + 1, seenAt: Math.max(known?.seenAt ?? at, at) };
  return [seen, ...others].sort((a, b) => b.seenAt - a.seenAt).slice(0, NUMBERS_KEPT);
}

const withoutOne = (latest: readonly UnknownNumber[], number: string): readonly UnknownNumber[] =>
  latest.flatMap(each => {
    if (each.number !== number) return [each];
    return each.times > 1 ? [{ ...each, times: each.times - 1 }] : [];
  });
