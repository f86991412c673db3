/** The part of a call's row that is its line in the portal's list. */
import type { PortalLine } from './entities.ts';

/** A call that is not listed. */
export const NO_LINE: { readonly [K in keyof PortalLine]: K extends 'statusStated' ? false : null } = {
  token: null,
  userId: null,
  type: null,
  line: null,
  phoneNumber: null,
  numberKey: null,
  externalCallId: null,
  startedAt: null,
  durationSeconds: null,
  vote: null,
  costMicros: null,
  currency: null,
  statusCode: null,
  statusStated: false,
  failedReason: null,
  clientType: null,
  clientId: null,
  activityId: null,
  note: null,
};

/** A start leaves in whole seconds, and is compared by what left. */
export const wholeSecond = (at: number): number => Math.floor(at / 1000) * 1000;
