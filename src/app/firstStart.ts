/** What every ledger has from its first start on. */
import { FOLD_RULES } from '../calls/fold/foldRules.ts';
import { DEFAULT_COUNTRY, DEFAULT_TIME_ZONE, setting } from '../config/setting.ts';
import { OWN_SOURCE } from '../dialects/native/ownSource.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { user } from '../people/entities.ts';
import { FIRST_ADMINISTRATOR_LOGIN, firstAdministrator } from '../people/firstAdministrator.ts';
import { hashPassword, SALT_BYTES } from '../people/password.ts';
import { source } from '../sources/entities.ts';
import { ownSourceRow } from '../sources/ownSource.ts';

const PLACE = { timeZone: DEFAULT_TIME_ZONE, country: DEFAULT_COUNTRY };
const PASSWORD_LENGTH = 20;
/** 32 letters and digits that nobody confuses: five bits each. */
const PASSWORD_LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

export interface Foundations {
  /** Made just now: to be shown once, since only its hash is stored. Null at every later start. */
  readonly administrator: { readonly login: string; readonly password: string } | null;
}

/**
 * What every ledger has from its first start on: an administrator, the settings, the source behind `/v1`. Before an
 * organisation file is applied. `random` gives that many random bytes. Rejects as `Ledger.submit` does.
 */
export async function ensureFoundations(
  ledger: Ledger,
  { random }: { readonly random: (bytes: number) => Uint8Array },
): Promise<Foundations> {
  const { directory } = ledger;
  const seemsFirst = directory.all(user).length === 0;
  const hasAll =
    directory.find(source, 'byKey', OWN_SOURCE.key).length > 0 &&
    Object.keys(DEFAULT_SETTINGS).every(key => directory.get(setting, key) !== undefined);
  if (!seemsFirst && hasAll) return { administrator: null };
  const password = Array.from(random(PASSWORD_LENGTH), byte => PASSWORD_LETTERS[byte % PASSWORD_LETTERS.length]).join(
    '',
  );
  const stored = seemsFirst ? await hashPassword(password, random(SALT_BYTES)) : null;
  const isFirst = await ledger.submit({
    name: 'found organisation',
    bytes: 1_000,
    apply: state => {
      // Somebody else may have started while this password was hashed, and has printed another one.
      const nobodyYet = stored !== null && state.all(user).length === 0;
      if (nobodyYet) {
        state.put(user, firstAdministrator(stored));
        state.put(setting, { key: 'foldRules', value: { all: FOLD_RULES, sources: {} } });
      }
      for (const [key, value] of Object.entries(DEFAULT_SETTINGS)) {
        if (state.get(setting, key) === undefined) state.put(setting, { key, value });
      }
      if (state.find(source, 'byKey', OWN_SOURCE.key).length === 0) {
        state.insert(source, { ...ownSourceRow(OWN_SOURCE, PLACE), id: state.next('source') });
      }
      return nobodyYet;
    },
  });
  return { administrator: isFirst ? { login: FIRST_ADMINISTRATOR_LOGIN, password } : null };
}

const DEFAULT_SETTINGS: Readonly<Record<string, unknown>> = {
  timeZone: DEFAULT_TIME_ZONE,
  country: DEFAULT_COUNTRY,
};
