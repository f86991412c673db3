/** What this room keeps: who calls, and what there was with them. Instants are UTC milliseconds. */
import { boolean, defineEntity, type EntityRow, integer, json, nullable, text } from '../ledger/entity.ts';
import type { ClientType } from '../values/clientRef.ts';

/** Somebody who calls or is called. */
export const client = defineEntity({
  name: 'client',
  columns: {
    type: text<ClientType>(),
    /** Counted per type. */
    id: integer(),
    name: text({ personal: 'name' }),
    phones: json<readonly string[]>({ personal: 'number' }),
    /** `sureNumberKey` (values/numberKey.ts) of each phone, without withheld ones. */
    numberKeys: json<readonly string[]>({ personal: 'number' }),
    responsibleId: nullable(integer()),
    /** Where a lead came from, as the program that asked for it named it. */
    origin: nullable(text()),
    /** The call it was made for; null: a person entered it. */
    madeByCall: nullable(integer()),
    createdAt: integer(),
  },
  key: ['type', 'id'],
});
export type Client = EntityRow<typeof client>;

export const clientPhone = defineEntity({
  name: 'clientPhone',
  columns: { numberKey: text({ personal: 'number' }), type: text<ClientType>(), id: integer() },
  key: ['numberKey', 'type', 'id'],
  indexes: { byNumber: { columns: ['numberKey'] } },
});

/** A finished call in the history of a client. */
export const activity = defineEntity({
  name: 'activity',
  columns: {
    id: integer(),
    /** The source call it tells of. */
    sourceCallId: integer(),
    clientType: text<ClientType>(),
    clientId: integer(),
    responsibleId: integer(),
    inbound: boolean(),
    startedAt: integer(),
    endedAt: integer(),
    /** A missed incoming call waits for somebody to call back. */
    completed: boolean(),
  },
  key: ['id'],
  indexes: { byClient: { columns: ['clientType', 'clientId'] } },
});
export type Activity = EntityRow<typeof activity>;

export const clientEntities = [client, clientPhone, activity];
