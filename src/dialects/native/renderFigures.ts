import { NO_CURRENCY } from '../../statistics/entities.ts';
import type { Figures } from '../../statistics/queries/figures.ts';
import { formatMoney } from '../../values/money.ts';
import { OUTCOMES } from '../../values/outcome.ts';
import { type Histogram, percentile } from '../../values/secondsBuckets.ts';
import { columnOf } from './callFilters.ts';

export interface Shown {
  readonly ofQueues: boolean;
  /** Calls are counted as their queues saw them. */
  readonly withOverflowed: boolean;
  readonly withRangOnly: boolean;
  /** Quarter hours have no histogram of rings. */
  readonly ringsKnown: boolean;
}

export function renderFigures(figures: Figures, { ofQueues, withOverflowed, withRangOnly, ringsKnown }: Shown) {
  const { calls, short, rangOnly, outcomes, talkSeconds, ringSeconds, costs } = figures;
  // Where calls were taken out again none may be left.
  const known = [...costs].filter(([, { calls: priced }]) => priced > 0);
  const costsInOrder = known.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    calls,
    short,
    ...Object.fromEntries(OUTCOMES.map(each => [columnOf(each), outcomes[each]])),
    ...(withOverflowed ? { overflowed: outcomes.overflowed } : {}),
    ...(withRangOnly ? { rangOnly } : {}),
    talkSeconds,
    ringSeconds,
    cost: costsInOrder.map(([currency, { micros }]) => ({
      currency: currency === NO_CURRENCY ? null : currency,
      amount: formatMoney(micros),
    })),
    rings: ringsKnown ? spreadOf(figures.rings) : null,
    ...(ofQueues ? queueFigures(figures) : {}),
  };
}

function queueFigures({ calls, short, answeredWithin, thresholds, waitSeconds, waits }: Figures) {
  const offered = calls - short;
  const [threshold] = thresholds;
  return {
    offered,
    answeredWithin,
    answerWithinSeconds: thresholds.size === 1 ? threshold! : null,
    serviceLevel: offered === 0 ? null : Math.round((answeredWithin / offered) * 10_000) / 10_000,
    waitSeconds,
    waits: spreadOf(waits),
  };
}

const spreadOf = (counts: Histogram) => ({
  known: counts.reduce((sum, each) => sum + each, 0),
  p50: percentile(counts, 0.5),
  p90: percentile(counts, 0.9),
  max: percentile(counts, 1),
});
