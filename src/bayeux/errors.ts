/**
 * Everything a client is refused with, one table (docs/genesys.md, section 8.2): the CometD 3 spelling for an unknown
 * client and a handshake, the common ones elsewhere. Clients look at the three digits at most (docs/genesys.md, section 7,
 * line 14).
 */
const ERRORS = {
  /** CometD looks at nothing; the number and the words are Faye's. */
  connectionTypes: { code: 301, text: 'Connection types not supported' },
  channelMissing: { code: 400, text: 'channel_missing' },
  unknownClient: { code: 402, text: 'Unknown client' },
  handshakeDenied: { code: 403, text: 'Handshake denied' },
  subscriptionMissing: { code: 403, text: 'subscription_missing' },
  subscriptionInvalid: { code: 403, text: 'subscription_invalid' },
  subscribeDenied: { code: 403, text: 'subscribe_denied' },
  /** A channel under `/meta/` that the protocol does not have. */
  createDenied: { code: 403, text: 'create_denied' },
  publishDenied: { code: 403, text: 'publish_denied' },
  channelInvalid: { code: 405, text: 'channel_invalid' },
  serverFull: { code: 503, text: 'server_full' },
  serverStopping: { code: 503, text: 'server_stopping' },
} as const;

export type ErrorKind = keyof typeof ERRORS;

/** `CCC:args:text`, or `CCC::text`. `args` says what or why. */
export function errorText(kind: ErrorKind, args = ''): string {
  const { code, text } = ERRORS[kind];
  return `${code}:${args}:${text}`;
}
