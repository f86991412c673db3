/** What a call of several parts costs: what its parts cost together, each as people correct it. */
import type { Call } from '../entities.ts';
import type { StatedCall } from '../reports/report.ts';
import type { KeyedFact } from './foldContext.ts';
import type { SaidPrice } from './placeCorrections.ts';
import { costOf, mergedBySource } from './statedCalls.ts';

type Cost = Pick<Call, 'costMicros' | 'currency'>;

/** What some source calls of the call cost. */
export interface Price extends Cost {
  readonly sourceCalls: readonly number[];
  /** The reports that say so. */
  readonly reports: readonly number[];
}

type KeyedCall = Pick<KeyedFact, 'reportId' | 'sourceCallId'> & { readonly fact: StatedCall };

/** In the order in which the parts ended. A word about source calls of which some are in another price says nothing. */
export function pricesOf(stated: readonly KeyedCall[], said: readonly SaidPrice[]): readonly Price[] {
  let prices: readonly Price[] = mergedBySource(stated).map(({ merged, all }) => ({
    sourceCalls: [all[0]!.sourceCallId],
    reports: all.filter(each => each.fact.costMicros !== null).map(each => each.reportId),
    costMicros: merged.costMicros,
    currency: merged.currency,
  }));
  for (const { reportId, sourceCalls, fields } of said) {
    const touched = prices.filter(each => each.sourceCalls.some(id => sourceCalls.includes(id)));
    if (!touched.every(each => each.sourceCalls.every(id => sourceCalls.includes(id)))) continue;
    const { costMicros = null, currency = null } = { ...costOf(touched), ...fields };
    const price = { sourceCalls, reports: [reportId], costMicros, currency };
    const last = touched.at(-1);
    const rest = prices.filter(each => each === last || !touched.includes(each));
    prices = last === undefined ? [...rest, price] : rest.map(each => (each === last ? price : each));
  }
  return prices;
}
