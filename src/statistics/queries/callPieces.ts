import type { Reader } from '../../ledger/query.ts';
import { decidingVisit } from '../../values/decidingVisit.ts';
import { bucketOf, NOT_KNOWN } from '../../values/secondsBuckets.ts';
import type { Countable, CountableParticipation } from '../entities.ts';
import { type Counted, inQueue } from '../inQueue.ts';
import { QUARTER_MS, type Share, shareOf, shareOfParticipant, tookPart } from '../onCall.ts';
import { type CountedCall, countedCalls, type Range } from './countedCalls.ts';
import type { Piece } from './piece.ts';
import { asksForUnqueued, callConditions, isAboutQueues, type SummaryQuestion, type Unit } from './question.ts';

/** The pieces of the calls of a range, a window of calls at a time. */
export async function* callPieces(
  reader: Reader,
  countable: Countable,
  range: Range,
  question: SummaryQuestion,
  unit: Unit,
): AsyncGenerator<Piece[]> {
  const { users } = question.filter;
  const known = users?.filter(each => each !== null) ?? [];
  const wanted = {
    range,
    where: callConditions(question),
    // Calls without a user are found among all of them only.
    users: users === undefined || users.includes(null) ? null : [...new Set(known)],
    withParticipants: unit !== 'calls',
    withVisits: isAboutQueues(question),
  };
  for await (const window of countedCalls(reader, countable, wanted)) {
    yield window.flatMap(each => countedOf(each, question).flatMap(counted => piecesOf(each, counted, users, unit)));
  }
}

/** The call as a whole, or once for each queue or source that is told apart, as the queue saw it that decides there. */
function countedOf({ call, visits }: CountedCall, question: SummaryQuestion): readonly Counted[] {
  if (!isAboutQueues(question)) return [call];
  const { queues, sources } = question.filter;
  const isOfSource = (each: { readonly sourceId: number }) => sources?.includes(each.sourceId) ?? true;
  if (visits.length === 0) return asksForUnqueued(question) && isOfSource(call) ? [call] : [];
  const asked = visits.filter(each => isOfSource(each) && (queues?.includes(each.queue) ?? true));
  const [byQueue, bySource] = [question.by.includes('queue'), question.by.includes('source')];
  const groups = Map.groupBy(asked, each => JSON.stringify([byQueue && each.queue, bySource && each.sourceId]));
  return [...groups.values()].map(each => inQueue(call, decidingVisit(each)!, visits));
}

function piecesOf(
  { call, participants }: CountedCall,
  counted: Counted,
  users: SummaryQuestion['filter']['users'],
  unit: Unit,
): Piece[] {
  const piece = (share: Share, userId: number | null, rings: Piece['rings'] = [[share.ringBucket, 1]]): Piece => ({
    quarter: Math.floor(call.startedAt / QUARTER_MS),
    day: call.day,
    direction: call.direction,
    outcome: counted.outcome,
    sourceId: counted.sourceId,
    queue: counted.queue,
    line: call.line,
    userId,
    share,
    rings,
    waitBucket: counted.queue === null ? NOT_KNOWN : bucketOf(counted.queueWaitSeconds),
  });
  if (unit === 'calls') return [piece(shareOf(counted), null)];
  const selected = participants.filter(each => users?.includes(each.userId) ?? true);
  const isNobodys = (users?.includes(null) ?? true) && !participants.some(each => tookPart(call, each.role));
  const shares = selected.map(each => shareOfParticipant(call, each, counted));
  if (unit === 'together') return together({ shares, nobody: isNobodys ? shareOf(counted) : null }, piece);
  const own = selected.map((each: CountableParticipation, n) => piece(shares[n]!, each.userId));
  return isNobodys ? [...own, piece(shareOf(counted), null)] : own;
}

/** One piece of all their shares: the call counts once, their seconds add up. */
function together(
  { shares, nobody }: { readonly shares: readonly Share[]; readonly nobody: Share | null },
  piece: (share: Share, userId: null, rings: Piece['rings']) => Piece,
): Piece[] {
  const leading = nobody ?? shares.find(each => each.calls > 0) ?? shares[0];
  if (leading === undefined) return [];
  if (nobody !== null) return [piece(nobody, null, [[nobody.ringBucket, 1]])];
  const sum = (name: 'talkSeconds' | 'ringSeconds') => shares.reduce((total, each) => total + each[name], 0);
  const share = { ...leading, talkSeconds: sum('talkSeconds'), ringSeconds: sum('ringSeconds') };
  return [
    piece(
      share,
      null,
      shares.map(each => [each.ringBucket, 1] as const),
    ),
  ];
}
