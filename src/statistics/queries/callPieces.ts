import type { Reader } from '../../ledger/query.ts';
import { bucketOf, NOT_KNOWN } from '../../values/secondsBuckets.ts';
import type { Countable, CountableParticipation } from '../entities.ts';
import { QUARTER_MS, type Share, shareOf, shareOfParticipant, tookPart } from '../onCall.ts';
import { type CountedCall, countedCalls, type Range } from './countedCalls.ts';
import type { Piece } from './piece.ts';
import { callConditions, type SummaryQuestion, type Unit } from './question.ts';

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
  };
  for await (const window of countedCalls(reader, countable, wanted)) {
    yield window.flatMap(counted => piecesOf(counted, users, unit));
  }
}

function piecesOf({ call, participants }: CountedCall, users: SummaryQuestion['filter']['users'], unit: Unit): Piece[] {
  const piece = (share: Share, userId: number | null, rings: Piece['rings'] = [[share.ringBucket, 1]]): Piece => ({
    quarter: Math.floor(call.startedAt / QUARTER_MS),
    day: call.day,
    direction: call.direction,
    outcome: call.outcome,
    sourceId: call.sourceId,
    queue: call.queue,
    line: call.line,
    userId,
    share,
    rings,
    waitBucket: call.queue === null ? NOT_KNOWN : bucketOf(call.queueWaitSeconds),
  });
  if (unit === 'calls') return [piece(shareOf(call), null)];
  const selected = participants.filter(each => users?.includes(each.userId) ?? true);
  const isNobodys = (users?.includes(null) ?? true) && !participants.some(each => tookPart(call, each.role));
  const shares = selected.map(each => shareOfParticipant(call, each));
  if (unit === 'together') return together({ shares, nobody: isNobodys ? shareOf(call) : null }, piece);
  const own = selected.map((each: CountableParticipation, n) => piece(shares[n]!, each.userId));
  return isNobodys ? [...own, piece(shareOf(call), null)] : own;
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
