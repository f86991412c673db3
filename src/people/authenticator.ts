import type { Directory } from '../ledger/directory.ts';
import { addressBlock } from './addressBlock.ts';
import { token, type User, user } from './entities.ts';
import { Lockout } from './lockout.ts';
import { MAX_PASSWORD_LENGTH, unmatchablePassword, verifyPassword } from './password.ts';
import type { Principal } from './principal.ts';
import { tokenHash } from './tokenHash.ts';
import { VERIFYING_KEY_BYTES, VerifiedPasswords } from './verifiedPasswords.ts';

/** Longer ones are nobody's; keeps what is counted per login small. */
export const MAX_LOGIN_LENGTH = 255;
export const MAX_TOKEN_LENGTH = 1024;

/** Too many wrong passwords for this login from this address; no password was looked at. */
export interface LockedOut {
  readonly lockedForSeconds: number;
}

export interface Authenticator {
  /** Null when no active token is this one. */
  bearer(token: string): Principal | null;
  /**
   * Null when the login is unknown, has no password, is not active, or the password is wrong: which of them cannot be
   * told from the answer nor from the time it takes. `address` is the client's IP address. Rejects with
   * `HashingOverloaded` when too many passwords wait to be checked.
   */
  basic(login: string, password: string, address: string): Promise<Principal | LockedOut | null>;
}

/** `clock` gives UTC milliseconds, `random` that many random bytes. */
export function createAuthenticator(deps: {
  readonly directory: Directory;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
}): Authenticator {
  const { directory, clock, random } = deps;
  const lockout = new Lockout();
  const verified = new VerifiedPasswords(random(VERIFYING_KEY_BYTES));
  const nobodys = unmatchablePassword(random);
  /** The same password asked for many times at once (a desktop that starts) is checked once. */
  const checks = new Map<string, Promise<boolean>>();

  function check(stored: string, login: string, password: string, address: string, fingerprint: string) {
    const id = `${fingerprint} ${stored}`;
    let running = checks.get(id);
    if (running === undefined) {
      lockout.begin(login, address);
      running = verifyPassword(stored, password).finally(() => {
        lockout.end(login, address);
        checks.delete(id);
      });
      checks.set(id, running);
    }
    return running;
  }

  return {
    bearer(given) {
      if (given.length > MAX_TOKEN_LENGTH) return null;
      const found = directory.find(token, 'byHash', tokenHash(given)).find(each => each.active);
      return found === undefined ? null : { kind: 'token', name: found.name, userId: null, roles: found.roles };
    },

    async basic(login, password, clientAddress) {
      if (login.length > MAX_LOGIN_LENGTH || password.length > MAX_PASSWORD_LENGTH) return null;
      const address = addressBlock(clientAddress);
      const lockedForSeconds = lockout.lockedForSeconds(login, address, clock());
      if (lockedForSeconds > 0) return { lockedForSeconds };
      const holder = activeUser(directory, login);
      const stored = holder?.password ?? null;
      const fingerprint = verified.fingerprint(login, password);
      if (holder !== null && stored !== null && verified.knows(fingerprint, stored, clock()))
        return principalOf(holder);

      const matches = await check(stored ?? nobodys, login, password, address, fingerprint);
      if (!matches || stored === null) {
        lockout.wrong(login, address, clock());
        return null;
      }
      // The organisation may have changed while the password was being checked.
      const now = activeUser(directory, login);
      if (now === null || now.password !== stored) return null;
      verified.remember(fingerprint, stored, clock());
      return principalOf(now);
    },
  };
}

function activeUser(directory: Directory, login: string): Readonly<User> | null {
  return directory.find(user, 'byLogin', login).find(each => each.active) ?? null;
}

function principalOf({ id, login, roles }: Readonly<User>): Principal {
  return { kind: 'user', name: login, userId: id, roles };
}
