import type { State } from '../ledger/state.ts';
import { type AgentDevice, OutboundError } from './context.ts';
import { type Campaign, campaign, previewSession } from './entities.ts';

/** Sessions are rows, so they survive a restart. Starting again, with another device too, goes on. */
export function startPreviewSession(
  state: State,
  { userId, deviceId }: AgentDevice,
  campaignName: string,
  applicationId: number,
): { readonly campaign: Readonly<Campaign> } | OutboundError {
  const found = runningCampaign(state, campaignName, applicationId);
  if (found instanceof OutboundError) return found;
  const before = state.get(previewSession, userId, found.id);
  const startedAt = before?.startedAt ?? state.now;
  if (before?.deviceId !== deviceId) {
    state.put(previewSession, { userId, campaignId: found.id, deviceId, startedAt });
  }
  return { campaign: found };
}

/** Ending what was not started, or in a campaign that has stopped, is no mistake: afterwards there is no session. */
export function endPreviewSession(
  state: State,
  { userId }: AgentDevice,
  campaignName: string,
  applicationId: number,
): { readonly campaign: Readonly<Campaign> } | OutboundError {
  const found = campaignNamed(state, campaignName, applicationId);
  if (found instanceof OutboundError) return found;
  state.delete(previewSession, userId, found.id);
  return { campaign: found };
}

/** Names are case-sensitive (docs/genesys.md, section 2.2). */
export function campaignNamed(
  state: Pick<State, 'find'>,
  name: string,
  applicationId: number,
): Readonly<Campaign> | OutboundError {
  const found = state.find(campaign, 'byName', name)[0];
  if (found === undefined) return new OutboundError('unknown_campaign', 'There is no campaign of this name.');
  if (found.applicationId === applicationId) return found;
  return new OutboundError('wrong_application', 'The campaign belongs to another application.');
}

export function runningCampaign(
  state: Pick<State, 'find'>,
  name: string,
  applicationId: number,
): Readonly<Campaign> | OutboundError {
  const found = campaignNamed(state, name, applicationId);
  if (found instanceof OutboundError || found.active) return found;
  return new OutboundError('campaign_not_running', 'The campaign is not running.');
}
