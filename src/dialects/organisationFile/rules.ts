import type { WebhookRules } from '../../people/rules.ts';
import type { OwnSource } from '../../sources/ownSource.ts';
import type { SourceKind } from '../../sources/sourceKind.ts';

/** What other dialects say of the parts of the file that are about them. */
export interface OrganisationRules {
  readonly sourceKinds: readonly SourceKind[];
  readonly webhooks: WebhookRules;
  /** The sources that the server makes itself: behind `/v1`, the webhooks, the desktops of campaigns. */
  readonly ownSources: {
    readonly api: OwnSource;
    readonly webhooks: OwnSource;
    readonly campaigns: OwnSource;
  };
}
