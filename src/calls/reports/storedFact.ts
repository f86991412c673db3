/** How facts are stored. */
import { defineShape, withoutNulls } from '../../ledger/storedJson.ts';
import { type Fact, type LegFact, NOTHING_STATED, type StatedCall } from './report.ts';

/** The fields of a fact that may be null. */
type Nulls<F> = { readonly [K in keyof F as null extends F[K] ? K : never]: null };

const LEG: Nulls<LegFact> = {
  startedAtLocal: null,
  from: null,
  to: null,
  cause: null,
  durationSeconds: null,
  talkSeconds: null,
  ringSeconds: null,
  agentRingSeconds: null,
  trunkIn: null,
  trunkOut: null,
  did: null,
  didName: null,
  recording: null,
  noteId: null,
  noteEditable: null,
  uid: null,
};

const { form: _form, ...NOT_STATED } = NOTHING_STATED;
const CALL: Nulls<StatedCall> = { externalId: null, ...(NOT_STATED as Nulls<typeof NOT_STATED>) };

/** Most of what a leg or a call can say was not said: two thirds of a finished call's fact were nulls. */
const nullsOf = (fact: unknown) => {
  const { form } = fact as Fact;
  return form === 'leg' ? LEG : form === 'call' ? CALL : null;
};

/** A change that makes stored facts unlike these gets a step here, once a version that writes them has been released. */
export const FACT_SHAPE = withoutNulls(defineShape('report.fact'), nullsOf);
