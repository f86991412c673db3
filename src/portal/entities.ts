/** What this room keeps: calls that applications register, and the list they ask for. Instants are UTC milliseconds. */
import { boolean, defineEntity, type EntityRow, integer, json, nullable, numbered, text } from '../ledger/entity.ts';
import type { ClientRef, ClientType } from '../values/clientRef.ts';

/**
 * The portal's row of a call: a call an application registered, open and then finished, or an ended call that nobody
 * registered. Its columns are its line in the portal's list, and null while it has none: no index knows an open registration.
 */
export const portalCall = defineEntity({
  name: 'portalCall',
  columns: {
    /** The source call's where an application registered it, else the call's. */
    id: numbered('call'),
    /** The application that registered it. */
    webhookId: nullable(integer()),
    /** What the application registered; null once it is finished. */
    open: nullable(json<OpenRegistration>({ personal: 'number' })),
    /** What the line is called: a registration as its source call, another call by its id. It is found by these. */
    token: nullable(text()),
    /** Who finished the registration, else the call's user. */
    userId: nullable(integer()),
    /** As the application stated it; the dialect knows what it means. */
    type: nullable(integer()),
    line: nullable(text()),
    phoneNumber: nullable(text({ personal: 'number' })),
    /** values/numberKey.ts */
    numberKey: nullable(text({ personal: 'number' })),
    externalCallId: nullable(text()),
    /** In whole seconds, as it leaves and is compared. */
    startedAt: nullable(integer()),
    durationSeconds: nullable(integer()),
    vote: nullable(integer()),
    /** Of a line: 0 and empty where nothing is known. */
    costMicros: nullable(integer()),
    currency: nullable(text()),
    statusCode: nullable(text()),
    /** The application named the code; else it follows the call. */
    statusStated: boolean(),
    failedReason: nullable(text({ personal: 'content' })),
    clientType: nullable(text<ClientType>()),
    clientId: nullable(integer()),
    activityId: nullable(integer()),
    note: nullable(text({ personal: 'content' })),
    /** Of the call's recordings, whichever source call has it, the one that was asked for last. */
    recordingId: nullable(integer()),
  },
  key: ['id'],
  indexes: {
    byStart: { columns: ['startedAt'], sparse: true },
    byUser: { columns: ['userId', 'startedAt'], sparse: true },
    byPhone: { columns: ['numberKey'], sparse: true },
    byExternalId: { columns: ['externalCallId'], sparse: true },
  },
});
export type PortalCall = EntityRow<typeof portalCall>;

/** A registration that nobody has finished (docs/bitrix24.md, section 10). */
export interface OpenRegistration {
  /** CALL_ID. */
  readonly token: string;
  readonly userId: number;
  readonly type: number;
  readonly phoneNumber: string;
  /** As it was given, where it is more than a number: the call's, whatever digits `phoneNumber` shows of it. */
  readonly givenNumber?: string;
  readonly numberKey: string;
  readonly lineNumber: string | null;
  readonly externalCallId: string | null;
  readonly registeredAt: number;
  readonly startedAt: number;
  /** The application stated the start. */
  readonly startStated: boolean;
  readonly client: ClientRef | null;
  /** Made for this call, in the order they were made. */
  readonly made: readonly ClientRef[];
  /** Users who see the card. */
  readonly shownTo: readonly number[];
}

/** The columns of a line in the portal's list. */
export interface PortalLine {
  readonly token: string;
  readonly userId: number | null;
  readonly type: number;
  readonly line: string;
  readonly phoneNumber: string;
  readonly numberKey: string;
  readonly externalCallId: string | null;
  readonly startedAt: number;
  readonly durationSeconds: number;
  readonly vote: number | null;
  readonly costMicros: number;
  readonly currency: string;
  readonly statusCode: string;
  readonly statusStated: boolean;
  readonly failedReason: string;
  readonly clientType: ClientType | null;
  readonly clientId: number | null;
  readonly activityId: number | null;
  readonly note: string | null;
}
/** A row that is in the list. */
export type ListedCall = Omit<PortalCall, keyof PortalLine> & PortalLine;

export const isListed = (row: Readonly<PortalCall>): row is ListedCall => row.startedAt !== null;

/** A line in the chat of a user about a finished call. It is rendered from the call's row when somebody reads it. */
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

export const portalEntities = [portalCall, message];
