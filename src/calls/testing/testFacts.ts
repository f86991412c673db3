/** What the tests of the fold fold: facts as if they had come one after another, and a call as a PBX tells it. */
import type { FoldContext, KeyedFact } from '../fold/foldContext.ts';
import { numberPlanOf } from '../fold/numberPlan.ts';
import type { Fact, LegFact } from '../reports/report.ts';
import { DID, keyOfLeg, legFact, PBX, START } from './testReports.ts';
import { testSources } from './testSources.ts';

/** 4005 moved from user 5 to user 6 twenty seconds into the call; 4006 and 2000 are of one user each. */
const HOLDERS: Readonly<Record<string, (at: number) => number | null>> = {
  '2000': () => 2,
  '4005': at => (at < START + 20_000 ? 5 : 6),
  '4006': () => 7,
};
export const context = (source = PBX): FoldContext => ({
  planOf: () => numberPlanOf(source, testSources),
  holderOf: (extension, _source, at) => HOLDERS[extension ?? '']?.(at) ?? null,
});

export const keyed = (facts: readonly Fact[]): KeyedFact[] =>
  facts.map((fact, place) => ({
    reportId: place + 1,
    sourceCallId: 1,
    sourceId: 1,
    key: fact.form === 'leg' ? keyOfLeg(fact) : `${fact.form} ${place}`,
    fact,
  }));

/** The sample chain of docs/yeastar.md, section 1.4. */
const LINE: Partial<LegFact> = { trunkIn: 'Saf', did: DID, didName: 'Sales line' };
export const IVR = legFact('6200', 0, 'answered', [13, 13]);
const SECOND_IVR = legFact('6201', 13, 'answered', [5, 5]);
export const QUEUE = legFact('6400', 18, 'answered', [85, 74], { ...LINE, agentRingSeconds: 11 });
export const AGENT = legFact('4005', 29, 'answered', [85, 74], { recording: 'agent.wav' });
export const SURVEY = legFact('Satisfaction Survey', 103, 'answered', [4, 4]);
export const CHAIN = [IVR, SECOND_IVR, QUEUE, AGENT];
