/** Replies in the order of keys that Genesys and CometD write them in (docs/genesys.md, sections 2.5 and 8.3). */
import { CONNECT, HANDSHAKE } from './channel.ts';
import { type ErrorKind, errorText } from './errors.ts';
import { type Incoming, idOf, type MessageId } from './message.ts';

export type Reply = Readonly<Record<string, unknown>>;

export interface Advice {
  readonly interval?: number;
  readonly timeout?: number;
  readonly reconnect: 'retry' | 'handshake' | 'none';
}

/** To start anew, at once (docs/genesys.md, section 7, line 37). */
const HANDSHAKE_AGAIN: Advice = { reconnect: 'handshake', interval: 0 };

const CONNECTION_TYPES: readonly string[] = ['long-polling'];

/**
 * The transports in common; `long-polling` is the only one there is (docs/genesys.md, trap 25). Who says nothing takes any.
 */
export function canConnect(theirs: unknown): boolean {
  if (theirs === undefined) return true;
  return Array.isArray(theirs) && CONNECTION_TYPES.some(each => theirs.includes(each));
}

export function accept(message: Incoming, rest: object = {}): Reply {
  return { ...address(message), successful: true, ...rest };
}

export function refuse(message: Incoming, kind: ErrorKind, args = '', rest: object = {}): Reply {
  return { ...address(message), successful: false, error: errorText(kind, args), ...rest };
}

/**
 * Never existed, expired, disconnected or somebody else's: all the same (docs/genesys.md, section 7, lines 37 and 38, cases
 * B5 and B6).
 */
export function refuseUnknown(message: Incoming): Reply {
  return refuse(message, 'unknownClient', '', message.channel === CONNECT ? { advice: HANDSHAKE_AGAIN } : {});
}

/** `ext` only with the ack extension (docs/genesys.md, case B27). */
export function connectReply(id: MessageId, advice: object, ext: object | null): Reply {
  return { channel: CONNECT, ...idField(id), successful: true, advice, ...(ext === null ? {} : { ext }) };
}

export function handshakeReply(message: Incoming, clientId: string, advice: object, ext: object | null): Reply {
  return {
    ...idField(idOf(message)),
    channel: HANDSHAKE,
    successful: true,
    clientId,
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: CONNECTION_TYPES,
    advice,
    ...(ext === null ? {} : { ext }),
  };
}

export function handshakeRefusal(message: Incoming, kind: ErrorKind, args: string, advice: Advice): Reply {
  return {
    ...idField(idOf(message)),
    channel: HANDSHAKE,
    successful: false,
    error: errorText(kind, args),
    ...(kind === 'connectionTypes' ? { supportedConnectionTypes: CONNECTION_TYPES } : {}),
    advice,
  };
}

const address = (message: Incoming): object => ({
  ...(typeof message.channel === 'string' ? { channel: message.channel } : {}),
  ...idField(idOf(message)),
});

const idField = (id: MessageId): object => (id === undefined ? {} : { id });
