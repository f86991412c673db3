/** A call as programs state it, over `/v1` or by registrations. */
import { compareValues } from '../../ledger/table.ts';
import { outcomeInDirection } from '../../values/outcome.ts';
import { contentText } from '../../values/sameContent.ts';
import { isSameUser } from '../../values/sameUser.ts';
import type { StatedCall } from '../reports/report.ts';
import { contradictionsIn, endOf, type Spans } from './contradictions.ts';
import type { CallFields } from './fold.ts';
import type { FoldContext, KeyedFact } from './foldContext.ts';
import { bareNumber, type NumberPlan } from './numberPlan.ts';
import type { StatedPart } from './participants.ts';
import { hasTalk } from './possible.ts';
import { secondsCovered } from './turns.ts';

type KeyedCall = KeyedFact & { readonly fact: StatedCall };

/**
 * Several registrations of one call tell of its parts: it lasts from the first to the last of them, and costs what they cost
 * together. For the rest, the part that ended last is the later word.
 */
export function partsOf(stated: readonly KeyedCall[], context: FoldContext): readonly Part[] {
  return mergedBySource(stated).map(({ merged, all }) => {
    const { sourceId } = all[0]!;
    const plan = context.planOf(sourceId);
    return { sourceId, fields: readStated(merged, plan, context), sides: sidesOf(merged, plan, context) };
  });
}

type InSource = Pick<KeyedFact, 'reportId' | 'sourceCallId'> &
  Partial<Pick<KeyedFact, 'sourceId'>> & { readonly fact: StatedCall };

/** What each source call states, in the order in which they ended. */
export function mergedBySource<K extends InSource>(stated: readonly K[]): { merged: StatedCall; all: readonly K[] }[] {
  return [...Map.groupBy(stated, each => each.sourceCallId).values()]
    .map(all => ({ merged: mergeStated(all), all }))
    .sort((a, b) => inOrder(a.merged, b.merged) || (a.all[0]!.sourceId ?? 0) - (b.all[0]!.sourceId ?? 0));
}

/** What one source states of the call under one name. */
export interface Part {
  readonly sourceId: number;
  readonly fields: CallFields;
  readonly sides: Pick<StatedPart, 'callerId' | 'calledId'>;
}

/** Who was at both ends of a call inside. */
function sidesOf(
  { direction, from, to, startedAt }: StatedCall,
  plan: NumberPlan,
  { holderOf }: Pick<FoldContext, 'holderOf'>,
): Part['sides'] {
  if (direction !== 'internal') return { callerId: null, calledId: null };
  const holder = (number: string | null) => plan.meaningOf(number, startedAt, holderOf).userId;
  return { callerId: holder(from), calledId: holder(to) };
}

export function wholeOf(all: readonly CallFields[]): CallFields {
  if (all.length === 1) return all[0]!;
  const whole: Record<string, unknown> = {};
  for (const fields of all) {
    for (const [name, value] of Object.entries(fields)) {
      if (!(name in whole) || (value !== null && value !== 'unknown')) whole[name] = value;
    }
  }
  const answered = all.filter(each => each.outcome === 'answered');
  const ends = all.map(each => each.endedAt).filter(each => each !== null);
  const startedAt = Math.min(...all.map(each => each.startedAt));
  const endedAt = ends.length > 0 ? Math.max(...ends) : null;
  for (const [name, following] of Object.entries(FOLLOWING) as [Following, Followed][]) {
    whole[following] = followingOf(all, name, following);
  }
  return {
    ...(whole as unknown as CallFields),
    ...(answered.length > 0 ? { outcome: 'answered' as const, cause: answered.at(-1)!.cause } : {}),
    startedAt,
    endedAt,
    answeredAt: leastOf(answered.map(each => each.answeredAt)),
    durationSeconds: endedAt === null ? null : Math.round((endedAt - startedAt) / 1000),
    talkSeconds: talkOfParts(all),
    ...costOf(all),
  };
}

/** What follows from a field is of the one who tells that: two that are both right may be wrong together. */
const FOLLOWING = {
  from: 'fromE164',
  to: 'toE164',
  userId: 'extension',
  queue: 'queueWaitSeconds',
} as const satisfies Partial<Record<keyof CallFields, keyof CallFields>>;
type Following = keyof typeof FOLLOWING;
type Followed = (typeof FOLLOWING)[Following];

/** Of those who tell what the last one does, the last one who knows. */
function followingOf(all: readonly CallFields[], name: Following, following: Followed): CallFields[Followed] {
  const told = all.findLast(each => each[name] !== null)?.[name] ?? null;
  return all.findLast(each => each[name] === told && each[following] !== null)?.[following] ?? null;
}

/** Two programs that state the same call state its talk twice; after a transfer both have talked. */
function talkOfParts(parts: readonly CallFields[]): number | null {
  const spans = parts.flatMap(({ endedAt, talkSeconds }) =>
    endedAt === null || talkSeconds === null ? [] : [[endedAt - talkSeconds * 1000, endedAt] as const],
  );
  const unplaced = sumOf(parts.map(each => (each.endedAt === null ? each.talkSeconds : null)));
  return spans.length > 0 ? secondsCovered(spans) + (unplaced ?? 0) : unplaced;
}

const leastOf = (values: readonly (number | null)[]): number | null =>
  values.reduce((least, each) => (least === null || (each !== null && each < least) ? each : least), null);

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter(each => each !== null);
  return known.length > 0 ? known.reduce((sum, each) => sum + each, 0) : null;
}

type Cost = Pick<CallFields, 'costMicros' | 'currency'>;

/** Amounts of different currencies cannot be added: the later one stands. */
export function costOf(parts: readonly Cost[]): Cost {
  const priced = parts.filter(each => each.costMicros !== null);
  const last = priced.at(-1);
  if (last === undefined)
    return { costMicros: null, currency: parts.findLast(each => each.currency)?.currency ?? null };
  const same = priced.filter(each => each.currency === last.currency);
  const sum = sumOf(same.map(each => each.costMicros));
  // A cost that no column holds is not known: any other would be wrong.
  return { costMicros: Number.isSafeInteger(sum) ? sum : null, currency: last.currency };
}

/** Of source calls: the one that tells a later end is later, ties by content. Who reported first says nothing. */
function inOrder(a: StatedCall, b: StatedCall): number {
  const rank = (each: StatedCall) => endOf(each) ?? Number.NEGATIVE_INFINITY;
  const [first, second] = [rank(a), rank(b)];
  return first === second ? compareValues(contentText(a), contentText(b)) : first - second;
}

/**
 * A program may state a call in several reports: of each field what was received last stands. Of what is earlier that gives way with
 * which it cannot be true, as the talk of an answer that is stated later.
 */
function mergeStated(stated: readonly InSource[]): StatedCall {
  const [latest, ...earlier] = stated.toSorted((a, b) => b.reportId - a.reportId).map(each => each.fact);
  let merged = latest!;
  for (const each of earlier) merged = withEarlier(merged, each);
  return merged;
}

/** In this order the spans of one statement are taken, as far as they fit. */
const SPANS = [
  'endedAt',
  'durationSeconds',
  'outcome',
  'answeredAt',
  'talkSeconds',
  'ringSeconds',
  'queueWaitSeconds',
] as const satisfies readonly (keyof Spans)[];

function withEarlier(later: StatedCall, earlier: StatedCall): StatedCall {
  const merged: Record<string, unknown> = { ...earlier };
  for (const name in later) {
    const value = later[name as keyof StatedCall];
    if (value !== null) merged[name] = value;
  }
  for (const name of SPANS) merged[name] = later[name];
  let told = merged as unknown as StatedCall;
  // No talk is a word that nobody answered.
  const isAnswered = later.answeredAt !== null || (later.outcome !== null && hasTalk(later.outcome));
  for (const name of SPANS) {
    if (told[name] !== null || earlier[name] === null) continue;
    if (name === 'talkSeconds' && earlier.talkSeconds === 0 && isAnswered) continue;
    const more = { ...told, [name]: earlier[name] };
    if (contradictionsIn(more).length <= contradictionsIn(told).length) told = more;
  }
  return told;
}

function readStated(stated: StatedCall, plan: NumberPlan, context: Pick<FoldContext, 'holderOf'>): CallFields {
  const { form: _form, externalId: _externalId, outcome, ...rest } = stated;
  const { startedAt, answeredAt, durationSeconds, talkSeconds } = rest;
  const endedAt = endOf(stated);
  const seconds = (from: number | null, to: number | null) =>
    from === null || to === null ? null : Math.max(0, Math.round((to - from) / 1000));
  const talk =
    talkSeconds ??
    seconds(answeredAt, endedAt) ??
    (outcome !== null && outcome !== 'answered' && endedAt !== null ? 0 : null);
  const answered = answeredAt !== null || (talk ?? 0) > 0;
  return {
    ...rest,
    endedAt,
    fromE164: plan.e164(rest.from, false),
    toE164: plan.e164(rest.to, rest.direction === 'outbound'),
    answeredAt: answeredAt ?? (endedAt !== null && talk !== null && talk > 0 ? endedAt - talk * 1000 : null),
    durationSeconds: durationSeconds ?? seconds(startedAt, endedAt),
    ringSeconds: rest.ringSeconds ?? seconds(startedAt, answeredAt),
    talkSeconds: talk,
    outcome: outcomeInDirection(
      outcome ?? (answered ? 'answered' : endedAt !== null && talk === 0 ? 'missed' : 'unknown'),
      rest.direction,
    ),
    short: false,
    ...ownerOf(stated, plan, context),
    line: rest.line ?? rest.did ?? (rest.direction === 'outbound' ? rest.trunkOut : rest.trunkIn),
  };
}

type Owner = Pick<CallFields, 'userId' | 'extension'>;

/** What is stated wins; else the numbers say it, as those of a leg do (readLegs.ts). */
function ownerOf(stated: StatedCall, plan: NumberPlan, { holderOf }: Pick<FoldContext, 'holderOf'>): Owner {
  const { userId, extension, startedAt } = stated;
  if (extension !== null) return { extension, userId: userId ?? holderOf(extension, plan.extensionsOf, startedAt) };
  for (const number of ownEndsOf(stated)) {
    const { party, userId: holder } = plan.meaningOf(number, startedAt, holderOf);
    if (party !== 'extension') continue;
    if (userId === null || isSameUser(userId, holder)) return { extension: bareNumber(number), userId: holder };
  }
  return { extension: null, userId };
}

/** The ends of the call that may be here. */
function ownEndsOf({ direction, from, to }: StatedCall): readonly string[] {
  const ends = direction === 'outbound' ? [from] : direction === 'inbound' ? [to] : [to, from];
  return ends.filter(each => each !== null);
}
