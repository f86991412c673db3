import { WEBHOOK_NAME, type WebhookRules, WITHHELD_CALLERS, type WithheldCallers } from '../../people/rules.ts';
import { Fields, type Problems, shownValue, type TextRule } from './fields.ts';
import type { OrganisationWebhook } from './organisation.ts';
import type { OrganisationRules } from './rules.ts';
import { type SecretPlaces, secretText } from './secretText.ts';
import { suggestion } from './suggestion.ts';

const KNOWN = ['user', 'code', 'scope', 'name', 'withheld'];
const WORD: TextRule = { max: 20, shown: true };

/** One entry of `bitrix24.webhooks`; null, after the mistakes were noted, when it cannot be read. */
export function readWebhook(
  value: unknown,
  path: string,
  { places, problems, rules }: { places: SecretPlaces; problems: Problems; rules: OrganisationRules },
): OrganisationWebhook | null {
  const fields = Fields.of(value, path, KNOWN, problems);
  if (fields === null) return null;
  fields.require('user');
  fields.require('code');
  const userId = fields.integer('user', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const code = fields.has('code') ? secretText(fields.raw('code'), fields.path('code'), places, problems) : null;
  if (code !== null && !rules.webhooks.code.test(code)) {
    problems.add(fields.path('code'), rules.webhooks.codeMeaning);
    return null;
  }
  const name = fields.text('name', WEBHOOK_NAME);
  const scope = fields.has('scope') ? readScope(fields, rules.webhooks) : rules.webhooks.scopes;
  const withheld = readWithheld(fields);
  return userId === null || code === null ? null : { code, userId, name: name ?? `of user ${userId}`, scope, withheld };
}

function readWithheld(fields: Fields): WithheldCallers {
  const [accept] = WITHHELD_CALLERS;
  const given = fields.text('withheld', WORD) ?? accept;
  const choice = WITHHELD_CALLERS.find(each => each === given);
  if (choice !== undefined) return choice;
  fields.problems.add(fields.path('withheld'), `must be ${WITHHELD_CALLERS.join(' or ')}, not ${shownValue(given)}`);
  return accept;
}

/** In the order of the rules, each once. */
function readScope(fields: Fields, { scopes }: WebhookRules): readonly string[] {
  const given = fields.list('scope', 20, (value, path) => {
    const scope = scopes.find(each => each === value);
    if (scope !== undefined) return scope;
    const what = typeof value === 'string' ? `, not ${shownValue(value)}` : '';
    const meant = typeof value === 'string' ? suggestion(value, scopes) : null;
    fields.problems.add(
      path,
      `must be one of ${scopes.join(', ')}${what}${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
    return null;
  });
  return scopes.filter(scope => given.includes(scope));
}
