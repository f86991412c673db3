/**
 * An event is a kind of journal entry, declared as data. From the declaration come the type of what a command journals, the
 * check of it, the schema of `/v1/events` and docs/events.md.
 *
 * An entry names things and carries nothing of theirs: there is no type of field for a number, a name or any other text
 * (ARCHITECTURE.md, section 2).
 */
import type { Json } from './entity.ts';

declare const valueType: unique symbol;

type FieldType = 'id' | 'ids' | 'whole' | 'flag' | 'word' | 'words';

export interface EventField<T = unknown> {
  readonly type: FieldType;
  readonly description: string;
  /** The closed list a word is of; empty for the other types. */
  readonly words: readonly string[];
  readonly nullable: boolean;
  readonly optional: boolean;
  /** Never present at run time: carries the TypeScript type of the value. */
  readonly [valueType]?: T;
}

const field = <T>(type: FieldType, description: string, words: readonly string[] = []): EventField<T> => ({
  type,
  description,
  words,
  nullable: false,
  optional: false,
});

/** The id of a row, from 1. */
export const id = (description: string) => field<number>('id', description);
export const ids = (description: string) => field<readonly number[]>('ids', description);
/** A whole number from 0 that is not an id: a count, a code. */
export const whole = (description: string) => field<number>('whole', description);
export const flag = (description: string) => field<boolean>('flag', description);
/** One of a closed list. */
export const word = <const W extends string>(words: readonly W[], description: string) =>
  field<W>('word', description, words);
/** Some of a closed list. */
export const words = <const W extends string>(of: readonly W[], description: string) =>
  field<readonly W[]>('words', description, of);

export const orNull = <T>(inner: EventField<T>): EventField<T | null> => ({ ...inner, nullable: true });
export const optional = <T>(inner: EventField<T>): EventField<T> & { readonly optional: true } => ({
  ...inner,
  optional: true,
});

/** A mark of entries that are no news, whatever room journals them. */
export const historical = optional(
  flag('Present and true where it is no news: it was loaded from elsewhere, after the fact, or folded anew.'),
);
/** What an entry says of it: nothing where it is news. */
export const historicalMark = (isHistorical: boolean): { readonly historical?: true } =>
  isHistorical ? { historical: true } : {};

export type EventFields = Readonly<Record<string, EventField>>;

/** Whether an event concerns a call: each one does, some do, none does. */
export type ConcernsCall = 'always' | 'sometimes' | 'never';

type ValueOf<F> = F extends EventField<infer T> ? T : never;
type OptionalNames<F extends EventFields> = {
  [K in keyof F]: F[K] extends { readonly optional: true } ? K : never;
}[keyof F];
type DataOf<F extends EventFields> = { readonly [K in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[K]> } & {
  readonly [K in OptionalNames<F>]?: ValueOf<F[K]>;
};
type CallOf<C extends ConcernsCall> = C extends 'always'
  ? { readonly callId: number }
  : C extends 'sometimes'
    ? { readonly callId: number | null }
    : { readonly callId?: never };

/** What an event is to those who read it, whatever its fields are. */
export interface EventShape {
  /** `subject.verb` in the field's words: `call.ended`. */
  readonly kind: string;
  readonly call: ConcernsCall;
  /** One sentence. */
  readonly description: string;
  readonly data: EventFields;
  /** What a command could journal, the id of a call included. */
  readonly example: Readonly<Record<string, Json | undefined>>;
  /** The kind of entry that stands for many of these (expansion.ts). They are never journalled themselves. */
  readonly partOf?: string;
}

/** `H` is what a command says of one that happened. */
export interface JournalEvent<H extends object> extends EventShape {
  readonly [valueType]?: H;
}

/** What a command says of an event that happened: the id of its call, and its data. */
export type Happened<F extends EventFields, C extends ConcernsCall> = CallOf<C> & DataOf<F>;

export function defineEvent<const F extends EventFields, C extends ConcernsCall>(declaration: {
  kind: string;
  call: C;
  description: string;
  data: F;
  example: NoInfer<Happened<F, C>>;
  partOf?: string;
}): JournalEvent<Happened<F, C>> {
  return { ...declaration, example: declaration.example as EventShape['example'] };
}

/** The data of an entry as the journal keeps them. */
export type EventData = Readonly<Record<string, Json | undefined>>;

/** What the journal keeps of an event; an error where it is not what is declared, which is a mistake of the program. */
export function readHappened(event: EventShape, happened: object): { callId: number | null; data: EventData | null } {
  if (event.partOf !== undefined) throw new Error(`${event.kind} is read out of ${event.partOf}, and not journalled`);
  let callId: number | null = null;
  let data: Record<string, Json | undefined> | null = null;
  for (const [name, value] of Object.entries(happened) as [string, Json | undefined][]) {
    if (name === 'callId') {
      callId = value as number | null;
      continue;
    }
    const declared = Object.hasOwn(event.data, name) ? event.data[name]! : null;
    if (declared === null) throw new Error(`${event.kind} declares no ${name}`);
    if (value === undefined && declared.optional) continue;
    if (!isOf(declared, value)) throw new Error(`${event.kind} declares ${name} otherwise than as ${typeof value}`);
    data ??= {};
    data[name] = value;
  }
  for (const name in event.data) {
    if (!event.data[name]!.optional && data?.[name] === undefined) throw new Error(`${event.kind} needs ${name}`);
  }
  const fits = callId === null ? event.call !== 'always' : event.call !== 'never' && isId(callId);
  if (!fits) throw new Error(`${event.kind} ${event.call} concerns a call; this one is of ${callId}`);
  return { callId, data };
}

const isWhole = (value: unknown, from: number): boolean => Number.isSafeInteger(value) && (value as number) >= from;
const isId = (value: unknown): boolean => isWhole(value, 1);

function isOf({ type, words: known, nullable }: EventField, value: Json | undefined): boolean {
  if (value === null) return nullable;
  if (type === 'id') return isId(value);
  if (type === 'whole') return isWhole(value, 0);
  if (type === 'flag') return typeof value === 'boolean';
  if (type === 'word') return known.includes(value as string);
  if (!Array.isArray(value)) return false;
  return value.every(each => (type === 'ids' ? isId(each) : known.includes(each)));
}
