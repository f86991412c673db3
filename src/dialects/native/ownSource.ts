import type { Directory } from '../../ledger/directory.ts';
import { type Source, source } from '../../sources/entities.ts';

/** The key of the source behind `/v1`, which every ledger has from its first start on. */
export const OWN_KEY = 'native';

export const ownSource = (directory: Pick<Directory, 'find'>): Readonly<Source> =>
  directory.find(source, 'byKey', OWN_KEY)[0]!;
