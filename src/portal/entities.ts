/** What this room keeps: calls that applications register, and the list they ask for. Instants are UTC milliseconds. */
import { boolean, defineEntity, type EntityRow, integer, json, nullable, text } from '../ledger/entity.ts';
import type { ClientRef, ClientType } from '../values/clientRef.ts';

/** A call an application registered (docs/bitrix24.md, section 10): registered, then finished, nothing else. */
export const registration = defineEntity({
  name: 'registration',
  columns: {
    /** The source call of the calls room. */
    id: integer(),
    /** CALL_ID. */
    token: text(),
    /** Which application's, whose call, with whom, which type: a repeat meets the open one by it. Null once finished. */
    openKey: nullable(text({ personal: 'number' })),
    userId: integer(),
    /** As the application stated it; the dialect knows what it means. */
    type: integer(),
    phoneNumber: text({ personal: 'number' }),
    numberKey: text({ personal: 'number' }),
    lineNumber: nullable(text()),
    externalCallId: nullable(text()),
    callListId: nullable(integer()),
    registeredAt: integer(),
    startedAt: integer(),
    /** The application stated the start. */
    startStated: boolean(),
    clientType: nullable(text<ClientType>()),
    clientId: nullable(integer()),
    /** Made for this call, in the order they were made. */
    made: json<readonly ClientRef[]>(),
    /** Users who see the card. */
    shownTo: json<readonly number[]>(),
    finishedAt: nullable(integer()),
    finishedBy: nullable(integer()),
    durationSeconds: nullable(integer()),
    /** As stated; null when the application left it to the duration. */
    statusCode: nullable(text()),
    failedReason: nullable(text({ personal: 'content' })),
    costMicros: nullable(integer()),
    currency: nullable(text()),
    vote: nullable(integer()),
    activityId: nullable(integer()),
  },
  key: ['id'],
  indexes: {
    byToken: { columns: ['token'], unique: true },
    byOpenKey: { columns: ['openKey'], sparse: true },
  },
});
export type Registration = EntityRow<typeof registration>;

/** A line in the chat of a user about a finished call. It is rendered from the registration when somebody reads it. */
export const message = defineEntity({
  name: 'message',
  columns: {
    id: integer(),
    userId: integer(),
    /** The registration's. */
    sourceCallId: integer(),
    at: integer(),
    inbound: boolean(),
    /** Somebody talked. */
    answered: boolean(),
  },
  key: ['id'],
  indexes: { byUser: { columns: ['userId'] } },
});
export type Message = EntityRow<typeof message>;

/**
 * The portal's list of calls: a row per finished registration, and one per ended call that has none (ARCHITECTURE.md, "One
 * call, several reporters"). Its id is the source call's, or the call's.
 */
export const statisticRow = defineEntity({
  name: 'statisticRow',
  columns: {
    id: integer(),
    portalUserId: nullable(integer()),
    portalNumber: text(),
    phoneNumber: text({ personal: 'number' }),
    /** values/numberKey.ts */
    phoneKey: text({ personal: 'number' }),
    callToken: text(),
    externalCallId: nullable(text()),
    callDuration: integer(),
    callStart: integer(),
    callVote: nullable(integer()),
    costMicros: integer(),
    costCurrency: text(),
    failedCode: text(),
    failedReason: text({ personal: 'content' }),
    crmEntityType: nullable(text<ClientType>()),
    crmEntityId: nullable(integer()),
    crmActivityId: nullable(integer()),
    restAppId: nullable(integer()),
    restAppName: nullable(text()),
    transcriptId: nullable(integer()),
    transcriptPending: boolean(),
    comment: nullable(text({ personal: 'content' })),
    recordFileId: nullable(integer()),
    recordDuration: nullable(integer()),
    callType: integer(),
  },
  key: ['id'],
  indexes: {
    byStart: { columns: ['callStart'] },
    byUser: { columns: ['portalUserId', 'callStart'], sparse: true },
    byPhone: { columns: ['phoneKey'] },
    byToken: { columns: ['callToken'] },
  },
});
export type StatisticRow = EntityRow<typeof statisticRow>;

export const portalEntities = [registration, message, statisticRow];
