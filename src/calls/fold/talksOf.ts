/** When each person talked, and what of it is left where people correct the answer or the talk of the call. */
import type { CallFields } from './fold.ts';
import type { StatedPart } from './participants.ts';
import { callerTurnsOf, secondsCovered, type Turn } from './turns.ts';

export interface TalkSpan {
  /** Null: somebody outside, or an extension that nobody holds. */
  readonly userId: number | null;
  /** UTC milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** By legs. `callers` made a call inside, and talk with everybody who does. */
export const talksOfTurns = (turns: readonly Turn[], callers: readonly number[]): readonly TalkSpan[] => [
  ...turns,
  ...callers.flatMap(userId => callerTurnsOf(turns, userId)),
];

type Ended = StatedPart & Pick<CallFields, 'endedAt'>;

/** By programs: a talk that is stated ends with its part, which people moved by `movedByMs`. */
export const talksOfParts = (parts: readonly Ended[], movedByMs: number): readonly TalkSpan[] =>
  parts.flatMap(({ userId, callerId, calledId, outcome, talkSeconds, endedAt }) => {
    if (outcome !== 'answered' || talkSeconds === null || endedAt === null) return [];
    const to = endedAt + movedByMs;
    const span = { from: to - talkSeconds * 1000, to };
    return [...new Set([userId, callerId, calledId])].map(each => ({ ...span, userId: each }));
  });

/** Nobody talked before the answer; of a talk that is shorter than all of these the beginning was none. UTC milliseconds. */
export function talkedSince(
  talks: readonly TalkSpan[],
  { answeredAt, talkSeconds }: Pick<CallFields, 'answeredAt' | 'talkSeconds'>,
): number {
  const answer = answeredAt ?? Number.NEGATIVE_INFINITY;
  if (talkSeconds === null) return answer;
  let leftMs = talkSeconds * 1000;
  let since = Number.POSITIVE_INFINITY;
  for (const { from, to } of talks.toSorted((a, b) => b.to - a.to)) {
    const until = Math.min(to, since);
    if (until - from > leftMs) return Math.max(answer, until - leftMs);
    leftMs -= Math.max(0, until - from);
    since = Math.min(since, from);
  }
  return answer;
}

export const secondsOf = (
  userId: number | null,
  talks: readonly TalkSpan[],
  since = Number.NEGATIVE_INFINITY,
): number =>
  secondsCovered(
    talks.filter(each => each.userId === userId && each.to > since).map(each => [Math.max(each.from, since), each.to]),
  );
