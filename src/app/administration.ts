/** What changing the organisation over the API takes beyond the rooms: the server's own sources, the key file, the kinds there are. */
import { anyCampaign, changeCampaigns } from '../campaigns/changeCampaigns.ts';
import { type Sealing, UnsealError } from '../config/keyFile.ts';
import { readSetting } from '../config/setting.ts';
import type { Administration } from '../dialects/dialect.ts';
import type { Directory } from '../ledger/directory.ts';
import type { State } from '../ledger/state.ts';
import { anyWebhook, changeWebhooks } from '../people/webhooks.ts';
import { changeSources, keepOwnSource } from '../sources/changeSources.ts';
import { source } from '../sources/entities.ts';
import type { OwnSource } from '../sources/ownSource.ts';
import { organisationRules } from './organisationFile.ts';
import { tellsOf } from './sourceKinds.ts';

export interface AdministrationParts {
  readonly directory: Directory;
  readonly keyFile: Sealing;
  readonly random: (bytes: number) => Uint8Array;
}

export function createAdministration({ directory, keyFile, random }: AdministrationParts): Administration {
  const { sourceKinds, webhooks: webhookRules, ownSources } = organisationRules;
  return {
    sourceKinds,
    tellsOf,
    webhookRules,
    secrets: {
      seal: clear => keyFile.seal(clear),
      isSealed: (sealed, clear) => opens(keyFile, sealed) === clear,
    },
    random,
    country: () => readSetting(directory, 'country'),
    changeSources: (state, change) =>
      changeSources(state, change, { own: Object.values(ownSources), kinds: sourceKinds }, 'api'),
    changeWebhooks(state, change) {
      if ((change.webhooks ?? []).length > 0) keep(state, ownSources.webhooks, true);
      const portal = state.find(source, 'byKey', ownSources.webhooks.key)[0];
      changeWebhooks(state, change, portal?.id ?? 0, 'api');
      keep(state, ownSources.webhooks, anyWebhook(state));
    },
    changeCampaigns(state, change) {
      changeCampaigns(state, change, 'api');
      keep(state, ownSources.campaigns, anyCampaign(state));
    },
  };
}

function keep(state: State, own: OwnSource, isNeeded: boolean): void {
  const place = { timeZone: readSetting(state, 'timeZone'), country: readSetting(state, 'country') };
  keepOwnSource(state, own, isNeeded, place);
}

/** Null when it was sealed with a key file that is gone. */
function opens(keyFile: Sealing, sealed: string): string | null {
  try {
    return keyFile.open(sealed);
  } catch (error) {
    if (error instanceof UnsealError) return null;
    throw error;
  }
}
