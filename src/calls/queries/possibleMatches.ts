/** Calls that look like one, found when both had settled. Several suspicions between the same two calls are one possible match. */
import type { Reader } from '../../ledger/query.ts';
import { selectWithin } from '../../ledger/selectWithin.ts';
import { type Call, call, type Link, link, type SourceCall, sourceCall } from '../entities.ts';
import { sourceCallsOf } from '../reports/sourceCalls.ts';

export interface PossibleMatch {
  /** Of the first suspicion that stands between the two; the list is in this order. */
  readonly id: number;
  /** The older call. */
  readonly callId: number;
  readonly otherCallId: number;
  /** UTC milliseconds. */
  readonly at: number;
}

export interface PossibleMatches {
  readonly items: readonly PossibleMatch[];
  /** Where to go on, null at the end. */
  readonly next: number | null;
}

/** Those after this id; `limit` suspicions are looked at. */
export async function possibleMatches(reader: Reader, after: number, limit: number): Promise<PossibleMatches> {
  const page = await reader.select({
    from: link,
    where: [{ column: 'suspicionId', is: '>', value: after }],
    orderBy: [{ column: 'suspicionId' }],
    limit,
  });
  const pairs = await betweenCalls(reader, page);
  const first = new Map(
    (await betweenCalls(reader, await suspicionsAround(reader, pairs))).map(each => [pairKey(each), each.id]),
  );
  return {
    items: pairs.filter(each => first.get(pairKey(each)) === each.id),
    next: page.length < limit ? null : page.at(-1)!.suspicionId,
  };
}

const pairKey = ({ callId, otherCallId }: PossibleMatch): string => `${callId} ${otherCallId}`;

/** All suspicions about these calls, the latest first. */
async function suspicionsAround(reader: Reader, pairs: readonly PossibleMatch[]): Promise<readonly Link[]> {
  const callIds = [...new Set(pairs.flatMap(each => [each.callId, each.otherCallId]))];
  const calls = await selectWithin<Call, 'id'>(reader, call, 'id', callIds, ['id', 'sourceCalls']);
  const links = await suspicionsOf(reader, calls.flatMap(sourceCallsOf));
  return links.toSorted((a, b) => b.suspicionId! - a.suspicionId!);
}

/** As matches of calls; what is one call by now is none. */
async function betweenCalls(reader: Reader, links: readonly Link[]): Promise<readonly PossibleMatch[]> {
  const calls = await callIdsOf(
    reader,
    links.flatMap(({ a, b }) => [a, b]),
  );
  return links.flatMap(({ a, b, suspicionId, at }) => {
    const [callId, otherCallId] = [calls.get(a) ?? a, calls.get(b) ?? b].sort((one, other) => one - other);
    return callId === otherCallId ? [] : [{ id: suspicionId!, callId: callId!, otherCallId: otherCallId!, at }];
  });
}

/** The other calls that look like the one which these source calls are. */
export async function possibleMatchesOf(
  reader: Reader,
  callId: number,
  own: readonly number[],
): Promise<readonly number[]> {
  const pairs = await betweenCalls(reader, await suspicionsOf(reader, own));
  return [...new Set(pairs.map(each => (each.callId === callId ? each.otherCallId : each.callId)))];
}

async function suspicionsOf(reader: Reader, sourceCallIds: readonly number[]): Promise<readonly Link[]> {
  const found = await Promise.all(
    (['a', 'b'] as const).map(column => selectWithin<Link, typeof column>(reader, link, column, sourceCallIds)),
  );
  const suspicions = found.flat().filter(each => each.suspicionId !== null);
  return [...new Map(suspicions.map(each => [each.suspicionId, each])).values()];
}

/** The calls these source calls are part of now, by source call. */
async function callIdsOf(reader: Reader, sourceCallIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const ids = [...new Set(sourceCallIds)];
  const rows = await selectWithin<SourceCall, 'id'>(reader, sourceCall, 'id', ids, ['id', 'callId']);
  return new Map(rows.map(({ id, callId }) => [id, callId ?? id]));
}
