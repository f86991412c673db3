/**
 * Whose call it is, as people say. Such a word is about the one who had the call when it was said: where a leg that is told later hands the
 * call on, that part alone is another one's, and the call is whose it is by the legs.
 */
import type { Correction } from '../reports/report.ts';
import type { Account } from './ofParts.ts';

/** The part that a person says was not `from`'s; `to` is null where it was nobody's. */
export interface MovedPart {
  readonly from: number;
  readonly to: number | null;
}

export interface PlacedUsers {
  /** What is said of the call, in the order in which it was said. */
  readonly ofCall: readonly Correction[];
  /** One for each user who had the call before it was handed on; the later word counts. */
  readonly moved: readonly MovedPart[];
}

/** `told` is before these corrections. */
export function placeUsers(valid: readonly Correction[], told: Account): PlacedUsers {
  const moved = new Map<number, number | null>();
  const ofCall = valid.map(each => {
    const from = handedOnBy(each, told);
    if (from === null) return each;
    const { userId, ...fields } = each.fields;
    moved.set(from, userId!);
    return { ...each, fields };
  });
  return { ofCall, moved: [...moved].map(([from, to]) => ({ from, to })) };
}

/** Who had the call when this was said, and has no more than a part of it now; null where it is about the call as it is. */
function handedOnBy({ fields, was = null }: Correction, { fields: now, participants }: Account): number | null {
  if (fields.userId === undefined || was === null || now.userId === null || now.userId === was) return null;
  const part = participants.find(each => each.userId === was);
  if (part === undefined || now.outcome !== 'answered') return null;
  // Who is said to have answered has the answer.
  const talked = part.role === 'transferred' || part.role === 'answered';
  return talked || fields.outcome === undefined ? was : null;
}
