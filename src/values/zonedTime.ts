/**
 * Wall clocks of a zone and instants. A PBX reports its own wall clock without a zone (docs/yeastar.md, section 1.3), so
 * every report passes through here: the rules are Temporal's, the warm path is arithmetic on numbers remembered from it.
 */
import { dateOfDays } from './calendar.ts';
import { readDateTime } from './dateTimeFormat.ts';

declare const wallClock: unique symbol;

/** A wall clock without a zone, as the milliseconds since 1970-01-01 00:00 that it would be in UTC. Not an instant. */
export type LocalDateTime = number & { readonly [wallClock]: true };

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** More than there are IANA names, so that spellings of them in other cases cannot grow it without end. */
const MAX_ZONES = 1024;
/** Two a year from 1970 to 2097. Only imports of absurd dates need more; they start the zone afresh. */
const MAX_SPANS_PER_ZONE = 256;

/** A stretch of time in which a zone's offset does not change. */
interface Span {
  /** First instant, -Infinity for the earliest. */
  readonly fromMs: number;
  /** First instant after it, Infinity for the last. */
  readonly toMs: number;
  readonly offsetMs: number;
  /** Wall clocks from here … */
  readonly soleFromMs: number;
  /** … to before here are shown in this span and in no other. */
  readonly soleToMs: number;
}

interface Zone {
  readonly name: string;
  /** Ordered, not necessarily adjacent. */
  spans: Span[];
  /** Calls come in the order of time, so the span asked for last is nearly always the one asked for next. */
  last: Span;
}

const NO_SPAN: Span = {
  fromMs: Number.POSITIVE_INFINITY,
  toMs: Number.NEGATIVE_INFINITY,
  offsetMs: 0,
  soleFromMs: Number.POSITIVE_INFINITY,
  soleToMs: Number.NEGATIVE_INFINITY,
};

const zones = new Map<string, Zone>();
let lastZone: Zone | null = null;

/** Whether this is the IANA name of a zone (`Europe/Berlin`, `UTC`) that the platform knows. A bare offset is not. */
export const isTimeZone = (name: string): boolean => zoneNameOf(name) !== null;

/** The name as IANA writes it, of `europe/berlin` too; null where it is the name of none. */
export function zoneNameOf(given: string): string | null {
  if (/^[+-]/.test(given)) return null;
  try {
    return new Temporal.ZonedDateTime(0n, given).timeZoneId;
  } catch {
    return null;
  }
}

function zoneNamed(name: string): Zone {
  if (lastZone !== null && lastZone.name === name) return lastZone;
  let zone = zones.get(name);
  if (zone === undefined) {
    if (!isTimeZone(name)) throw new RangeError(`${JSON.stringify(name)} is not the name of a time zone`);
    zone = { name, spans: [], last: NO_SPAN };
    if (zones.size >= MAX_ZONES) zones.clear();
    zones.set(name, zone);
  }
  lastZone = zone;
  return zone;
}

function spanFromRules(name: string, instantMs: number): Span {
  const requested = Temporal.Instant.fromEpochMilliseconds(Math.floor(instantMs)).toZonedDateTimeISO(name);
  const next = requested.getTimeZoneTransition('next');
  // Strictly before is what 'previous' means: without the millisecond, a span's first instant would get the span before.
  const previous = requested.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const offsetMs = requested.offsetNanoseconds / 1e6;
  const offsetAfterMs = (next ?? requested).offsetNanoseconds / 1e6;
  const offsetBeforeMs = (previous?.subtract({ milliseconds: 1 }) ?? requested).offsetNanoseconds / 1e6;
  const fromMs = previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
  const toMs = next?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  if (!(fromMs <= instantMs && instantMs < toMs)) throw new Error(`${name} has no offset at ${instantMs}`);
  return {
    fromMs,
    toMs,
    offsetMs,
    soleFromMs: fromMs + Math.max(offsetMs, offsetBeforeMs),
    soleToMs: toMs + Math.min(offsetMs, offsetAfterMs),
  };
}

function spanAt(zone: Zone, instantMs: number): Span {
  if (instantMs >= zone.last.fromMs && instantMs < zone.last.toMs) return zone.last;
  const { spans } = zone;
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle]!.fromMs <= instantMs) low = middle + 1;
    else high = middle;
  }
  let span = low > 0 ? spans[low - 1]! : NO_SPAN;
  if (!(instantMs < span.toMs)) {
    span = spanFromRules(zone.name, instantMs);
    if (spans.length < MAX_SPANS_PER_ZONE) spans.splice(low, 0, span);
    else zone.spans = [span];
  }
  zone.last = span;
  return span;
}

/** The span in which alone this wall clock is shown; null when it is shown twice or never. */
function soleSpan(zone: Zone, local: LocalDateTime): Span | null {
  const { last } = zone;
  if (local >= last.soleFromMs && local < last.soleToMs) return last;
  const likely = spanAt(zone, local - last.offsetMs);
  return local >= likely.soleFromMs && local < likely.soleToMs ? likely : null;
}

/** All spans that could show this wall clock, in order: no offset reaches a whole day. */
function spansAround(zone: Zone, local: LocalDateTime): readonly Span[] {
  const spans = [spanAt(zone, local - DAY_MS)];
  for (let end = spans[0]!.toMs; end <= local + DAY_MS; end = spans.at(-1)!.toMs) spans.push(spanAt(zone, end));
  return spans;
}

function showings(spans: readonly Span[], local: LocalDateTime): number[] {
  return spans
    .filter(span => local >= span.fromMs + span.offsetMs && local < span.toMs + span.offsetMs)
    .map(span => local - span.offsetMs);
}

/** For a wall clock that is never shown: the span that had ended when the clock jumped over it. */
function spanBeforeGap(spans: readonly Span[], local: LocalDateTime): Span {
  const before = spans.findLast(span => local >= span.toMs + span.offsetMs);
  if (before === undefined) throw new Error(`No clock jumped over ${local}`);
  return before;
}

/**
 * The instants, in UTC milliseconds and ascending, at which the zone's clocks show `local`: one, or two when they are
 * turned back over it. A wall clock they jump over (gap) gives the one instant as far after the jump as it is after the
 * jump's start, as the zone rules do (Temporal's "compatible").
 *
 * Throws RangeError when the zone is unknown.
 */
export function instantsOf(zone: string, local: LocalDateTime): readonly number[] {
  const known = zoneNamed(zone);
  const sole = soleSpan(known, local);
  if (sole !== null) return [local - sole.offsetMs];
  const spans = spansAround(known, local);
  const instants = showings(spans, local);
  return instants.length > 0 ? instants : [local - spanBeforeGap(spans, local).offsetMs];
}

/**
 * The instant, in UTC milliseconds, that a wall clock stands for. When it is shown twice: the one nearest to the hint and
 * not before it, the later one when both are before it, the earlier one without a hint (docs/yeastar.md, section 1.3, where
 * the hint is the epoch in `call_id`). Wall clocks are cut to the second, so the hint is too. Throws as `instantsOf`.
 */
export function resolveLocal(zone: string, local: LocalDateTime, hintMs: number | null): number {
  const sole = soleSpan(zoneNamed(zone), local);
  if (sole !== null) return local - sole.offsetMs;
  const instants = instantsOf(zone, local);
  const hintSecondMs = hintMs === null ? Number.NEGATIVE_INFINITY : Math.floor(hintMs / SECOND_MS) * SECOND_MS;
  return instants.find(instant => instant >= hintSecondMs) ?? instants.at(-1)!;
}

/** What the zone's clocks show at an instant given in UTC milliseconds. Throws RangeError when the zone is unknown. */
export function localAt(zone: string, instantMs: number): LocalDateTime {
  return (instantMs + spanAt(zoneNamed(zone), instantMs).offsetMs) as LocalDateTime;
}

/**
 * Minutes east of Greenwich at an instant given in UTC milliseconds. Whole in every zone since 1972; before, Monrovia
 * was at -44.5. Throws RangeError when the zone is unknown.
 */
export function offsetMinutesAt(zone: string, instantMs: number): number {
  return spanAt(zoneNamed(zone), instantMs).offsetMs / MINUTE_MS;
}

/** The zone's date at an instant given in UTC milliseconds, as days since 1970-01-01. Throws RangeError as `localAt`. */
export function localDay(zone: string, instantMs: number): number {
  return Math.floor(localAt(zone, instantMs) / DAY_MS);
}

/**
 * The date that began last, as days since 1970-01-01: every instant from the start of a date to that of the next has it. The clock shows
 * the date before once more where it is set back over midnight, as in St. John's at 00:01 until 2011. Throws as `localAt`.
 */
export function dayBegun(zone: string, instantMs: number): number {
  const day = localDay(zone, instantMs);
  const isAfterChange = instantMs - spanAt(zoneNamed(zone), instantMs).fromMs < DAY_MS;
  return isAfterChange && localDayStart(zone, day + 1) <= instantMs ? day + 1 : day;
}

/**
 * The first instant, in UTC milliseconds, of a date given as days since 1970-01-01. Not always midnight: clocks may jump
 * over it. A date the zone left out (Apia, 2011-12-30) begins where it would have been, with the next one. Throws
 * RangeError when the zone is unknown.
 */
export function localDayStart(zone: string, day: number): number {
  const midnight = (day * DAY_MS) as LocalDateTime;
  const known = zoneNamed(zone);
  const sole = soleSpan(known, midnight);
  if (sole !== null) return midnight - sole.offsetMs;
  const spans = spansAround(known, midnight);
  return showings(spans, midnight)[0] ?? spanBeforeGap(spans, midnight).toMs;
}

/** The first instant of the zone's date at an instant; both in UTC milliseconds. Throws RangeError as `localAt`. */
export function startOfLocalDay(zone: string, instantMs: number): number {
  return localDayStart(zone, localDay(zone, instantMs));
}

/**
 * Reads a wall clock: `YYYY-MM-DD HH:mm:ss`, or a display format as `dateTimeFormat.ts` describes. Null when the text is
 * not exactly that, or names what no clock shows: 30 February, hour 24, second 60. Throws RangeError when the format
 * itself is unusable.
 */
export function parseLocalDateTime(text: string, format = 'YYYY-MM-DD HH:mm:ss'): LocalDateTime | null {
  return readDateTime(text, format) as LocalDateTime | null;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Days since 1970-01-01 as `YYYY-MM-DD`. Throws RangeError outside the years 0 to 9999. */
export function formatLocalDay(day: number): string {
  const { year, month, day: dayOfMonth } = dateOfDays(day);
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`Day ${day} is in no year of four digits`);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(dayOfMonth)}`;
}

/** `YYYY-MM-DD HH:mm:ss`, milliseconds cut off. Throws RangeError outside the years 0 to 9999. */
export function formatLocalDateTime(local: LocalDateTime): string {
  const day = Math.floor(local / DAY_MS);
  const second = Math.floor((local - day * DAY_MS) / SECOND_MS);
  const time = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  return `${formatLocalDay(day)} ${time.map(twoDigits).join(':')}`;
}
