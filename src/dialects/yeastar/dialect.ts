import type { Source } from '../../sources/entities.ts';
import type { Dialect, House } from '../dialect.ts';
import { reread, yeastarDoor } from './door.ts';
import { settingsOf } from './settings.ts';
import { yeastarSources } from './sourceKind.ts';
import { tells } from './tells.ts';

const KIND = 'yeastar';

/** A P-Series PBX that pushes its call detail records. */
export const yeastar: Dialect = {
  kind: KIND,
  tells,
  sources: yeastarSources,
  prefix: '/yeastar',
  open: (scope, { ledger, calls, keys, meters, warnOf, quarantinedOf }) =>
    yeastarDoor(scope, {
      ledger,
      calls,
      secretOf: secretsOf(keys),
      count: verdict => meters.countReport(KIND, verdict),
      warn: warnOf,
      quarantined: quarantinedOf,
    }),
  reread,
};

/** Secrets in clear, opened once per source row: a changed source is another row. */
function secretsOf(keys: House['keys']): (from: Readonly<Source>) => string | null {
  const opened = new WeakMap<object, string>();
  return from => {
    const { secret } = settingsOf(from);
    if (secret === null) return null;
    let clear = opened.get(from);
    if (clear === undefined) {
      clear = keys.open(secret);
      opened.set(from, clear);
    }
    return clear;
  };
}
