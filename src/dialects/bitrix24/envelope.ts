/** The frame around every answer (docs/bitrix24.md, section 4). */
import type { Json } from '../../ledger/entity.ts';
import { writePortalDate } from './dates.ts';
import type { MethodError } from './errors.ts';

/** When a request, or one entry of a batch, was worked on. */
export interface Timing {
  /** UTC milliseconds. */
  readonly startMs: number;
  /** UTC milliseconds, not before the start. */
  readonly finishMs: number;
  /** The server's zone. */
  readonly zone: string;
  /** What this method took of this caller within ten minutes; where nobody counts, nothing. */
  readonly operating?: { readonly seconds: number; readonly resetAtMs: number };
}

/** All eight, always: the PHP SDK throws when one of the older six is missing, also in a batch's `result_time`. */
export interface TimeObject {
  /** Unix seconds, with a fraction. */
  readonly start: number;
  readonly finish: number;
  /** Seconds. */
  readonly duration: number;
  readonly processing: number;
  readonly date_start: string;
  readonly date_finish: string;
  /** Unix seconds, whole. */
  readonly operating_reset_at: number;
  /** Seconds. */
  readonly operating: number;
}

export interface Success {
  readonly result: Json;
  /** Rows there are; on lists only. */
  readonly total?: number;
  /** Where the next page starts; on lists that have one. */
  readonly next?: number;
  readonly time: TimeObject;
}

export interface Failure {
  readonly error: string;
  readonly error_description: string;
}

/** A page of a list. `total` is null where the caller asked not to count (`start` −1). */
export interface Page {
  readonly rows: readonly Json[];
  readonly total: number | null;
  readonly next: number | null;
}

/** Buckets of operating time are counted over ten minutes (docs/bitrix24.md, section 6). */
const OPERATING_WINDOW_MS = 600_000;

export function timeObject({ startMs, finishMs, zone, operating }: Timing): TimeObject {
  const duration = (finishMs - startMs) / 1000;
  return {
    start: startMs / 1000,
    finish: finishMs / 1000,
    duration,
    processing: duration,
    date_start: writePortalDate(startMs, zone),
    date_finish: writePortalDate(finishMs, zone),
    operating_reset_at: Math.floor((operating?.resetAtMs ?? startMs + OPERATING_WINDOW_MS) / 1000),
    operating: operating?.seconds ?? 0,
  };
}

export function success(result: Json, timing: Timing): Success {
  return { result, time: timeObject(timing) };
}

export function listSuccess({ rows, total, next }: Page, timing: Timing): Success {
  return {
    result: rows,
    ...(next === null || total === null ? {} : { next }),
    ...(total === null ? {} : { total }),
    time: timeObject(timing),
  };
}

/**
 * `emptyCode` is a switch for portals of old, whose methods failed with an empty code: the PHP SDK tells some of its
 * exceptions apart by it (docs/bitrix24.md, section 21, row 8).
 */
export function failure(error: MethodError, emptyCode = false): Failure {
  return { error: emptyCode && error.code === 'ERROR_CORE' ? '' : error.code, error_description: error.message };
}

/** A map as PHP writes it: `[]` when it is empty, a list when its keys are 0 to n-1, else an object. */
export function phpMap(entries: ReadonlyMap<string, Json>): Json {
  let place = 0;
  for (const key of entries.keys()) if (key !== String(place++)) return objectOf(entries);
  return [...entries.values()];
}

/** Without a prototype, so that `__proto__` is a key like any other. */
function objectOf(entries: ReadonlyMap<string, Json>): Json {
  const object: Record<string, Json> = Object.create(null);
  for (const [key, value] of entries) object[key] = value;
  return object;
}
