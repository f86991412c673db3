import type { OwnSource } from '../../sources/ownSource.ts';

/** All webhooks report to it: they are one portal. */
export const OWN_SOURCE: OwnSource = {
  purpose: 'webhooks',
  key: 'bitrix24',
  kind: 'bitrix24',
  behind: 'behind the webhooks',
};
