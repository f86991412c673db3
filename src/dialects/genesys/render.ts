/**
 * Messages to desktops, as data (docs/genesys.md, sections 2.4, 2.5 and 2.7). Pure: the instant comes in, what was measured
 * is put in at delivery.
 */
import { offsetMinutesAt } from '../../values/zonedTime.ts';
import type { Reference } from './parameters.ts';

export const PUBLIC_CHANNEL = '/v2/me/outbound';
export const INTERNAL_CHANNEL = '/me/internal';

/** A message as it is kept until a desktop has confirmed it. */
export interface AgentMessage {
  readonly channel: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What of the request comes back in its answers. */
export interface OperationRequest {
  /** As it was sent. */
  readonly devicePath: string;
  /** As written in `devicePath`. */
  readonly deviceId: string;
  readonly applicationId: number;
  readonly referenceId: Reference | undefined;
}

/** What is known of the record asked about; of an unknown one, what the request said. */
export interface RecordNames {
  readonly campaignName: string;
  readonly callingList: string | null;
  readonly recordHandle: number | null;
}

/** The pair that says a record is processed: the view of the public interface first, then the dialler's own event. */
export function recordProcessed(
  requested: OperationRequest,
  names: RecordNames,
  callResult: number,
  now: number,
): readonly AgentMessage[] {
  const event = 'RecordProcessedAcknowledge';
  return [
    {
      channel: PUBLIC_CHANNEL,
      data: {
        record: recordView(requested, names),
        notificationType: event,
        messageType: 'OutboundRecordMessage',
        ...referenceOf(requested),
      },
    },
    userEvent(requested, now, {
      GSW_CALLING_LIST: names.callingList,
      GSW_APPLICATION_ID: requested.applicationId,
      GSW_RECORD_HANDLE: names.recordHandle,
      GSW_USER_EVENT: event,
      GSW_CALL_RESULT: callResult,
      GSW_CAMPAIGN_NAME: names.campaignName,
    }),
  ];
}

/** `groupName` as in `Campaign1@AgentGroup1`. */
export function previewSessionStarted(
  requested: OperationRequest,
  name: string,
  groupName: string,
): readonly AgentMessage[] {
  const { devicePath, applicationId } = requested;
  return [
    campaignMessage(requested, 'PreviewSessionStarted', {
      name,
      dialingMode: 'Preview',
      groupName,
      state: 'Started',
      devicePath,
      applicationId,
      groupDescription: '',
      description: '',
    }),
  ];
}

/** `state` is `Started` because the campaign goes on (docs/genesys.md, trap 10). */
export function previewSessionEnded(requested: OperationRequest, name: string): readonly AgentMessage[] {
  const { devicePath, applicationId } = requested;
  return [campaignMessage(requested, 'PreviewSessionEnded', { devicePath, state: 'Started', applicationId, name })];
}

/** A record that was handed out, with all that is attached to it. */
export interface Preview {
  readonly handle: number;
  readonly chainId: number;
  readonly contactInfo: string;
  readonly callResult: number;
  readonly attempts: number;
  /** IANA name, or what the list says. */
  readonly timeZone: string;
  /** Columns of the list beyond the vendor's own. */
  readonly custom: Readonly<Record<string, unknown>>;
  readonly campaign: { readonly id: number; readonly name: string; readonly groupName: string };
  readonly list: { readonly id: number; readonly name: string };
  /** The agent's login. */
  readonly agentLogin: string;
  readonly attemptGuid: string;
}

export function previewRecord(requested: OperationRequest, preview: Preview, now: number): readonly AgentMessage[] {
  const { campaign, list, handle } = preview;
  const names = { campaignName: campaign.name, callingList: list.name, recordHandle: handle };
  return [
    {
      channel: PUBLIC_CHANNEL,
      data: {
        ...referenceOf(requested),
        messageType: 'OutboundRecordMessage',
        notificationType: 'PreviewRecord',
        record: { ...recordView(requested, names), userData: attachedData(requested.applicationId, preview, now) },
      },
    },
  ];
}

/** Columns of the list come first, so that none of them can stand in for the vendor's own. */
function attachedData(applicationId: number, preview: Preview, now: number): Record<string, unknown> {
  const { campaign, list, contactInfo, timeZone } = preview;
  return {
    ...preview.custom,
    GSW_AGENT_ID: preview.agentLogin,
    contact_info: contactInfo,
    GSW_CALL_RESULT: preview.callResult,
    GSW_CALL_ATTEMPT_GUID: preview.attemptGuid,
    GSW_TZ_NAME: timeZone,
    GSW_TZ_OFFSET: offsetMinutesAt(timeZone, now) * 60,
    GSW_CAMPAIGN_GROUP_DBID: campaign.id,
    GSW_CALLING_LIST_DBID: list.id,
    GSW_APPLICATION_ID: applicationId,
    GSW_CAMPAIGN_GROUP_DESCRIPTION: '',
    GSW_SWITCH_DBID: SWITCH_DBID,
    GSW_CALLING_LIST: list.name,
    GSW_ATTEMPTS: preview.attempts,
    GSW_USER_EVENT: 'PreviewRecord',
    InteractionType: 'Outbound',
    InteractionSubtype: 'OutboundNew',
    GSW_PHONE: contactInfo,
    GSW_CAMPAIGN_NAME: campaign.name,
    GSW_CAMPAIGN_GROUP_NAME: campaign.groupName,
    GSW_RECORD_HANDLE: preview.handle,
    GSW_CHAIN_ID: preview.chainId,
  };
}

/** There is one switch, and nobody looks it up. */
const SWITCH_DBID = 1;

/** Why something that was answered 0 has not happened after all (docs/genesys.md, section 2.7). */
export interface Failure {
  readonly code: number;
  readonly message: string;
}

export function recordFailed(
  requested: OperationRequest,
  names: RecordNames,
  failure: Failure,
  now: number,
): readonly AgentMessage[] {
  const { campaignName, callingList, recordHandle } = names;
  return [
    {
      channel: PUBLIC_CHANNEL,
      data: {
        record: recordView(requested, names),
        notificationType: 'Error',
        errorCode: failure.code,
        errorMessage: failure.message,
        messageType: 'OutboundRecordMessage',
        ...referenceOf(requested),
      },
    },
    userEvent(requested, now, {
      ...(callingList === null ? {} : { GSW_CALLING_LIST: callingList }),
      GSW_APPLICATION_ID: requested.applicationId,
      ...(recordHandle === null ? {} : { GSW_RECORD_HANDLE: recordHandle }),
      GSW_USER_EVENT: 'Error',
      GSW_ERROR: failure.message,
      GSW_CAMPAIGN_NAME: campaignName,
    }),
  ];
}

export function campaignFailed(
  requested: OperationRequest,
  name: string,
  failure: Failure,
  now: number,
): readonly AgentMessage[] {
  const { devicePath, applicationId } = requested;
  return [
    campaignMessage(
      requested,
      'Error',
      { devicePath, applicationId, name },
      { errorCode: failure.code, errorMessage: failure.message },
    ),
    userEvent(requested, now, {
      GSW_APPLICATION_ID: applicationId,
      GSW_USER_EVENT: 'Error',
      GSW_ERROR: failure.message,
      GSW_CAMPAIGN_NAME: name,
    }),
  ];
}

function recordView(
  requested: OperationRequest,
  { campaignName, callingList, recordHandle }: RecordNames,
): Record<string, unknown> {
  return {
    campaignName,
    devicePath: requested.devicePath,
    ...(callingList === null ? {} : { callingList }),
    applicationId: requested.applicationId,
    ...(recordHandle === null ? {} : { recordHandle }),
  };
}

function campaignMessage(
  requested: OperationRequest,
  notificationType: string,
  campaign: object,
  more: object = {},
): AgentMessage {
  return {
    channel: PUBLIC_CHANNEL,
    data: {
      messageType: 'OutboundCampaignMessage',
      notificationType,
      campaign,
      ...more,
      ...referenceOf(requested),
    },
  };
}

function userEvent(requested: OperationRequest, now: number, userData: object): AgentMessage {
  return {
    channel: INTERNAL_CHANNEL,
    data: {
      metrics: {
        eventProcessing: {
          serverGenerationTimestamp: now,
          nodeProcessingTimeNanos: 0,
          serverProcessingTimeTotalMs: 0,
        },
      },
      userData,
      deviceId: requested.deviceId,
      messageType: 'DeviceUserEventMessage',
    },
  };
}

/** The key is absent when the request had none (docs/genesys.md, case O2). */
function referenceOf({ referenceId }: OperationRequest): { referenceId?: unknown } {
  return referenceId === undefined ? {} : { referenceId };
}
