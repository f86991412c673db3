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

/** What a list of numbers can say of one, beside that it is an extension. Of two that name a number the first counts. */
export const LISTED_PARTIES = [
  'ivr',
  'queue',
  'ringGroup',
  'conference',
  'paging',
  'parking',
  'voicemail',
  'featureCode',
] as const;
export type ListedParty = (typeof LISTED_PARTIES)[number];

const INSIDE: ReadonlySet<Party> = new Set<Party>(['extension', ...LISTED_PARTIES]);

/** Whether a number of this class belongs to the PBX. */
export const isInside = (party: Party): boolean => INSIDE.has(party);
