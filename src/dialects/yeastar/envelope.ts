import { blankToNull, cleanText } from '../../values/text.ts';
import { readLenientJson } from './lenientJson.ts';

/**
 * The frame every P-Series event comes in: `{"sn":…,"type":30012,"msg":…}` (docs/yeastar.md, section 1.1). `msg` is a
 * string of JSON or an object, for every type; a string is decoded once or twice (docs/yeastar.md, case C04). The call's
 * own `type` stays inside `msg`: the two must never be flattened into one object (T3).
 */
export interface Envelope {
  /** Event number, such as 30012. */
  readonly type: number;
  /** The PBX's serial; some events other than 30012 come without. */
  readonly sn: string | null;
  /** The decoded message; null when it was unreadable, `problem` then says why. */
  readonly msg: Readonly<Record<string, unknown>> | null;
  readonly problem: string | null;
}

/** Why a text is no envelope at all. `detail` is a sentence for the caller; it quotes nothing of the text. */
export interface EnvelopeProblem {
  readonly fault: 'not_json' | 'not_object' | 'no_type';
  readonly detail: string;
}

/** A serial has 12 or 13 characters; more than this is not one, and it becomes part of the group. */
const SERIAL_MAX_CHARS = 64;

/** Event numbers have five digits; this leaves room without letting a number lose precision. */
const EVENT_TYPE_MAX_DIGITS = 9;

/** Reads one event, as text without its signature. Never throws. */
export function readEnvelope(text: string): Envelope | EnvelopeProblem {
  let body: unknown;
  try {
    body = readLenientJson(text);
  } catch {
    if (text.trim() === '') return { fault: 'not_object', detail: 'the body is empty' };
    return { fault: 'not_json', detail: 'the body is not JSON' };
  }
  if (!isObject(body)) return { fault: 'not_object', detail: 'the body is not a JSON object' };
  const type = eventType(own(body, 'type'));
  if (type === null) return { fault: 'no_type', detail: 'type: missing or not an event number' };
  const sn = serial(own(body, 'sn'));
  const msg = decodeMessage(own(body, 'msg'));
  return typeof msg === 'string' ? { type, sn, msg: null, problem: msg } : { type, sn, msg, problem: null };
}

/** A key the sender wrote; what an object inherits is nobody's message. */
export function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The message, or a sentence saying why there is none. */
function decodeMessage(msg: unknown): Record<string, unknown> | string {
  let value = msg;
  for (let level = 0; level < 2 && typeof value === 'string'; level += 1) {
    try {
      value = JSON.parse(value);
    } catch {
      return 'msg: the text in it is not JSON';
    }
  }
  if (isObject(value)) return value;
  if (value === undefined) return 'msg: missing';
  if (typeof value === 'string') return 'msg: encoded more than twice';
  return 'msg: not an object';
}

function eventType(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (typeof value !== 'string') return null;
  const digits = value.trim();
  return digits.length <= EVENT_TYPE_MAX_DIGITS && /^\d+$/.test(digits) ? Number(digits) : null;
}

function serial(value: unknown): string | null {
  if (typeof value !== 'string' && !Number.isSafeInteger(value)) return null;
  return blankToNull(cleanText(String(value).trim().slice(0, SERIAL_MAX_CHARS)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
