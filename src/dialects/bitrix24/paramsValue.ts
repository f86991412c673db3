/**
 * Values of parameters, as every form of request gives them, and what methods take them for. Clients are PHP's, Python's
 * and hand-made: a number comes as text, a flag in a dozen spellings, a list as a map with numbered keys (docs/bitrix24.md,
 * section 2.2).
 */
import type { Json } from '../../ledger/entity.ts';
import { cleanText } from '../../values/text.ts';

/** A number of a JSON body as it was written: `1.10` and eighteen digits stay what they are. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A file part of a multipart body. */
export class UploadedFile {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  constructor(fileName: string, contentType: string, bytes: Uint8Array) {
    this.fileName = fileName;
    this.contentType = contentType;
    this.bytes = bytes;
  }
}

/**
 * A text that may be a whole file, as it stands in the body: whoever wants it takes the escapes of its form out himself,
 * piece by piece. To everybody else it is no text.
 */
export class WireText {
  readonly bytes: Uint8Array;
  /** Those of a JSON string; percents, where a plus is a plus; or none. */
  readonly escapes: 'json' | 'percents' | 'none';
  constructor(bytes: Uint8Array, escapes: WireText['escapes']) {
    this.bytes = bytes;
    this.escapes = escapes;
  }
}

export type ParamList = readonly ParamValue[];
/** In the order sent, numbered keys too. A Map, so that `__proto__` is a key like any other. */
export type ParamMap = ReadonlyMap<string, ParamValue>;
export type ParamValue = string | boolean | null | JsonNumber | UploadedFile | WireText | ParamList | ParamMap;

/** Longer than any number that means something; and a pattern meets no megabytes. */
const NUMBER_MAX_CHARS = 32;
const WHOLE_NUMBER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const WHOLE_KEY = /^(?:0|-?[1-9]\d{0,15})$/;

/** Every spelling of a flag seen in the field, in lower case. */
const FLAG_OF_WORD: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['y', true],
  ['yes', true],
  ['true', true],
  ['on', true],
  ['0', false],
  ['n', false],
  ['no', false],
  ['false', false],
  ['off', false],
]);

/** Missing, null and the empty text all mean "not given". */
export function isGiven(value: ParamValue | undefined): value is Exclude<ParamValue, null> {
  return value !== undefined && value !== null && value !== '';
}

/** The text of a scalar, storable everywhere; null when not given, and for lists, maps and files. */
export function textOf(value: ParamValue | undefined): string | null {
  if (!isGiven(value)) return null;
  if (typeof value === 'string') return cleanText(value);
  if (value instanceof JsonNumber) return value.text;
  // As PHP writes them.
  if (typeof value === 'boolean') return value ? '1' : null;
  return null;
}

/** `whenUnclear` where nothing is given, or nothing that is a flag. A number other than 0 is true. */
export function flagOf(value: ParamValue | undefined, whenUnclear: boolean): boolean {
  if (typeof value === 'boolean') return value;
  const text = shortText(value);
  if (text === null) return whenUnclear;
  const known = FLAG_OF_WORD.get(text.toLowerCase());
  if (known !== undefined) return known;
  return DECIMAL.test(text) ? Number(text) !== 0 : whenUnclear;
}

/** A whole number, as JSON number or as digits; undefined when not given, null when it is something else. */
export function integerOf(value: ParamValue | undefined): number | null | undefined {
  if (!isGiven(value)) return undefined;
  const text = shortText(value);
  if (text === null || !(value instanceof JsonNumber ? DECIMAL : WHOLE_NUMBER).test(text)) return null;
  return safeInteger(Number(text));
}

/**
 * As `integerOf`, and a fraction is cut off, as PHP casts: Python's clocks measure durations of `12.34`. Of a text that is no number its
 * leading digits count. A blank is not given.
 */
export function truncatedOf(value: ParamValue | undefined): number | null | undefined {
  if (!isGiven(value) || (typeof value === 'string' && value.trim() === '')) return undefined;
  const text = shortText(value);
  if (text !== null && DECIMAL.test(text)) return safeInteger(Math.trunc(Number(text)));
  const leading = typeof value === 'string' ? /^\s*\+?(\d{1,15})(?!\d)/.exec(value) : null;
  return leading === null ? null : Number(leading[1]);
}

/** A decimal as it was written, for `parseMoney`; null when not given or no decimal. A comma makes none. */
export function decimalTextOf(value: ParamValue | undefined): string | null {
  const text = shortText(value);
  return text !== null && DECIMAL.test(text) ? text : null;
}

/**
 * As `decimalTextOf`, with a comma for its point as well and without a unit behind it; undefined when not given.
 * Null for anything else: a second group of digits may be a part of it.
 */
export function amountTextOf(value: ParamValue | undefined): string | null | undefined {
  if (!isGiven(value) || (typeof value === 'string' && value.trim() === '')) return undefined;
  const text = shortText(value);
  if (text === null) return null;
  if (DECIMAL.test(text)) return text;
  const match = /^([+-]?\d+)(?:[.,](\d+))?[^\d.,]*$/.exec(text);
  return match === null ? null : match[2] === undefined ? match[1]! : `${match[1]}.${match[2]}`;
}

/** A list, or a map whose keys are whole numbers with or without gaps, in the order sent; null for anything else. */
export function listOf(value: ParamValue | undefined): ParamList | null {
  if (isList(value)) return value;
  if (!isMap(value)) return null;
  for (const key of value.keys()) if (!WHOLE_KEY.test(key)) return null;
  return [...value.values()];
}

/** A map, or a list by position, for PHP writes an empty map as `[]`; null for anything else. */
export function mapOf(value: ParamValue | undefined): ParamMap | null {
  if (isMap(value)) return value;
  return isList(value) ? new Map(value.map((each, place) => [String(place), each])) : null;
}

export function isList(value: ParamValue | undefined): value is ParamList {
  return Array.isArray(value);
}

export function isMap(value: ParamValue | undefined): value is ParamMap {
  return value instanceof Map;
}

/** A result of an earlier entry of a batch, as the parameter of a later one. */
export function paramOf(json: Json): ParamValue {
  if (typeof json === 'number') return new JsonNumber(String(json));
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return (json as readonly Json[]).map(paramOf);
  const map = new Map<string, ParamValue>();
  for (const [key, value] of Object.entries(json)) if (value !== undefined) map.set(key, paramOf(value));
  return map;
}

/** The trimmed text of a scalar that is short enough to be a number or a word. */
function shortText(value: ParamValue | undefined): string | null {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string') return null;
  const trimmed = text.trim();
  return trimmed !== '' && trimmed.length <= NUMBER_MAX_CHARS ? trimmed : null;
}

/** Adding 0 turns -0 into 0. */
const safeInteger = (number: number): number | null => (Number.isSafeInteger(number) ? number + 0 : null);
