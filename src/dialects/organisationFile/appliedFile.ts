/** Which organisation file each of several servers has applied: with different ones each undoes at its start what the others have set. */
import { createHmac } from 'node:crypto';
import type { KeyFile } from '../../config/keyFile.ts';
import { setting } from '../../config/setting.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Organisation } from './organisation.ts';

const SETTING = 'appliedFiles';
/** Enough to tell files apart. */
const DIGEST_DIGITS = 32;

interface Applied {
  readonly node: number;
  readonly digest: string;
}

/**
 * Notes that this node has applied a file, and returns the numbers of those among `others`, the nodes that live, whose last one says
 * something else. Rejects as `Ledger.submit` does.
 */
export function noteApplied(
  ledger: Pick<Ledger, 'submit'>,
  digest: string,
  { node, others }: { readonly node: number; readonly others: readonly number[] },
): Promise<readonly number[]> {
  return ledger.submit({
    name: 'note the organisation file',
    bytes: 100 * (others.length + 1),
    apply: state => {
      const known = (state.get(setting, SETTING)?.value ?? []) as readonly Applied[];
      const living = known.filter(each => others.includes(each.node));
      state.put(setting, { key: SETTING, value: [...living, { node, digest }] });
      return living.filter(each => each.digest !== digest).map(each => each.node);
    },
  });
}

/** Of what the file says, wherever it lies; keyed, since it has secrets in clear. */
export function digestOf(file: Organisation, keyFile: Pick<KeyFile, 'derive'>): string {
  const said = JSON.stringify(file, (name, value) => (name === 'path' ? undefined : value));
  const digest = createHmac('sha256', keyFile.derive('organisation file')).update(said).digest('hex');
  return digest.slice(0, DIGEST_DIGITS);
}
