import type { Sealing } from '../../config/keyFile.ts';
import { UnsealError } from '../../config/keyFile.ts';
import type { Directory } from '../../ledger/directory.ts';
import { user } from '../../people/entities.ts';
import { hashPassword, SALT_BYTES, verifyPassword } from '../../people/password.ts';
import { type SourceSettings, source } from '../../sources/entities.ts';
import { sealSettings } from '../../sources/sourceKind.ts';
import type { Organisation, OrganisationUser } from './organisation.ts';
import type { OrganisationRules } from './rules.ts';

/** What is to be stored of the file's secrets: exactly what is stored already where they have not changed. */
export interface Credentials {
  /** By user id. */
  readonly passwords: ReadonlyMap<number, string | null>;
  /** By source key: its settings, with the secrets among them sealed. */
  readonly settings: ReadonlyMap<string, SourceSettings>;
}

export interface CredentialMakers {
  /** From a password to what is stored of it. */
  readonly hash: (password: string) => Promise<string>;
  /** From a secret to what is stored of it. */
  readonly seal: (secret: string) => string;
  /** Throws `UnsealError`. */
  readonly open: (sealed: string) => string;
}

/** `random` gives that many bytes. */
export function credentialMakers(keyFile: Sealing, random: (bytes: number) => Uint8Array): CredentialMakers {
  return { hash: password => hashPassword(password, random(SALT_BYTES)), seal: keyFile.seal, open: keyFile.open };
}

/** For looking only: what has changed becomes some other text. */
export function credentialMarkers(keyFile: Sealing): CredentialMakers {
  return { hash: async () => 'another password', seal: () => 'another secret', open: keyFile.open };
}

/** As many as are hashed at once; more would only wait, and too many would be refused. */
const LANES = 2;

/**
 * Checking that a password is the stored one takes as long as hashing it (some 70 ms each, two at a time), so this is
 * what a start with many users waits for.
 */
export async function makeCredentials(
  file: Organisation,
  directory: Directory,
  makers: CredentialMakers,
  { sourceKinds }: OrganisationRules,
): Promise<Credentials> {
  const passwords = new Map<number, string | null>();
  const waiting = file.users.values();
  const lane = async () => {
    for (const each of waiting) passwords.set(each.id, await passwordOf(each, directory, makers));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const keeper = { seal: makers.seal, isSealed: (sealed: string, clear: string) => isSealed(sealed, clear, makers) };
  const settings = new Map(
    file.sources.map(({ key, kind, settings: said }) => {
      const stored = directory.find(source, 'byKey', key)[0]?.settings ?? null;
      return [key, sealSettings(sourceKinds.find(each => each.kind === kind)!, said, keeper)(stored)];
    }),
  );
  return { passwords, settings };
}

async function passwordOf(
  { id, password }: OrganisationUser,
  directory: Directory,
  makers: CredentialMakers,
): Promise<string | null> {
  if (password === null) return null;
  const stored = directory.get(user, id)?.password ?? null;
  if (stored !== null && (await verifyPassword(stored, password))) return stored;
  return makers.hash(password);
}

/** A secret sealed with a key file that is gone is sealed anew: the file has it in clear. */
function isSealed(stored: string, secret: string, makers: CredentialMakers): boolean {
  try {
    return makers.open(stored) === secret;
  } catch (error) {
    if (error instanceof UnsealError) return false;
    throw error;
  }
}
