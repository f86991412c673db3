import type { NumberPlan } from './numberPlan.ts';
import type { Fact } from './report.ts';

export interface KeyedFact {
  /** The id of the report that states it. */
  readonly reportId: number;
  /** Reports with the same key tell of the same leg. */
  readonly key: string;
  readonly fact: Fact;
}

export interface FoldContext {
  readonly plan: NumberPlan;
  /** Who held an extension at an instant; null when nobody did. */
  holderOf(extension: string | null, at: number): number | null;
}
