import { HANDSHAKE } from './channel.ts';

/** What a client sends. Every field is whatever it wrote: nothing of it is trusted before it is looked at. */
export interface Incoming {
  readonly channel?: unknown;
  readonly id?: unknown;
  readonly clientId?: unknown;
  readonly subscription?: unknown;
  readonly supportedConnectionTypes?: unknown;
  readonly advice?: unknown;
  readonly ext?: unknown;
}

/** Undefined when the client gave none, or none that can be repeated. */
export type MessageId = string | number | undefined;

/** Goes back as it came, a number as a number (docs/genesys.md, section 7, line 11, case B33). */
export function idOf({ id }: Incoming): MessageId {
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/** A field of an object that may not be one. */
export function fieldOf(x: unknown, name: string): unknown {
  return isObject(x) ? x[name] : undefined;
}

/**
 * The messages of a body, at least one: an array, or one bare object (docs/genesys.md, section 7, line 1, case B23). Null
 * when it is not Bayeux, or more messages than allowed: a client takes an HTTP error as the failure of every message it
 * sent, and a reply to each of very many would be many times as long as they are.
 */
export function readBody(body: unknown, maxMessages: number): readonly [Incoming, ...Incoming[]] | null {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (messages.length === 0 || messages.length > maxMessages || !messages.every(isObject)) return null;
  return messages as readonly unknown[] as readonly [Incoming, ...Incoming[]];
}

/**
 * Whose session a body is about: that of its first message (docs/genesys.md, section 7, line 57). Null for one that is
 * about none yet, a handshake, and for what is not Bayeux.
 */
export function clientIdOf(body: unknown): unknown {
  if (hasMessageTo(body, HANDSHAKE)) return null;
  return fieldOf(Array.isArray(body) ? body[0] : body, 'clientId');
}

/** Whether one of the messages of a body is to this channel. */
export function hasMessageTo(body: unknown, channel: string): boolean {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.some(each => fieldOf(each, 'channel') === channel);
}

function isObject(x: unknown): x is Readonly<Record<string, unknown>> {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}
