import type { Call } from '../entities.ts';
import type { Settling } from '../settling/settle.ts';

/** When a call is due to settle depends on when it was told of, unlike all else that its row says. */
export function withoutSettling(row: Call): Omit<Call, keyof Settling> {
  const { endedSeenAt: _endedSeenAt, settlesAt: _settlesAt, splitAt: _splitAt, historical: _historical, ...rest } = row;
  return rest;
}
