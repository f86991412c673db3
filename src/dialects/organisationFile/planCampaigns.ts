import { type CallingList, type Campaign, callingList, campaign } from '../../campaigns/entities.ts';
import type { Directory } from '../../ledger/directory.ts';
import type { Organisation, OrganisationCampaign } from './organisation.ts';
import { type Draft, stepTo } from './step.ts';

/** Campaigns, each followed by its lists. What stands in the lists is imported afterwards (`callingLists.ts`). */
export function planCampaigns(file: Organisation, directory: Directory): readonly Draft[] {
  const known = new Map(directory.all(campaign).map(each => [each.name, each]));
  const named = file.campaigns.flatMap(each => {
    const before = known.get(each.name) ?? null;
    known.delete(each.name);
    const { name, applicationId, group, timeZone, country } = each;
    const after: Campaign = {
      id: before?.id ?? 0,
      name,
      applicationId,
      groupName: `${name}@${group}`,
      timeZone,
      country,
      active: true,
    };
    const own: Draft = { what: `campaign ${name}`, steps: stepTo(campaign, before, after, 'campaign'), fields: [] };
    return [own, ...planLists(each, before?.id ?? null, directory)];
  });
  const unnamed = [...known.values()]
    .sort((a, b) => a.id - b.id)
    .flatMap((row): Draft[] => [
      { what: `campaign ${row.name}`, steps: stepTo(campaign, row, { ...row, active: false }), fields: [] },
      ...planLists({ name: row.name, lists: [] }, row.id, directory),
    ]);
  return [...named, ...unnamed];
}

/** `campaignId` is null for a campaign that is yet to be made. */
function planLists(
  { name: campaignName, lists }: Pick<OrganisationCampaign, 'name' | 'lists'>,
  campaignId: number | null,
  directory: Directory,
): readonly Draft[] {
  const rows = campaignId === null ? [] : directory.find(callingList, 'byCampaign', campaignId);
  const known = new Map(rows.map(each => [each.name, each]));
  const what = (name: string) => `list ${name} of ${campaignName}`;
  const refer = (from: Pick<Directory, 'find'>) => ({ campaignId: from.find(campaign, 'byName', campaignName)[0]!.id });
  const named = lists.map(({ name }): Draft => {
    const before = known.get(name) ?? null;
    known.delete(name);
    const fresh: CallingList = {
      id: 0,
      campaignId: campaignId ?? 0,
      name,
      active: true,
      places: 0,
      fileDigest: null,
      fileRows: 0,
    };
    const steps = stepTo(callingList, before, { ...fresh, ...before, active: true }, 'callingList');
    return { what: what(name), steps: steps.map(step => ({ ...step, refer })), fields: [] };
  });
  const unnamed = [...known.values()]
    .sort((a, b) => a.id - b.id)
    .map(
      (row): Draft => ({
        what: what(row.name),
        steps: stepTo(callingList, row, { ...row, active: false }),
        fields: [],
      }),
    );
  return [...named, ...unnamed];
}
