import type { CallFields } from './fold.ts';
import type { FoldedLeg } from './foldLegs.ts';

/**
 * What a person did in a call, the strongest first: talked last, talked and handed on, made it, sent it on, was only rung.
 */
export const PARTICIPANT_ROLES = ['answered', 'transferred', 'caller', 'forwarded', 'rang'] as const;
export type ParticipantRole = (typeof PARTICIPANT_ROLES)[number];

/** Seconds are of that person's legs alone; null where none was told. */
export interface Participant {
  readonly userId: number;
  readonly role: ParticipantRole;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
}

/** Whoever holds a leg, and whose call a program says it is; ascending by user. */
export function participantsOf(fields: CallFields, legs: readonly FoldedLeg[]): readonly Participant[] {
  const found = new Map<number, Participant>();
  for (const { userId, fact } of legs) {
    if (userId === null) continue;
    const { ringSeconds, talkSeconds } = fact;
    found.set(userId, { userId, role: 'rang', ringSeconds, talkSeconds });
  }
  const { userId, ringSeconds, talkSeconds, outcome, direction } = fields;
  if (userId !== null) {
    const role = outcome === 'answered' ? 'answered' : direction === 'outbound' ? 'caller' : 'rang';
    found.set(userId, { userId, role, ringSeconds, talkSeconds });
  }
  return [...found.values()].sort((a, b) => a.userId - b.userId);
}
