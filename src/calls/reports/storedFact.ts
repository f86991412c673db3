/** How facts are stored: as the values of their fields in one fixed order. Their names were half of what a ledger kept. */
import { defineShape, packed, UnknownShape } from '../../ledger/storedJson.ts';
import type { Fact, LegFact, StatedCall } from './report.ts';

/** The fields of a form, without the form itself; a field of it that is missing here does not compile. */
type Fields<F> = Readonly<Record<Exclude<keyof F, 'form'>, null>>;

/**
 * The order is the order in which they are stored, and is never changed. A new field goes to the end: facts that were stored
 * before it have null there. Nulls at the end are not stored, so what is often said comes first.
 */
const LEG: Fields<LegFact> = {
  startedAt: null,
  startedAtLocal: null,
  from: null,
  to: null,
  direction: null,
  status: null,
  cause: null,
  durationSeconds: null,
  talkSeconds: null,
  ringSeconds: null,
  agentRingSeconds: null,
  uid: null,
  noteId: null,
  noteEditable: null,
  trunkOut: null,
  trunkIn: null,
  did: null,
  didName: null,
  recording: null,
};
const CALL: Fields<StatedCall> = {
  direction: null,
  startedAt: null,
  from: null,
  to: null,
  userId: null,
  extension: null,
  externalId: null,
  line: null,
  endedAt: null,
  durationSeconds: null,
  talkSeconds: null,
  ringSeconds: null,
  outcome: null,
  cause: null,
  answeredAt: null,
  queueWaitSeconds: null,
  queue: null,
  disposition: null,
  did: null,
  didName: null,
  trunkIn: null,
  trunkOut: null,
  recording: null,
  costMicros: null,
  currency: null,
  vote: null,
  failedReason: null,
  note: null,
  links: null,
};
/** By the number they are stored with. */
const FORMS = [
  { form: 'leg', names: Object.keys(LEG) },
  { form: 'call', names: Object.keys(CALL) },
] as const;
const placeOf = (form: Fact['form']): number => (form === 'leg' ? 0 : form === 'call' ? 1 : -1);

/** What people say is stored as it is: it is little, and has fields of its own. */
function pack(value: unknown): readonly unknown[] {
  const place = placeOf((value as Fact).form);
  if (place < 0) return [value];
  const fact = value as Readonly<Record<string, unknown>>;
  const { names } = FORMS[place]!;
  const fields: unknown[] = [place];
  let end = 1;
  for (const name of names) {
    const field = fact[name] ?? null;
    fields.push(field);
    if (field !== null) end = fields.length;
  }
  fields.length = end;
  return fields;
}

/** Throws `UnknownShape` for a form that is none. */
function unpack([place, ...fields]: readonly unknown[]): unknown {
  if (typeof place !== 'number') return place;
  const known = FORMS[place];
  if (known === undefined) {
    throw new UnknownShape(`A stored report.fact is of form ${place}, which no Aftercall ever wrote.`);
  }
  const { form, names } = known;
  const fact: Record<string, unknown> = { form };
  for (let i = 0; i < names.length; i++) fact[names[i]!] = fields[i] ?? null;
  return fact;
}

/** Until 0.1.0 a fact was stored with the names of its fields, those that were null left out. */
function named(older: unknown): unknown {
  const place = placeOf((older as Fact).form);
  return place < 0 ? older : { ...(place === 0 ? LEG : CALL), ...(older as object) };
}

/** A change that makes stored facts unlike these gets a step here, once a version that writes them has been released. */
export const FACT_SHAPE = packed(defineShape('report.fact', named), { pack, unpack });
