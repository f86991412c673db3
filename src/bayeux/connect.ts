/** Connects, held and not (docs/genesys.md, section 7, lines 24 to 32). */
import { type Answer, type Exchange, unattended } from './exchange.ts';
import { fieldOf, type Incoming, idOf } from './message.ts';
import type { Settings } from './options.ts';
import { connectReply, type Reply, refuseUnknown } from './reply.ts';
import type { Session } from './session.ts';
import type { Turns } from './turns.ts';

/** What CometD tells a browser that holds enough connects already (docs/genesys.md, section 7, line 72). */
const MULTIPLE_CLIENTS_MS = 2_000;
const MULTIPLE_CLIENTS = { 'multiple-clients': true, reconnect: 'retry', interval: MULTIPLE_CLIENTS_MS };

/** A connect that is alone in its body: it is held when there is nothing to tell (docs/genesys.md, section 7, line 27). */
export function connectAlone(
  message: Incoming,
  session: Session,
  exchange: Exchange,
  turns: Turns,
  settings: Settings,
): Promise<Answer> {
  arrive(message, session, turns, settings);
  if (session.isGone) return Promise.resolve(unattended([refuseUnknown(message)]));
  const holdMs = holdMsOf(message, settings.timeoutMs);
  let advice: object = turns.retry;
  let pauseMs = settings.intervalMs;
  if (holdMs > 0 && !session.outbox.ready && !exchange.closed.aborted) {
    const held = turns.hold(session, exchange, idOf(message), holdMs);
    if (held !== null) return held;
    advice = MULTIPLE_CLIENTS;
    pauseMs = MULTIPLE_CLIENTS_MS;
  }
  const reply = connectReply(idOf(message), advice, session.outbox.stamp());
  return Promise.resolve(turns.answer(session, exchange, [reply], { outstanding: true, pauseMs }));
}

/** A connect among other messages is never held (docs/genesys.md, section 7, line 59, cases B16 and B36). */
export function connectAmongOthers(message: Incoming, session: Session, turns: Turns, settings: Settings): Reply {
  arrive(message, session, turns, settings);
  if (session.isGone) return refuseUnknown(message);
  return connectReply(idOf(message), turns.retry, session.outbox.stamp());
}

/** What a connect says by coming: that an older one is given up, and which messages were read. */
function arrive(message: Incoming, session: Session, turns: Turns, settings: Settings): void {
  turns.supersede(session);
  const receipts = session.outbox.connected(fieldOf(message.ext, 'ack'));
  if (receipts.length > 0) settings.onConfirmed?.(session, receipts);
}

/**
 * 0: answer at once (docs/genesys.md, section 7, line 25). Never longer than announced, whatever the client wishes
 * (docs/genesys.md, section 7, lines 26 and 76).
 */
function holdMsOf(message: Incoming, timeoutMs: number): number {
  const wished = fieldOf(message.advice, 'timeout');
  return typeof wished === 'number' && wished >= 0 ? Math.min(wished, timeoutMs) : timeoutMs;
}
