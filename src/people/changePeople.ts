/** Users and tokens, changed one at a time or many at once. What must always be true is checked when all of it is done. */
import { putChanged } from '../ledger/putChanged.ts';
import type { State } from '../ledger/state.ts';
import { type Manager, managedByFile, mayManage } from '../values/managedBy.ts';
import { type Role, type Token, token, type User, user } from './entities.ts';
import { type Holder, setHoldings } from './holdings.ts';
import { PeopleRefusal } from './refusals.ts';

export interface NewUser extends Holder {
  readonly login: string;
  readonly name: string;
  /** As it is stored; null: cannot log in; undefined: as before. */
  readonly password: string | null | undefined;
  readonly roles: readonly Role[];
  readonly active: boolean;
  readonly features: readonly string[];
}

export interface NewToken {
  readonly name: string;
  /** Undefined: as before, of one that is active. */
  readonly hash: string | undefined;
  readonly roles: readonly Role[];
}

export interface PeopleChange {
  readonly users?: readonly NewUser[];
  /** By id. */
  readonly usersGone?: readonly number[];
  /** Users who let go of their login, because another one gets it. */
  readonly loginsReleased?: readonly number[];
  readonly tokens?: readonly NewToken[];
  /** By name. */
  readonly tokensGone?: readonly string[];
}

/** Throws a `PeopleRefusal`. */
export function changePeople(state: State, change: PeopleChange, by: Manager): void {
  const { users = [], usersGone = [], loginsReleased = [], tokens = [], tokensGone = [] } = change;
  const hadAdministrator = hasAdministrator(state);
  for (const id of loginsReleased) releaseLogin(state, id);
  for (const each of users) writeUser(state, each, by);
  for (const id of usersGone) endUser(state, id, by);
  setHoldings(state, users, usersGone, by);
  for (const each of tokens) writeToken(state, each, by);
  for (const name of tokensGone) endToken(state, name, by);
  for (const { id, login } of users) {
    const other = state.find(user, 'byLogin', login).find(each => each.id !== id);
    if (other !== undefined) throw new PeopleRefusal('taken', `the login ${login} is that of user ${other.id}`);
  }
  if (hadAdministrator && !hasAdministrator(state)) {
    throw new PeopleRefusal(
      'noAdministrator',
      'nobody would be left who can administer: give another active user with a password, or a token, the role administrator first',
    );
  }
}

/** A user who can log in, or a token. */
export const administers = ({ active, roles }: Readonly<Token>): boolean => active && roles.includes('administrator');
export const userAdministers = ({ active, password, roles }: Readonly<User>): boolean =>
  active && password !== null && roles.includes('administrator');

const hasAdministrator = (state: Pick<State, 'all'>): boolean =>
  state.all(user).some(userAdministers) || state.all(token).some(administers);

const userName = ({ id, login }: Readonly<User>): string => `user ${id} (${login})`;

function writeUser(state: State, input: NewUser, by: Manager): void {
  const { id, login, name, password, roles, active, features } = input;
  const before = state.get(user, id);
  if (before !== undefined && !mayManage(by, before)) {
    throw new PeopleRefusal('managedByFile', managedByFile(userName(before)));
  }
  const stored = password === undefined ? (before?.password ?? null) : password;
  const after: User = { id, login, name, password: stored, roles, active, features, managedBy: by };
  putChanged(state, user, before, after);
}

/** What the file no longer names is nobody's any more, and may be made again over the API. */
function endUser(state: State, id: number, by: Manager): void {
  const before = state.get(user, id);
  if (before === undefined) return;
  if (!mayManage(by, before)) throw new PeopleRefusal('managedByFile', managedByFile(userName(before)));
  const managedBy = by === 'file' && before.managedBy === 'server' ? 'server' : 'api';
  putChanged(state, user, before, { ...before, active: false, managedBy });
}

/** No login holds a colon, and Basic authentication cannot send one: nobody gets it and nobody comes in by it. */
export const releasedLogin = ({ id, login }: Readonly<User>): string =>
  login.endsWith(`:${id}`) ? login : `${login}:${id}`;

export function releaseLogin(state: State, id: number): void {
  const before = state.get(user, id);
  if (before !== undefined) putChanged(state, user, before, { ...before, login: releasedLogin(before) });
}

function writeToken(state: State, { name, hash, roles }: NewToken, by: Manager): void {
  const before = state.find(token, 'byName', name)[0];
  if (before !== undefined && !mayManage(by, before)) {
    throw new PeopleRefusal('managedByFile', managedByFile(`token ${name}`));
  }
  // What was revoked opens nothing again.
  const stored = hash ?? (before?.active === true ? before.hash : undefined);
  if (stored === undefined) throw new Error('a token that is new or not active needs one');
  const other = state.find(token, 'byHash', stored).find(each => each.name !== name && each.active);
  if (other !== undefined) throw new PeopleRefusal('taken', `the same token is there already, as ${other.name}`);
  const after: Token = { id: before?.id ?? 0, name, hash: stored, roles, active: true, managedBy: by };
  if (before === undefined) state.insert(token, { ...after, id: state.next('token') });
  else putChanged(state, token, before, after);
}

function endToken(state: State, name: string, by: Manager): void {
  const before = state.find(token, 'byName', name)[0];
  if (before === undefined) return;
  if (!mayManage(by, before)) throw new PeopleRefusal('managedByFile', managedByFile(`token ${name}`));
  putChanged(state, token, before, { ...before, active: false, managedBy: 'api' });
}
