/**
 * A call is the fold of what was reported about it: a pure function of the set of facts, whatever order they came in and
 * however often (ARCHITECTURE.md, section 2; docs/yeastar.md, section 1.4, cases C14 to C19).
 */
import { type Outcome, outcomeInDirection } from '../../values/outcome.ts';
import type { Call, LegMeaning } from '../entities.ts';
import type { Completion, Correction, LegFact, StatedCall } from '../reports/report.ts';
import type { Settling } from '../settling/settle.ts';
import type { FoldContext, KeyedFact } from './foldContext.ts';
import { type FoldedLeg, foldLegs } from './foldLegs.ts';
import { bareNumber, type NumberPlan } from './numberPlan.ts';
import { type Participant, participantsOf } from './participants.ts';

export type CallFields = Omit<
  Call,
  'id' | 'sourceId' | 'externalId' | 'day' | 'legs' | 'sourceCalls' | 'records' | keyof Settling
>;

export interface FoldedCall {
  readonly fields: CallFields;
  readonly legs: readonly LegMeaning[];
  readonly participants: readonly Participant[];
}

type Keyed<F> = KeyedFact & { readonly fact: F };

/** At least one fact must be a leg or a stated call. */
export function foldCall(facts: readonly KeyedFact[], context: FoldContext): FoldedCall {
  const legFacts: Keyed<LegFact>[] = [];
  const stated: Keyed<StatedCall>[] = [];
  const corrections: Keyed<Correction>[] = [];
  const completions: Completion[] = [];
  const retracted = new Set<string>();
  for (const keyed of facts) {
    const { fact } = keyed;
    if (fact.form === 'leg') legFacts.push(keyed as Keyed<LegFact>);
    else if (fact.form === 'call') stated.push(keyed as Keyed<StatedCall>);
    else if (fact.form === 'correction') corrections.push(keyed as Keyed<Correction>);
    else if (fact.form === 'completion') completions.push(fact);
    else if (fact.form === 'retraction') retracted.add(`${keyed.sourceCallId} ${fact.n}`);
  }
  const legs = foldLegs(legFacts, context);
  const fromPbx = legs.length > 0 ? readLegs(legs, context) : null;
  const fromProgram = stated.length > 0 ? readSourceCalls(stated, context) : null;
  const fields = fromPbx === null ? fromProgram : fromProgram === null ? fromPbx : preferPbx(fromPbx, fromProgram);
  if (fields === null) throw new Error('a call needs a report that is not a correction');
  // Calls that were joined later were each counted from 1: the time says what was said last.
  const valid = corrections
    .filter(({ sourceCallId, fact }) => !retracted.has(`${sourceCallId} ${fact.n}`))
    .sort((a, b) => a.fact.at - b.fact.at || a.fact.n - b.fact.n || a.sourceCallId - b.sourceCallId)
    .map(each => each.fact);
  const plan = legs[0]?.plan ?? context.planOf(stated[0]!.sourceId);
  const decided = decide(correct(fields, valid, plan), valid, completions);
  return {
    fields: decided,
    participants: participantsOf(decided, legs),
    legs: legs.map(({ id, party, userId }) => ({ id, party, userId })),
  };
}

/** PBX before program for what happened, program before PBX for what it is worth (docs/one-call.md, "Who wins"). */
function preferPbx(pbx: CallFields, program: CallFields): CallFields {
  const merged: Record<string, unknown> = { ...program };
  for (const [name, value] of Object.entries(pbx)) if (value !== null && value !== 'unknown') merged[name] = value;
  const { costMicros, currency, vote, links, failedReason, note, disposition } = program;
  const worth = { costMicros, currency, vote, links, failedReason, note, disposition };
  const told = merged as CallFields;
  const outcome = outcomeInDirection(told.outcome, told.direction);
  return { ...told, outcome, ...whoseOf(pbx, program), ...talkedOf(pbx, program), ...worth };
}

/** Whoever knows what became of the call knows whether somebody talked: a missed call has no answer. */
function talkedOf(pbx: CallFields, program: CallFields): Pick<CallFields, 'answeredAt' | 'talkSeconds'> {
  if (pbx.outcome === 'unknown') {
    return { answeredAt: program.answeredAt, talkSeconds: program.talkSeconds ?? pbx.talkSeconds };
  }
  const answeredAt = pbx.answeredAt ?? (pbx.outcome === 'answered' ? program.answeredAt : null);
  return { answeredAt, talkSeconds: pbx.talkSeconds };
}

/** Who answered, or dialled, is known to the PBX; of a call nobody answered the program says whose it was. */
function whoseOf(pbx: CallFields, program: CallFields): Pick<CallFields, 'userId' | 'extension'> {
  const pbxKnows = pbx.userId !== null && (pbx.outcome === 'answered' || pbx.direction === 'outbound');
  if (pbxKnows || program.userId === null || program.userId === pbx.userId) {
    return { userId: pbx.userId ?? program.userId, extension: pbx.extension ?? program.extension };
  }
  return { userId: program.userId, extension: program.extension };
}

function readLegs(legs: readonly FoldedLeg[], context: FoldContext): CallFields {
  const { plan, fact: first } = legs[0]!;
  const answering = answeringLegs(legs);
  const { outcome, deciding } = outcomeOf(legs, answering, plan.shortSeconds);
  const owner = ownerOf(legs, answering, context);
  const direction = legs.find(each => each.direction !== 'unknown')?.direction ?? 'unknown';
  const { startedAt } = first;
  let endedAt = 0;
  let durationKnown = false;
  let trunkIn: string | null = null;
  let trunkOut: string | null = null;
  let did: string | null = null;
  let didName: string | null = null;
  for (const { fact, endedAt: legEndedAt } of legs) {
    endedAt = Math.max(endedAt, legEndedAt);
    durationKnown ||= fact.durationSeconds !== null;
    trunkIn ??= fact.trunkIn;
    trunkOut ??= fact.trunkOut;
    did ??= fact.did;
    didName ??= fact.didName;
  }
  const isRecorded = (each: FoldedLeg) => each.fact.recording !== null;
  return {
    direction,
    from: first.from,
    to: first.to,
    fromE164: plan.e164(first.from, false),
    toE164: plan.e164(first.to, direction === 'outbound') ?? plan.e164(did, false),
    startedAt,
    answeredAt: outcome === 'answered' ? earliest(answering) : null,
    endedAt,
    durationSeconds: durationKnown ? Math.round((endedAt - startedAt) / 1000) : null,
    ringSeconds: ringOf(legs, answering),
    talkSeconds: talkOf(answering, deciding),
    queueWaitSeconds: queueWaitOf(legs),
    outcome,
    cause: deciding.fact.cause,
    disposition: null,
    userId: owner.userId,
    extension: owner.extension,
    queue: legs.findLast(each => each.party === 'queue')?.to ?? null,
    line: did ?? (direction === 'outbound' ? (trunkOut ?? trunkIn) : (trunkIn ?? trunkOut)),
    trunkIn,
    trunkOut,
    did,
    didName,
    recording: (answering.find(isRecorded) ?? legs.findLast(isRecorded))?.fact.recording ?? null,
    costMicros: null,
    currency: null,
    vote: null,
    failedReason: null,
    note: null,
    links: null,
  };
}

/**
 * Legs in which somebody picked up. An IVR's ANSWERED says only that the machine did; a queue's is believed while no leg
 * names the agent (docs/yeastar.md, traps T7, T34).
 */
function answeringLegs(legs: readonly FoldedLeg[]): FoldedLeg[] {
  const answered = legs.filter(each => each.fact.status === 'answered');
  const people = answered.filter(each => each.party === 'extension' || each.party === 'external');
  if (people.length > 0 || legs.some(each => each.fact.status === 'voicemail')) return people;
  return answered.filter(each => each.party === 'queue');
}

const UNANSWERED = ['abandoned', 'no_answer', 'busy', 'failed', 'unknown'] as const;

function outcomeOf(
  legs: readonly FoldedLeg[],
  answering: readonly FoldedLeg[],
  shortSeconds: number,
): { outcome: Outcome; deciding: FoldedLeg } {
  if (answering.length > 0) return { outcome: 'answered', deciding: answering[0]! };
  const mailbox = legs.find(each => each.fact.status === 'voicemail');
  if (mailbox !== undefined) return { outcome: 'voicemail', deciding: mailbox };
  // What the caller met last decides: the queue if there was one, else the phones that rang, else the machine.
  const queue = legs.findLast(each => each.party === 'queue');
  const people = legs.filter(each => each.party !== 'ivr' && each.party !== 'service');
  const candidates = queue !== undefined ? [queue] : people.length > 0 ? people : legs.slice(-1);
  for (const status of UNANSWERED) {
    const deciding = candidates.find(each => each.fact.status === status);
    if (deciding === undefined) continue;
    if (status !== 'no_answer') return { outcome: status, deciding };
    const { ringSeconds } = deciding.fact;
    const gaveUp = deciding.party === 'queue' && ringSeconds !== null && ringSeconds < shortSeconds;
    return { outcome: gaveUp ? 'abandoned' : 'missed', deciding };
  }
  // Answered, but by a machine, or by whom nobody says.
  const deciding = candidates.at(-1)!;
  return { outcome: deciding.party === 'unknown' ? 'answered' : 'ivr_only', deciding };
}

/** Time somebody talked, overlapping legs counted once: PBXs repeat the talk of a queue in its agent's leg. */
function talkOf(answering: readonly FoldedLeg[], deciding: FoldedLeg): number {
  // Time in the mailbox is what the PBX calls talk of a VOICEMAIL leg (docs/yeastar.md, section 1.2).
  if (answering.length === 0) return deciding.fact.status === 'voicemail' ? (deciding.fact.talkSeconds ?? 0) : 0;
  if (answering.length === 1) return answering[0]!.fact.talkSeconds ?? 0;
  return secondsCovered(
    answering.map(each => [each.endedAt - (each.fact.talkSeconds ?? 0) * 1000, each.endedAt] as const),
  );
}

/** What these spans, in UTC milliseconds, cover together: what overlaps counts once. */
function secondsCovered(spans: readonly (readonly [from: number, to: number])[]): number {
  let totalMs = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    totalMs += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.round(totalMs / 1000);
}

function ringOf(legs: readonly FoldedLeg[], answering: readonly FoldedLeg[]): number | null {
  if (answering.length > 0) return answering[0]!.fact.ringSeconds;
  let longest: number | null = null;
  for (const { party, fact } of legs) {
    if (party === 'ivr' || party === 'service' || fact.ringSeconds === null) continue;
    longest = Math.max(longest ?? 0, fact.ringSeconds);
  }
  return longest;
}

/** Time in queues; a PBX that tells no leg of the queue still tells how long the agent's answer took. */
function queueWaitOf(legs: readonly FoldedLeg[]): number | null {
  let wait: number | null = null;
  let longestAgentRing = 0;
  for (const { party, fact } of legs) {
    longestAgentRing = Math.max(longestAgentRing, fact.agentRingSeconds ?? 0);
    const waited = party === 'queue' ? (fact.ringSeconds ?? fact.agentRingSeconds) : null;
    if (waited !== null) wait = (wait ?? 0) + waited;
  }
  return wait ?? (longestAgentRing > 0 ? longestAgentRing : null);
}

/**
 * Whose call it was: the extension that answered last (after a transfer, whoever has the caller in the end); going
 * out, the one that dialled; unanswered, the extension that rang, when only one did.
 */
function ownerOf(
  legs: readonly FoldedLeg[],
  answering: readonly FoldedLeg[],
  context: FoldContext,
): { userId: number | null; extension: string | null } {
  const held = (extension: string | null, at: number) => ({ extension, userId: context.holderOf(extension, at) });
  const answered = answering.findLast(each => each.party === 'extension');
  if (answered !== undefined) return held(answered.to, answered.fact.startedAt);
  const { fact: first, direction, caller } = legs[0]!;
  if (direction === 'outbound') {
    return caller.party === 'extension' ? held(bareNumber(first.from!), first.startedAt) : NOBODY;
  }
  const rung = new Set(legs.filter(each => each.party === 'extension').map(each => each.to));
  return rung.size === 1 ? held([...rung][0]!, first.startedAt) : NOBODY;
}

const NOBODY = { extension: null, userId: null };

/**
 * Several registrations of one call tell of its parts: it lasts from the first to the last of them, and costs what they cost
 * together. For the rest, the part that ended last is the later word.
 */
function readSourceCalls(stated: readonly Keyed<StatedCall>[], context: FoldContext): CallFields {
  const sourceCalls = Map.groupBy(stated, each => each.sourceCallId);
  const parts = [...sourceCalls.values()]
    .map(each => ({ merged: mergeStated(each.map(({ fact }) => fact)), sourceId: each[0]!.sourceId }))
    .map(({ merged, sourceId }) => ({ merged, fields: readStated(merged, context.planOf(sourceId), context) }))
    .sort((a, b) => inOrder(a.merged, b.merged));
  if (parts.length === 1) return parts[0]!.fields;
  const all = parts.map(each => each.fields);
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

/** Amounts of different currencies cannot be added: the later one stands. */
function costOf(parts: readonly CallFields[]): Pick<CallFields, 'costMicros' | 'currency'> {
  const priced = parts.filter(each => each.costMicros !== null);
  const last = priced.at(-1);
  if (last === undefined)
    return { costMicros: null, currency: parts.findLast(each => each.currency)?.currency ?? null };
  const same = priced.filter(each => each.currency === last.currency);
  return { costMicros: sumOf(same.map(each => each.costMicros)), currency: last.currency };
}

/** The one that tells a later end is later, ties by content. */
function inOrder(a: StatedCall, b: StatedCall): number {
  const rank = (each: StatedCall) => endOf(each) ?? Number.NEGATIVE_INFINITY;
  const [first, second] = [rank(a), rank(b)];
  return first === second ? (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) : first - second;
}

/** Programs may state a call in several messages. */
function mergeStated(stated: readonly StatedCall[]): StatedCall {
  if (stated.length === 1) return stated[0]!;
  const merged: Record<string, unknown> = {};
  for (const each of [...stated].sort(inOrder)) {
    for (const [name, value] of Object.entries(each)) if (value !== null || !(name in merged)) merged[name] = value;
  }
  return merged as unknown as StatedCall;
}

const endOf = ({ startedAt, endedAt, durationSeconds }: StatedCall): number | null =>
  endedAt ?? (durationSeconds === null ? null : startedAt + durationSeconds * 1000);

function readStated(stated: StatedCall, plan: NumberPlan, { holderOf }: Pick<FoldContext, 'holderOf'>): CallFields {
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
    userId: rest.userId ?? holderOf(rest.extension, startedAt),
    line: rest.line ?? rest.did ?? (rest.direction === 'outbound' ? rest.trunkOut : rest.trunkIn),
  };
}

/** A person's word wins, the latest one last; what was taken back is as if never said. */
function correct(fields: CallFields, valid: readonly Correction[], plan: NumberPlan): CallFields {
  if (valid.length === 0) return fields;
  const corrected = { ...fields };
  for (const { fields: stated } of valid) Object.assign(corrected, stated);
  corrected.outcome = outcomeInDirection(corrected.outcome, corrected.direction);
  const stated = new Set(valid.flatMap(each => Object.keys(each.fields)));
  if (stated.has('from')) corrected.fromE164 = plan.e164(corrected.from, false);
  if (stated.has('to')) corrected.toE164 = plan.e164(corrected.to, corrected.direction === 'outbound');
  if ((stated.has('startedAt') || stated.has('endedAt')) && corrected.endedAt !== null) {
    corrected.durationSeconds = Math.max(0, Math.round((corrected.endedAt - corrected.startedAt) / 1000));
  }
  return corrected;
}

/** What a call was worth to somebody is what the person says who spoke last, on a desktop or by a correction. */
function decide(
  fields: CallFields,
  corrections: readonly Correction[],
  completions: readonly Completion[],
): CallFields {
  if (completions.length === 0) return fields;
  const stated = completions.filter(each => each.result !== null).map(({ at, result }) => ({ at, word: result! }));
  const last = stated.sort((a, b) => a.at - b.at || (a.word < b.word ? -1 : 1)).at(-1);
  const corrected = corrections.findLast(each => each.fields.disposition !== undefined);
  if (last === undefined || (corrected !== undefined && corrected.at >= last.at)) return fields;
  return { ...fields, disposition: last.word };
}

const earliest = (answering: readonly FoldedLeg[]): number | null =>
  answering.length > 0 ? Math.min(...answering.map(each => each.answeredAt)) : null;
