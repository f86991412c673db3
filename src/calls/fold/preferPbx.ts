/** A call as its PBX and a program tell it: the PBX before the program for what happened (docs/one-call.md, "Who wins"). */
import { type Outcome, outcomeInDirection } from '../../values/outcome.ts';
import type { CallFields } from './fold.ts';
import { bareNumber, calledE164, type NumberPlan } from './numberPlan.ts';

/**
 * Each field is the first that is known, and what follows from a field is of the report that tells it: two that are both right may be wrong
 * together. What the call is worth the program knows. `plan` is the PBX's.
 */
export function preferPbx(pbx: CallFields, program: CallFields, plan: NumberPlan): CallFields {
  const merged: Record<string, unknown> = { ...program };
  for (const [name, value] of Object.entries(pbx)) if (value !== null && value !== 'unknown') merged[name] = value;
  const { costMicros, currency, vote, links, failedReason, note, disposition } = program;
  const worth = { costMicros, currency, vote, links, failedReason, note, disposition };
  const told = merged as unknown as CallFields;
  const outcome = outcomeInDirection(told.outcome, told.direction);
  return {
    ...told,
    outcome,
    ...spanOf(pbx, program),
    ...talkedOf(pbx, program),
    ringSeconds: ringOf(pbx, program),
    ...whoseOf(pbx, program),
    ...queueOf(pbx, program),
    ...lineOf(pbx, program),
    ...numbersOf(pbx, program, { ...told, plan }),
    ...worth,
  };
}

/** A PBX that tells no duration does not know the end. */
function spanOf(pbx: CallFields, program: CallFields): Pick<CallFields, 'endedAt' | 'durationSeconds'> {
  const { startedAt, endedAt, durationSeconds } = pbx;
  if (durationSeconds !== null || program.durationSeconds === null) return { endedAt, durationSeconds };
  const ended = Math.max(endedAt ?? startedAt, startedAt + program.durationSeconds * 1000);
  return { endedAt: ended, durationSeconds: Math.round((ended - startedAt) / 1000) };
}

/** Whoever knows what became of the call knows whether somebody talked: a missed call has no answer. */
function talkedOf(pbx: CallFields, program: CallFields): Pick<CallFields, 'answeredAt' | 'talkSeconds'> {
  if (pbx.outcome === 'unknown') {
    const isUnknown = program.outcome === 'unknown';
    const talkSeconds = isUnknown ? (program.talkSeconds ?? pbx.talkSeconds) : program.talkSeconds;
    return { answeredAt: program.answeredAt, talkSeconds };
  }
  const answeredAt = pbx.answeredAt ?? (pbx.outcome === 'answered' ? program.answeredAt : null);
  return { answeredAt, talkSeconds: pbx.talkSeconds ?? program.talkSeconds };
}

/** Calls that rang no longer than a PBX tells: what a program counts more was the message, or the menu. */
const RUNG_AS_TOLD: ReadonlySet<Outcome> = new Set<Outcome>(['voicemail', 'ivr_only']);

function ringOf(pbx: CallFields, program: CallFields): number | null {
  return RUNG_AS_TOLD.has(pbx.outcome) ? pbx.ringSeconds : (pbx.ringSeconds ?? program.ringSeconds);
}

/** Who answered, or dialled, is known to the PBX; of a call nobody answered the program says whose it was. */
function whoseOf(pbx: CallFields, program: CallFields): Pick<CallFields, 'userId' | 'extension'> {
  const pbxKnows = pbx.userId !== null && (pbx.outcome === 'answered' || pbx.direction === 'outbound');
  if (pbxKnows || program.userId === null || program.userId === pbx.userId) {
    return { userId: pbx.userId ?? program.userId, extension: pbx.extension ?? program.extension };
  }
  return { userId: program.userId, extension: program.extension };
}

/** The wait in another queue is none of this one, nor is a message in its mailbox. */
function queueOf(pbx: CallFields, program: CallFields): Pick<CallFields, 'queue' | 'queueWaitSeconds'> {
  const isOther = pbx.queue !== null && program.queue !== null && pbx.queue !== program.queue;
  const isTold = isOther || (pbx.queue !== null && pbx.outcome === 'voicemail');
  return {
    queue: pbx.queue ?? program.queue,
    queueWaitSeconds: isTold ? pbx.queueWaitSeconds : (pbx.queueWaitSeconds ?? program.queueWaitSeconds),
  };
}

/** The line is the DID, where one of them tells that. */
function lineOf(pbx: CallFields, program: CallFields): Pick<CallFields, 'did' | 'didName' | 'line'> {
  if (pbx.did === null && program.did !== null) {
    return { did: program.did, didName: program.didName ?? pbx.didName, line: program.line };
  }
  const isOther = pbx.did !== null && program.did !== null && !isSameNumber(pbx.did, program.did);
  return {
    did: pbx.did,
    didName: pbx.didName ?? (isOther ? null : program.didName),
    line: pbx.line ?? program.line,
  };
}

type Numbers = Pick<CallFields, 'from' | 'to' | 'fromE164' | 'toE164'>;
type Merged = Pick<CallFields, 'direction' | 'did'> & { readonly plan: NumberPlan };

/** A program that tells the call from its other end calls other numbers `from` and `to`. */
function numbersOf(pbx: CallFields, program: CallFields, { direction, did, plan }: Merged): Numbers {
  const ends = [direction, program.direction];
  const isReversed = ends.includes('inbound') && ends.includes('outbound');
  const told = isReversed ? { from: null, to: null, fromE164: null, toE164: null } : program;
  const from = pbx.from ?? told.from;
  const to = pbx.to ?? told.to;
  const fromE164 = pbx.from === null ? null : plan.e164(pbx.from, false);
  const toE164 = pbx.to === null ? null : plan.e164(pbx.to, direction === 'outbound');
  return {
    from,
    to,
    fromE164: fromE164 ?? (isSameNumber(from, told.from) ? told.fromE164 : null),
    toE164:
      toE164 ?? (isSameNumber(to, told.to) ? told.toE164 : null) ?? calledE164(plan, { to: null, did, direction }),
  };
}

/** As long as a number outside is: a shorter one at the end of another may be anybody's. */
const MIN_COMMON_DIGITS = 7;

/** One way of writing it may have more in front: an area code, a country's, a prefix for an outside line. */
function isSameNumber(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  const [a, b] = [bareNumber(one), bareNumber(other)];
  if (a === b) return true;
  const [short, long] = [a, b].map(each => each.replace(/^\+?0*/, '')).sort((x, y) => x.length - y.length) as [
    string,
    string,
  ];
  return short.length >= MIN_COMMON_DIGITS && long.endsWith(short);
}
