/** Subscribing and unsubscribing (docs/genesys.md, section 7, lines 41 to 46). */
import { isService, isSubscribable } from './channel.ts';
import type { ErrorKind } from './errors.ts';
import type { Incoming } from './message.ts';
import type { Settings } from './options.ts';
import { accept, type Reply, refuse } from './reply.ts';
import type { Session } from './session.ts';

interface Refusal {
  readonly kind: ErrorKind;
  readonly why: string;
}

/** All or nothing: one refused name refuses them all (docs/genesys.md, section 7, line 42, case B13). */
export function subscribe(session: Session, message: Incoming, settings: Settings): Reply {
  const names = namesIn(message);
  const refusal = refusalOfNames(names) ?? refusalByPolicy(session, names, settings);
  if (refusal !== null) return refuse(message, refusal.kind, refusal.why, verbatim(message));
  for (const name of names) if (!isService(name)) session.subscriptions.add(name);
  settings.onSubscribed?.(session);
  return accept(message, verbatim(message));
}

/** What was not subscribed to succeeds as well (docs/genesys.md, section 7, line 46, case B21). */
export function unsubscribe(session: Session, message: Incoming): Reply {
  const names = namesIn(message);
  const refusal = refusalOfNames(names);
  if (refusal !== null) return refuse(message, refusal.kind, refusal.why, verbatim(message));
  for (const name of names) session.subscriptions.delete(name);
  return accept(message, verbatim(message));
}

/** The names a request is about; one that is not text is the empty name, which no channel has. */
function namesIn({ subscription }: Incoming): readonly string[] {
  if (subscription === undefined || subscription === null) return [];
  const given: readonly unknown[] = Array.isArray(subscription) ? subscription : [subscription];
  return given.map(each => (typeof each === 'string' ? each : ''));
}

function refusalOfNames(names: readonly string[]): Refusal | null {
  if (names.length === 0) return { kind: 'subscriptionMissing', why: '' };
  return names.every(isSubscribable) ? null : { kind: 'subscriptionInvalid', why: '' };
}

function refusalByPolicy(session: Session, names: readonly string[], settings: Settings): Refusal | null {
  const { limits, maySubscribe } = settings;
  for (const name of names) {
    const tooLong = name.length > limits.subscriptionLength;
    const why = tooLong ? 'name too long' : maySubscribe(session.identity, name);
    if (why !== null) return { kind: 'subscribeDenied', why };
  }
  const all = new Set([...session.subscriptions, ...names.filter(each => !isService(each))]);
  if (all.size <= limits.subscriptionsPerSession) return null;
  return { kind: 'subscribeDenied', why: 'too many subscriptions' };
}

/** The reply repeats `subscription` as it came (docs/genesys.md, section 7, line 41). */
const verbatim = ({ subscription }: Incoming): object => (subscription === undefined ? {} : { subscription });
