/**
 * What an agent asks of the dialler, one command each: what becomes of it and the messages that say so are stored together,
 * so that no desktop is told of what is not there (ARCHITECTURE.md, section 4).
 */

import { putOutboxEntry } from '../../campaigns/agentOutbox.ts';
import { callResultName } from '../../campaigns/callResult.ts';
import { completeRecord, wantCompletion } from '../../campaigns/completeRecord.ts';
import { type AgentDevice, OutboundError, type OutboundReason } from '../../campaigns/context.ts';
import { getPreviewRecord } from '../../campaigns/previewRecord.ts';
import { endPreviewSession, startPreviewSession } from '../../campaigns/sessions.ts';
import type { Command, State, Wants } from '../../ledger/state.ts';
import type { AgentOutboxEntry } from './agentOutbox.ts';
import type { GenesysDoor } from './context.ts';
import type { Parameters, RECORD_OPERATIONS } from './parameters.ts';
import {
  type AgentMessage,
  campaignFailed,
  type Failure,
  type OperationRequest,
  previewRecord,
  previewSessionEnded,
  previewSessionStarted,
  recordFailed,
  recordProcessed,
} from './render.ts';

/** What operations need of the door. */
export type Dialler = Pick<GenesysDoor, 'campaigns' | 'strict' | 'report' | 'wantReport'>;

export interface Outcome extends AgentOutboxEntry {
  /** What was asked for has been done; else the messages say why not. */
  readonly done: boolean;
}

/** Outbox entries and their journal entries weigh about this much. */
const ROW_BYTES = 3_000;

/** What a strict node refuses at once (docs/genesys.md, section 5.4). */
const UNKNOWN: ReadonlySet<OutboundReason> = new Set<OutboundReason>([
  'unknown_campaign',
  'wrong_application',
  'wrong_campaign',
  'wrong_list',
  'unknown_handle',
]);

interface Operation<Done> {
  readonly name: string;
  readonly agent: AgentDevice;
  readonly bytes?: number;
  readonly wants?: (wants: Wants) => void;
  act(state: State): Done | OutboundError;
  acknowledge(done: Done, now: number): readonly AgentMessage[];
  fail(failure: Failure, now: number): readonly AgentMessage[];
}

/** Throws the `OutboundError` itself where the node is strict about it; nothing is kept then. */
function announcing<Done>({ strict }: Dialler, operation: Operation<Done>): Command<Outcome> {
  const { userId } = operation.agent;
  return {
    name: operation.name,
    bytes: ROW_BYTES + (operation.bytes ?? 0),
    ...(operation.wants === undefined ? {} : { wants: operation.wants }),
    apply: state => {
      const result = operation.act(state);
      const failed = result instanceof OutboundError;
      if (failed && strict && UNKNOWN.has(result.reason)) throw result;
      const messages = failed ? operation.fail(result, state.now) : operation.acknowledge(result, state.now);
      return { id: putOutboxEntry(state, userId, messages), userId, at: state.now, messages, done: !failed };
    },
  };
}

export function startPreview(dialler: Dialler, agent: AgentDevice, requested: OperationRequest, campaignName: string) {
  return announcing(dialler, {
    name: 'start preview session',
    agent,
    act: state => startPreviewSession(state, agent, campaignName, requested.applicationId),
    acknowledge: ({ campaign }) => previewSessionStarted(requested, campaign.name, campaign.groupName),
    fail: (failure, now) => campaignFailed(requested, campaignName, failure, now),
  });
}

export function endPreview(dialler: Dialler, agent: AgentDevice, requested: OperationRequest, campaignName: string) {
  return announcing(dialler, {
    name: 'end preview session',
    agent,
    act: state => endPreviewSession(state, agent, campaignName, requested.applicationId),
    acknowledge: ({ campaign }) => previewSessionEnded(requested, campaign.name),
    fail: (failure, now) => campaignFailed(requested, campaignName, failure, now),
  });
}

/** `attemptGuid`: 32 random characters, for the attempt that the agent is about to make. */
export function retrieveRecord(
  dialler: Dialler,
  agent: AgentDevice,
  requested: OperationRequest,
  { campaignName, attemptGuid }: { readonly campaignName: string; readonly attemptGuid: string },
): Command<Outcome> {
  const { applicationId } = requested;
  return announcing(dialler, {
    name: 'get preview record',
    agent,
    act: state => getPreviewRecord(state, agent, campaignName, applicationId, attemptGuid, dialler.campaigns),
    acknowledge: ({ record: row, campaign, list }, now) =>
      previewRecord(
        requested,
        {
          ...row,
          handle: row.handle!,
          attempts: row.attempt,
          campaign,
          list,
          agentLogin: agent.login,
          attemptGuid,
        },
        now,
      ),
    fail: (failure, now) =>
      recordFailed(requested, { campaignName, callingList: null, recordHandle: null }, failure, now),
  });
}

/** What arrived, for whoever keeps it. */
export interface Incoming {
  readonly raw: Uint8Array;
  readonly contentType: string | null;
}

export function complete(
  dialler: Dialler,
  agent: AgentDevice,
  requested: OperationRequest,
  handle: number,
  parameters: Parameters<typeof RECORD_OPERATIONS.CompleteRecord>,
  { raw, contentType }: Incoming,
): Command<Outcome> {
  const { applicationId, campaignName, callingList, callResult = null, phoneNumber = null } = parameters;
  const result = callResult === null ? null : callResultName(callResult);
  const completion = { applicationId, handle, campaignName, callingList, callResult, phoneNumber };
  return announcing(dialler, {
    name: 'complete record',
    agent,
    bytes: raw.byteLength,
    wants: wants => {
      const row = wantCompletion(wants, agent, completion, dialler.campaigns);
      if (row !== null) dialler.wantReport?.(wants, { recordId: row.id, callId: row.callId });
    },
    act: state => {
      const done = completeRecord(state, agent, completion, dialler.campaigns);
      if (done instanceof OutboundError) return done;
      const { userId, login: author } = agent;
      const { id: recordId, callId } = done.record;
      dialler.report?.(state, { callId, recordId, handle, userId, author, result, raw, contentType });
      return done;
    },
    acknowledge: ({ campaign, list, effectiveResult }, now) => {
      const names = { campaignName: campaign.name, callingList: list.name, recordHandle: handle };
      return recordProcessed(requested, names, effectiveResult, now);
    },
    fail: (failure, now) => recordFailed(requested, { campaignName, callingList, recordHandle: handle }, failure, now),
  });
}
