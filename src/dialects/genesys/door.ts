/**
 * A node of Genesys Web Services 8.5.2, as agent desktops know it (docs/genesys.md, section 1): what an agent asks of the
 * dialler over HTTP, and what becomes of it over Bayeux. Everything about HTTP is in this folder; what records are is not.
 */
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import { Bayeux } from '../../bayeux/bayeux.ts';
import { OUTBOX_KEPT_MS, unconfirmedOutboxEntries } from '../../campaigns/agentOutbox.ts';
import { OutboundError } from '../../campaigns/context.ts';
import { agentOutbox } from '../../campaigns/entities.ts';
import { CommandFailed, StorageUnavailable } from '../../ledger/refusals.ts';
import type { User } from '../../people/entities.ts';
import { HashingOverloaded } from '../../people/password.ts';
import { accessOf } from './access.ts';
import { AgentOutbox, identityOf } from './agentOutbox.ts';
import type { GenesysDoor } from './context.ts';
import { Fault, sendEmpty, sendFault, verdictOf } from './errors.ts';
import { meRoutes } from './meRoutes.ts';
import { notificationRoutes } from './notificationRoutes.ts';
import { outboundRoutes } from './outboundRoutes.ts';
import { type OnUnreadable, OutboxFeed, readableEntries } from './outboxFeed.ts';
import { startOutboxKeeper } from './outboxKeeper.ts';
import { maySubscribe } from './subscriptions.ts';

/** A batch of Bayeux messages has some kilobytes (docs/genesys.md, section 7, line 80). */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** Entries of the last minute that are read at start: more desktops than one node has. */
const RESTORED_AT_MOST = 100_000;
/** 160 bits, as hexadecimal digits. */
const RANDOM_ID_BYTES = 20;

export async function genesysDoor(app: FastifyInstance, door: GenesysDoor): Promise<void> {
  app.decorateRequest('agent', null);
  app.decorateRequest('forwarded', null);
  app.removeAllContentTypeParsers();
  // The media type is checked where the body is read: a path that does not exist is 404 whatever is sent to it.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error, request, reply) => sendFault(reply, faultOf(error, request)));
  app.setNotFoundHandler((_request, reply) => sendFault(reply, new Fault('notFound', 'There is no such resource')));
  const { bayeux, outbox, publisher } = await startNotifications(app, door);
  const access = accessOf(door);
  meRoutes(app, access);
  await app.register(async scope => {
    scope.setErrorHandler((error, request, reply) => {
      const fault = faultOf(error, request);
      door.count(verdictOf(fault.kind));
      return sendFault(reply, fault);
    });
    outboundRoutes(scope, { door, access, publisher });
  });
  await app.register(async scope => {
    scope.setErrorHandler((error, request, reply) => {
      const fault = faultOf(error, request);
      if (fault.kind === 'tooLarge') return sendEmpty(reply, 413);
      return fault.kind === 'unreadable' ? sendEmpty(reply, 400) : sendFault(reply, fault);
    });
    const catchUp = (user: Readonly<User>) =>
      outbox.catchUp(identityOf(user.id), async () =>
        readableEntries(
          await unconfirmedOutboxEntries(door.ledger.workReader, user.id, door.clock()),
          logUnreadable(app.log),
        ),
      );
    notificationRoutes(scope, {
      ...access,
      bayeux,
      catchUp,
      ...(door.relay === undefined ? {} : { relay: door.relay }),
    });
  });
}

/** Bayeux, the outbox it delivers from, and the worker that keeps the ledger in step. */
async function startNotifications(
  app: FastifyInstance,
  door: GenesysDoor,
): Promise<{ readonly bayeux: Bayeux; readonly outbox: AgentOutbox; readonly publisher: OutboxFeed }> {
  const { ledger, clock, stopping, relay, timers, random } = door;
  const randomId = (): string => Buffer.from(random(RANDOM_ID_BYTES)).toString('hex');
  const left = await ledger.workReader.select({
    from: agentOutbox,
    where: [{ column: 'at', is: '>', value: clock() - OUTBOX_KEPT_MS }],
    orderBy: [{ column: 'id' }],
    limit: RESTORED_AT_MOST,
  });
  const outbox = new AgentOutbox((...delivery) => bayeux.deliverTo(...delivery), clock);
  const trouble = (what: string) => (error: unknown) => {
    // While nothing can be stored, the ledger has reported it.
    if (!(error instanceof StorageUnavailable)) app.log.error({ err: error }, what);
  };
  const keeper = startOutboxKeeper({
    ledger,
    clock,
    timers,
    onExpire: () => outbox.expire(),
    onError: trouble('outbox entries not removed'),
    ...(door.outboxLease === undefined ? {} : { lease: door.outboxLease }),
  });
  const onUnreadable = logUnreadable(app.log);
  for (const each of readableEntries(left, onUnreadable)) outbox.restore(each);
  const bayeux = new Bayeux({
    ...door.bayeux,
    clock: timers.monotonicMs,
    schedule: timers.after,
    randomId,
    ...(relay === undefined ? {} : { newClientId: () => relay.newClientId(randomId()) }),
    maySubscribe,
    onSubscribed: session => outbox.subscribed(session),
    onConfirmed: (session, ids) => {
      outbox.confirmed(session, ids);
      keeper.confirm(ids);
    },
    onRemoved: session => outbox.removed(session),
  });
  // Some of its clients have heard elsewhere that it is gone, those that only wanted to subscribe without being told what to do.
  relay?.onDisowned(() => bayeux.forgetAll());
  door.watch?.(bayeux);
  stopping.addEventListener('abort', () => bayeux.stop(), { once: true });
  app.addHook('onClose', async () => {
    bayeux.stop();
    await keeper.stop();
  });
  const onError = trouble('outbox entries not read');
  const publisher = new OutboxFeed({ ledger, outbox, timers, stopping, onError, onUnreadable });
  return { bayeux, outbox, publisher };
}

/** Nothing of the content: the error's cause quotes it. */
const logUnreadable =
  (log: FastifyBaseLogger): OnUnreadable =>
  (id, { entity, message }) =>
    log.error({ table: entity.name, id, reason: message }, 'outbox entry unreadable');

/** What the caller is told of anything that went wrong on the way. */
function faultOf(error: unknown, request: FastifyRequest): Fault {
  if (error instanceof Fault) return error;
  // Only a strict node lets it come this far.
  if (error instanceof OutboundError) return new Fault('notFound', error.message);
  if (error instanceof StorageUnavailable) return new Fault('unavailable', 'Nothing can be stored at the moment', 1);
  if (error instanceof HashingOverloaded) return new Fault('unavailable', 'Too many logins at once', 1);
  const { code } = error as { code?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Fault('tooLarge', `A body may have ${BODY_LIMIT_BYTES} bytes`);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Fault('mediaType', 'The body must be application/json');
  if (code?.startsWith('FST_ERR_CTP')) return new Fault('unreadable', 'The body is not as long as announced');
  if (error instanceof CommandFailed) return new Fault('invalid', 'A value cannot be stored');
  request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return new Fault('failed', 'This could not be done');
}
