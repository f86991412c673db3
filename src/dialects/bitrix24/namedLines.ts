/** The lines of the list that a CALL_ID names. No index of the list knows them: what they are called says which they are. */
import { sourceCall } from '../../calls/entities.ts';
import type { Condition, Reader } from '../../ledger/query.ts';
import type { Source } from '../../sources/entities.ts';
import { OWN_SOURCE } from './ownSource.ts';
import type { StatisticColumn } from './statisticFilterFields.ts';

/** The sources of which applications register calls, each by its CALL_ID. */
export const portalsAmong = (sources: readonly Readonly<Source>[]): readonly number[] =>
  sources.flatMap(({ id, kind }) => (kind === OWN_SOURCE.kind ? [id] : []));

/** As a call that no application registered is named (portal/onCall.ts). */
const OF_CALL = /^call\.([1-9]\d*)$/;

/**
 * Ids of lines, of which those with these CALL_IDs are some: a registration's is the name of its source call, that of another call says
 * its id, under which a registration may have its line.
 */
export async function lineIdsNamed(
  reader: Reader,
  portals: readonly number[],
  callIds: readonly string[],
): Promise<readonly number[]> {
  const told = callIds.map(each => Number(OF_CALL.exec(each)?.[1])).filter(Number.isSafeInteger);
  const names = callIds.filter(each => !OF_CALL.test(each));
  if (names.length === 0 || portals.length === 0) return told;
  const registered = await reader.select({
    from: sourceCall,
    columns: ['id'],
    where: [
      { column: 'sourceId', in: portals },
      { column: 'name', in: names },
    ],
    limit: portals.length * names.length,
  });
  return [...told, ...registered.map(each => each.id)];
}

/** The same conditions; those that name lines by their CALL_IDs say also which ids these may have, by which they are found. */
export async function withLineIds(
  reader: Reader,
  portals: readonly number[],
  where: readonly Condition<StatisticColumn>[],
): Promise<readonly Condition<StatisticColumn>[]> {
  const all: Condition<StatisticColumn>[] = [];
  for (const each of where) {
    all.push(each);
    if (!('in' in each) || each.column !== 'token') continue;
    all.push({ column: 'id', in: await lineIdsNamed(reader, portals, each.in.map(String)) });
  }
  return all;
}
