/** Whose calls are whose: the one rule for calls, their recordings and the records they were completed for. */
import type { Reader } from '../../ledger/query.ts';
import { selectWithin } from '../../ledger/selectWithin.ts';
import type { Outcome } from '../../values/outcome.ts';
import { isSameUser } from '../../values/sameUser.ts';
import { type Call, type Participation, participation, type QueueVisit, queueVisit } from '../entities.ts';
import type { ParticipantRole } from '../fold/participants.ts';
import { currentCall } from './callDetail.ts';

/** More people than have a part in any call. */
const PEOPLE_PER_CALL = 1_000;

type Part = Pick<Participation, 'userId' | 'role'>;

/** Whose telephone only rang took part as long as nobody answered. */
export const tookPart = (role: ParticipantRole, outcome: Outcome): boolean => role !== 'rang' || outcome !== 'answered';

/** Everybody who took part. */
export function isTheirs({ outcome }: Pick<Call, 'outcome'>, parts: readonly Part[], userId: number | null): boolean {
  return parts.some(each => isSameUser(each.userId, userId) && tookPart(each.role, outcome));
}

/** `id` may also be of a source call that was joined into an older call. */
export async function isTheirCall(reader: Reader, id: number, userId: number | null): Promise<boolean> {
  const found = await currentCall(reader, id);
  return found !== null && isTheirs(found, await participantsOfCalls(reader, [found.id]), userId);
}

/** Ascending by call and user. */
export async function participantsOfCalls(reader: Reader, ids: readonly number[]): Promise<Participation[]> {
  if (ids.length === 0) return [];
  return reader.select<Participation>({
    from: participation,
    where: [{ column: 'callId', in: ids }],
    limit: ids.length * PEOPLE_PER_CALL,
  });
}

/** The queues these calls were in, ascending by call. */
export async function queuesOfCalls(reader: Reader, ids: readonly number[]): Promise<QueueVisit[]> {
  return selectWithin(reader, queueVisit, 'callId', ids);
}
