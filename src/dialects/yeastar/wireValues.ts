import { readNumber } from '../../values/givenNumber.ts';
import { isPlausibleDuration, LONGEST_CALL_SECONDS } from '../../values/plausible.ts';
import { blankToNull, cleanText } from '../../values/text.ts';

/**
 * Single values of a message, as PBXs and what stands between send them: blank as `" "`, `""`, null or missing (T4),
 * numbers as strings, now and then the wrong type. Whatever is odd becomes one sentence that begins with the field's
 * name; what is missing is null in silence.
 */

/**
 * Longest text kept of one field. A PBX holds names to 64 characters, and a recording's name, made of two numbers, an
 * id and a date, stays under 150: what is longer is not what the field is for, and would only swell every index.
 */
export const FIELD_MAX_CHARS = 256;

/** The text of a field, trimmed and cleaned; null when blank. A number is taken as its digits. */
export function textOf(value: unknown, field: string, warnings: string[]): string | null {
  if (typeof value === 'string') return cleaned(value.trim(), field, warnings);
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
    // An id such as 1651057476.360 loses its last zero as a number: its other legs may come as text and not match.
    if (!Number.isInteger(value)) warnings.push(`${field}: a number where text belongs; closing zeros may be lost`);
    return String(value);
  }
  warnings.push(`${field}: ${kindOf(value)} where text belongs, left empty`);
  return null;
}

/** As `textOf`, of a field that holds a number: without what stands around it. Null also for a word that says there is none. */
export function numberOf(value: unknown, field: string, warnings: string[]): string | null {
  const text = textOf(value, field, warnings);
  if (text === null) return null;
  // What a form decoded to a blank is gone once the text is trimmed.
  const { number, withheld, dialable } = readNumber(typeof value === 'string' ? value : text);
  return withheld ? null : dialable ? number : text;
}

/** Whole seconds, not negative; null when blank or impossible. */
export function secondsOf(value: unknown, field: string, warnings: string[]): number | null {
  const seconds = decimalOf(value);
  if (seconds === null) return null;
  if (isPlausibleDuration(seconds)) {
    if (Number.isInteger(seconds)) return seconds;
    warnings.push(`${field}: a fraction of a second was dropped`);
    return Math.floor(seconds);
  }
  if (seconds > LONGEST_CALL_SECONDS) warnings.push(`${field}: longer than 30 days, left empty`);
  else if (seconds < 0) warnings.push(`${field}: negative, left empty`);
  else warnings.push(`${field}: not a number of seconds, left empty`);
  return null;
}

/**
 * 0 is false and every other number true: live PBXs send 1 and 4 (docs/yeastar.md, case C21). Null when blank or no number.
 */
export function flagOf(value: unknown, field: string, warnings: string[]): boolean | null {
  if (typeof value === 'boolean') return value;
  const flag = decimalOf(value);
  if (flag === null) return null;
  if (!Number.isNaN(flag)) return flag !== 0;
  warnings.push(`${field}: not a number, left empty`);
  return null;
}

/** Null when blank, NaN when no decimal number. */
function decimalOf(value: unknown): number | null {
  // Adding 0 turns -0, which JSON can carry, into 0.
  if (typeof value === 'number') return value + 0;
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  if (text === '') return null;
  // Number() would also read '0x18' and '1e1', which no PBX means.
  return text.length <= 32 && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) + 0 : Number.NaN;
}

function cleaned(text: string, field: string, warnings: string[]): string | null {
  if (text.length <= FIELD_MAX_CHARS) return blankToNull(cleanText(text));
  warnings.push(`${field}: ${text.length} characters, cut to ${FIELD_MAX_CHARS}`);
  const last = text.charCodeAt(FIELD_MAX_CHARS - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return blankToNull(cleanText(text.slice(0, splitsPair ? FIELD_MAX_CHARS - 1 : FIELD_MAX_CHARS)));
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return 'a number beyond exactness';
  return typeof value === 'boolean' ? 'true or false' : 'an object';
}
