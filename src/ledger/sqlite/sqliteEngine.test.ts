import { createScratch } from '../../../test/kit/scratch.ts';
import { describeEngine } from '../engineConformance.ts';
import { describeLedger } from '../ledgerConformance.ts';
import { SQLITE } from '../testStores.ts';

const scratch = () => createScratch('engine').path;

describeEngine(SQLITE, scratch);
describeLedger(SQLITE, scratch);
