import { createScratch } from '../../../test/kit/scratch.ts';
import { describeEngine } from '../testing/engineConformance.ts';
import { describeLedger } from '../testing/ledgerConformance.ts';
import { SQLITE } from '../testing/testStores.ts';

const scratch = () => createScratch('engine').path;

describeEngine(SQLITE, scratch);
describeLedger(SQLITE, scratch);
