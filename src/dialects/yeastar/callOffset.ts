import { parseLocalDateTime } from '../../values/zonedTime.ts';

/**
 * The offset of a PBX's wall clock, as one event tells it of its whole call: `uid` begins with the wall clock at which the
 * call began, and the integer part of `call_id` is the same instant in UTC (docs/yeastar.md, section 1.3). Every leg of a
 * call carries both, so a leg that starts an hour into its call says the same as the first one.
 */

const MINUTE_MS = 60_000;

/** The id is made when the channel is, the wall clock is read a moment apart: their seconds may differ by a few. */
export const SKEW_MS = 5_000;

/**
 * The offsets from UTC that some place has used since 2000, in minutes. A `uid` that is no clock, or not this call's, gives
 * another difference, and says nothing.
 */
const OFFSETS_IN_USE: readonly number[] = [
  -720, -660, -600, -570, -540, -480, -420, -360, -300, -270, -240, -210, -180, -150, -120, -60, 0, 60, 120, 180, 210,
  240, 270, 300, 330, 345, 360, 390, 420, 480, 510, 525, 540, 570, 600, 630, 660, 690, 720, 765, 780, 825, 840,
];

/** `YYYYMMDDHHMMSS` and five characters, as in `2026092400041852EE8`. */
const STAMPED_UID = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)[0-9A-Z]{5}$/i;

/** Minutes east of Greenwich at the start of the call; null where the two do not tell. */
export function offsetAtCallStart(uid: string | null, callEpochMs: number): number | null {
  const stamp = uid === null ? null : STAMPED_UID.exec(uid);
  if (stamp === null) return null;
  const [, year, month, day, hour, minute, second] = stamp;
  const local = parseLocalDateTime(`${year}-${month}-${day} ${hour}:${minute}:${second}`);
  return local === null ? null : offsetBetween(local, callEpochMs);
}

/** The offset in use that lies between a wall clock and an instant, to a few seconds; null when none does. */
export function offsetBetween(local: number, instantMs: number): number | null {
  return OFFSETS_IN_USE.find(offset => Math.abs(local - instantMs - offset * MINUTE_MS) <= SKEW_MS) ?? null;
}
