/**
 * Which starts and lengths of a call are believed: one table for all doors (docs/one-call.md, "Times that are believed"). What
 * is not believed a door refuses, sets aside or stores without it and with a warning, as its dialect does.
 */
const DAY_SECONDS = 86_400;

/** No system that reports here was on before 2000; an earlier start is a clock that was never set, or seconds for milliseconds. */
export const EARLIEST_START_MS = Date.UTC(2000, 0, 1);
/** Exclusive. A clock beyond 2100 is not set either. */
export const END_OF_STARTS_MS = Date.UTC(2101, 0, 1);
/** A call is reported when it has begun. A zone mistaken by a whole day, and no more, is within this. */
export const LONGEST_AHEAD_MS = DAY_SECONDS * 1000;
/** No call lasts a month; a number beyond it is a counter that ran over, or an epoch in the wrong field. */
export const LONGEST_CALL_SECONDS = 30 * DAY_SECONDS;

/** UTC milliseconds. */
export const isPlausibleStart = (startedAt: number): boolean =>
  startedAt >= EARLIEST_START_MS && startedAt < END_OF_STARTS_MS;

/** Whether a call that was reported at `receivedAt` cannot have started yet, whatever zone was meant. UTC milliseconds. */
export const isAhead = (startedAt: number, receivedAt: number): boolean => startedAt > receivedAt + LONGEST_AHEAD_MS;

export const isPlausibleDuration = (seconds: number): boolean => seconds >= 0 && seconds <= LONGEST_CALL_SECONDS;
