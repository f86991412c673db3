/**
 * What each outbound operation is sent (docs/genesys.md, section 2.2), one table. Parameters that an operation does not
 * list are passed over: clients use one shape of body for several.
 */
import { callResultOf } from '../../campaigns/callResult.ts';
import { cleanText } from '../../values/text.ts';
import { ExactNumber } from './body.ts';
import { Fault } from './errors.ts';

/** Names of campaigns and lists have up to 255 characters in the vendor's configuration. */
const TEXT_MAX_CHARS = 255;
/** Echoed and kept for a minute, so it is bounded; no generator of ids comes near. */
const REFERENCE_MAX_CHARS = 1024;
/** The vendor's Integer. */
const INTEGER_MAX = 2 ** 31 - 1;
/** What is not larger than this is exact everywhere on the way. */
const HANDLE_MAX_DIGITS = 15;

/** Whatever the client correlates by; echoed as it came, with its JSON type. */
export type Reference = string | number | boolean | null | ExactNumber;

type Read<T> = (value: unknown, name: string) => T;

const integer: Read<number> = (value, name) => {
  const given = typeof value === 'string' && /^\d{1,10}$/.test(value.trim()) ? Number(value) : value;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= INTEGER_MAX) return given;
  throw new Fault('invalid', `${name}: must be an integer from 0 to ${INTEGER_MAX}`);
};

const text: Read<string> = (value, name) => {
  if (typeof value !== 'string') throw new Fault('invalid', `${name}: must be a string`);
  const given = cleanText(value.trim());
  if (given.length <= TEXT_MAX_CHARS) return given;
  throw new Fault('invalid', `${name}: must not be longer than ${TEXT_MAX_CHARS} characters`);
};

const callResult: Read<number> = (value, name) => {
  const code = callResultOf(value);
  if (code !== null) return code;
  throw new Fault('invalid', `${name}: must be the name or the number of a call result`);
};

const reference: Read<Reference> = (value, name) => {
  if (typeof value === 'object' && value !== null && !(value instanceof ExactNumber)) {
    throw new Fault('invalid', `${name}: must be a string, a number, true, false or null`);
  }
  const written = value instanceof ExactNumber ? value.digits : value;
  if (typeof written === 'string' && written.length > REFERENCE_MAX_CHARS) {
    throw new Fault('invalid', `${name}: must not be longer than ${REFERENCE_MAX_CHARS} characters`);
  }
  return typeof value === 'string' ? cleanText(value) : (value as Reference);
};

const READERS = {
  applicationId: integer,
  campaignName: text,
  callingList: text,
  devicePath: text,
  referenceId: reference,
  callResult,
  phoneNumber: text,
};

type Name = keyof typeof READERS;
type Value<N extends Name> = ReturnType<(typeof READERS)[N]>;

/** In the order in which what is missing is told. */
interface Shape {
  readonly required: readonly Name[];
  readonly optional: readonly Name[];
}

const CAMPAIGN_SHAPE = { required: ['applicationId', 'devicePath'], optional: ['referenceId'] } as const;

/** Operations on a campaign, which the URL names. */
export const CAMPAIGN_OPERATIONS = {
  StartPreviewSession: CAMPAIGN_SHAPE,
  EndPreviewSession: CAMPAIGN_SHAPE,
  GetPreviewRecord: CAMPAIGN_SHAPE,
} as const satisfies Record<string, Shape>;

/** Operations on a record, whose handle is in the URL. */
export const RECORD_OPERATIONS = {
  CompleteRecord: {
    required: ['applicationId', 'campaignName', 'callingList', 'devicePath'],
    optional: ['referenceId', 'callResult', 'phoneNumber'],
  },
} as const satisfies Record<string, Shape>;

export type Parameters<S extends Shape> = { readonly [N in S['required'][number]]: Value<N> } & {
  readonly [N in S['optional'][number]]: Value<N> | undefined;
};

type Body = Readonly<Record<string, unknown>>;

/** The operation's name, spelled exactly (docs/genesys.md, case O9); throws a `Fault` when there is none of that name. */
export function readOperation<O extends string>(body: Body, operations: Readonly<Record<O, unknown>>): O {
  const given = own(body, 'operationName');
  if (isAbsent(given)) throw missing('operationName');
  if (typeof given === 'string' && Object.hasOwn(operations, given)) return given as O;
  throw new Fault('invalid', 'operationName: there is no such operation here');
}

/** Throws a `Fault` that names the first parameter missing, or else the first whose value is impossible. */
export function readParameters<const S extends Shape>(shape: S, body: Body): Parameters<S> {
  for (const name of shape.required) if (isAbsent(own(body, name))) throw missing(name);
  const values: Partial<Record<Name, unknown>> = {};
  for (const name of [...shape.required, ...shape.optional]) {
    const given = own(body, name);
    values[name] = isGiven(name, given) ? READERS[name](given, name) : undefined;
  }
  return values as Parameters<S>;
}

/** Strictly decimal, without sign or blanks (docs/genesys.md, case O11, trap 6). */
export function readHandle(segment: string): number {
  if (/^\d+$/.test(segment) && segment.length <= HANDLE_MAX_DIGITS) return Number(segment);
  throw new Fault('notFound', 'There is no such record');
}

/** A reference may be anything, blank and null included; elsewhere these mean that nothing is stated. */
const isGiven = (name: Name, value: unknown): boolean =>
  name === 'referenceId' ? value !== undefined : !isAbsent(value);

const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

const own = (body: Body, name: string): unknown => (Object.hasOwn(body, name) ? body[name] : undefined);

const missing = (name: string): Fault => new Fault('missing', `${name} is missing`);
