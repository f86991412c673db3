/**
 * FILTER, SORT, ORDER and start of `voximplant.statistic.get` as a question to the ledger (docs/bitrix24.md, sections 7 and
 * 14). Filter keys are `<operator><FIELD>`, the longest operator wins. What is no field is ignored, in filters and sorts.
 */
import { holds } from '../../ledger/condition.ts';
import type { Comparison, Condition, Scalar, Sort } from '../../ledger/query.ts';
import { parseMoney } from '../../values/money.ts';
import { readPortalDate } from './dates.ts';
import { methodError } from './errors.ts';
import type { Params } from './params.ts';
import { decimalTextOf, flagOf, isGiven, listOf, type ParamMap, type ParamValue, textOf } from './paramsValue.ts';
import { portalPhone } from './portalPhone.ts';
import { type FieldKind, type StatisticColumn, statisticField } from './statisticFilterFields.ts';

export interface StatisticQuestion {
  /** All of them must hold. */
  readonly where: readonly Condition<StatisticColumn>[];
  /** No row can meet the filter: nobody needs to look. */
  readonly nothing: boolean;
  /** Never empty. */
  readonly orderBy: readonly Sort<StatisticColumn>[];
  /** Rows to pass over; any number, not only whole pages. */
  readonly offset: number;
  /** False where `start` is −1: neither `total` nor `next` is wanted. */
  readonly counted: boolean;
}

export interface FilterContext {
  /** The server's zone, for dates that name none. */
  readonly zone: string;
  /** A number as the column `numberKey` has it. */
  readonly phoneKeyOf: (number: string) => string;
  /** Every key that a row with this text may have, from whichever source it came. */
  readonly phoneKeysOfText: (text: string) => readonly string[];
}

export const PAGE_ROWS = 50;

/** Engines take some 30,000 values in a statement, and nobody lists more ids than a few thousand. */
const VALUES_MAX = 10_000;
/** Engines nest a list of conditions some 1,000 deep. */
const CONDITIONS_MAX = 400;

/** Nobody looks for more numbers at once; with more, their keys could be too many values. */
const NARROWED_MAX = 500;

export const OPERATORS = ['!><', '><', '>=', '<=', '!=', '!%', '!', '=', '>', '<', '%', '?'] as const;
type Operator = (typeof OPERATORS)[number];

/** Throws `MethodError` when the filter has more values than any engine takes. */
export function readStatisticQuestion(params: Params, context: FilterContext): StatisticQuestion {
  const where: Condition<StatisticColumn>[] = [];
  let nothing = false;
  for (const [key, value] of params.map('FILTER') ?? []) {
    const prefix = OPERATORS.find(each => key.startsWith(each)) ?? '';
    const field = statisticField(key.slice(prefix.length));
    if (field === undefined) continue;
    const input = { operator: prefix === '' ? '=' : prefix, kind: field.kind, value, context } as const;
    if ('column' in field) where.push(...conditionsOf(field.column, input));
    else if (!holds(conditionsOf('constant', input), { constant: field.constant })) nothing = true;
  }
  refuseTooLarge(where);
  if (where.includes(NEVER)) nothing = true;
  return { where, nothing, orderBy: readSorts(params), ...readStart(params) };
}

interface FilterInput {
  readonly operator: Operator;
  readonly kind: FieldKind;
  readonly value: ParamValue;
  readonly context: FilterContext;
}

function conditionsOf<C extends string>(column: C, input: FilterInput): Condition<C | 'numberKey'>[] {
  const { operator, kind, value } = input;
  const given = listOf(value) ?? [value];
  switch (operator) {
    case '=':
      return equals(column, input, given);
    case '!':
    case '!=':
      return differs(column, input, given);
    case '%':
    case '?':
      return isTextual(kind) ? contains(column, input, given) : equals(column, input, given);
    case '!%':
      return isTextual(kind) ? lacks(column, input, given) : differs(column, input, given);
    case '><':
    case '!><': {
      const [from, to] = given.slice(0, 2).map(each => scalarOf(each, input));
      if (from === undefined || to === undefined || given.length !== 2) return [NEVER];
      if (operator === '><') return [compared(column, '>=', from), compared(column, '<=', to)];
      return [{ any: [compared(column, '<', from), compared(column, '>', to)] }];
    }
    default: {
      const scalar = given.length === 1 ? scalarOf(given[0]!, input) : undefined;
      return scalar === undefined ? [NEVER] : [compared(column, operator, scalar)];
    }
  }
}

/** No row meets any of no conditions. */
const NEVER = { any: [] } as const;

const compared = <C extends string>(column: C, is: Comparison, value: Scalar): Condition<C> => ({ column, is, value });

/** Equal to one of them, where nothing given asks for rows that have nothing there. */
function equals<C extends string>(
  column: C,
  input: FilterInput,
  given: readonly ParamValue[],
): Condition<C | 'numberKey'>[] {
  const any: Condition<C | 'numberKey'>[] = [{ column, in: scalarsOf(given, input) }];
  if (given.some(each => isNothing(each, input.kind))) any.push({ column, null: true });
  const keys = phoneKeysOf(given, input);
  if (keys.length > 0) any.push({ column: 'numberKey', in: keys });
  const all = [any.length === 1 ? any[0]! : { any }];
  return input.kind === 'phone' ? [...all, ...narrowed(given, input, keys)] : all;
}

/** An index knows rows by key and not by text: whatever is found by its text has one of these keys too. */
function narrowed(given: readonly ParamValue[], input: FilterInput, keys: readonly string[]): Condition<'numberKey'>[] {
  if (given.length > NARROWED_MAX) return [];
  const all = scalarsOf(given, input).flatMap(text => input.context.phoneKeysOfText(String(text)));
  return [{ column: 'numberKey', in: [...new Set([...keys, ...all])] }];
}

/** Equal to none of them. As in SQL, and in a portal's counts, a row that has nothing there is not said to differ. */
function differs<C extends string>(
  column: C,
  input: FilterInput,
  given: readonly ParamValue[],
): Condition<C | 'numberKey'>[] {
  const keys = phoneKeysOf(given, input);
  const all: Condition<C | 'numberKey'>[] = [{ column, notIn: scalarsOf(given, input) }];
  return keys.length === 0 ? all : [...all, { column: 'numberKey', notIn: keys }];
}

function contains<C extends string>(
  column: C,
  { kind }: FilterInput,
  given: readonly ParamValue[],
): Condition<C | 'numberKey'>[] {
  const pieces = piecesOf(given);
  if (pieces === null) return [];
  const any: Condition<C | 'numberKey'>[] = [];
  for (const piece of pieces) {
    any.push({ column, contains: piece });
    const digits = kind === 'phone' ? digitsOf(piece) : null;
    if (digits !== null) any.push({ column, contains: digits }, { column: 'numberKey', contains: digits });
  }
  return [any.length === 1 ? any[0]! : { any }];
}

function lacks<C extends string>(
  column: C,
  { kind }: FilterInput,
  given: readonly ParamValue[],
): Condition<C | 'numberKey'>[] {
  const all: Condition<C | 'numberKey'>[] = [];
  for (const piece of piecesOf(given) ?? []) {
    all.push({ column, notContains: piece });
    const digits = kind === 'phone' ? digitsOf(piece) : null;
    if (digits !== null) all.push({ column, notContains: digits }, { column: 'numberKey', notContains: digits });
  }
  return all;
}

/** What to look for; null where the field of a form was left empty, which asks for nothing. */
function piecesOf(given: readonly ParamValue[]): string[] | null {
  const pieces = given.map(textOf);
  return given.length > 0 && pieces.every(piece => piece === null) ? null : pieces.filter(piece => piece !== null);
}

/** Columns in which a piece of text can be looked for; in the others it is compared. */
const isTextual = (kind: FieldKind): boolean => kind === 'text' || kind === 'phone' || kind === 'integer';

/** Null, JSON's false and the empty text ask for what is not there; of a flag, false is a value. */
const isNothing = (value: ParamValue, kind: FieldKind): boolean =>
  !isGiven(value) || (value === false && kind !== 'flag');

/** Those that can be values of the column. The others equal nothing, and everything differs from them. */
function scalarsOf(given: readonly ParamValue[], input: FilterInput): Scalar[] {
  const scalars: Scalar[] = [];
  for (const each of given) {
    // A text that is not there may be stored as an empty one.
    if (isNothing(each, input.kind)) {
      if (input.kind === 'text' || input.kind === 'phone') scalars.push('');
      continue;
    }
    const scalar = scalarOf(each, input);
    if (scalar !== undefined) scalars.push(scalar);
  }
  return scalars;
}

/** A value as the column has it; undefined when it cannot be one. */
function scalarOf(value: ParamValue, { kind, context }: FilterInput): Scalar | undefined {
  if (kind === 'flag') {
    const flag = flagOf(value, false);
    return flag === flagOf(value, true) ? flag : undefined;
  }
  if (kind === 'integer') {
    // A fraction is none of the column's values, but lies between two of them.
    const decimal = decimalTextOf(value);
    return decimal === null ? undefined : Number(decimal);
  }
  if (kind === 'decimal') return parseMoney(decimalTextOf(value) ?? '') ?? undefined;
  const text = textOf(value);
  if (text === null) return undefined;
  if (kind === 'instant') return readPortalDate(text, context.zone)?.at;
  return kind === 'phone' ? (portalPhone(text) ?? text.trim()) : text;
}

/** Filters find a number however it is written; those that were withheld are nobody's, so they are not looked for. */
function phoneKeysOf(given: readonly ParamValue[], { kind, context }: FilterInput): string[] {
  if (kind !== 'phone') return [];
  const texts = given.map(textOf).filter(text => text !== null);
  return texts.map(context.phoneKeyOf).filter(key => /\d/.test(key));
}

/** A piece of a number as it may stand in a key: digits behind an optional plus; null when it is no number's. */
function digitsOf(piece: string): string | null {
  const digits = piece.replace(/\D/g, '');
  if (digits === '' || /\p{L}/u.test(piece)) return null;
  return piece.trim().startsWith('+') ? `+${digits}` : digits;
}

function refuseTooLarge(where: readonly Condition[]): void {
  let values = 0;
  let conditions = 0;
  const count = (condition: Condition): void => {
    conditions += 1;
    if ('any' in condition) condition.any.forEach(count);
    else if ('in' in condition) values += condition.in.length;
    else if ('notIn' in condition) values += condition.notIn.length;
  };
  where.forEach(count);
  if (values > VALUES_MAX)
    throw methodError('invalidArgument', { DETAIL: `FILTER has more than ${VALUES_MAX} values` });
  if (conditions > CONDITIONS_MAX) {
    throw methodError('invalidArgument', { DETAIL: `FILTER has more than ${CONDITIONS_MAX} conditions` });
  }
}

/** SORT and ORDER as two texts, or ORDER as a map of fields; ascending by ID where neither names one. */
function readSorts(params: Params): Sort<StatisticColumn>[] {
  const sorts: Sort<StatisticColumn>[] = [];
  /** A field that is the same in every row sorts nothing; rows that tie go in the direction of the last sort. */
  let ties: Sort<StatisticColumn> | null = null;
  const order: ParamMap = params.map('ORDER') ?? new Map([[params.text('SORT') ?? '', params.raw('ORDER') ?? null]]);
  for (const [name, direction] of order) {
    const field = statisticField(name);
    if (!field?.sortable) continue;
    const descending = textOf(direction)?.trim().toUpperCase() === 'DESC';
    if (!('column' in field)) {
      ties = { column: 'id', descending };
    } else if (!sorts.some(sort => sort.column === field.column)) {
      sorts.push({ column: field.column, descending });
      ties = null;
    }
  }
  if (ties !== null && !sorts.some(sort => sort.column === 'id')) sorts.push(ties);
  return sorts.length > 0 ? sorts : [{ column: 'id', descending: false }];
}

/** Text or number; what is neither is the first page. */
function readStart(params: Params): { readonly offset: number; readonly counted: boolean } {
  const start = params.integer('start') ?? 0;
  return { offset: Math.max(0, start), counted: start !== -1 };
}
