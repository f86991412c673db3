/** What people say about a call: it wins over every source, survives late facts, and can be taken back. */
import { type Command, Refusal, type State } from '../../ledger/state.ts';
import { isPlausibleDuration } from '../../values/plausible.ts';
import { isSameContent } from '../../values/sameContent.ts';
import { type Call, call } from '../entities.ts';
import { decidingSources, saidOf } from '../fold/placeCorrections.ts';
import { hasTalk } from '../fold/possible.ts';
import { type CallsContext, foldNow, refold } from '../fold/refold.ts';
import { keepReport } from './keepReport.ts';
import type { CorrectedFields, Correction, Fact, Retraction } from './report.ts';
import { callIdOf, reportsOf, sourceCallsOf, toldBy, wantCall } from './sourceCalls.ts';

export class NoSuchCall extends Refusal {
  override readonly name = 'NoSuchCall';
}
export class NoSuchCorrection extends Refusal {
  override readonly name = 'NoSuchCorrection';
}
/** Several source calls of the call have a correction with this number, and the id is of none of them. */
export class AmbiguousCorrection extends Refusal {
  override readonly name = 'AmbiguousCorrection';
}
/** The correction contradicts the call it would make. */
export class ImpossibleCorrection extends Refusal {
  override readonly name = 'ImpossibleCorrection';
  readonly field: keyof CorrectedFields;
  constructor(field: keyof CorrectedFields, message: string) {
    super(message);
    this.field = field;
  }
}

export interface Saying {
  /** The door's word for it, as `Report.kind` has it. */
  readonly kind: string;
  readonly author: string;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
}

/** People's words settle at once: nobody else will say more because of them. */
const SETTLE_DELAY_MS = 1_000;
const ROW_BYTES = 2_000;

export function correctCall(
  callId: number,
  fields: CorrectedFields,
  reason: string | null,
  saying: Saying,
  context: CallsContext,
): Command<Correction> {
  return {
    name: 'correct call',
    bytes: saying.raw.byteLength + ROW_BYTES,
    wants: wants => wantCall(wants, callId, context),
    apply: state => {
      const present = demandCall(state, callId);
      refuseImpossible(fields, present);
      // Of calls that were joined each has a first one; no number is given again, whatever is split off later.
      const n = 1 + Math.max(0, ...correctionsOf(state, present).map(each => each.fact.n));
      // With the source call it was said of: where that is split off, its address goes on leading to it.
      const keptWith = sourceCallsOf(present).includes(callId) ? callId : present.id;
      const deciding = decidingSources(reportsOf(state, sourceCallsOf(present)));
      const of = deciding.length === 1 && deciding[0] === keptWith ? {} : { of: deciding };
      const was =
        fields.userId === undefined || present.legs.length === 0
          ? {}
          : { was: ownerOf(state, present, deciding, context) };
      const at = state.now;
      const all = sourceCallsOf(present);
      const isPrice = fields.costMicros !== undefined || fields.currency !== undefined;
      const costOf = isPrice && (all.length > 1 || all[0] !== keptWith) ? { costOf: all } : {};
      const correction: Correction = {
        form: 'correction',
        n,
        author: saying.author,
        at,
        reason,
        fields,
        ...of,
        ...was,
        ...costOf,
      };
      say(state, present, keptWith, `correction ${n}`, correction, saying, context);
      return correction;
    },
  };
}

/** Whose call it is without what people said of just that before. */
function ownerOf(
  state: State,
  present: Readonly<Call>,
  deciding: readonly number[],
  context: CallsContext,
): number | null {
  const told = reportsOf(state, toldBy(present)).map(each => {
    const { fact, sourceCallId } = each;
    if (fact.form !== 'correction' || !isSameContent(saidOf({ sourceCallId, fact }), deciding)) return each;
    const { userId: _userId, ...fields } = fact.fields;
    return { ...each, fact: { ...fact, fields } };
  });
  return foldNow(state, told, context).call.userId;
}

type Standing = Pick<Call, 'startedAt' | 'answeredAt' | 'endedAt' | 'talkSeconds' | 'outcome'>;

/** What a PBX has told may contradict itself; what a person says must fit, also what stands. */
function refuseImpossible(fields: CorrectedFields, present: Standing): void {
  const startedAt = fields.startedAt ?? present.startedAt;
  const endedAt = fields.endedAt ?? present.endedAt;
  if (endedAt !== null && endedAt < startedAt) {
    throw fields.endedAt === undefined
      ? new ImpossibleCorrection('startedAt', 'must not be after the call ends')
      : new ImpossibleCorrection('endedAt', 'must not be before the call starts');
  }
  const span = { startedAt, endedAt };
  refuseOutcome(fields, present);
  refuseLength(fields, span);
  refuseAnswer(fields, span, present);
  refuseTalk(fields, span, present);
  refuseTalkSinceAnswer(fields, span, present);
}

/** Where nobody says what became of it, talk says that it was answered. */
function refuseOutcome({ outcome: stated, answeredAt, talkSeconds = 0 }: CorrectedFields, present: Standing): void {
  const outcome = stated ?? present.outcome;
  if (hasTalk(outcome) || (stated === undefined && outcome === 'unknown')) return;
  const why = `where outcome is ${outcome}: correct outcome with it`;
  if (talkSeconds > 0) throw new ImpossibleCorrection('talkSeconds', `must be 0 ${why}`);
  if (answeredAt != null) throw new ImpossibleCorrection('answeredAt', `must be null ${why}`);
}

type Span = Pick<Call, 'startedAt' | 'endedAt'>;

/** Of the two that a person may have moved, the one that they did. */
const movedIn = (fields: CorrectedFields): 'startedAt' | 'endedAt' | null =>
  fields.endedAt !== undefined ? 'endedAt' : fields.startedAt !== undefined ? 'startedAt' : null;

const wholeSecondsOf = ({ startedAt, endedAt }: Span): number => Math.ceil(((endedAt ?? startedAt) - startedAt) / 1000);

function refuseLength(fields: CorrectedFields, span: Span): void {
  const moved = movedIn(fields);
  if (moved === null || isPlausibleDuration(wholeSecondsOf(span))) return;
  throw new ImpossibleCorrection(moved, 'must not make the call longer than 30 days');
}

function refuseAnswer(fields: CorrectedFields, { startedAt, endedAt }: Span, present: Standing): void {
  const stated = fields.answeredAt !== undefined;
  const answeredAt = fields.answeredAt === undefined ? present.answeredAt : fields.answeredAt;
  if (answeredAt === null || (!stated && isTalkless(fields))) return;
  if (answeredAt < startedAt && (stated || fields.startedAt !== undefined)) {
    throw stated
      ? new ImpossibleCorrection('answeredAt', 'must not be before the call starts')
      : new ImpossibleCorrection('startedAt', 'must not be after the answer: correct answeredAt with it');
  }
  if (endedAt === null || answeredAt <= endedAt) return;
  if (stated) throw new ImpossibleCorrection('answeredAt', 'must not be after the call ends');
  if (fields.endedAt !== undefined) {
    throw new ImpossibleCorrection(
      'endedAt',
      'must not be before the answer: correct answeredAt with it, or the outcome',
    );
  }
}

function refuseTalk(fields: CorrectedFields, span: Span, present: Standing): void {
  if (span.endedAt === null) return;
  const wholeSeconds = wholeSecondsOf(span);
  const { talkSeconds } = fields;
  if (talkSeconds !== undefined && talkSeconds > wholeSeconds) {
    throw new ImpossibleCorrection('talkSeconds', `must not be more than the ${wholeSeconds} seconds of the call`);
  }
  const moved = movedIn(fields);
  const standing = present.talkSeconds ?? 0;
  if (talkSeconds !== undefined || moved === null || isTalkless(fields) || standing <= wholeSeconds) return;
  throw new ImpossibleCorrection(moved, `must leave the ${standing} seconds of talk: correct talkSeconds with it`);
}

/** Nobody talks before the answer; by when it was answered and when it ends, only these and the talk can contradict it. */
function refuseTalkSinceAnswer(fields: CorrectedFields, { endedAt }: Span, present: Standing): void {
  const { talkSeconds = present.talkSeconds, answeredAt = present.answeredAt } = fields;
  if (endedAt === null || answeredAt === null || talkSeconds === null || isTalkless(fields)) return;
  const longest = Math.ceil((endedAt - answeredAt) / 1000);
  if (talkSeconds <= longest) return;
  if (fields.talkSeconds !== undefined) {
    const why = 'from answeredAt to endedAt: correct these with it';
    throw new ImpossibleCorrection('talkSeconds', `must not be more than the ${longest} seconds ${why}`);
  }
  const moved = fields.answeredAt === undefined ? movedIn(fields) : 'answeredAt';
  if (moved === null) return;
  throw new ImpossibleCorrection(moved, `must leave the ${talkSeconds} seconds of talk: correct talkSeconds with it`);
}

/** It states that nobody talked, which takes the answer and the talk with it. */
const isTalkless = ({ outcome }: CorrectedFields): boolean => outcome !== undefined && !hasTalk(outcome);

/** `callId` says which one is meant where calls that were joined have each a correction `n`: their ids go on leading here. */
export function retractCorrection(callId: number, n: number, saying: Saying, context: CallsContext): Command<void> {
  return {
    name: 'retract correction',
    bytes: ROW_BYTES,
    wants: wants => wantCall(wants, callId, context),
    apply: state => {
      const present = demandCall(state, callId);
      const saidOf = meantBy(callId, n, correctionsOf(state, present));
      // Taking back twice is taking back once.
      if (isTakenBack(state, saidOf, n)) return;
      const retraction: Retraction = { form: 'retraction', n, author: saying.author, at: state.now };
      say(state, present, saidOf, `retraction ${n}`, retraction, saying, context);
    },
  };
}

/** The source call that has the correction: the one named, or the only one. */
function meantBy(callId: number, n: number, corrections: ReturnType<typeof correctionsOf>): number {
  const [first, ...others] = corrections.filter(each => each.fact.n === n).map(each => each.sourceCallId);
  if (first === undefined) throw new NoSuchCorrection(`call ${callId} has no correction ${n}`);
  if (others.length === 0) return first;
  const all = [first, ...others];
  if (all.includes(callId)) return callId;
  throw new AmbiguousCorrection(
    `calls ${all.join(', ')} have each a correction ${n}: take it back by one of these ids`,
  );
}

function correctionsOf(state: State, present: Readonly<Call>): { sourceCallId: number; fact: Correction }[] {
  return reportsOf(state, sourceCallsOf(present)).flatMap(({ sourceCallId, fact }) =>
    fact.form === 'correction' ? [{ sourceCallId, fact }] : [],
  );
}

const isTakenBack = (state: State, sourceCallId: number, n: number): boolean =>
  reportsOf(state, [sourceCallId]).some(({ fact }) => fact.form === 'retraction' && fact.n === n);

/** The call an id leads to, its own or that of a source call it was joined from. */
export function demandCall(state: State, id: number): Readonly<Call> {
  const found = state.get(call, callIdOf(state, id));
  if (found === undefined) throw new NoSuchCall(`there is no call ${id}`);
  return found;
}

function say(
  state: State,
  present: Readonly<Call>,
  sourceCallId: number,
  key: string,
  fact: Correction | Retraction,
  saying: Saying,
  context: CallsContext,
): void {
  const cause = keepWord(state, sourceCallId, key, fact, saying);
  refold(
    state,
    present,
    reportsOf(state, toldBy(present)),
    { cause, isNew: false, settleDelayMs: SETTLE_DELAY_MS },
    context,
  );
}

/** Keeps what a person said about a call as a report of one of its source calls; answers with its id. */
export function keepWord(
  state: State,
  sourceCallId: number,
  key: string,
  fact: Fact,
  { kind, contentType, raw }: Omit<Saying, 'author'>,
): number {
  return keepReport(state, { sourceId: 0, sourceCallId, key, kind, fact, contentType, raw });
}
