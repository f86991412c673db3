import type { Reader } from '../../ledger/query.ts';
import { call } from '../entities.ts';

const PAGE = 5_000;

/** Ids of the calls that started at or after `from` and before `until` (UTC milliseconds), in that order: eight bytes a call. */
export async function callsInRange(reader: Reader, from: number, until: number): Promise<readonly number[]> {
  const ids: number[] = [];
  /** Those that started at the instant at which the last page ended. */
  let atEdge: number[] = [];
  for (let edge = from; ; ) {
    const page = await reader.select({
      from: call,
      columns: ['id', 'startedAt'],
      where: [
        { column: 'startedAt', is: '>=', value: edge },
        { column: 'startedAt', is: '<', value: until },
        { column: 'id', notIn: atEdge },
      ],
      orderBy: [{ column: 'startedAt' }],
      limit: PAGE,
    });
    for (const each of page) ids.push(each.id);
    if (page.length < PAGE) return ids;
    const last = page.at(-1)!.startedAt;
    const there = page.filter(each => each.startedAt === last).map(each => each.id);
    atEdge = last === edge ? [...atEdge, ...there] : there;
    edge = last;
  }
}
