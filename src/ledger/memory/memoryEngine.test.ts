import { describeEngine } from '../engineConformance.ts';
import { describeLedger } from '../ledgerConformance.ts';
import { FAR_MEMORY, MEMORY } from '../testStores.ts';

const nowhere = () => '';

for (const kind of [MEMORY, FAR_MEMORY]) {
  describeEngine(kind, nowhere);
  describeLedger(kind, nowhere);
}
