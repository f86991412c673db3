import type { Timers } from '../ledger/timers.ts';

/** Keys that are remembered; with more, all are forgotten and may pass again. */
const KNOWN_LIMIT = 1_000;

/** Whether a key may pass: once in `everyMs`. What fails four times a second is logged once a minute. */
export function createThrottle(
  everyMs: number,
  { monotonicMs }: Pick<Timers, 'monotonicMs'>,
): (key: string) => boolean {
  const passedAt = new Map<string, number>();
  return key => {
    const now = monotonicMs();
    const before = passedAt.get(key);
    if (before !== undefined && now - before < everyMs) return false;
    if (passedAt.size >= KNOWN_LIMIT) passedAt.clear();
    passedAt.set(key, now);
    return true;
  };
}
