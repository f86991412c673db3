import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { MAX_LIST_BYTES } from '../../campaigns/listFile.ts';
import { CAMPAIGN_NAME, DEFAULT_GROUP, MAX_APPLICATION_ID } from '../../campaigns/rules.ts';
import { Fields, type Problems, type TextRule } from './fields.ts';
import type { OrganisationCampaign, OrganisationList } from './organisation.ts';
import type { SecretPlaces } from './secretText.ts';
import { readCountry, readTimeZone } from './sourceSection.ts';

const KNOWN = ['name', 'applicationId', 'group', 'timeZone', 'country', 'lists'];
const MAX_LISTS = 100;
const NAME: TextRule = { ...CAMPAIGN_NAME, shown: true };
const FILE: TextRule = { max: 4_096 };

/** One entry of `campaigns`; null, after the mistakes were noted, when it cannot be read. */
export function readCampaign(
  value: unknown,
  path: string,
  context: { timeZone: string; country: string; places: SecretPlaces; problems: Problems },
): OrganisationCampaign | null {
  const { places, problems } = context;
  const fields = Fields.of(value, path, KNOWN, problems);
  if (fields === null) return null;
  const name = fields.requiredText('name', NAME);
  fields.require('applicationId');
  const applicationId = fields.integer('applicationId', { min: 1, max: MAX_APPLICATION_ID });
  const campaign = {
    group: fields.text('group', NAME) ?? DEFAULT_GROUP,
    timeZone: readTimeZone(fields) ?? context.timeZone,
    country: readCountry(fields) ?? context.country,
    lists: readLists(fields, places),
  };
  return name === null || applicationId === null ? null : { name, applicationId, ...campaign };
}

function readLists(campaign: Fields, places: SecretPlaces): readonly OrganisationList[] {
  const { problems } = campaign;
  const seen = new Map<string, string>();
  return campaign.list('lists', MAX_LISTS, (value, path): OrganisationList | null => {
    const fields = Fields.of(value, path, ['name', 'file'], problems);
    if (fields === null) return null;
    const name = fields.requiredText('name', NAME);
    const file = fields.requiredText('file', FILE);
    if (name !== null && seen.has(name)) problems.add(fields.path('name'), `is the same as ${seen.get(name)}.name`);
    else if (name !== null) seen.set(name, path);
    if (name === null || file === null) return null;
    const list = { name, file, path: resolve(places.directory, file) };
    const problem = fileProblem(list.path);
    if (problem !== null) problems.add(fields.path('file'), `asks for the file ${file}, which ${problem}`);
    return list;
  });
}

/** What stands in it is looked at when it is imported. */
function fileProblem(path: string): string | null {
  try {
    const found = statSync(path);
    if (!found.isFile()) return 'is no file';
    return found.size > MAX_LIST_BYTES ? `is larger than ${MAX_LIST_BYTES / 1024 / 1024} MiB` : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  }
}
