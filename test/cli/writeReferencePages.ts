/** `npm run docs`: writes the pages that are made of declarations. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './readmeHouse.ts';
import { errorsPage, eventsPage } from './referencePages.ts';

writeFileSync(join(ROOT, 'docs', 'events.md'), eventsPage());
writeFileSync(join(ROOT, 'docs', 'errors.md'), errorsPage());
