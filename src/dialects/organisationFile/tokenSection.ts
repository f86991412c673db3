import { TOKEN, TOKEN_NAME } from '../../people/rules.ts';
import { Fields, type Problems } from './fields.ts';
import type { OrganisationToken } from './organisation.ts';
import { type SecretPlaces, secretText } from './secretText.ts';
import { readRoles } from './userSection.ts';

const KNOWN = ['name', 'token', 'roles'];

/** One entry of `tokens`; null, after the mistakes were noted, when it cannot be read. */
export function readToken(
  value: unknown,
  path: string,
  { places, problems }: { places: SecretPlaces; problems: Problems },
): OrganisationToken | null {
  const fields = Fields.of(value, path, KNOWN, problems);
  if (fields === null) return null;
  const name = fields.requiredText('name', TOKEN_NAME);
  fields.require('token');
  fields.require('roles');
  const token = fields.has('token') ? secretText(fields.raw('token'), fields.path('token'), places, problems) : null;
  const roles = readRoles(fields);
  if (token === null) return null;
  if (token.length < TOKEN.min || token.length > TOKEN.max) {
    problems.add(fields.path('token'), `must have ${TOKEN.min} to ${TOKEN.max} characters`);
    return null;
  }
  if (!TOKEN.pattern.test(token)) {
    problems.add(fields.path('token'), `must consist of ${TOKEN.meaning}`);
    return null;
  }
  return name === null ? null : { name, token, roles };
}
