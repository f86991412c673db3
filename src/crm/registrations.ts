/** The life of a call an application registered: found again, shown, finished (reference bitrix24 sections 10 and 11). */
import type { State } from '../ledger/state.ts';
import { WITHHELD_KEY } from '../values/numberKey.ts';
import { clientsWithNumber, makeLead } from './clients.ts';
import { activity, type ClientRef, client, message, type Registration, registration } from './entities.ts';
import { CLIENT_TYPE_WORDS, cardHidden, cardShown, clientChanged, leadCreated, messageAdded } from './events.ts';

/** A repeated registration is the same call for this long (reference 11.1). */
const SAME_CALL_MS = 30 * 60_000;

export interface Registering {
  /** The application: each has calls of its own, though any may finish them. */
  readonly webhookId: number;
  readonly userId: number;
  readonly type: number;
  readonly phoneNumber: string;
  readonly numberKey: string;
  readonly lineNumber: string | null;
  readonly externalCallId: string | null;
}

/** Which application's, whose call, with whom, which type (reference 11.1). */
export const openKeyOf = ({ webhookId, userId, type, numberKey }: Registering): string =>
  `${webhookId} ${userId} ${type} ${numberKey}`;

/** The open registration a repeat means: what it does not name may be anything (reference 11.1, AC c and d). */
export function findOpen(state: State, said: Registering): Readonly<Registration> | null {
  // A withheld caller is nobody, so never the same person twice.
  if (said.numberKey === WITHHELD_KEY && said.externalCallId === null) return null;
  const open = state
    .find(registration, 'byOpenKey', openKeyOf(said))
    .filter(
      each =>
        each.registeredAt > state.now - SAME_CALL_MS &&
        (said.lineNumber === null || each.lineNumber === said.lineNumber) &&
        (said.externalCallId === null || each.externalCallId === said.externalCallId),
    );
  return open.at(-1) ?? null;
}

export interface Opening extends Registering {
  /** The strand of the calls room. */
  readonly id: number;
  readonly token: string;
  readonly callListId: number | null;
  readonly startedAt: number;
  readonly startStated: boolean;
  /** The client the application names, when there is one. */
  readonly client: ClientRef | null;
  /** Make a lead when nobody is known by the number. */
  readonly makeLead: boolean;
  readonly origin: string | null;
}

export function openRegistration(state: State, opening: Opening): Registration {
  const { client: named, makeLead: mayMakeLead, origin, webhookId: _webhookId, ...said } = opening;
  const known = named !== null && state.get(client, named.type, named.id) !== undefined ? named : null;
  const isSomebody = said.numberKey !== WITHHELD_KEY;
  const found = known ?? (isSomebody ? (clientsWithNumber(state, said.numberKey)[0] ?? null) : null);
  const made: ClientRef[] = [];
  if (found === null && mayMakeLead && isSomebody) {
    const { phoneNumber, numberKey, userId: responsibleId, id: madeByCall } = said;
    const lead = {
      name: phoneNumber,
      phones: [phoneNumber],
      numberKeys: [numberKey],
      responsibleId,
      origin,
      madeByCall,
    };
    made.push(makeLead(state, lead));
    state.journal(leadCreated, { callId: said.id, clientId: made[0]!.id });
  }
  const whom = found ?? made[0] ?? null;
  const row: Registration = {
    ...said,
    openKey: openKeyOf(opening),
    registeredAt: state.now,
    clientType: whom?.type ?? null,
    clientId: whom?.id ?? null,
    made,
    shownTo: [],
    finishedAt: null,
    finishedBy: null,
    durationSeconds: null,
    statusCode: null,
    failedReason: null,
    costMicros: null,
    currency: null,
    vote: null,
    activityId: null,
  };
  state.insert(registration, row);
  return row;
}

export function registrationOf(state: State, token: string): Readonly<Registration> | null {
  return state.find(registration, 'byToken', token)[0] ?? null;
}

/** Showing again, or hiding what was not shown, changes nothing and is no error. */
export function showCard(state: State, row: Readonly<Registration>, userIds: readonly number[]): Registration {
  const added = [...new Set(userIds)].filter(id => !row.shownTo.includes(id));
  for (const userId of added) state.journal(cardShown, { callId: row.id, userId });
  const after = { ...row, shownTo: [...row.shownTo, ...added] };
  if (added.length > 0) state.put(registration, after);
  return after;
}

/** `userIds` null: from everybody who sees it. */
export function hideCard(state: State, row: Readonly<Registration>, userIds: readonly number[] | null): Registration {
  const hidden = row.shownTo.filter(id => userIds === null || userIds.includes(id));
  for (const userId of hidden) state.journal(cardHidden, { callId: row.id, userId });
  const after = { ...row, shownTo: row.shownTo.filter(id => !hidden.includes(id)) };
  if (hidden.length > 0) state.put(registration, after);
  return after;
}

export type Finishing = Pick<
  Registration,
  'durationSeconds' | 'statusCode' | 'failedReason' | 'costMicros' | 'currency' | 'vote'
> & {
  readonly userId: number;
  readonly inbound: boolean;
  /** Somebody talked. */
  readonly answered: boolean;
  readonly endedAt: number;
  readonly addToChat: boolean;
};

/** Everything the end of a registered call does within the CRM. */
export function finishRegistration(state: State, open: Readonly<Registration>, finishing: Finishing): Registration {
  const { userId, inbound, answered, endedAt, addToChat, ...stated } = finishing;
  const hidden = hideCard(state, open, null);
  for (const { type, id } of open.made) takeOver(state, type, id, userId, open.id);
  const activityId = keepActivity(state, open, { userId, inbound, answered, endedAt });
  const after: Registration = {
    ...hidden,
    ...stated,
    openKey: null,
    finishedAt: state.now,
    finishedBy: userId,
    activityId,
  };
  state.put(registration, after);
  if (addToChat) {
    const id = state.next('message');
    state.insert(message, { id, userId, strandId: open.id, at: state.now });
    state.journal(messageAdded, { callId: open.id, userId, messageId: id });
  }
  return after;
}

/** Only what this call made: clients that were known keep their person (seed, USER_ID). */
function takeOver(state: State, type: ClientRef['type'], id: number, responsibleId: number, callId: number): void {
  const row = state.get(client, type, id);
  if (row === undefined || row.responsibleId === responsibleId) return;
  state.put(client, { ...row, responsibleId });
  state.journal(clientChanged, { callId, clientType: CLIENT_TYPE_WORDS[type], clientId: id });
}

function keepActivity(
  state: State,
  { id: strandId, clientType, clientId, startedAt }: Readonly<Registration>,
  { userId, inbound, answered, endedAt }: Pick<Finishing, 'userId' | 'inbound' | 'answered' | 'endedAt'>,
): number | null {
  if (clientType === null || clientId === null) return null;
  const id = state.next('activity');
  state.insert(activity, {
    id,
    strandId,
    clientType,
    clientId,
    responsibleId: userId,
    inbound,
    startedAt,
    endedAt,
    completed: answered || !inbound,
  });
  return id;
}
