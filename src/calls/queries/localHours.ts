import { localAt } from '../../values/zonedTime.ts';
import type { LocalHours } from './callFilter.ts';

/** UTC milliseconds, the end exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Clocks of zones change at full quarters. */
const QUARTER_MS = 15 * 60_000;

/** The parts of a span in which the zone's clock shows these hours, the latest first. */
export function* spansOfHours({ from, to }: Span, { weekdays, hours, timeZone }: LocalHours): Generator<Span> {
  const isMeant = (at: number): boolean => {
    const local = localAt(timeZone, at);
    const day = Math.floor(local / DAY_MS);
    // 1970-01-01 was a Thursday.
    const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
    const hour = Math.floor(local / HOUR_MS) - day * 24;
    return (weekdays?.includes(weekday) ?? true) && (hours?.includes(hour) ?? true);
  };
  let end: number | null = null;
  for (
    let quarter = Math.floor((to - 1) / QUARTER_MS) * QUARTER_MS;
    quarter + QUARTER_MS > from;
    quarter -= QUARTER_MS
  ) {
    if (isMeant(quarter)) end ??= Math.min(to, quarter + QUARTER_MS);
    else if (end !== null) {
      yield { from: quarter + QUARTER_MS, to: end };
      end = null;
    }
  }
  if (end !== null) yield { from, to: end };
}

/** Whether the zone's clock shows one of these hours then. */
export const isWithin = (at: number, hours: LocalHours): boolean =>
  !spansOfHours({ from: at, to: at + 1 }, hours).next().done;
