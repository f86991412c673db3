import type { State, Wants } from '../ledger/state.ts';
import { isSameUser } from '../values/sameUser.ts';
import { CANCEL_RECORD_RESULT, DO_NOT_CALL_RESULT } from './callResult.ts';
import { contactKey } from './contactKey.ts';
import { type AgentDevice, type CampaignsContext, type Completed, type Completion, OutboundError } from './context.ts';
import { forbidNumber } from './doNotCallList.ts';
import { type CallRecord, type Campaign, callingList, campaign, record } from './entities.ts';
import { recordCompleted } from './events.ts';
import { withCalls } from './joinedCalls.ts';
import { STATUS } from './recordState.ts';
import { chainOf, letWait } from './waiting.ts';

/**
 * Finishes a record (docs/genesys.md, sections 2.6, 4.2): with the result given, else with what the joined call says, else
 * with what it has. Also in a campaign that was stopped meanwhile: the work was done.
 */
export function completeRecord(
  state: State,
  agent: AgentDevice,
  completion: Completion,
  context: CampaignsContext,
): Completed | OutboundError {
  const found = heldRecord(state, agent, completion);
  if (found instanceof OutboundError) return found;
  const { held } = found;
  const chain = chainOf(state, held);
  const completedKey = completedNumber(held, chain, completion.phoneNumber, found.campaign);
  if (completedKey instanceof OutboundError) return completedKey;
  const { callResult } = completion;
  const isCancelled = callResult === CANCEL_RECORD_RESULT;
  const row = withCalls(
    state,
    {
      ...held,
      recordStatus: isCancelled ? STATUS.cancelled : STATUS.updated,
      completedAt: state.now,
      completedKey,
      joinKey: completedKey,
      resultFrom: callResult === null ? null : 'agent',
      callResult: callResult ?? held.callResult,
    },
    context,
  );
  state.put(record, row);
  const others = chain.filter(each => each.id !== row.id);
  if (isCancelled) releaseChain(state, others);
  else finishChain(state, others);
  if (callResult === DO_NOT_CALL_RESULT && completedKey !== null) forbidNumber(state, completedKey);
  state.journal(recordCompleted, {
    callId: row.callId,
    recordId: row.id,
    callingListId: found.list.id,
    campaignId: found.campaign.id,
    userId: agent.userId,
    callResultCode: row.callResult,
  });
  return { record: row, campaign: found.campaign, list: found.list, effectiveResult: row.callResult };
}

/** What completing it will read; the record as calls make it meanwhile, null while it is not known or not theirs to complete. */
export function wantCompletion(
  wants: Wants,
  agent: AgentDevice,
  completion: Completion,
  context: CampaignsContext,
): CallRecord | null {
  const found = heldRecord(wants, agent, completion);
  if (found instanceof OutboundError) return null;
  const { held } = found;
  const chain = [held, ...chainOf(wants, held)];
  const joinKey = completedNumber(held, chain, completion.phoneNumber, found.campaign);
  if (joinKey instanceof OutboundError) return null;
  // Those that a call to this number may be of.
  if (joinKey !== null && held.heldBy !== null) wants.find(record, 'byAgentNumber', joinKey, held.heldBy);
  const joined = withCalls(wants, { ...held, joinKey }, context);
  return { ...joined, callId: joined.callId ?? held.callId };
}

interface Held {
  readonly held: Readonly<CallRecord>;
  readonly campaign: Readonly<Campaign>;
  readonly list: Completed['list'];
}

/**
 * A handle means a record only together with its application; names of the request are checked against it (docs/genesys.md,
 * section 2.3).
 */
function heldRecord(
  state: Pick<State, 'get' | 'find'>,
  agent: AgentDevice,
  { handle, applicationId, campaignName, callingList: listName }: Completion,
): Held | OutboundError {
  const held = state.find(record, 'byHandle', handle, applicationId)[0];
  if (held === undefined) return new OutboundError('unknown_handle', 'There is no record with this handle.');
  if (!isSameUser(held.heldBy, agent.userId))
    return new OutboundError('not_yours', 'The record is with another agent.');
  if (held.recordStatus !== STATUS.retrieved) {
    return new OutboundError('already_final', 'The record was finished before.');
  }
  const list = state.get(callingList, held.listId)!;
  const itsCampaign = state.get(campaign, list.campaignId)!;
  if (itsCampaign.name !== campaignName) {
    return state.find(campaign, 'byName', campaignName).length === 0
      ? new OutboundError('unknown_campaign', 'There is no campaign of this name.')
      : new OutboundError('wrong_campaign', 'The record belongs to another campaign.');
  }
  if (list.name !== listName) return new OutboundError('wrong_list', 'The record belongs to another calling list.');
  return { held, campaign: itsCampaign, list };
}

/** `NoContactType`: what agents dial is a telephone number. */
const ANY_TELEPHONE = 0;

/** The number that was called: the record's own, or that of another record of the chain. */
function completedNumber(
  { numberKey }: Readonly<CallRecord>,
  chain: readonly Readonly<CallRecord>[],
  phoneNumber: string | null,
  { country }: Readonly<Campaign>,
): string | null | OutboundError {
  const given = phoneNumber ?? '';
  if (given.trim() === '') return numberKey;
  const key = contactKey(given, ANY_TELEPHONE, country);
  const same = chain.find(each => each.contactInfo === given.trim() || (key !== null && each.numberKey === key));
  return same === undefined
    ? new OutboundError('not_in_chain', 'No record of the chain has this phone number.')
    : same.numberKey;
}

/** The customer was reached, or is not to be tried any more: what waits of the chain need not. */
function finishChain(state: State, others: readonly Readonly<CallRecord>[]): void {
  for (const each of others) {
    if (each.recordStatus !== STATUS.ready && each.recordStatus !== STATUS.chainReady) continue;
    state.put(record, { ...each, recordStatus: STATUS.chainUpdated });
  }
}

/** Only this record was taken out: the others get their turn again. */
function releaseChain(state: State, others: readonly Readonly<CallRecord>[]): void {
  for (const each of letWait(
    state,
    others.toSorted((a, b) => a.place - b.place),
  ))
    state.put(record, each);
}
