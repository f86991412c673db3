/**
 * Wall clocks as a PBX displays them. Every token has a fixed width, so a format is compiled to positions and one reader
 * serves them all (docs/yeastar.md, case C27).
 *
 * | token | stands for |
 * |---|---|
 * | `YYYY` `MM` `DD` | year, month, day |
 * | `HH` | hour, 00 to 23 |
 * | `hh` | hour, 01 to 12 when the format has `A`; without it 00 to 23, which PBXs show under this name |
 * | `mm` `ss` | minute, second |
 * | `A` | AM or PM, in either case |
 *
 * A format of a date alone is followed by ` HH:mm:ss`. Seconds may be left out and are then 0. Anything that is not a
 * letter stands for itself, and so does `T`.
 */
import { daysOfDate } from './calendar.ts';

interface Layout {
  readonly length: number;
  readonly literals: readonly { readonly at: number; readonly code: number }[];
  readonly yearAt: number;
  readonly monthAt: number;
  readonly dayAt: number;
  readonly hourAt: number;
  readonly minuteAt: number;
  /** -1 where the format has none, as for `meridiemAt`. */
  readonly secondAt: number;
  readonly meridiemAt: number;
}

/** A source has one display format; the bound keeps a caller that invents formats from filling memory. */
const MAX_LAYOUTS = 64;
const layouts = new Map<string, Layout>();

const PIECE = /YYYY|MM|DD|HH|hh|mm|ss|A|[A-Za-z]|[^A-Za-z]/g;
const WIDTHS: Readonly<Record<string, number>> = { YYYY: 4, MM: 2, DD: 2, HH: 2, hh: 2, mm: 2, ss: 2, A: 2 };

const DAY_MS = 86_400_000;
const CODE_0 = 48;
const CODE_A = 65;
const CODE_P = 80;
const CODE_M = 77;
const LOWER_CASE_BIT = 32;

function compile(format: string): Layout {
  const mistake = (what: string) => new RangeError(`Date format ${JSON.stringify(format)} ${what}`);
  const full = /[Hhms]|A/.test(format) ? format : `${format} HH:mm:ss`;
  const positions = new Map<string, number>();
  const literals: { at: number; code: number }[] = [];
  let at = 0;
  for (const [piece] of full.matchAll(PIECE)) {
    const width = WIDTHS[piece];
    if (width !== undefined) {
      if (positions.has(piece)) throw mistake(`has ${piece} twice`);
      positions.set(piece, at);
    } else if (piece !== 'T' && /[A-Za-z]/.test(piece)) throw mistake(`has the unknown letter ${piece}`);
    else literals.push({ at, code: piece.charCodeAt(0) });
    at += width ?? 1;
  }

  const position = (token: string) => {
    const found = positions.get(token);
    if (found === undefined) throw mistake(`lacks ${token}`);
    return found;
  };
  if (positions.has('HH') && positions.has('hh')) throw mistake('has both HH and hh');
  if (positions.has('HH') && positions.has('A')) throw mistake('has A beside HH, which counts to 23');
  return {
    length: at,
    literals,
    yearAt: position('YYYY'),
    monthAt: position('MM'),
    dayAt: position('DD'),
    hourAt: position(positions.has('hh') ? 'hh' : 'HH'),
    minuteAt: position('mm'),
    secondAt: positions.get('ss') ?? -1,
    meridiemAt: positions.get('A') ?? -1,
  };
}

function layoutOf(format: string): Layout {
  let layout = layouts.get(format);
  if (layout === undefined) {
    layout = compile(format);
    if (layouts.size >= MAX_LAYOUTS) layouts.clear();
    layouts.set(format, layout);
  }
  return layout;
}

/** Two digits as a number, or -1. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - CODE_0;
  const ones = text.charCodeAt(at + 1) - CODE_0;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** Hour of the day, 0 to 23, or -1. */
function hourOf(text: string, layout: Layout): number {
  const hour = twoDigits(text, layout.hourAt);
  if (layout.meridiemAt === -1) return hour <= 23 ? hour : -1;
  if (hour < 1 || hour > 12 || (text.charCodeAt(layout.meridiemAt + 1) & ~LOWER_CASE_BIT) !== CODE_M) return -1;
  const half = text.charCodeAt(layout.meridiemAt) & ~LOWER_CASE_BIT;
  if (half === CODE_A) return hour % 12;
  return half === CODE_P ? (hour % 12) + 12 : -1;
}

/** Whether a format can be used here: each of date, hour and minute exactly once, no unknown letter. */
export function isDateTimeFormat(format: string): boolean {
  try {
    layoutOf(format);
    return true;
  } catch {
    return false;
  }
}

/**
 * The wall clock as milliseconds since 1970-01-01 00:00 on that clock; null when the text does not have exactly this
 * format or names a date or time that does not exist. Throws RangeError when the format itself is unusable.
 */
export function readDateTime(text: string, format: string): number | null {
  const layout = layoutOf(format);
  if (text.length !== layout.length) return null;
  for (const literal of layout.literals) if (text.charCodeAt(literal.at) !== literal.code) return null;

  const century = twoDigits(text, layout.yearAt);
  const yearOfCentury = twoDigits(text, layout.yearAt + 2);
  const hour = hourOf(text, layout);
  const minute = twoDigits(text, layout.minuteAt);
  const second = layout.secondAt === -1 ? 0 : twoDigits(text, layout.secondAt);
  if (century < 0 || yearOfCentury < 0 || hour < 0 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return null;
  const days = daysOfDate(
    century * 100 + yearOfCentury,
    twoDigits(text, layout.monthAt),
    twoDigits(text, layout.dayAt),
  );
  return days === null ? null : days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}
