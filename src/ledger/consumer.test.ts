import { createScratch } from '../../test/kit/scratch.ts';
import { describeConsumer } from './testing/consumerConformance.ts';
import { STORE_KINDS } from './testing/testStores.ts';

for (const kind of STORE_KINDS) describeConsumer(kind, () => createScratch('consumer').path);
