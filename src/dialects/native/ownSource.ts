import type { Directory } from '../../ledger/directory.ts';
import { type Source, source } from '../../sources/entities.ts';
import type { OwnSource } from '../../sources/ownSource.ts';

/** The source behind `/v1`, which every ledger has from its first start on. */
export const OWN_SOURCE: OwnSource = { purpose: 'api', key: 'native', kind: 'native', behind: 'behind /v1' };

export const ownSource = (directory: Pick<Directory, 'find'>): Readonly<Source> =>
  directory.find(source, 'byKey', OWN_SOURCE.key)[0]!;
