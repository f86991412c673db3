import type { Directory } from '../ledger/directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { user } from '../people/entities.ts';
import { hashPassword, SALT_BYTES } from '../people/password.ts';
import { type Source, source } from '../sources/entities.ts';
import { DEFAULT_FEATURES } from './featureList.ts';
import { NATIVE_SOURCE_KEY } from './organisation.ts';
import { DEFAULT_COUNTRY, DEFAULT_TIME_ZONE, setting } from './setting.ts';

/** Far from the ids people choose. */
export const FIRST_ADMINISTRATOR_ID = 1_000_000;
export const FIRST_ADMINISTRATOR_LOGIN = 'admin';

const PASSWORD_LENGTH = 20;
/** 32 letters and digits that nobody confuses: five bits each. */
const PASSWORD_LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A source that is the server's own: nobody signs, and people write numbers there as the organisation does. */
export const OWN_SOURCE: Omit<Source, 'id'> = {
  key: NATIVE_SOURCE_KEY,
  kind: 'native',
  timeZone: DEFAULT_TIME_ZONE,
  country: DEFAULT_COUNTRY,
  areaCode: null,
  outsidePrefix: null,
  numbers: { ivr: [], queue: [], internal: [] },
  abandonSeconds: 5,
  active: true,
  managedBy: 'server',
  settings: {},
};

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
    directory.find(source, 'byKey', NATIVE_SOURCE_KEY).length > 0 &&
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
        state.put(user, {
          id: FIRST_ADMINISTRATOR_ID,
          login: FIRST_ADMINISTRATOR_LOGIN,
          name: 'Administrator',
          password: stored,
          roles: ['administrator'],
          active: true,
          features: DEFAULT_FEATURES,
        });
      }
      for (const [key, value] of Object.entries(DEFAULT_SETTINGS)) {
        if (state.get(setting, key) === undefined) state.put(setting, { key, value });
      }
      if (state.find(source, 'byKey', NATIVE_SOURCE_KEY).length === 0) {
        state.insert(source, { ...OWN_SOURCE, id: state.next('source') });
      }
      return nobodyYet;
    },
  });
  return { administrator: isFirst ? { login: FIRST_ADMINISTRATOR_LOGIN, password } : null };
}

/** Whether that administrator can log in: an organisation file may have given the login to somebody else. */
export const firstAdministratorStands = (directory: Directory): boolean =>
  directory.get(user, FIRST_ADMINISTRATOR_ID)?.active ?? false;

const DEFAULT_SETTINGS: Readonly<Record<string, unknown>> = {
  timeZone: DEFAULT_TIME_ZONE,
  country: DEFAULT_COUNTRY,
};
