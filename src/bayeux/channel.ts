/** Names and patterns of channels (docs/genesys.md, section 7, lines 8 to 10). */

export const HANDSHAKE = '/meta/handshake';
export const CONNECT = '/meta/connect';
export const SUBSCRIBE = '/meta/subscribe';
export const UNSUBSCRIBE = '/meta/unsubscribe';
export const DISCONNECT = '/meta/disconnect';

const NAME = /^(?:\/[A-Za-z0-9\-_!~()$@]+)+$/;
const PATTERN = /^(?:\/[A-Za-z0-9\-_!~()$@]+)*(?:\/[A-Za-z0-9\-_!~()$@]+|\/\*\*?)$/;

export function isChannel(x: unknown): x is string {
  return typeof x === 'string' && NAME.test(x);
}

/**
 * A channel, or one whose last segment is `*` or `**`. What is under `/meta/` cannot be subscribed to (docs/genesys.md,
 * case B12).
 */
export function isSubscribable(pattern: string): boolean {
  return PATTERN.test(pattern) && !isMeta(pattern);
}

export const isMeta = (channel: string): boolean => channel.startsWith('/meta/');

/**
 * Between client and server only: nobody else is told, so a subscription to it is not kept (docs/genesys.md, section 7,
 * line 10).
 */
export const isService = (channel: string): boolean => channel.startsWith('/service/');

/**
 * Every pattern that matches `channel`, the name itself first: `*` is exactly one more segment, `**` one or more
 * (docs/genesys.md, trap 20). Asking a session's subscriptions for each is cheaper than trying each subscription.
 */
export function patternsMatching(channel: string): readonly string[] {
  if (isMeta(channel)) return [];
  const patterns = [channel];
  let slash = channel.lastIndexOf('/');
  patterns.push(`${channel.slice(0, slash)}/*`);
  for (; slash >= 0; slash = slash === 0 ? -1 : channel.lastIndexOf('/', slash - 1)) {
    patterns.push(`${channel.slice(0, slash)}/**`);
  }
  return patterns;
}
