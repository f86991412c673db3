import { ConfigError } from '../../config/configError.ts';
import type { Directory } from '../../ledger/directory.ts';
import { type User, user } from '../../people/entities.ts';
import { FIRST_ADMINISTRATOR_ID, FIRST_ADMINISTRATOR_LOGIN } from '../../people/firstAdministrator.ts';
import type { Credentials } from './credentials.ts';
import type { Organisation } from './organisation.ts';
import { type HeldDraft, planHoldings } from './planHoldings.ts';
import { type Draft, type Step, stepTo } from './step.ts';

/** Users and what they hold. Those the file does not name are disabled, and what they hold ends at `now`. */
export function planUsers(
  file: Organisation,
  directory: Directory,
  now: number,
  passwords: Credentials['passwords'],
): readonly Draft[] {
  const holdings = planHoldings(file.users, directory, now);
  const known = new Map(directory.all(user).map(each => [each.id, each]));
  const holderOf = holderOfLogin(file);
  const named = file.users.map((each): Draft => {
    const { id, login, name, roles, active, features } = each;
    const before = known.get(id) ?? null;
    known.delete(id);
    const after: User = { id, login, name, password: passwords.get(id) ?? null, roles, active, features };
    return withHoldings(`user ${id} (${login})`, stepTo(user, before, after), holdings.get(id));
  });
  const unnamed = [...known.values()]
    .sort((a, b) => a.id - b.id)
    .map(row => {
      const steps = stepTo(user, row, unnamedUser(row, file, holderOf(row)));
      return withHoldings(`user ${row.id} (${row.login})`, steps, holdings.get(row.id));
    });
  return [...named, ...unnamed];
}

function withHoldings(what: string, own: readonly Step[], held: HeldDraft | undefined): Draft {
  return { what, steps: [...own, ...(held?.steps ?? [])], fields: [...(held?.fields ?? [])] };
}

function unnamedUser(row: Readonly<User>, file: Organisation, holder: number): User {
  // Nobody names the administrator the server made: it stays, and comes back when nobody else can administer.
  const isFirst = row.id === FIRST_ADMINISTRATOR_ID;
  if (isFirst && !namesAdministrator(file)) {
    const taker = file.users.find(each => each.login === FIRST_ADMINISTRATOR_LOGIN);
    if (taker === undefined) return { ...row, active: true, login: FIRST_ADMINISTRATOR_LOGIN };
    throw new ConfigError([
      `The login ${FIRST_ADMINISTRATOR_LOGIN} cannot be given to user ${taker.id}: it is the first administrator's, and the file names no other active user with a password, and no token, that is an administrator.`,
    ]);
  }
  if (holder !== row.id) return { ...row, active: false, login: releasedLogin(row) };
  return { ...row, active: isFirst && row.active && row.login === FIRST_ADMINISTRATOR_LOGIN };
}

/** Whether somebody else can administer, so that the administrator of the first start need not. */
function namesAdministrator({ users, tokens }: Organisation): boolean {
  return (
    users.some(each => each.active && each.password !== null && each.roles.includes('administrator')) ||
    tokens.some(each => each.roles.includes('administrator'))
  );
}

/** Whom the file gives a user's login to; the user's own id when nobody else gets it. */
function holderOfLogin(file: Organisation): (row: Readonly<User>) => number {
  const ids = new Map(file.users.map(each => [each.login, each.id]));
  if (!ids.has(FIRST_ADMINISTRATOR_LOGIN) && !namesAdministrator(file)) {
    ids.set(FIRST_ADMINISTRATOR_LOGIN, FIRST_ADMINISTRATOR_ID);
  }
  return row => ids.get(row.login) ?? row.id;
}

export function usersToRelease(file: Organisation, directory: Directory): readonly Readonly<User>[] {
  const holderOf = holderOfLogin(file);
  return directory.all(user).filter(each => holderOf(each) !== each.id);
}

/** No login of a file holds a colon, and Basic authentication cannot send one: nobody gets it and nobody comes in by it. */
export const releasedLogin = ({ id, login }: Readonly<User>): string => `${login}:${id}`;
