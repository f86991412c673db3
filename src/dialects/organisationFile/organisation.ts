/** What an organisation file says, checked and complete: defaults filled in, secrets in clear, instants in milliseconds. */

import type { Json } from '../../ledger/entity.ts';
import type { Role } from '../../people/entities.ts';
import type { WithheldCallers } from '../../people/rules.ts';
import type { NumberRanges } from '../../sources/entities.ts';
import type { QueueThresholds } from '../../sources/queueThresholds.ts';

export interface Organisation {
  /** IANA name. */
  readonly timeZone: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly users: readonly OrganisationUser[];
  readonly tokens: readonly OrganisationToken[];
  readonly sources: readonly OrganisationSource[];
  readonly outbound: { readonly allow: readonly string[] };
  readonly bitrix24: { readonly webhooks: readonly OrganisationWebhook[] };
  readonly campaigns: readonly OrganisationCampaign[];
}

export interface OrganisationUser {
  readonly id: number;
  readonly login: string;
  /** In clear; null: cannot log in. */
  readonly password: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly active: boolean;
  readonly extensions: readonly Holding[];
  readonly devices: readonly Holding[];
  readonly features: readonly string[];
}

/**
 * An extension or a device somebody holds. `from` and `to` (exclusive) are UTC milliseconds. An end that is null was not
 * stated; both null: it is held now, since when is for the ledger to know.
 */
export interface Holding {
  readonly what: string;
  /** Of an extension the key of its source; empty for every source where nobody else holds it, and for devices. */
  readonly source: string;
  readonly from: number | null;
  readonly to: number | null;
  /** Where in the file. */
  readonly path: string;
}

export interface OrganisationToken {
  readonly name: string;
  /** In clear. */
  readonly token: string;
  readonly roles: readonly Role[];
}

export interface OrganisationSource {
  readonly key: string;
  readonly kind: string;
  readonly timeZone: string;
  readonly country: string;
  readonly areaCode: string | null;
  readonly outsidePrefix: string | null;
  readonly shortSeconds: number;
  readonly numbers: NumberRanges;
  readonly answerWithinSeconds: number;
  readonly queueThresholds: QueueThresholds;
  /** What is its kind's alone, secrets in clear. */
  readonly settings: Readonly<Record<string, Json>>;
}

export interface OrganisationWebhook {
  /** In clear; what tells it from the others. */
  readonly code: string;
  readonly userId: number;
  readonly name: string;
  readonly scope: readonly string[];
  readonly withheld: WithheldCallers;
}

export interface OrganisationCampaign {
  readonly name: string;
  readonly applicationId: number;
  readonly group: string;
  readonly timeZone: string;
  readonly country: string;
  readonly lists: readonly OrganisationList[];
}

export interface OrganisationList {
  readonly name: string;
  /** As it stands in the file, for messages. */
  readonly file: string;
  /** Where that is. */
  readonly path: string;
}
