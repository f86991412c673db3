/** Who may have a session (docs/genesys.md, section 7, lines 15 to 23). */
import type { ErrorKind } from './errors.ts';
import type { Incoming } from './message.ts';
import type { Settings } from './options.ts';
import { type Advice, canConnect } from './reply.ts';
import type { Sessions } from './sessions.ts';

export interface HandshakeRefusal {
  readonly kind: ErrorKind;
  readonly args: string;
  readonly advice: Advice;
}

/** Another server, or this one when it is back, takes it; until then not everybody asks all the time. */
export const STOPPING_MS = 1_000;

/** For good: nothing would be different the next time (docs/genesys.md, section 7, line 22). */
const NEVER: Advice = { reconnect: 'none' };

/** Nobody authenticated (docs/genesys.md, section 7, line 21, case B2). */
export const NOT_AUTHENTICATED: HandshakeRefusal = { kind: 'handshakeDenied', args: '', advice: NEVER };

export const STOPPING: HandshakeRefusal = {
  kind: 'serverStopping',
  args: '',
  advice: { reconnect: 'handshake', interval: STOPPING_MS },
};

/** Null: a session may be made. */
export function handshakeRefusalFor(
  message: Incoming,
  identity: string,
  sessions: Sessions,
  settings: Settings,
): HandshakeRefusal | null {
  const { limits, maxIntervalMs } = settings;
  if (!canConnect(message.supportedConnectionTypes)) return { kind: 'connectionTypes', args: '', advice: NEVER };
  // Sessions that were left behind are gone by then.
  const later: Advice = { reconnect: 'handshake', interval: maxIntervalMs };
  if (sessions.size >= limits.sessions) return { kind: 'serverFull', args: '', advice: later };
  if (sessions.of(identity).length >= limits.sessionsPerIdentity) {
    return { kind: 'handshakeDenied', args: 'too many sessions', advice: later };
  }
  return null;
}
