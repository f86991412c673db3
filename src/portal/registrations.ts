/** The life of a call an application registered: found again, shown, finished (docs/bitrix24.md, sections 10 and 11). */
import type { State } from '../ledger/state.ts';
import type { ClientRef } from '../values/clientRef.ts';
import { WITHHELD_KEY } from '../values/numberKey.ts';
import type { ClientBook } from './clientBook.ts';
import { type ListedCall, message, type OpenRegistration, type PortalCall, portalCall } from './entities.ts';
import { cardHidden, cardShown, messageAdded } from './events.ts';
import { NO_LINE, wholeSecond } from './line.ts';

/** A repeated registration is the same call for this long (docs/bitrix24.md, section 11.1). */
export const SAME_CALL_MS = 30 * 60_000;
/** Stated starts that are further apart than this are two calls' (docs/bitrix24.md, section 11.1). */
export const SAME_START_MS = 30_000;

/** A row whose registration is open. */
export type OpenCall = PortalCall & { readonly open: OpenRegistration };

export interface Registering
  extends Pick<
    OpenRegistration,
    | 'userId'
    | 'type'
    | 'phoneNumber'
    | 'givenNumber'
    | 'numberKey'
    | 'lineNumber'
    | 'externalCallId'
    | 'startStated'
    | 'startedAt'
  > {
  /** The application: each has calls of its own, though any may finish them. */
  readonly webhookId: number;
}

/**
 * The open registration a repeat means: what it does not name may be anything (docs/bitrix24.md, section 11.1).
 * `registered`: the source calls it may be, of the same user and number.
 */
export function findOpen(state: State, input: Registering, registered: readonly number[]): Readonly<OpenCall> | null {
  // A withheld caller is nobody, so never the same person twice.
  if (input.numberKey === WITHHELD_KEY && input.externalCallId === null) return null;
  const same = registered
    .map(id => openCall(state, id))
    .filter(each => each !== null && isSame(state.now, input, each))
    .sort((a, b) => a!.id - b!.id);
  // A call keeps its repeats: of stated starts that lie close together the first was found first.
  const dated = input.startStated ? same.find(each => each!.open.startStated) : undefined;
  return dated ?? same.at(-1) ?? null;
}

function isSame(now: number, input: Registering, { webhookId, open }: Readonly<OpenCall>): boolean {
  const bothStated = input.startStated && open.startStated;
  return (
    webhookId === input.webhookId &&
    open.userId === input.userId &&
    open.type === input.type &&
    open.numberKey === input.numberKey &&
    open.registeredAt > now - SAME_CALL_MS &&
    (input.lineNumber === null || open.lineNumber === input.lineNumber) &&
    (input.externalCallId === null || open.externalCallId === input.externalCallId) &&
    !(bothStated && Math.abs(open.startedAt - input.startedAt) > SAME_START_MS)
  );
}

/** The row of a source call that was registered and not finished. */
export function openCall(state: Pick<State, 'get'>, id: number): Readonly<OpenCall> | null {
  const row = state.get(portalCall, id);
  return row !== undefined && row.open !== null ? (row as OpenCall) : null;
}

export interface Opening extends Registering {
  /** The source call. */
  readonly id: number;
  readonly token: string;
  /** The client the application names, when there is one. */
  readonly client: ClientRef | null;
  /** By which clients are found (`sureNumberKey`, values/numberKey.ts); null for a withheld caller. */
  readonly clientKey: string | null;
  /** Make a lead when nobody is known by the number. */
  readonly makeLead: boolean;
  readonly origin: string | null;
}

export function openRegistration(state: State, opening: Opening, clients: ClientBook): OpenCall {
  const { id, webhookId, client: named, clientKey, makeLead: mayMakeLead, origin, ...input } = opening;
  const known = named !== null && clients.isKnown(state, named) ? named : null;
  const found = known ?? (clientKey === null ? null : clients.byNumber(state, clientKey));
  const made: ClientRef[] = [];
  if (found === null && mayMakeLead && clientKey !== null) {
    const { phoneNumber, userId: responsibleId } = input;
    const lead = {
      name: phoneNumber,
      phones: [phoneNumber],
      numberKeys: [clientKey],
      responsibleId,
      origin,
      madeByCall: id,
    };
    made.push(clients.makeLead(state, lead));
  }
  const client = found ?? made[0] ?? null;
  const open = { ...input, registeredAt: state.now, client, made, shownTo: [] };
  const row: OpenCall = { id, webhookId, open, ...NO_LINE, recordingId: null };
  state.insert(portalCall, row);
  return row;
}

/** Showing again, or hiding what was not shown, changes nothing and is no error. */
export function showCard(state: State, row: Readonly<OpenCall>, userIds: readonly number[]): OpenCall {
  const { shownTo } = row.open;
  const added = [...new Set(userIds)].filter(id => !shownTo.includes(id));
  for (const userId of added) state.journal(cardShown, { callId: row.id, userId });
  return added.length === 0 ? row : putShownTo(state, row, [...shownTo, ...added]);
}

/** `userIds` null: from everybody who sees it. */
export function hideCard(state: State, row: Readonly<OpenCall>, userIds: readonly number[] | null): OpenCall {
  const hidden = journalHidden(state, row, userIds);
  if (hidden.length === 0) return row;
  return putShownTo(
    state,
    row,
    row.open.shownTo.filter(id => !hidden.includes(id)),
  );
}

function putShownTo(state: State, row: Readonly<OpenCall>, shownTo: readonly number[]): OpenCall {
  const after = { ...row, open: { ...row.open, shownTo } };
  state.put(portalCall, after);
  return after;
}

function journalHidden(state: State, { id, open }: Readonly<OpenCall>, userIds: readonly number[] | null) {
  const hidden = open.shownTo.filter(userId => userIds === null || userIds.includes(userId));
  for (const userId of hidden) state.journal(cardHidden, { callId: id, userId });
  return hidden;
}

export type Finishing = Pick<
  ListedCall,
  'durationSeconds' | 'line' | 'statusCode' | 'statusStated' | 'failedReason' | 'costMicros' | 'currency' | 'vote'
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
  row: Readonly<OpenCall>,
  finishing: Finishing,
  clients: ClientBook,
): ListedCall {
  const { userId, inbound, answered, endedAt, addToChat, ...stated } = finishing;
  const { id, webhookId, recordingId, open } = row;
  const { token, type, phoneNumber, numberKey, externalCallId, startedAt, client } = open;
  journalHidden(state, row, null);
  // Only what this call made: clients that were known keep their person (seed, USER_ID).
  for (const each of open.made) clients.handOver(state, each, userId, id);
  const activityId =
    client === null
      ? null
      : clients.keepActivity(state, {
          sourceCallId: id,
          client,
          responsibleId: userId,
          inbound,
          answered,
          startedAt,
          endedAt,
        });
  const after: ListedCall = {
    id,
    webhookId,
    open: null,
    ...stated,
    token,
    userId,
    type,
    phoneNumber,
    numberKey,
    externalCallId,
    startedAt: wholeSecond(startedAt),
    clientType: client?.type ?? null,
    clientId: client?.id ?? null,
    activityId,
    note: null,
    recordingId,
  };
  state.put(portalCall, after);
  if (addToChat) {
    const messageId = state.next('message');
    state.insert(message, { id: messageId, userId, sourceCallId: id, at: state.now, inbound, answered });
    state.journal(messageAdded, { callId: id, userId, messageId });
  }
  return after;
}
