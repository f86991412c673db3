import { describeEngine } from '../engineConformance.ts';
import { describeLedger } from '../ledgerConformance.ts';
import { POSTGRES } from '../testStores.ts';

const nowhere = () => '';

describeEngine(POSTGRES, nowhere);
describeLedger(POSTGRES, nowhere);
