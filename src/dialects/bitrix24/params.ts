/**
 * The parameters of a request, wherever it carries them: query and body are one namespace, the body wins, and JSON, forms,
 * multipart forms and PHP's brackets all say the same (docs/bitrix24.md, section 2.2).
 */
import { addPairs, BracketTree } from './paramsBrackets.ts';
import { readParamsJson } from './paramsJson.ts';
import { ParamsProblem } from './paramsLimits.ts';
import { addParts } from './paramsMultipart.ts';
import {
  amountTextOf,
  flagOf,
  integerOf,
  isGiven,
  isList,
  isMap,
  listOf,
  mapOf,
  type ParamList,
  type ParamMap,
  type ParamValue,
  textOf,
  truncatedOf,
  UploadedFile,
} from './paramsValue.ts';

export interface ParamsInput {
  /** What follows the `?`, as it came; the `?` may be there. */
  readonly query: string;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

/** What official SDKs add to every URL for their vendor's logs; no method may see it. */
const SDK_KEYS = ['bx24_request_id', 'bx24_sdk_ver', 'bx24_sdk_type'];

const EMPTY: ParamMap = new Map();

/**
 * Named values with readers for what methods expect. A name is looked for as it is written, then in any case, where the
 * last one wins. The readers never throw; what they cannot read is null, and what is not given (missing, null, empty
 * text) is null or, for numbers, undefined.
 */
export class Params {
  /** In the order sent. */
  readonly all: ParamMap;
  private readonly json: ParamMap;
  private folded: ReadonlyMap<string, string> | null = null;

  /** `json` are those of `all` that a JSON body stated. */
  constructor(all: ParamMap, json: ParamMap = EMPTY) {
    this.all = all;
    this.json = json;
  }

  /** The value as it came; undefined when there is none. */
  raw(name: string): ParamValue | undefined {
    const key = this.keyOf(name);
    return key === null ? undefined : this.all.get(key);
  }

  /**
   * Whether the value comes from a JSON body, which has types, and where an empty text is a text. In a form everything
   * is text, and `KEY=` is how clients write null.
   */
  fromJson(name: string): boolean {
    const key = this.keyOf(name);
    return key !== null && this.json.has(key);
  }

  has(name: string): boolean {
    return isGiven(this.raw(name));
  }

  /** Not trimmed. Null for lists, maps and files too. */
  text(name: string): string | null {
    return textOf(this.raw(name));
  }

  flag(name: string, whenUnclear: boolean): boolean {
    return flagOf(this.raw(name), whenUnclear);
  }

  /** Undefined when not given, null when given and no whole number. */
  integer(name: string): number | null | undefined {
    return integerOf(this.raw(name));
  }

  /** As `integer`, a fraction and what follows the digits cut off. */
  truncated(name: string): number | null | undefined {
    return truncatedOf(this.raw(name));
  }

  /** As it was written, for `parseMoney`. Undefined when not given, null when given and no decimal. */
  amountText(name: string): string | null | undefined {
    return amountTextOf(this.raw(name));
  }

  list(name: string): ParamList | null {
    return listOf(this.raw(name));
  }

  map(name: string): ParamMap | null {
    return mapOf(this.raw(name));
  }

  /** A copy in which every text, at any depth, is what `replace` makes of it: references of a batch. */
  withTexts(replace: (text: string) => ParamValue): Params {
    return new Params(replacedMap(this.all, replace), this.json);
  }

  private keyOf(name: string): string | null {
    if (this.all.has(name)) return name;
    this.folded ??= new Map([...this.all.keys()].map(key => [key.toLowerCase(), key]));
    return this.folded.get(name.toLowerCase()) ?? null;
  }
}

/**
 * Throws `ParamsProblem`. `cut` are values that were taken out of the body before (cutFile.ts), by the names under which
 * nothing was left.
 */
export async function readParams({ query, contentType, body }: ParamsInput, cut: ParamMap = EMPTY): Promise<Params> {
  const tree = new BracketTree();
  addPairs(tree, asSent(query.startsWith('?') ? query.slice(1) : query));
  const merged = new Map(tree.params());
  const json = await addBody(merged, contentType, body);
  for (const [name, value] of cut) if (isEmpty(merged.get(name))) merged.set(name, value);
  for (const key of SDK_KEYS) merged.delete(key);
  return new Params(merged, json);
}

/** What is left in the place of a value that was cut out. */
const isEmpty = (value: ParamValue | undefined): boolean =>
  value instanceof UploadedFile ? value.bytes.byteLength === 0 : value === '';

/** The parameters of one entry of a batch: what follows the `?` in `method?query`. Throws `ParamsProblem`. */
export function readSubQuery(query: string): Params {
  const tree = new BracketTree();
  addPairs(tree, query);
  return new Params(tree.params());
}

/** Puts the body's parameters over those of the query. Answers those stated in JSON. */
async function addBody(merged: Map<string, ParamValue>, contentType: string | null, body: Uint8Array) {
  if (body.length === 0) return EMPTY;
  const kind = kindOfBody(contentType, body);
  if (kind === 'json') {
    const params = paramsOfJson(textOfBytes(body));
    for (const [key, value] of params) merged.set(key, value);
    return params;
  }
  const tree = new BracketTree();
  if (kind === 'form') addPairs(tree, textOfBytes(body));
  else await addParts(tree, contentType!, body);
  for (const [key, value] of tree.params()) merged.set(key, value);
  return EMPTY;
}

export function kindOfBody(contentType: string | null, body: Uint8Array): 'json' | 'form' | 'multipart' {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'multipart/form-data') return 'multipart';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'application/json' || type === 'text/json' || type.endsWith('+json')) return 'json';
  // Without a type, or with one that says nothing: what it looks like.
  return body[0] === 0x7b || body[0] === 0x5b ? 'json' : 'form';
}

/** `[]` is how PHP writes no parameters; blanks and null are none either. */
function paramsOfJson(text: string): ParamMap {
  if (text.trim() === '') return EMPTY;
  const value = readParamsJson(text);
  if (value === null) return EMPTY;
  const map = mapOf(value);
  if (map === null) throw new ParamsProblem('The body is JSON, but not an object of parameters.');
  return map;
}

const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A hand-built query may hold UTF-8 without percents, which Node hands on byte for byte, as Latin-1. */
function asSent(query: string): string {
  let beyondAscii = false;
  for (let at = 0; at < query.length; at += 1) {
    const code = query.charCodeAt(at);
    if (code > 0xff) return query;
    if (code > 0x7f) beyondAscii = true;
  }
  return beyondAscii ? textOfBytes(Buffer.from(query, 'latin1')) : query;
}

function replacedMap(map: ParamMap, replace: (text: string) => ParamValue): ParamMap {
  return new Map([...map].map(([key, value]) => [key, replaced(value, replace)]));
}

function replaced(value: ParamValue, replace: (text: string) => ParamValue): ParamValue {
  if (typeof value === 'string') return replace(value);
  if (isList(value)) return value.map(each => replaced(each, replace));
  return isMap(value) ? replacedMap(value, replace) : value;
}
