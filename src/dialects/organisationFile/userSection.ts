import { EVERYWHERE, ROLES, type Role } from '../../people/entities.ts';
import { MAX_PASSWORD_LENGTH } from '../../people/password.ts';
import {
  DEVICE as DEVICE_RULE,
  EXTENSION as EXTENSION_RULE,
  LOGIN as LOGIN_RULE,
  MAX_DEVICES,
  MAX_EXTENSIONS,
  USER_NAME,
} from '../../people/rules.ts';
import { SOURCE_KEY } from '../../sources/rules.ts';
import { readFeatures } from './featureList.ts';
import { checkedText, Fields, type Problems, shownValue, type TextRule } from './fields.ts';
import { readInstant } from './instant.ts';
import type { Holding, OrganisationUser } from './organisation.ts';
import { type SecretPlaces, secretText } from './secretText.ts';

const KNOWN = ['id', 'login', 'password', 'name', 'extension', 'roles', 'active', 'devices', 'features'];
const LOGIN: TextRule = { ...LOGIN_RULE, shown: true };
const EXTENSION: TextRule = { ...EXTENSION_RULE, shown: true };
const SOURCE: TextRule = { ...SOURCE_KEY, shown: true };
const DEVICE: TextRule = { ...DEVICE_RULE, shown: true };

/** One entry of `users`; null, after the mistakes were noted, when not even id and login can be read. */
export function readUser(
  value: unknown,
  path: string,
  { timeZone, places, problems }: { timeZone: string; places: SecretPlaces; problems: Problems },
): OrganisationUser | null {
  const fields = Fields.of(value, path, KNOWN, problems);
  if (fields === null) return null;
  fields.require('id');
  const id = fields.integer('id', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const login = fields.requiredText('login', LOGIN);
  const user = {
    password: readPassword(fields, places),
    name: fields.text('name', USER_NAME) ?? login ?? '',
    roles: fields.has('roles') ? readRoles(fields) : (['agent'] as const),
    active: fields.boolean('active', true),
    extensions: readExtensions(fields, timeZone),
    devices: fields.list('devices', MAX_DEVICES, (each, at): Holding | null => {
      const device = checkedText(each, at, DEVICE, problems);
      return device === null
        ? null
        : { what: device.toLowerCase(), source: EVERYWHERE, from: null, to: null, path: at };
    }),
    features: readFeatures(fields),
  };
  return id === null || login === null ? null : { id, login, ...user };
}

function readPassword(fields: Fields, places: SecretPlaces): string | null {
  const value = fields.raw('password');
  if (value === undefined || value === null) return null;
  const password = secretText(value, fields.path('password'), places, fields.problems);
  if (password === null || password.length <= MAX_PASSWORD_LENGTH) return password;
  fields.problems.add(fields.path('password'), `must not be longer than ${MAX_PASSWORD_LENGTH} characters`);
  return null;
}

/** In the order of `ROLES`, each once. */
export function readRoles(fields: Fields): readonly Role[] {
  const given = fields.list('roles', 20, (value, path) => {
    const role = ROLES.find(each => each === value);
    if (role !== undefined) return role;
    const what = typeof value === 'string' ? `, not ${shownValue(value)}` : '';
    fields.problems.add(path, `must be one of ${ROLES.join(', ')}${what}`);
    return null;
  });
  return ROLES.filter(role => given.includes(role));
}

/** One extension, or a list of them; each a number, or an object that says more of it. */
function readExtensions(fields: Fields, timeZone: string): readonly Holding[] {
  const value = fields.raw('extension');
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    return fields.list('extension', MAX_EXTENSIONS, (each, at) => readExtension(each, at, timeZone, fields.problems));
  }
  const one = readExtension(value, fields.path('extension'), timeZone, fields.problems);
  return one === null ? [] : [one];
}

function readExtension(value: unknown, path: string, timeZone: string, problems: Problems): Holding | null {
  if (typeof value === 'string') {
    const number = checkedText(value, path, EXTENSION, problems);
    return number === null ? null : { what: number, source: EVERYWHERE, from: null, to: null, path };
  }
  if (typeof value !== 'object' || value === null) {
    problems.add(
      path,
      'must be a number in double quotes, as in "2005", or {"number","source","from","to"}, or a list of these',
    );
    return null;
  }
  const fields = Fields.of(value, path, ['number', 'source', 'from', 'to'], problems);
  if (fields === null) return null;
  const number = fields.requiredText('number', EXTENSION);
  const source = fields.text('source', SOURCE) ?? EVERYWHERE;
  const from = readInstant(fields, 'from', timeZone);
  const to = readInstant(fields, 'to', timeZone);
  if (from !== null && to !== null && from >= to) {
    problems.add(fields.path('to'), 'must be later than from');
    return null;
  }
  return number === null ? null : { what: number, source, from, to, path };
}
