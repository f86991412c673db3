/** That all servers of one database have the same key file: one with another key could not read what the others have sealed. */
import { createHash } from 'node:crypto';
import type { Ledger } from '../ledger/ledger.ts';
import { ConfigError } from './configError.ts';
import type { KeyFile } from './keyFile.ts';
import { setting } from './setting.ts';

const SETTING = 'keyFingerprint';
/** Enough to tell keys apart; of a derived key, so that it says nothing about the others. */
const FINGERPRINT_DIGITS = 32;

/**
 * The first server keeps a fingerprint of its key in the ledger. Throws a `ConfigError` when there is that of another key, unless it
 * is to be forgotten. Rejects as `Ledger.submit` does.
 */
export async function checkSharedKey(
  ledger: Pick<Ledger, 'submit'>,
  keyFile: Pick<KeyFile, 'derive'>,
  { dataDir, forget }: { readonly dataDir: string; readonly forget: boolean },
): Promise<void> {
  const digest = createHash('sha256').update(keyFile.derive('fingerprint')).digest('hex');
  const fingerprint = digest.slice(0, FINGERPRINT_DIGITS);
  const kept = await ledger.submit({
    name: 'check the key file',
    bytes: 100,
    apply: state => {
      const known = state.get(setting, SETTING)?.value;
      if (known === fingerprint) return known;
      if (known !== undefined && !forget) return known;
      state.put(setting, { key: SETTING, value: fingerprint });
      return fingerprint;
    },
  });
  if (kept === fingerprint) return;
  throw new ConfigError([
    `The key file in ${dataDir} is not the one that this database was set up with: use the same DATA_DIR on all servers, or copy secret.key from one that works. If it is lost, start once with --forget-key and an organisation file that has all secrets.`,
  ]);
}
