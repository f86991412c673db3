/**
 * What a number reaches. `service` is a prompt, a survey or a mailbox by name, which nobody answers; `unknown` is a short number
 * that nothing says anything about.
 */
export const PARTIES = [
  'extension',
  'ivr',
  'queue',
  'ringGroup',
  'conference',
  'paging',
  'parking',
  'voicemail',
  'featureCode',
  'external',
  'service',
  'unknown',
] as const;
export type Party = (typeof PARTIES)[number];
