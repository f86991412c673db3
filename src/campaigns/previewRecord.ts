import type { State } from '../ledger/state.ts';
import { type AgentDevice, type CampaignsContext, OutboundError, type Retrieved } from './context.ts';
import { isOpen } from './dailyWindow.ts';
import { type CallingList, type CallRecord, type Campaign, callingList, lane, record } from './entities.ts';
import { recordRetrieved } from './events.ts';
import { withCalls } from './joinedCalls.ts';
import { placesFrom } from './places.ts';
import { STATUS } from './recordState.ts';
import { runningCampaign } from './sessions.ts';
import { chainOf, isWaiting, stopWaiting } from './waiting.ts';

/** Records one agent may hold at once; a desktop works on one, and forgets a few. */
export const MAX_HELD = 100;

/** Many agents ask for a record at the same time, and get one after the other: read at once what they will get. */
const REQUESTED_AT_ONCE = 32;

/**
 * Hands the next record to an agent: their personal callbacks first, then list by list in the order of the file. It gets
 * a handle, and nothing else of its chain is handed out until it is finished. `attemptGuid` is random text.
 */
export function getPreviewRecord(
  state: State,
  agent: AgentDevice,
  campaignName: string,
  applicationId: number,
  attemptGuid: string,
  context: CampaignsContext,
): Retrieved | OutboundError {
  const campaign = runningCampaign(state, campaignName, applicationId);
  if (campaign instanceof OutboundError) return campaign;
  if (state.find(record, 'byHolder', agent.userId, STATUS.retrieved).length >= MAX_HELD) {
    return new OutboundError('too_many_held', `The agent holds ${MAX_HELD} records already.`);
  }
  const next = nextRecord(state, campaign, agent.login);
  if (next === null) return new OutboundError('no_record', 'No record is available for preview.');
  const { list, chain } = next;
  for (const each of chain) {
    if (each.id !== next.row.id && isWaiting(each)) state.put(record, stopWaiting(state, each));
  }
  const held: CallRecord = {
    ...stopWaiting(state, next.row),
    applicationId,
    recordStatus: STATUS.retrieved,
    agentId: agent.login,
    handle: state.next(`handle:${applicationId}`),
    heldBy: agent.userId,
    heldDevice: agent.deviceId,
    retrievedAt: state.now,
    completedAt: null,
    completedKey: null,
    joinKey: next.row.numberKey,
    resultFrom: null,
    callResultBefore: next.row.callResult,
    attemptBefore: next.row.attempt,
    callTimeBefore: next.row.callTime,
    callId: null,
    attemptGuid,
  };
  const row = withCalls(state, held, context);
  state.put(record, row);
  state.journal(recordRetrieved, {
    recordId: row.id,
    callingListId: list.id,
    campaignId: campaign.id,
    userId: agent.userId,
  });
  return { record: row, campaign, list };
}

interface Next {
  readonly row: Readonly<CallRecord>;
  readonly chain: readonly Readonly<CallRecord>[];
  readonly list: Readonly<CallingList>;
}

function nextRecord(state: State, { id }: Readonly<Campaign>, login: string): Next | null {
  const lists = state.find(callingList, 'byCampaign', id).filter(each => each.active);
  for (const owner of [login, '']) {
    for (const list of lists) {
      const open = state.find(lane, 'byAgent', list.id, owner).filter(each => isOpen(each, state.now));
      if (open.length === 0) continue;
      const { id: laneId, first } = open.reduce((a, b) => (b.first < a.first ? b : a));
      state.expect(wants => {
        for (const place of placesFrom(state, laneId, first, REQUESTED_AT_ONCE)) {
          wants.find(record, 'byPlace', laneId, place);
        }
      });
      const found = state.find(record, 'byPlace', laneId, first)[0];
      if (found === undefined) throw new Error(`lane ${laneId} has no record at ${first}`);
      const chain = chainOf(state, found);
      const lanes = new Set(open.map(each => each.id));
      // Within a chain its own order counts, wherever in the file its rows stand.
      const row = chain
        .filter(each => each.laneId !== null && lanes.has(each.laneId))
        .reduce((a, b) => (b.chainN < a.chainN ? b : a), found);
      return { row, chain, list };
    }
  }
  return null;
}
