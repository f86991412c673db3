/** Campaigns and the names of their lists, changed one at a time or many at once. What stands in a list is imported (importList.ts). */
import { putChanged } from '../ledger/putChanged.ts';
import { Refusal, type State } from '../ledger/state.ts';
import { type Manager, managedByFile, mayManage } from '../values/managedBy.ts';
import { type Campaign, callingList, campaign } from './entities.ts';

/** A campaign that the organisation file says, and would say again; the message is for people. */
export class CampaignRefusal extends Refusal {
  override readonly name = 'CampaignRefusal';
}

export interface NewCampaign {
  readonly name: string;
  readonly applicationId: number;
  /** Of agents: `Agents`. */
  readonly group: string;
  readonly timeZone: string;
  readonly country: string;
  /** Those that are active; undefined: as before. */
  readonly lists?: readonly string[];
}

export interface CampaignChange {
  readonly campaigns?: readonly NewCampaign[];
  /** By name. */
  readonly gone?: readonly string[];
}

/** Throws a `CampaignRefusal`. */
export function changeCampaigns(state: State, change: CampaignChange, by: Manager): void {
  for (const { name, applicationId, group, timeZone, country, lists } of change.campaigns ?? []) {
    const before = demandManageable(state, name, by);
    const groupName = `${name}@${group}`;
    const id = before?.id ?? state.next('campaign');
    const after: Campaign = {
      id,
      name,
      applicationId,
      groupName,
      timeZone,
      country,
      active: true,
      managedBy: by,
    };
    putChanged(state, campaign, before, after);
    if (lists !== undefined) setLists(state, id, lists);
  }
  for (const name of change.gone ?? []) {
    const before = demandManageable(state, name, by);
    // Its lists stay as they are: nothing is retrieved from those of an inactive campaign, and they come back with it.
    if (before !== undefined) putChanged(state, campaign, before, { ...before, active: false, managedBy: 'api' });
  }
}

export const anyCampaign = (state: Pick<State, 'all'>): boolean => state.all(campaign).some(each => each.active);

function demandManageable(state: State, name: string, by: Manager): Readonly<Campaign> | undefined {
  const before = state.find(campaign, 'byName', name)[0];
  if (before !== undefined && !mayManage(by, before)) throw new CampaignRefusal(managedByFile(`campaign ${name}`));
  return before;
}

/** The names that are active from now on. */
function setLists(state: State, campaignId: number, names: readonly string[]): void {
  const known = state.find(callingList, 'byCampaign', campaignId);
  for (const name of names) {
    const before = known.find(each => each.name === name);
    if (before !== undefined) putChanged(state, callingList, before, { ...before, active: true });
    else {
      const id = state.next('callingList');
      state.insert(callingList, { id, campaignId, name, active: true, places: 0, fileDigest: null, fileRows: 0 });
    }
  }
  for (const each of known) {
    if (!names.includes(each.name)) putChanged(state, callingList, each, { ...each, active: false });
  }
}
