import type { WebhookRules } from '../../people/rules.ts';

export const webhookRules: WebhookRules = {
  /** What the methods of this server belong to (docs/bitrix24.md). */
  scopes: ['telephony', 'crm', 'user'],
  /** A portal's codes have 16 letters and digits. They are random, and only their SHA-256 is stored. */
  code: /^[A-Za-z0-9_-]{6,100}$/,
  codeMeaning: 'must have 6 to 100 letters, digits, _ or -',
};
