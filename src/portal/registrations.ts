/** The life of a call an application registered: found again, shown, finished (docs/bitrix24.md, sections 10 and 11). */
import type { State } from '../ledger/state.ts';
import type { ClientRef } from '../values/clientRef.ts';
import { WITHHELD_KEY } from '../values/numberKey.ts';
import type { ClientBook } from './clientBook.ts';
import { message, type Registration, registration } from './entities.ts';
import { cardHidden, cardShown, messageAdded } from './events.ts';

/** A repeated registration is the same call for this long (docs/bitrix24.md, section 11.1). */
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

/** Which application's, whose call, with whom, which type (docs/bitrix24.md, section 11.1). */
export const openKeyOf = ({ webhookId, userId, type, numberKey }: Registering): string =>
  `${webhookId} ${userId} ${type} ${numberKey}`;

/** The open registration a repeat means: what it does not name may be anything (docs/bitrix24.md, section 11.1). */
export function findOpen(state: State, input: Registering): Readonly<Registration> | null {
  // A withheld caller is nobody, so never the same person twice.
  if (input.numberKey === WITHHELD_KEY && input.externalCallId === null) return null;
  const open = state
    .find(registration, 'byOpenKey', openKeyOf(input))
    .filter(
      each =>
        each.registeredAt > state.now - SAME_CALL_MS &&
        (input.lineNumber === null || each.lineNumber === input.lineNumber) &&
        (input.externalCallId === null || each.externalCallId === input.externalCallId),
    );
  return open.at(-1) ?? null;
}

export interface Opening extends Registering {
  /** The source call of the calls room. */
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

export function openRegistration(state: State, opening: Opening, clients: ClientBook): Registration {
  const { client: named, makeLead: mayMakeLead, origin, webhookId: _webhookId, ...input } = opening;
  const known = named !== null && clients.isKnown(state, named) ? named : null;
  const isSomebody = input.numberKey !== WITHHELD_KEY;
  const found = known ?? (isSomebody ? clients.byNumber(state, input.numberKey) : null);
  const made: ClientRef[] = [];
  if (found === null && mayMakeLead && isSomebody) {
    const { phoneNumber, numberKey, userId: responsibleId, id: madeByCall } = input;
    const lead = {
      name: phoneNumber,
      phones: [phoneNumber],
      numberKeys: [numberKey],
      responsibleId,
      origin,
      madeByCall,
    };
    made.push(clients.makeLead(state, lead));
  }
  const whom = found ?? made[0] ?? null;
  const row: Registration = {
    ...input,
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

/** Everything the end of a registered call does within the portal, and to whom it was with. */
export function finishRegistration(
  state: State,
  open: Readonly<Registration>,
  finishing: Finishing,
  clients: ClientBook,
): Registration {
  const { userId, inbound, answered, endedAt, addToChat, ...stated } = finishing;
  const hidden = hideCard(state, open, null);
  // Only what this call made: clients that were known keep their person (seed, USER_ID).
  for (const each of open.made) clients.handOver(state, each, userId, open.id);
  const { clientType: type, clientId, startedAt } = open;
  const activityId =
    type === null || clientId === null
      ? null
      : clients.keepActivity(state, {
          sourceCallId: open.id,
          client: { type, id: clientId },
          responsibleId: userId,
          inbound,
          answered,
          startedAt,
          endedAt,
        });
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
    state.insert(message, { id, userId, sourceCallId: open.id, at: state.now, inbound, answered });
    state.journal(messageAdded, { callId: open.id, userId, messageId: id });
  }
  return after;
}
