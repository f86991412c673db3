import type { Directory } from '../ledger/directory.ts';
import { type User, user } from './entities.ts';
import { DEFAULT_FEATURES } from './features.ts';

/** Far from the ids people choose. */
export const FIRST_ADMINISTRATOR_ID = 1_000_000;
export const FIRST_ADMINISTRATOR_LOGIN = 'admin';

/** `password` as it is stored. */
export const firstAdministrator = (password: string): User => ({
  id: FIRST_ADMINISTRATOR_ID,
  login: FIRST_ADMINISTRATOR_LOGIN,
  name: 'Administrator',
  password,
  roles: ['administrator'],
  active: true,
  features: DEFAULT_FEATURES,
  managedBy: 'server',
});

/** Whether that administrator can log in: an organisation file may have given the login to somebody else. */
export const firstAdministratorStands = (directory: Directory): boolean =>
  directory.get(user, FIRST_ADMINISTRATOR_ID)?.active ?? false;
