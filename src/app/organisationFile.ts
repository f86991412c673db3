/** The organisation file with what the dialects say of their parts of it. */
import { OWN_SOURCE as portal } from '../dialects/bitrix24/ownSource.ts';
import { webhookRules } from '../dialects/bitrix24/webhookRules.ts';
import { OWN_SOURCE as desktops } from '../dialects/genesys/ownSource.ts';
import { OWN_SOURCE as api } from '../dialects/native/ownSource.ts';
import {
  type ApplyDeps,
  applyOrganisation as apply,
  checkOrganisation as check,
} from '../dialects/organisationFile/apply.ts';
import type { Organisation } from '../dialects/organisationFile/organisation.ts';
import {
  parseOrganisation as parse,
  readOrganisationFile as read,
} from '../dialects/organisationFile/organisationFile.ts';
import type { Change } from '../dialects/organisationFile/plan.ts';
import type { OrganisationRules } from '../dialects/organisationFile/rules.ts';
import type { SecretPlaces } from '../dialects/organisationFile/secretText.ts';
import { yeastarSources } from '../dialects/yeastar/sourceKind.ts';
import type { Ledger } from '../ledger/ledger.ts';

export const organisationRules: OrganisationRules = {
  sourceKinds: [yeastarSources],
  webhooks: webhookRules,
  ownSources: { api, webhooks: portal, campaigns: desktops },
};

export const readOrganisationFile = (path: string, variables: NodeJS.ProcessEnv): Organisation =>
  read(path, variables, organisationRules);

export const parseOrganisation = (text: string, places: SecretPlaces, path: string): Organisation =>
  parse(text, places, path, organisationRules);

export const applyOrganisation = (
  ledger: Ledger,
  file: Organisation,
  deps: Omit<ApplyDeps, 'rules'>,
): Promise<readonly Change[]> => apply(ledger, file, { ...deps, rules: organisationRules });

export const checkOrganisation = (
  ledger: Pick<Ledger, 'directory' | 'reader'>,
  file: Organisation,
  deps: Omit<ApplyDeps, 'rules' | 'random'>,
): Promise<readonly string[]> => check(ledger, file, { ...deps, rules: organisationRules });
