import { localAt } from '../values/zonedTime.ts';

const DAY_MS = 86_400_000;

export const LAST_SECOND_OF_DAY = 86_399;

export interface DailyWindow {
  readonly timeZone: string;
  /** Seconds since midnight there, both inclusive. `dailyFrom` after `dailyTill` means over midnight. */
  readonly dailyFrom: number;
  readonly dailyTill: number;
}

/** Whether clocks in its zone are inside the window at an instant (UTC milliseconds). Throws RangeError as `localAt`. */
export function isOpen({ timeZone, dailyFrom, dailyTill }: DailyWindow, now: number): boolean {
  const local = localAt(timeZone, now);
  const second = Math.floor((local - Math.floor(local / DAY_MS) * DAY_MS) / 1000);
  if (dailyFrom <= dailyTill) return dailyFrom <= second && second <= dailyTill;
  return second >= dailyFrom || second <= dailyTill;
}
