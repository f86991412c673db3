import type { Envelope } from './envelope.ts';
import { own } from './envelope.ts';

/**
 * Takes the PIN of a PIN-restricted route out of the bytes that are kept (ARCHITECTURE.md, section 7; docs/yeastar.md, case
 * C34). The bytes are searched rather than parsed and printed again, so that everything else stays as it was sent, a
 * message nobody can read included. `msg` may be a string in a string, so quotes come with any number of backslashes.
 */

const KEY = Buffer.from('pin_code');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const ASTERISK = 0x2a;
const SPACE = 0x20;
const ZERO = 0x30;

/** What was sent in place of a PIN, `end` exclusive; `text` is false for a value without quotes. */
interface PinValue {
  readonly start: number;
  readonly end: number;
  readonly text: boolean;
}

/** The bytes to keep of a readable event. The same array comes back when no PIN is in it. */
export function bytesToKeep(raw: Uint8Array, envelope: Envelope): Uint8Array {
  const kept = stripPin(raw);
  const { type, sn, msg } = envelope;
  if (kept !== raw || msg === null || isBlankPin(own(msg, 'pin_code'))) return kept;
  // The key itself was spelt with escapes (`pin_code`): legal, never seen, and not worth a search of its own.
  try {
    return Buffer.from(JSON.stringify({ sn, type, msg: { ...msg, pin_code: '*' } }));
  } catch {
    return new Uint8Array(0);
  }
}

/**
 * Replaces the value of every `pin_code` by as many `*` as it has bytes, and one without quotes by `0` and blanks, so
 * that what was JSON still is. Blank values, null and all other bytes stay; the same array comes back when there was
 * nothing to replace. An unfinished value goes to the end of the text. Works on bytes that are no JSON; never throws.
 */
export function stripPin(raw: Uint8Array): Uint8Array {
  let stripped: Uint8Array | null = null;
  let at = indexOfKey(raw, 0);
  while (at !== -1) {
    const value = pinValueAfter(raw, at);
    if (value !== null && !isBlank(raw, value)) {
      stripped ??= new Uint8Array(raw);
      stripped.fill(value.text ? ASTERISK : SPACE, value.start, value.end);
      if (!value.text) stripped[value.start] = ZERO;
    }
    at = indexOfKey(raw, value === null ? at + KEY.length : value.end);
  }
  return stripped ?? raw;
}

function indexOfKey(raw: Uint8Array, from: number): number {
  return Buffer.prototype.indexOf.call(raw, KEY, from);
}

function isBlankPin(pin: unknown): boolean {
  return pin === undefined || pin === null || (typeof pin === 'string' && pin.trim() === '');
}

/** The value that belongs to the key at `at`, or null when this is no key. */
function pinValueAfter(raw: Uint8Array, at: number): PinValue | null {
  if (raw[at - 1] !== QUOTE) return null;
  const quote = skipBackslashes(raw, at + KEY.length);
  if (raw[quote] !== QUOTE) return null;
  const level = quote - (at + KEY.length);
  const colon = skipBlanks(raw, quote + 1);
  if (raw[colon] !== COLON) return null;
  const value = skipBlanks(raw, colon + 1);
  const opening = skipBackslashes(raw, value);
  if (raw[opening] === QUOTE) {
    return { start: opening + 1, end: endOfString(raw, opening + 1, opening - value), text: true };
  }
  return { start: value, end: endOfBareValue(raw, value, level), text: false };
}

/**
 * Where a string's content ends when its own quotes carry `level` backslashes. One more encoding turns n backslashes
 * into 2n + 1 before a quote and into 2n elsewhere, so beyond whole encoded backslashes a closing quote has `level` of
 * them and a quote inside the string 2 * level + 1. Any other count is a string around this one, and ends it too.
 */
function endOfString(raw: Uint8Array, start: number, level: number): number {
  const whole = 2 * (level + 1);
  for (let at = start; at < raw.length; at += 1) {
    const quote = skipBackslashes(raw, at);
    if (raw[quote] === QUOTE) {
      const count = (quote - at) % whole;
      if (count === level) return quote - level;
      if (count !== 2 * level + 1) return at;
    }
    at = quote;
  }
  return raw.length;
}

/** Where a number, a literal, a list or an object ends, with the string around it at the latest. */
function endOfBareValue(raw: Uint8Array, start: number, level: number): number {
  let depth = 0;
  for (let at = start; at < raw.length; at += 1) {
    const byte = raw[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth <= 1) return depth === 0 ? at : at + 1;
      depth -= 1;
    } else if (byte === QUOTE || byte === BACKSLASH) {
      const opening = skipBackslashes(raw, at);
      if (depth === 0 || opening - at !== level || raw[opening] !== QUOTE) return at;
      const end = endOfString(raw, opening + 1, level);
      at = skipBackslashes(raw, end);
      if (at - end !== level) return end;
    } else if (depth === 0 && (byte === COMMA || isBlankByte(byte))) return at;
  }
  return raw.length;
}

function isBlank(raw: Uint8Array, { start, end, text }: PinValue): boolean {
  if (text) return skipBlanks(raw, start) >= end;
  return end === start || (end - start === 4 && Buffer.from(raw.subarray(start, end)).toString('latin1') === 'null');
}

function skipBackslashes(raw: Uint8Array, from: number): number {
  let at = from;
  while (raw[at] === BACKSLASH) at += 1;
  return at;
}

/** Blanks as they are, and line breaks and tabs that an outer string has escaped. */
function skipBlanks(raw: Uint8Array, from: number): number {
  let at = from;
  while (at < raw.length) {
    if (isBlankByte(raw[at])) {
      at += 1;
      continue;
    }
    const letter = skipBackslashes(raw, at);
    if (letter === at || !isEscapedBlank(raw[letter])) break;
    at = letter + 1;
  }
  return at;
}

function isBlankByte(byte: number | undefined): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** `n`, `r` or `t` after backslashes. */
function isEscapedBlank(byte: number | undefined): boolean {
  return byte === 0x6e || byte === 0x72 || byte === 0x74;
}
