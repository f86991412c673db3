/** TYPE of `register`, CALL_TYPE of a row, INCOMING of `finish` (docs/bitrix24.md, section 9). */
import type { Direction } from '../../values/direction.ts';

export type CallType = 1 | 2 | 3 | 4 | 5;

const DIRECTION_OF_TYPE: Readonly<Record<CallType, Direction>> = {
  1: 'outbound',
  2: 'inbound',
  /** Redirected to somebody outside. */
  3: 'inbound',
  /** A callback: the portal dials the customer for the employee. */
  4: 'outbound',
  /** An announcement played to the customer. */
  5: 'outbound',
};

/**
 * A portal knows calls with customers only. An internal call is shown as outgoing, for in its row too the employee is
 * the one who dialled and the other party the one who was reached; one of unknown direction as incoming, so that it is
 * not mistaken for work an employee did, and stays visible as missed where nobody answered.
 */
const TYPE_OF_DIRECTION: Readonly<Record<Direction, CallType>> = {
  outbound: 1,
  inbound: 2,
  internal: 1,
  unknown: 2,
};

export function isCallType(type: number | null | undefined): type is CallType {
  return type !== null && type !== undefined && Object.hasOwn(DIRECTION_OF_TYPE, type);
}

export function directionOfCallType(type: CallType): Direction {
  return DIRECTION_OF_TYPE[type];
}

export function callTypeOf(direction: Direction): CallType {
  return TYPE_OF_DIRECTION[direction];
}
