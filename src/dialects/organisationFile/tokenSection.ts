import { MAX_TOKEN_LENGTH } from '../../people/authenticator.ts';
import { Fields, type Problems, type TextRule } from './fields.ts';
import type { OrganisationToken } from './organisation.ts';
import { type SecretPlaces, secretText } from './secretText.ts';
import { readRoles } from './userSection.ts';

const KNOWN = ['name', 'token', 'roles'];
const NAME: TextRule = { max: 100 };
/** Stored as SHA-256 without salt, so it must be too long to be tried out. */
const MIN_LENGTH = 16;

/** One entry of `tokens`; null, after the mistakes were noted, when it cannot be read. */
export function readToken(
  value: unknown,
  path: string,
  { places, problems }: { places: SecretPlaces; problems: Problems },
): OrganisationToken | null {
  const fields = Fields.of(value, path, KNOWN, problems);
  if (fields === null) return null;
  const name = fields.requiredText('name', NAME);
  fields.require('token');
  fields.require('roles');
  const token = fields.has('token') ? secretText(fields.raw('token'), fields.path('token'), places, problems) : null;
  const roles = readRoles(fields);
  if (token === null) return null;
  if (token.length < MIN_LENGTH || token.length > MAX_TOKEN_LENGTH) {
    problems.add(fields.path('token'), `must have ${MIN_LENGTH} to ${MAX_TOKEN_LENGTH} characters`);
    return null;
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    problems.add(fields.path('token'), 'must consist of ASCII letters, digits and signs, since it travels in a header');
    return null;
  }
  return name === null ? null : { name, token, roles };
}
