/**
 * What this room keeps: campaigns, their calling lists and records (docs/genesys.md, section 4.1). Instants are UTC
 * milliseconds.
 */
import { boolean, defineEntity, type EntityRow, integer, json, nullable, text } from '../ledger/entity.ts';
import type { ManagedBy } from '../values/managedBy.ts';

/** One that is nobody's any more is inactive, never deleted. */
export const campaign = defineEntity({
  name: 'campaign',
  columns: {
    id: integer(),
    name: text(),
    /** Which outbound server (OCS) the desktops take this one for; handles are counted per application. */
    applicationId: integer(),
    /** `Campaign1@AgentGroup1`. */
    groupName: text(),
    timeZone: text(),
    country: text(),
    active: boolean(),
    managedBy: text<ManagedBy>(),
  },
  key: ['id'],
  indexes: { byName: { columns: ['name'], unique: true } },
  resident: true,
});
export type Campaign = EntityRow<typeof campaign>;

export const callingList = defineEntity({
  name: 'callingList',
  columns: {
    id: integer(),
    campaignId: integer(),
    name: text(),
    active: boolean(),
    /** Places given to records so far: the next record gets this one. */
    places: integer(),
    /** Of the file that was imported whole last, and of what it is read with; null before the first. */
    fileDigest: nullable(text()),
    fileRows: integer(),
  },
  key: ['id'],
  indexes: { byCampaign: { columns: ['campaignId'] }, byName: { columns: ['campaignId', 'name'], unique: true } },
  resident: true,
});
export type CallingList = EntityRow<typeof callingList>;

/** Who said the result: the agent who completed, the call that was joined, or nobody since the list was imported. */
export type ResultFrom = 'agent' | 'call' | 'list';

/** One number of one customer in a calling list. Its states are in `recordState.ts`. */
export const record = defineEntity({
  name: 'record',
  columns: {
    id: integer(),
    listId: integer(),
    applicationId: integer(),
    /** What tells it from the others of its list: `id:7` or `no:+14155550100#1`. */
    identity: text({ personal: 'number' }),
    /** `record_id` of the file; not the handle. */
    recordId: nullable(integer()),
    chainId: integer(),
    chainN: integer(),
    contactInfo: text({ personal: 'number' }),
    contactInfoType: integer(),
    recordType: integer(),
    recordStatus: integer(),
    callResult: integer(),
    attempt: integer(),
    /** Not to be handed out before. */
    dialSchedTime: nullable(integer()),
    /** Start of the last call. */
    callTime: nullable(integer()),
    /** Seconds since midnight in `timeZone`, both inclusive. */
    dailyFrom: integer(),
    dailyTill: integer(),
    timeZone: text(),
    /** Login: whom a personal callback is for, else who had it last. */
    agentId: nullable(text({ personal: 'name' })),
    /** Columns of the file that have no meaning here. */
    custom: json<Readonly<Record<string, string>>>({ personal: 'content' }),
    /** Null when the contact is not a telephone number. */
    numberKey: nullable(text({ personal: 'number' })),
    /** Its turn within the list. */
    place: integer(),
    /** The lane it waits in; null when it cannot be handed out now, whatever the time. */
    laneId: nullable(integer()),
    /** When it is to get into its lane. */
    dueAt: nullable(integer()),
    /** Stays when it is completed, so that a second completion is recognised. */
    handle: nullable(integer()),
    /** User who holds it, or held it when it was completed. */
    heldBy: nullable(integer()),
    heldDevice: nullable(text({ personal: 'number' })),
    retrievedAt: nullable(integer()),
    completedAt: nullable(integer()),
    /** `numberKey` of the number it was completed for. */
    completedKey: nullable(text({ personal: 'number' })),
    /** Calls of `heldBy` to this number count for it: its own while it is held, `completedKey` afterwards. */
    joinKey: nullable(text({ personal: 'number' })),
    resultFrom: nullable(text<ResultFrom>()),
    /** As they were when it was retrieved: what calls say is always added to these anew. */
    callResultBefore: integer(),
    attemptBefore: integer(),
    callTimeBefore: nullable(integer()),
    callId: nullable(integer()),
    attemptGuid: nullable(text()),
  },
  key: ['id'],
  indexes: {
    byIdentity: { columns: ['listId', 'identity'], unique: true },
    byChain: { columns: ['listId', 'chainId'] },
    byPlace: { columns: ['laneId', 'place'], sparse: true },
    byDue: { columns: ['dueAt'], sparse: true },
    byHandle: { columns: ['handle', 'applicationId'], sparse: true },
    byHolder: { columns: ['heldBy', 'recordStatus'], sparse: true },
    byAgentNumber: { columns: ['joinKey', 'heldBy'], sparse: true },
    byNumber: { columns: ['numberKey'], sparse: true },
  },
});
export type CallRecord = EntityRow<typeof record>;

/**
 * Records of a list that can be handed out at the same times and to the same people. A lane that nothing waits in does not
 * exist.
 */
export const lane = defineEntity({
  name: 'lane',
  columns: {
    id: integer(),
    listId: integer(),
    /** Login whose personal callbacks wait here; empty: anybody's. */
    agentId: text({ personal: 'name' }),
    timeZone: text(),
    dailyFrom: integer(),
    dailyTill: integer(),
    /** The lowest place in it. */
    first: integer(),
  },
  key: ['id'],
  indexes: { byAgent: { columns: ['listId', 'agentId'] } },
  resident: true,
});
export type Lane = EntityRow<typeof lane>;

/** A node of the tree of places that are taken in a lane (`places.ts`). */
export const placeNode = defineEntity({
  name: 'placeNode',
  columns: {
    laneId: integer(),
    /** 0: its bits are places. Above: its bits are nodes of the level below. */
    level: integer(),
    node: integer(),
    bits: json<readonly number[]>(),
  },
  key: ['laneId', 'level', 'node'],
});

/** Numbers that nobody is to call. */
export const doNotCall = defineEntity({
  name: 'doNotCall',
  columns: { numberKey: text({ personal: 'number' }) },
  key: ['numberKey'],
});

/** An agent works on a campaign in preview mode. */
export const previewSession = defineEntity({
  name: 'previewSession',
  columns: { userId: integer(), campaignId: integer(), deviceId: text({ personal: 'number' }), startedAt: integer() },
  key: ['userId', 'campaignId'],
});
export type PreviewSession = EntityRow<typeof previewSession>;

/** One message to a desktop. */
export interface OutboxMessage {
  readonly channel: string;
  readonly data: object;
}

/**
 * Messages to a desktop that it has not confirmed yet; the user's next session gets them again (ARCHITECTURE.md, section
 * 5).
 */
export const agentOutbox = defineEntity({
  name: 'agentOutbox',
  columns: {
    id: integer(),
    userId: integer(),
    at: integer(),
    /** JSON of the `OutboxMessage`s, which `messagesIn` reads. A text, because most entries are removed without being looked at. */
    messages: text({ personal: 'content' }),
  },
  key: ['id'],
  indexes: { byUser: { columns: ['userId'] } },
});
export type OutboxEntry = EntityRow<typeof agentOutbox>;

export const campaignEntities = [
  campaign,
  callingList,
  record,
  lane,
  placeNode,
  doNotCall,
  previewSession,
  agentOutbox,
];
