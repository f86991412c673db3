import { bareNumber } from '../../calls/fold/numberPlan.ts';
import type { Directory } from '../../ledger/directory.ts';
import { type User, user } from '../../people/entities.ts';
import { holderOf } from '../../people/holders.ts';
import { methodError } from './errors.ts';
import type { Params } from './params.ts';
import { integerOf } from './paramsValue.ts';

export interface NamedUser {
  readonly user: Readonly<User>;
  /** The extension the application named, null when it named the user. */
  readonly extension: string | null;
}

/**
 * USER_ID before USER_PHONE_INNER. An extension that nobody holds, or several at PBXs of their own, is the error of naming nobody (docs/bitrix24.md, section 21,
 * rows 21 and 22); an id that is no user's may be an extension, as the PHP SDK sends it (docs/bitrix24.md, section 20.2).
 * Throws `MethodError`.
 */
export function namedUser(params: Params, directory: Directory, now: number): NamedUser {
  const holder = (extension: string | null) => active(directory, holderOf(directory, extension, null, now));
  if (params.has('USER_ID')) {
    const found = active(directory, params.integer('USER_ID') ?? null);
    if (found !== null) return { user: found, extension: null };
    const extension = extensionIn(params, 'USER_ID');
    const byExtension = holder(extension);
    if (byExtension !== null) return { user: byExtension, extension };
    throw methodError('userNotFound');
  }
  const extension = extensionIn(params, 'USER_PHONE_INNER');
  const found = holder(extension);
  if (found === null) throw methodError('userNotSet');
  return { user: found, extension };
}

function extensionIn(params: Params, name: string): string | null {
  const given = params.text(name);
  return given === null ? null : bareNumber(given);
}

function active(directory: Directory, id: number | null): Readonly<User> | null {
  const found = id === null ? undefined : directory.get(user, id);
  return found?.active === true ? found : null;
}

/** USER_ID of show and hide: one or many; null when it is not given. Ids that are nobody's are passed over. */
export function namedUsers(params: Params, directory: Directory): readonly number[] | null {
  if (!params.has('USER_ID')) return null;
  const single = params.integer('USER_ID');
  const given = typeof single === 'number' ? [single] : (params.list('USER_ID') ?? []).map(integerOf);
  return given.filter(id => typeof id === 'number').filter(id => active(directory, id) !== null);
}
