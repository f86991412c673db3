/** The organisation file with what the dialects say of their parts of it. */
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
import type { Ledger } from '../ledger/ledger.ts';
import type { DoorPurpose, OwnSource } from '../sources/ownSource.ts';
import { DIALECTS } from './dialects.ts';
import { sourceKinds } from './sourceKinds.ts';

export const organisationRules: OrganisationRules = {
  sourceKinds,
  webhooks: onlyOne(
    'rules for webhooks',
    DIALECTS.map(each => each.webhooks),
  ),
  ownSources: { api: ownSourceFor('api'), webhooks: ownSourceFor('webhooks'), campaigns: ownSourceFor('campaigns') },
};

function ownSourceFor(purpose: DoorPurpose): OwnSource {
  const own = DIALECTS.map(each => each.ownSource).filter(each => each?.purpose === purpose);
  return onlyOne(`a source for ${purpose}`, own);
}

function onlyOne<T>(what: string, declared: readonly (T | undefined)[]): T {
  const [only, ...others] = declared.filter(each => each !== undefined);
  if (only === undefined || others.length > 0) throw new Error(`exactly one dialect must declare ${what}`);
  return only;
}

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
