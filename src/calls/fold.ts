/**
 * A call is the fold of what was reported about it: a pure function of the set of facts, whatever order they came in
 * and however often (design section 2; reference/yeastar.md 1.4 and cases C14 to C19).
 */
import type { Outcome } from '../values/outcome.ts';
import type { Call, Leg } from './entities.ts';
import { type FoldedLeg, foldLegs } from './foldLegs.ts';
import type { NumberPlan } from './numberPlan.ts';
import type { Correction, Fact, LegFact, StatedCall } from './report.ts';

export interface KeyedFact {
  /** The id of the report that states it. */
  readonly reportId: number;
  /** Reports with the same key tell of the same leg. */
  readonly key: string;
  readonly fact: Fact;
}

export interface FoldContext {
  readonly plan: NumberPlan;
  /** Who held an extension at an instant; null when nobody did. */
  holderOf(extension: string | null, at: number): number | null;
}

export type CallFields = Omit<Call, 'id' | 'sourceId' | 'externalId' | 'day' | 'legs'>;

export interface FoldedCall {
  readonly fields: CallFields;
  readonly legs: readonly Leg[];
}

/** At least one fact must be a leg or a stated call. */
export function foldCall(facts: readonly KeyedFact[], context: FoldContext): FoldedCall {
  const legFacts: (KeyedFact & { fact: LegFact })[] = [];
  const stated: StatedCall[] = [];
  const corrections: Correction[] = [];
  const retracted = new Set<number>();
  for (const keyed of facts) {
    if (keyed.fact.form === 'leg') legFacts.push(keyed as KeyedFact & { fact: LegFact });
    else if (keyed.fact.form === 'call') stated.push(keyed.fact);
    else if (keyed.fact.form === 'correction') corrections.push(keyed.fact);
    else retracted.add(keyed.fact.n);
  }
  const legs = foldLegs(legFacts, context);
  const fromPbx = legs.length > 0 ? readLegs(legs, context) : null;
  const fromProgram = stated.length > 0 ? readStated(mergeStated(stated), context) : null;
  const fields = fromPbx === null ? fromProgram : fromProgram === null ? fromPbx : preferPbx(fromPbx, fromProgram);
  if (fields === null) throw new Error('a call needs a report that is not a correction');
  const valid = corrections.filter(each => !retracted.has(each.n)).sort((a, b) => a.n - b.n);
  return { fields: correct(fields, valid, context), legs: legs.map(each => each.leg) };
}

/** PBX before program for what happened, program before PBX for what it is worth (design section 2, Who wins). */
function preferPbx(pbx: CallFields, program: CallFields): CallFields {
  const merged: Record<string, unknown> = { ...program };
  for (const [name, value] of Object.entries(pbx)) if (value !== null && value !== 'unknown') merged[name] = value;
  const { costMicros, currency, vote, links, failedReason, note, disposition } = program;
  return { ...(merged as CallFields), costMicros, currency, vote, links, failedReason, note, disposition };
}

const EMPTY = {
  disposition: null,
  costMicros: null,
  currency: null,
  vote: null,
  failedReason: null,
  note: null,
  links: null,
} as const;

function readLegs(legs: readonly FoldedLeg[], context: FoldContext): CallFields {
  const first = legs[0]!.leg;
  const { outcome, deciding } = outcomeOf(legs, context.plan.abandonSeconds);
  const answering = answeringLegs(legs);
  const owner = ownerOf(legs, answering, context);
  const startedAt = first.startedAt;
  const endedAt = Math.max(...legs.map(each => each.endedAt));
  const durationKnown = legs.some(each => each.leg.durationSeconds !== null);
  const direction = legs.find(each => each.leg.direction !== 'unknown')?.leg.direction ?? 'unknown';
  const pick = <K extends keyof Leg>(name: K) =>
    legs.find(each => each.leg[name as never] !== null)?.leg[name as never];
  const trunkIn = (pick('trunkIn') ?? null) as string | null;
  const trunkOut = (pick('trunkOut') ?? null) as string | null;
  const did = (pick('did') ?? null) as string | null;
  const queues = legs.filter(each => each.leg.party === 'queue');
  const recorded =
    answering.find(each => each.leg.recording !== null) ?? legs.findLast(each => each.leg.recording !== null);
  return {
    ...EMPTY,
    direction,
    from: first.from,
    to: first.to,
    fromE164: context.plan.e164(first.from, false),
    toE164: context.plan.e164(first.to, direction === 'outbound') ?? context.plan.e164(did, false),
    startedAt,
    answeredAt: outcome === 'answered' ? earliest(answering.map(each => each.answeredAt)) : null,
    endedAt,
    durationSeconds: durationKnown ? Math.round((endedAt - startedAt) / 1000) : null,
    ringSeconds: ringOf(legs, answering),
    talkSeconds: talkOf(legs, answering, deciding),
    queueWaitSeconds: queueWaitOf(legs, queues),
    outcome,
    cause: deciding.leg.cause,
    userId: owner.userId,
    extension: owner.extension,
    queue: queues.at(-1)?.leg.to ?? null,
    line: did ?? (direction === 'outbound' ? (trunkOut ?? trunkIn) : (trunkIn ?? trunkOut)),
    trunkIn,
    trunkOut,
    did,
    didName: (pick('didName') ?? null) as string | null,
    recording: recorded?.leg.recording ?? null,
  };
}

/**
 * Legs in which somebody picked up. An IVR's ANSWERED says only that the machine did; a queue's is believed while no
 * leg names the agent (reference/yeastar.md T7, T34).
 */
function answeringLegs(legs: readonly FoldedLeg[]): FoldedLeg[] {
  const people = legs.filter(
    each => each.leg.status === 'answered' && (each.leg.party === 'extension' || each.leg.party === 'external'),
  );
  if (people.length > 0) return people;
  const reached = legs.some(each => each.leg.status === 'voicemail');
  return reached ? [] : legs.filter(each => each.leg.status === 'answered' && each.leg.party === 'queue');
}

const UNANSWERED = ['abandoned', 'no_answer', 'busy', 'failed', 'unknown'] as const;

function outcomeOf(legs: readonly FoldedLeg[], abandonSeconds: number): { outcome: Outcome; deciding: FoldedLeg } {
  const answering = answeringLegs(legs);
  if (answering.length > 0) return { outcome: 'answered', deciding: answering[0]! };
  const mailbox = legs.find(each => each.leg.status === 'voicemail');
  if (mailbox !== undefined) return { outcome: 'voicemail', deciding: mailbox };
  const queues = legs.filter(each => each.leg.party === 'queue');
  const people = legs.filter(each => !['ivr', 'service', 'queue'].includes(each.leg.party));
  // What the caller met last decides: the queue if there was one, else the phones that rang.
  const candidates = queues.length > 0 ? queues.slice(-1) : people;
  for (const status of UNANSWERED) {
    const deciding = candidates.find(each => each.leg.status === status);
    if (deciding === undefined) continue;
    const { party, ringSeconds } = deciding.leg;
    if (status === 'abandoned') return { outcome: 'abandoned', deciding };
    if (status !== 'no_answer') return { outcome: status, deciding };
    const gaveUp = party === 'queue' && ringSeconds !== null && ringSeconds < abandonSeconds;
    return { outcome: gaveUp ? 'abandoned' : 'missed', deciding };
  }
  const machine = legs.findLast(each => each.leg.status === 'answered') ?? legs.at(-1)!;
  if (machine.leg.status === 'answered')
    return { outcome: machine.leg.party === 'unknown' ? 'answered' : 'ivr_only', deciding: machine };
  const outcomes = { no_answer: 'missed', voicemail: 'voicemail' } as const;
  const { status } = machine.leg;
  return {
    outcome: status === 'no_answer' || status === 'voicemail' ? outcomes[status] : (status as Outcome),
    deciding: machine,
  };
}

/** Time somebody talked, overlapping legs counted once: PBXs repeat the talk of a queue in its agent's leg. */
function talkOf(legs: readonly FoldedLeg[], answering: readonly FoldedLeg[], deciding: FoldedLeg): number {
  if (answering.length > 0) {
    const spans = answering
      .filter(each => (each.leg.talkSeconds ?? 0) > 0)
      .map(each => [each.endedAt - each.leg.talkSeconds! * 1000, each.endedAt] as const)
      .sort((a, b) => a[0] - b[0]);
    let total = 0;
    let until = Number.NEGATIVE_INFINITY;
    for (const [from, to] of spans) {
      total += Math.max(0, to - Math.max(from, until));
      until = Math.max(until, to);
    }
    return Math.round(total / 1000);
  }
  // Time in the mailbox is what the PBX calls talk of a VOICEMAIL leg (reference/yeastar.md 1.2).
  return legs.length > 0 && deciding.leg.status === 'voicemail' ? (deciding.leg.talkSeconds ?? 0) : 0;
}

function ringOf(legs: readonly FoldedLeg[], answering: readonly FoldedLeg[]): number | null {
  if (answering.length > 0) return answering[0]!.leg.ringSeconds;
  const rings = legs
    .filter(each => each.leg.party !== 'ivr' && each.leg.party !== 'service')
    .map(each => each.leg.ringSeconds)
    .filter(ring => ring !== null);
  return rings.length > 0 ? Math.max(...rings) : null;
}

function queueWaitOf(legs: readonly FoldedLeg[], queues: readonly FoldedLeg[]): number | null {
  const waits = queues.map(each => each.leg.ringSeconds ?? each.leg.agentRingSeconds).filter(wait => wait !== null);
  if (waits.length > 0) return waits.reduce((sum, wait) => sum + wait, 0);
  const agentRing = Math.max(0, ...legs.map(each => each.leg.agentRingSeconds ?? 0));
  return agentRing > 0 ? agentRing : null;
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
  const answered = answering.findLast(each => each.leg.party === 'extension');
  if (answered !== undefined) return held(answered.leg.to, answered.leg.startedAt);
  const first = legs[0]!.leg;
  if (first.direction === 'outbound') {
    return context.plan.isInternal(first.from) ? held(first.from, first.startedAt) : { extension: null, userId: null };
  }
  const rung = new Set(legs.filter(each => each.leg.party === 'extension').map(each => each.leg.to));
  if (rung.size !== 1) return { extension: null, userId: null };
  return held([...rung][0]!, first.startedAt);
}

/** Programs may state a call in several messages: the one that tells a later end is later, ties by content. */
function mergeStated(stated: readonly StatedCall[]): StatedCall {
  const rank = (each: StatedCall) => each.endedAt ?? Number.NEGATIVE_INFINITY;
  const ordered = stated
    .map(each => ({ each, text: JSON.stringify(each) }))
    .sort((a, b) => rank(a.each) - rank(b.each) || (a.text < b.text ? -1 : 1));
  const merged: Record<string, unknown> = {};
  for (const { each } of ordered) {
    for (const [name, value] of Object.entries(each)) if (value !== null || !(name in merged)) merged[name] = value;
  }
  return merged as unknown as StatedCall;
}

function readStated(stated: StatedCall, { plan, holderOf }: FoldContext): CallFields {
  const { form: _form, externalId: _externalId, outcome, ...rest } = stated;
  const { startedAt, answeredAt, durationSeconds, talkSeconds } = rest;
  const endedAt = rest.endedAt ?? (durationSeconds === null ? null : startedAt + durationSeconds * 1000);
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
    outcome: outcome ?? (answered ? 'answered' : endedAt !== null && talk === 0 ? 'missed' : 'unknown'),
    userId: rest.userId ?? holderOf(rest.extension, startedAt),
    line: rest.line ?? rest.did ?? (rest.direction === 'outbound' ? rest.trunkOut : rest.trunkIn),
  };
}

/** A person's word wins, the latest one last; what was taken back is as if never said. */
function correct(fields: CallFields, valid: readonly Correction[], { plan }: FoldContext): CallFields {
  if (valid.length === 0) return fields;
  const corrected = { ...fields };
  for (const { fields: said } of valid) Object.assign(corrected, said);
  const said = new Set(valid.flatMap(each => Object.keys(each.fields)));
  if (said.has('from')) corrected.fromE164 = plan.e164(corrected.from, false);
  if (said.has('to')) corrected.toE164 = plan.e164(corrected.to, corrected.direction === 'outbound');
  if ((said.has('startedAt') || said.has('endedAt')) && corrected.endedAt !== null) {
    corrected.durationSeconds = Math.max(0, Math.round((corrected.endedAt - corrected.startedAt) / 1000));
  }
  return corrected;
}

const earliest = (instants: readonly number[]): number | null => (instants.length > 0 ? Math.min(...instants) : null);
