/** Calls of several source calls that nothing says are one. */
import type { Reader } from '../../ledger/query.ts';
import { selectWithin } from '../../ledger/selectWithin.ts';
import { type Call, type Link, link } from '../entities.ts';
import { clusterOf } from '../matching/clusters.ts';
import { toldBy } from '../reports/sourceCalls.ts';

/** A sentence for each of these calls of which a source call is connected with the others by no link. */
export async function unlinkedAmong(reader: Reader, calls: readonly Readonly<Call>[]): Promise<readonly string[]> {
  const several = calls.filter(each => each.sourceCalls !== null || each.records !== null);
  if (several.length === 0) return [];
  const ids = several.flatMap(toldBy);
  const links = [
    ...(await selectWithin<Link, 'a'>(reader, link, 'a', ids)),
    ...(await selectWithin<Link, 'b'>(reader, link, 'b', ids)),
  ];
  const neighbours = new Map<number, Set<number>>();
  for (const { a, b, verdict } of links) {
    if (verdict !== 'matched' && verdict !== 'joined') continue;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      neighbours.set(one, (neighbours.get(one) ?? new Set<number>()).add(other));
    }
  }
  return several.flatMap(each => {
    const connected = clusterOf(each.id, id => [...(neighbours.get(id) ?? [])]);
    const apart = toldBy(each).filter(id => !connected.has(id));
    return apart.length === 0
      ? []
      : [`call ${each.id} has source calls that no link makes part of it: ${apart.join(', ')}`];
  });
}
