import type { Fact } from '../reports/report.ts';
import type { HolderOf, NumberPlan } from './numberPlan.ts';

export interface KeyedFact {
  /** The id of the report that states it. */
  readonly reportId: number;
  /** What one source tells under one name of its own (sourceCalls.ts). */
  readonly sourceCallId: number;
  /** 0 for what people say. */
  readonly sourceId: number;
  /** Reports with the same key are about the same leg. */
  readonly key: string;
  readonly fact: Fact;
}

export interface FoldContext {
  /** Numbers are read as their source writes them. */
  planOf(sourceId: number): NumberPlan;
  readonly holderOf: HolderOf;
}
