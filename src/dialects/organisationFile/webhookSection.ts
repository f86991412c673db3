import { Fields, type Problems, shownValue, type TextRule } from './fields.ts';
import type { OrganisationWebhook } from './organisation.ts';
import { type SecretPlaces, secretText } from './secretText.ts';
import { suggestion } from './suggestion.ts';

const KNOWN = ['user', 'code', 'scope', 'name'];
const NAME: TextRule = { max: 100 };
/** A portal's codes have 16 letters and digits. They are random, and only their SHA-256 is stored. */
const CODE = /^[A-Za-z0-9_-]{6,100}$/;
/** What the methods of this server belong to (reference/bitrix24.md). */
export const SCOPES = ['telephony', 'crm', 'user'] as const;

/** One entry of `bitrix24.webhooks`; null, after the mistakes were noted, when it cannot be read. */
export function readWebhook(
  value: unknown,
  path: string,
  { places, problems }: { places: SecretPlaces; problems: Problems },
): OrganisationWebhook | null {
  const fields = Fields.of(value, path, KNOWN, problems);
  if (fields === null) return null;
  fields.require('user');
  fields.require('code');
  const userId = fields.integer('user', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const code = fields.has('code') ? secretText(fields.raw('code'), fields.path('code'), places, problems) : null;
  if (code !== null && !CODE.test(code)) {
    problems.add(fields.path('code'), 'must have 6 to 100 letters, digits, _ or -');
    return null;
  }
  const name = fields.text('name', NAME);
  const scope = fields.has('scope') ? readScope(fields) : SCOPES;
  return userId === null || code === null ? null : { code, userId, name: name ?? `of user ${userId}`, scope };
}

/** In the order of `SCOPES`, each once. */
function readScope(fields: Fields): readonly string[] {
  const given = fields.list('scope', 20, (value, path) => {
    const scope = SCOPES.find(each => each === value);
    if (scope !== undefined) return scope;
    const what = typeof value === 'string' ? `, not ${shownValue(value)}` : '';
    const meant = typeof value === 'string' ? suggestion(value, SCOPES) : null;
    fields.problems.add(
      path,
      `must be one of ${SCOPES.join(', ')}${what}${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
    return null;
  });
  return SCOPES.filter(scope => given.includes(scope));
}
