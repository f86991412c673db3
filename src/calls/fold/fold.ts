/**
 * A call is the fold of what was reported about it: a pure function of the set of facts, whatever order they came in and
 * however often (ARCHITECTURE.md, section 2; docs/yeastar.md, section 1.4, cases C14 to C19).
 */
import { outcomeInDirection } from '../../values/outcome.ts';
import { isSameUser } from '../../values/sameUser.ts';
import type { Call, LegMeaning } from '../entities.ts';
import type { Completion, Correction, LegFact, StatedCall } from '../reports/report.ts';
import type { Settling } from '../settling/settle.ts';
import { correctedParticipants } from './correctedParticipants.ts';
import { placeUsers } from './correctedUsers.ts';
import type { FoldContext, KeyedFact } from './foldContext.ts';
import { type FoldedLeg, foldLegs } from './foldLegs.ts';
import { bareNumber, calledE164, type NumberPlan } from './numberPlan.ts';
import { type Account, leftOnly, ofParts, type PartAccount } from './ofParts.ts';
import { callersOf, type Participant, participantsOf } from './participants.ts';
import { type CorrectedPart, isCorrected, placeCorrections } from './placeCorrections.ts';
import { hasTalk, madePossible, movedByMs, waitedBesideTalk, withinSpan } from './possible.ts';
import { preferPbx } from './preferPbx.ts';
import { pricesOf } from './prices.ts';
import type { Visit } from './queueVisits.ts';
import { readLegs } from './readLegs.ts';
import { costOf, partsOf, wholeOf } from './statedCalls.ts';
import { talksOfParts, talksOfTurns } from './talksOf.ts';
import { correctedVisits, reportedVisits } from './toldVisits.ts';

export type CallFields = Omit<
  Call,
  'id' | 'sourceId' | 'externalId' | 'day' | 'legs' | 'sourceCalls' | 'records' | keyof Settling
>;

export interface FoldedCall {
  readonly fields: CallFields;
  readonly legs: readonly LegMeaning[];
  readonly participants: readonly Participant[];
  /** The queues it was in, the one that decides last. */
  readonly visits: readonly Visit[];
}

type Keyed<F> = KeyedFact & { readonly fact: F };

/** What sources tell of a call, or of a part of it. */
interface Evidence {
  readonly legs: readonly FoldedLeg[];
  readonly stated: readonly Keyed<StatedCall>[];
  readonly completions: readonly Completion[];
  /** What it costs where people correct what its parts cost. */
  readonly priced: Pick<CallFields, 'costMicros' | 'currency'> | null;
}

/** At least one fact must be a leg or a stated call. */
export function foldCall(facts: readonly KeyedFact[], context: FoldContext): FoldedCall {
  const legs = foldLegs(
    facts.filter((each): each is Keyed<LegFact> => each.fact.form === 'leg'),
    context,
  );
  const stated = facts.filter((each): each is Keyed<StatedCall> => each.fact.form === 'call');
  const completions = facts.flatMap(({ fact }) => (fact.form === 'completion' ? [fact] : []));
  const { whole, parts, prices } = placeCorrections(facts);
  const accounts = parts.flatMap(each => accountsOf(each, facts, crossingIn(legs), context));
  const priced = prices.length === 0 ? null : costOf(pricesOf(stated, prices));
  const account = read({ legs, stated, completions, priced }, whole, accounts, context);
  return { ...account, legs: legs.map(meaningOf) };
}

/**
 * A part of a call, as if it were a call. What became of a leg by which it left for another part of the call is that part's to tell:
 * such legs are an account of their own. `crossing` are their ids.
 */
function accountsOf(
  part: CorrectedPart,
  all: readonly KeyedFact[],
  crossing: ReadonlySet<number>,
  context: FoldContext,
): PartAccount[] {
  const own = all.filter(each => part.sourceCalls.includes(each.sourceCallId));
  const legs = foldLegs(
    own.filter((each): each is Keyed<LegFact> => each.fact.form === 'leg'),
    context,
  );
  const stated = own.filter((each): each is Keyed<StatedCall> => each.fact.form === 'call');
  const inside = new Set([...crossing, ...crossingIn(legs)]);
  const within = part.within.flatMap(each => accountsOf(each, all, inside, context));
  const leaves = (each: FoldedLeg) => crossing.has(each.id) && !each.crosses;
  const left = legs.filter(leaves);
  const stayed = left.length === 0 ? legs : legs.filter(each => !leaves(each));
  const beside = { completions: [], priced: null };
  const accounts: PartAccount[] = [];
  if (stayed.length > 0 || stated.length > 0) {
    const evidence = { legs: stayed, stated, ...beside };
    const told = read(evidence, [], [], context);
    const account = isCorrected(part) ? read(evidence, part.corrections, within, context) : told;
    accounts.push({ ...account, named: new Set(told.participants.map(each => each.userId)), told: told.visits });
  }
  if (left.length > 0) {
    const account = leftOnly(read({ legs: left, stated: [], ...beside }, part.corrections, [], context));
    accounts.push({ ...account, named: new Set(), told: account.visits });
  }
  return accounts;
}

const crossingIn = (legs: readonly FoldedLeg[]): ReadonlySet<number> =>
  new Set(legs.filter(each => each.crosses).map(each => each.id));

/** What is told, of the parts that were corrected where there are any, with these corrections on top. */
function read(
  { legs, stated, completions, priced }: Evidence,
  valid: readonly Correction[],
  parts: readonly PartAccount[],
  context: FoldContext,
): Account {
  const kept = withinSpan(legs, valid);
  const fromPbx = kept.length > 0 ? readLegs(kept, context) : null;
  const statedParts = stated.length > 0 ? partsOf(stated, context) : [];
  const fromProgram = statedParts.length > 0 ? wholeOf(statedParts.map(each => each.fields)) : null;
  const pbx = fromPbx?.fields ?? null;
  const merged = pbx === null ? fromProgram : fromProgram === null ? pbx : preferPbx(pbx, fromProgram, legs[0]!.plan);
  if (merged === null) throw new Error('a call needs a report that is not a correction');
  const { fields, visits } = reportedVisits({ legs: fromPbx, parts: statedParts, fields: merged });
  const completedBy = completions.flatMap(each => (each.userId === null ? [] : [each.userId]));
  const turns = fromPbx?.turns ?? [];
  const programParts = statedParts.map(({ fields: part, sides }) => ({ ...part, ...sides }));
  const participants = participantsOf({
    legs: kept,
    turns,
    parts: programParts,
    completedBy,
    uncorrected: fields,
  });
  const whole = { fields: { ...fields, ...priced }, participants, visits };
  const told = parts.length === 0 ? whole : ofParts(whole, parts, { completedBy, isOfLegs: legs.length > 0 });
  const plan = legs[0]?.plan ?? context.planOf(stated[0]!.sourceId);
  const { ofCall, moved } = placeUsers(valid, told);
  const corrected = withOwnExtension(correct(told.fields, ofCall, plan), told.fields, legs);
  const after = decide(corrected, valid, completions);
  const callers = fields.direction === 'internal' ? callersOf(kept, fields) : [];
  // What people corrected of the parts is not where it was told any more.
  const isMoved = parts.length > 0;
  const talks = isMoved
    ? []
    : fromPbx === null
      ? talksOfParts(programParts, movedByMs(fields, valid))
      : talksOfTurns(turns, callers);
  const sourceId = leadingSource(legs.length > 0 ? legs : stated.map(each => ({ ...each, id: each.reportId })));
  return {
    fields: after,
    participants: correctedParticipants(told.participants, {
      before: told.fields,
      after,
      moved,
      legs: kept,
      completedBy,
      talks,
    }),
    visits: correctedVisits(told.visits, { before: told.fields, after, sourceId }),
  };
}

/** The oldest of them says whose call it is. */
const leadingSource = (all: readonly Pick<FoldedLeg, 'id' | 'sourceId'>[]): number =>
  all.reduce((leading, each) => (each.id < leading.id ? each : leading)).sourceId;

function meaningOf({ id, party, userId, direction, fact }: FoldedLeg): LegMeaning {
  return direction === fact.direction ? { id, party, userId } : { id, party, userId, direction };
}

const NOTHING: ReadonlySet<string> = new Set();

/** A person's word wins, the latest one last; what was taken back is as if never said. */
function correct(fields: CallFields, valid: readonly Correction[], plan: NumberPlan): CallFields {
  if (valid.length === 0) return inDirection(madePossible(fields, NOTHING), plan);
  const corrected = { ...fields };
  for (const { fields: stated } of valid) Object.assign(corrected, stated);
  const stated = new Set(valid.flatMap(each => Object.keys(each.fields)));
  if (stated.has('outcome') && !hasTalk(corrected.outcome)) {
    corrected.answeredAt = null;
    corrected.talkSeconds = 0;
  }
  if (stated.has('from')) corrected.fromE164 = plan.e164(corrected.from, false);
  if (stated.has('to')) corrected.toE164 = plan.e164(corrected.to, corrected.direction === 'outbound');
  else if (corrected.direction !== fields.direction) corrected.toE164 = calledE164(plan, corrected);
  if ((stated.has('startedAt') || stated.has('endedAt')) && corrected.endedAt !== null) {
    corrected.durationSeconds = Math.max(0, Math.round((corrected.endedAt - corrected.startedAt) / 1000));
  }
  const possible = madePossible(corrected, stated);
  return inDirection(possible.talkSeconds === fields.talkSeconds ? possible : waitedBesideTalk(possible), plan);
}

/**
 * The extension is the user's: that of another one whose call it is corrected to be, where a leg tells of it; the telephone of the one it
 * was is not theirs.
 */
function withOwnExtension(corrected: CallFields, before: CallFields, legs: readonly FoldedLeg[]): CallFields {
  const { userId } = corrected;
  if (userId === before.userId) return corrected;
  if (userId === null) return { ...corrected, extension: null };
  const called = legs.filter(each => each.party === 'extension' && isSameUser(each.called.userId, userId));
  const made = legs.find(each => each.caller.party === 'extension' && isSameUser(each.caller.userId, userId));
  const reached = called.findLast(each => each.fact.status === 'answered') ?? called.at(-1);
  const extension = reached !== undefined ? reached.to : made === undefined ? null : bareNumber(made.fact.from!);
  return { ...corrected, extension };
}

/** The outcome follows the direction, whoever stated the one or the other; and what is short, the duration. */
function inDirection(fields: CallFields, { shortSeconds }: NumberPlan): CallFields {
  const { outcome, direction, durationSeconds } = fields;
  const short = durationSeconds !== null && durationSeconds < shortSeconds;
  return { ...fields, outcome: outcomeInDirection(outcome, direction), short };
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
