/** Costs that a call does not show: it has one, in one currency. */
import { formatMoney } from '../../values/money.ts';
import type { Call } from '../entities.ts';
import type { KeyedFact } from '../fold/foldContext.ts';
import { type PlacedCorrections, validCorrections } from '../fold/placeCorrections.ts';
import { pricesOf } from '../fold/prices.ts';
import { costOf } from '../fold/statedCalls.ts';
import type { StatedCall } from '../reports/report.ts';

type Told = Pick<KeyedFact, 'reportId' | 'sourceCallId' | 'fact'>;

/** The report that states such a cost, and a sentence about it. `told` are all of the call. */
export function priceWarnings(
  present: Readonly<Call>,
  told: readonly Told[],
  { places, prices: said }: PlacedCorrections,
): readonly (readonly [reportId: number, warning: string])[] {
  const isOfWhole = ({ reportId, fact }: ReturnType<typeof validCorrections>[number]) =>
    fact.fields.costMicros !== undefined && places.get(reportId)!.price === 'whole';
  if (validCorrections(told).some(isOfWhole)) return [];
  const stated = told.filter((each): each is Told & { readonly fact: StatedCall } => each.fact.form === 'call');
  const prices = pricesOf(stated, said);
  const counted = costOf(prices).currency;
  const its = present.currency ?? 'no currency that is known';
  return prices.flatMap(({ costMicros, currency, reports }) => {
    if (costMicros === null || currency === counted) return [];
    const amount = `${formatMoney(costMicros)} ${currency ?? 'of no currency'}`;
    return reports.map(id => [id, `cost: ${amount} is not counted, the cost of the call is in ${its}`] as const);
  });
}
