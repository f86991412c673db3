/**
 * What people said of a call, and of which source calls they said it. A word about times, outcome, talk or whose call it was is about the
 * call as it was then: it corrects the whole, or what is a part of the call now, or is set aside while the call is made of others. So is one
 * about what it cost, of which also the programs beside a PBX tell (prices.ts).
 */
import type { CorrectedFields, Correction } from '../reports/report.ts';
import type { KeyedFact } from './foldContext.ts';

type Told = Pick<KeyedFact, 'reportId' | 'sourceCallId' | 'fact'>;
type Keyed<F> = Told & { readonly fact: F };

/** A part of the call that people corrected, or that has such parts within it; without any it is told as one. */
export interface CorrectedPart {
  /** Ascending. */
  readonly sourceCalls: readonly number[];
  /** In the order in which they were said. */
  readonly corrections: readonly Correction[];
  /** All that it consists of. */
  readonly within: readonly CorrectedPart[];
}

export interface PlacedCorrections {
  /** In the order in which they were said. */
  readonly whole: readonly Correction[];
  /** All that the call consists of; empty where nothing is said of a part alone. */
  readonly parts: readonly CorrectedPart[];
  /** What was said of the cost of parts, smaller ones first. */
  readonly prices: readonly SaidPrice[];
  /** Of each that was not taken back, by the id of its report. */
  readonly places: ReadonlyMap<number, Places>;
}

/** What it says is about the whole, or a part of it, or is set aside: it says something of what the call is not now. */
export type Place = 'whole' | 'part' | 'aside';
export interface Places {
  /** Of times, outcome, talk and user. */
  readonly sources: Place;
  /** Of cost and currency. */
  readonly price: Place;
}

export interface SaidPrice {
  readonly reportId: number;
  /** Ascending. */
  readonly sourceCalls: readonly number[];
  readonly fields: CorrectedFields;
}

/** What holds of some source calls only; any other field is of the call, whatever it is made of. */
export const FIELDS_OF_SOURCES = [
  'startedAt',
  'answeredAt',
  'endedAt',
  'talkSeconds',
  'outcome',
  'userId',
] as const satisfies readonly (keyof CorrectedFields)[];
const OF_SOURCES: ReadonlySet<string> = new Set(FIELDS_OF_SOURCES);
const OF_PRICE: ReadonlySet<string> = new Set<keyof CorrectedFields>(['costMicros', 'currency']);

/** Of the source calls that told what happened: those of PBXs, and where there is none those of programs. Ascending. */
export function decidingSources(facts: readonly Pick<Told, 'sourceCallId' | 'fact'>[]): readonly number[] {
  const legs = sourcesOf(facts, 'leg');
  return legs.length > 0 ? legs : sourcesOf(facts, 'call');
}

function sourcesOf(facts: readonly Pick<Told, 'sourceCallId' | 'fact'>[], form: 'leg' | 'call'): readonly number[] {
  const found = new Set<number>();
  for (const { fact, sourceCallId } of facts) if (fact.form === form) found.add(sourceCallId);
  return [...found].sort((a, b) => a - b);
}

/** What was not taken back, as it was said: calls that were joined were each counted from 1, so that the time decides. */
export function validCorrections(facts: readonly Told[]): readonly Keyed<Correction>[] {
  const corrections = facts.filter((each): each is Keyed<Correction> => each.fact.form === 'correction');
  if (corrections.length === 0) return corrections;
  const retracted = new Set(
    facts.flatMap(({ fact, sourceCallId }) => (fact.form === 'retraction' ? [`${sourceCallId} ${fact.n}`] : [])),
  );
  return corrections
    .filter(({ sourceCallId, fact }) => !retracted.has(`${sourceCallId} ${fact.n}`))
    .sort((a, b) => a.fact.at - b.fact.at || a.fact.n - b.fact.n || a.sourceCallId - b.sourceCallId);
}

/** `facts` are all of the call. */
export function placeCorrections(facts: readonly Told[]): PlacedCorrections {
  const valid = validCorrections(facts);
  if (valid.length === 0) return NOTHING_SAID;
  const deciding = decidingSources(facts);
  const programs = sourcesOf(facts, 'call');
  const present = new Set(facts.map(each => each.sourceCallId));
  const places = new Map<number, Places>();
  for (const each of valid) {
    const of = saidOf(each);
    const isWhole = isSame(of, deciding) || isSame(of, programs);
    const place = (isPart: boolean): Place => (isWhole ? 'whole' : isPart ? 'part' : 'aside');
    const isPriced = pricedOf(each).every(id => present.has(id));
    places.set(each.reportId, {
      sources: says(each.fact, OF_SOURCES) ? place(of.every(id => deciding.includes(id))) : 'whole',
      price: says(each.fact, OF_PRICE) ? (isPriced ? place(true) : 'aside') : 'whole',
    });
  }
  const placeOf = ({ reportId }: Told) => places.get(reportId)!;
  const ofParts = valid.filter(each => placeOf(each).sources === 'part');
  const parts = partsOf(deciding, ofParts, id => places.set(id, { ...places.get(id)!, sources: 'aside' }));
  const ofPrices = valid.filter(each => placeOf(each).price === 'part');
  const prices = ofPrices
    .map(each => ({ reportId: each.reportId, sourceCalls: pricedOf(each), fields: each.fact.fields }))
    .sort((a, b) => a.sourceCalls.length - b.sourceCalls.length);
  return { whole: valid.map(each => ofWhole(each.fact, placeOf(each))), parts, prices, places };
}

const NOTHING_SAID: PlacedCorrections = { whole: [], parts: [], prices: [], places: new Map() };

function ofWhole(fact: Correction, { sources, price }: Places): Correction {
  if (sources === 'whole' && price === 'whole') return fact;
  const isOfWhole = (name: string) =>
    OF_SOURCES.has(name) ? sources === 'whole' : !OF_PRICE.has(name) || price === 'whole';
  return { ...fact, fields: fieldsOf(fact, isOfWhole) };
}

/** The source calls that decided what the call was when it was said. */
export const saidOf = ({ sourceCallId, fact: { of } }: Omit<Keyed<Correction>, 'reportId'>): readonly number[] =>
  of ?? [sourceCallId];

/** The source calls that the call was made of when it was said what it costs. */
export const pricedOf = ({ sourceCallId, fact: { of, costOf } }: Keyed<Correction>): readonly number[] =>
  costOf ?? of ?? [sourceCallId];

const says = ({ fields }: Correction, names: ReadonlySet<string>): boolean =>
  Object.keys(fields).some(name => names.has(name));
const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((id, place) => id === b[place]);

function fieldsOf({ fields }: Correction, is: (name: string) => boolean): CorrectedFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => is(name)));
}

/** Smaller parts lie within larger ones. One that overlaps another, since the call was split and joined otherwise, is no part. */
function partsOf(
  deciding: readonly number[],
  said: readonly Keyed<Correction>[],
  setAside: (reportId: number) => void,
): readonly CorrectedPart[] {
  if (said.length === 0) return [];
  let parts: readonly CorrectedPart[] = deciding.map(id => ({ sourceCalls: [id], corrections: [], within: [] }));
  const bySources = Map.groupBy(said, each => saidOf(each).join(' '));
  const groups = [...bySources.values()].sort((a, b) => {
    const [one, other] = [saidOf(a[0]!), saidOf(b[0]!)];
    return one.length - other.length || (one.join(' ') < other.join(' ') ? -1 : 1);
  });
  for (const group of groups) {
    const sourceCalls = saidOf(group[0]!);
    const inside = parts.filter(part => part.sourceCalls.every(id => sourceCalls.includes(id)));
    if (inside.reduce((sum, part) => sum + part.sourceCalls.length, 0) !== sourceCalls.length) {
      for (const { reportId } of group) setAside(reportId);
      continue;
    }
    const corrections = group.map(({ fact }) => ({ ...fact, fields: fieldsOf(fact, name => OF_SOURCES.has(name)) }));
    const within = inside.some(isCorrected) && inside.length > 1 ? inside : [];
    parts = [...parts.filter(part => !inside.includes(part)), { sourceCalls, corrections, within }];
  }
  return parts.some(isCorrected) ? parts : [];
}

export const isCorrected = ({ corrections, within }: CorrectedPart): boolean =>
  corrections.length > 0 || within.length > 0;
