/**
 * Channels of the vendor (docs/genesys.md, section 6). All agents use the same names: what arrives is decided per session.
 */
const CHANNELS = [
  '/v2/me',
  '/v2/me/devices',
  '/v2/me/calls',
  '/v2/me/channels',
  '/v2/me/outbound',
  '/v2/me/interactions',
  '/v2/me/emails',
  '/v2/me/chats',
  '/v2/me/workitems',
  '/v2/me/workbins',
  '/v2/users',
  '/notifications/services',
  '/me/internal',
];

const allowed = new Set(CHANNELS.flatMap(channel => [channel, ...patternsOf(channel)]));

/** Null when this channel or pattern may be subscribed, else why not, as a word for the error. */
export function maySubscribe(_identity: string, subscription: string): string | null {
  return allowed.has(subscription) ? null : 'unknown_channel';
}

/** The patterns a channel matches: `/*` in place of its last segment, `/**` in place of any number of its last ones. */
function patternsOf(channel: string): string[] {
  const segments = channel.split('/').slice(1);
  const parents = segments.map((_, length) => ['', ...segments.slice(0, length)].join('/'));
  return [`${parents.at(-1)}/*`, ...parents.map(parent => `${parent}/**`)];
}
