/** What a line in the portal's list tells of a call: the part that its own user had. */
import type { Outcome } from '../values/outcome.ts';

/** A user's part in a call. */
export interface ListablePart {
  readonly userId: number;
  readonly role: string;
  /** Null where nothing tells it. */
  readonly talkSeconds: number | null;
}

/** As much of a call as the part of one user needs. */
export interface PartedCall {
  readonly outcome: Outcome;
  readonly userId: number | null;
  readonly talkSeconds: number | null;
}

/** What became of the call for one user: of several whose telephones rang only those who talked had it. Null where nothing tells. */
export function outcomeFor(userId: number | null, call: PartedCall, parts: readonly ListablePart[]): Outcome | null {
  if (call.outcome !== 'answered') return call.outcome;
  const own = parts.find(each => each.userId === userId);
  if (own === undefined) return null;
  if (TALKED.has(own.role) || (own.talkSeconds ?? 0) > 0) return 'answered';
  // Another one may have talked after nobody answered there.
  if (own.role === SENT_ON) return own.userId === call.userId ? 'answered' : null;
  return 'missed';
}

/** Roles of those who talked, also where nothing tells how long. */
const TALKED: ReadonlySet<string> = new Set(['answered', 'transferred']);

/** The role of one whose telephone sent the call on to a mobile: no leg tells who talked there. */
const SENT_ON = 'forwarded';

/**
 * The line is its user's, as DURATION of `finish` is: after a transfer the others' talk is not. A call is that of one whose telephone
 * sent it on only where nobody else here talked.
 */
export function talkOf({ userId, talkSeconds }: PartedCall, parts: readonly ListablePart[]): number | null {
  const own = parts.find(each => each.userId === userId);
  return own?.role === SENT_ON ? talkSeconds : (own?.talkSeconds ?? talkSeconds);
}
