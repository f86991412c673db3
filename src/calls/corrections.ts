/** What people say about a call: it wins over every source, survives late facts, and can be taken back. */
import { type Command, Refusal, type State } from '../ledger/state.ts';
import { type Call, call, report, source } from './entities.ts';
import { type CallsContext, refold } from './refold.ts';
import type { CorrectedFields, Correction, Retraction } from './report.ts';

export class NoSuchCall extends Refusal {
  override readonly name = 'NoSuchCall';
}
export class NoSuchCorrection extends Refusal {
  override readonly name = 'NoSuchCorrection';
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
  readonly author: string;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
}

/** People's words settle at once: nobody else will say more because of them. */
const QUIET_MS = 1_000;
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
    wants: wants => {
      wants.get(call, callId);
      wants.find(report, 'byCall', callId);
    },
    apply: state => {
      const present = state.get(call, callId);
      if (present === undefined) throw new NoSuchCall(`there is no call ${callId}`);
      refuseImpossible(fields, present);
      const n = 1 + state.find(report, 'byCall', callId).filter(each => each.fact.form === 'correction').length;
      const correction: Correction = { form: 'correction', n, author: saying.author, at: state.now, reason, fields };
      say(state, callId, present.sourceId, 'native.correction', `correction ${n}`, correction, saying, context);
      return correction;
    },
  };
}

/** What a PBX has told may contradict itself; what a person says must fit. */
function refuseImpossible(fields: CorrectedFields, present: Pick<Call, 'startedAt' | 'endedAt'>): void {
  const { answeredAt = null, talkSeconds } = fields;
  const startedAt = fields.startedAt ?? present.startedAt;
  const endedAt = fields.endedAt ?? present.endedAt;
  if (answeredAt !== null && answeredAt < startedAt) {
    throw new ImpossibleCorrection('answeredAt', 'must not be before the call starts');
  }
  if (endedAt === null) return;
  if (endedAt < startedAt) {
    throw fields.endedAt === undefined
      ? new ImpossibleCorrection('startedAt', 'must not be after the call ends')
      : new ImpossibleCorrection('endedAt', 'must not be before the call starts');
  }
  if (answeredAt !== null && answeredAt > endedAt) {
    throw new ImpossibleCorrection('answeredAt', 'must not be after the call ends');
  }
  const wholeSeconds = Math.ceil((endedAt - startedAt) / 1000);
  if (talkSeconds !== undefined && talkSeconds > wholeSeconds) {
    throw new ImpossibleCorrection('talkSeconds', `must not be more than the ${wholeSeconds} seconds of the call`);
  }
}

export function retractCorrection(callId: number, n: number, saying: Saying, context: CallsContext): Command<void> {
  return {
    name: 'retract correction',
    bytes: ROW_BYTES,
    wants: wants => {
      wants.get(call, callId);
      wants.find(report, 'byCall', callId);
    },
    apply: state => {
      const present = state.get(call, callId);
      if (present === undefined) throw new NoSuchCall(`there is no call ${callId}`);
      const facts = state.find(report, 'byCall', callId).map(each => each.fact);
      if (!facts.some(fact => fact.form === 'correction' && fact.n === n)) {
        throw new NoSuchCorrection(`call ${callId} has no correction ${n}`);
      }
      // Taking back twice is taking back once.
      if (facts.some(fact => fact.form === 'retraction' && fact.n === n)) return;
      const retraction: Retraction = { form: 'retraction', n, author: saying.author, at: state.now };
      say(state, callId, present.sourceId, 'native.retraction', `retraction ${n}`, retraction, saying, context);
    },
  };
}

function say(
  state: State,
  callId: number,
  sourceId: number,
  kind: string,
  key: string,
  fact: Correction | Retraction,
  { contentType, raw }: Saying,
  context: CallsContext,
): void {
  const from = state.get(source, sourceId);
  if (from === undefined) throw new Error(`call ${callId} is of no source`);
  const id = state.next('report');
  state.insert(report, {
    id,
    sourceId: 0,
    group: `call:${callId}`,
    key,
    kind,
    callId,
    receivedAt: state.now,
    deliveries: 1,
    fact,
    warnings: null,
    contentType,
    raw,
  });
  refold(
    state,
    callId,
    from,
    state.find(report, 'byCall', callId),
    { cause: id, isNew: false, quietMs: QUIET_MS },
    context,
  );
}
