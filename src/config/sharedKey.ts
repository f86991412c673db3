/** That all servers of one database have the same key file: one with another key could not read what the others have sealed. */
import { createHash } from 'node:crypto';
import type { Ledger } from '../ledger/ledger.ts';
import type { State } from '../ledger/state.ts';
import { ConfigError } from './configError.ts';
import { hasKeyFile, type KeyFile, openKeyFile, UnsealError } from './keyFile.ts';
import { setting } from './setting.ts';

const SETTING = 'keyFingerprint';
/** Enough to tell keys apart; of a derived key, so that it says nothing about the others. */
const FINGERPRINT_DIGITS = 32;

const WHAT_TO_DO =
  'use the same DATA_DIR on all servers, or copy secret.key from one that works. If it is lost, start once with --forget-key and an organisation file that has all secrets.';
/** Nobody can say whether a server that others call working has the right key. */
const WHAT_TO_DO_FIRST =
  'copy secret.key from the DATA_DIR of the server that ran here before. If it is lost, start once with --forget-key and an organisation file that has all secrets.';

export interface SharedKeyOptions {
  /** Go on with this key, whatever was sealed with another one. */
  readonly forget: boolean;
  /** The other servers that live, as a person knows them: they would go on with the key that is to be forgotten. */
  readonly others: readonly string[];
  /** What there is that was sealed with a key file. */
  readonly sealedIn: (from: Pick<State, 'all'>) => readonly string[];
}

/**
 * The key file of a server, made where there is none and the ledger holds nothing that another key has sealed. The first server keeps
 * a fingerprint of its key in the ledger, once it has shown that the key opens what is there. Throws a `ConfigError` when it is not the
 * key of this ledger, unless that is to be forgotten. Rejects as `Ledger.submit` does.
 */
export async function checkSharedKey(
  ledger: Pick<Ledger, 'submit' | 'directory'>,
  dataDir: string,
  { forget, others, sealedIn }: SharedKeyOptions,
): Promise<void> {
  const mayForget = forget && others.length === 0;
  // Refused before a key is made: the next start, and whoever looks for the right one, would take it for the key there was.
  if (!hasKeyFile(dataDir) && !mayForget) {
    const isKnown = ledger.directory.get(setting, SETTING) !== undefined;
    if (isKnown || sealedIn(ledger.directory).length > 0) {
      if (forget) throw othersLive(others);
      throw new ConfigError([
        `There is no key file in ${dataDir}, and this database was set up with one: ${isKnown ? WHAT_TO_DO : WHAT_TO_DO_FIRST}`,
      ]);
    }
  }
  const keyFile = openKeyFile(dataDir);
  const digest = createHash('sha256').update(keyFile.derive('fingerprint')).digest('hex');
  const fingerprint = digest.slice(0, FINGERPRINT_DIGITS);
  const verdict = await ledger.submit<'right' | 'another' | 'opens nothing'>({
    name: 'check the key file',
    bytes: 100,
    apply: state => {
      const known = state.get(setting, SETTING)?.value;
      if (known === fingerprint) return 'right';
      if (!mayForget) {
        if (known !== undefined) return 'another';
        const sealed = sealedIn(state);
        // Secrets of sources that are long gone may have been left behind by an older key: one that opens is enough.
        if (sealed.length > 0 && !sealed.some(secret => opens(keyFile, secret))) return 'opens nothing';
      }
      state.put(setting, { key: SETTING, value: fingerprint });
      return 'right';
    },
  });
  if (verdict === 'right') return;
  if (forget) throw othersLive(others);
  throw new ConfigError([
    verdict === 'another'
      ? `The key file in ${dataDir} is not the one that this database was set up with: ${WHAT_TO_DO}`
      : `The key file in ${dataDir} opens none of the secrets in this database, which were sealed with another one: ${WHAT_TO_DO_FIRST}`,
  ]);
}

function opens(keyFile: KeyFile, sealed: string): boolean {
  try {
    keyFile.open(sealed);
    return true;
  } catch (error) {
    if (error instanceof UnsealError) return false;
    throw error;
  }
}

const othersLive = (others: readonly string[]): ConfigError =>
  new ConfigError([
    `--forget-key is for a server that is alone, and others live, which would go on with the old key: ${others.join(', ')}. Stop them first; one that was killed counts as living for some seconds.`,
  ]);
