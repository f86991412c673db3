/**
 * A node of Genesys Web Services 8.5.2, as agent desktops know it (reference section 1): what an agent asks of the
 * dialler over HTTP, and what becomes of it over Bayeux. Everything about HTTP is in this folder; what records are is
 * not.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Bayeux } from '../../bayeux/bayeux.ts';
import { OutboundError } from '../../campaigns/context.ts';
import { notice } from '../../campaigns/entities.ts';
import { NOTICE_KEPT_MS, unconfirmedNotices } from '../../campaigns/notices.ts';
import { CommandFailed, StorageUnavailable } from '../../ledger/refusals.ts';
import { MACHINE_TIMERS } from '../../ledger/timers.ts';
import type { User } from '../../people/entities.ts';
import { HashingOverloaded } from '../../people/password.ts';
import type { GenesysDoor } from './context.ts';
import { Fault, sendEmpty, sendFault, verdictOf } from './errors.ts';
import { meRoutes } from './meRoutes.ts';
import { identityOf, NoticeBoard } from './noticeBoard.ts';
import { startNoticeKeeper } from './noticeKeeper.ts';
import { asTold, NoticeNews } from './noticeNews.ts';
import { notificationRoutes } from './notificationRoutes.ts';
import { outboundRoutes } from './outboundRoutes.ts';
import { maySubscribe } from './subscriptions.ts';

/** A batch of Bayeux messages has some kilobytes (reference section 7, line 80). */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** Notices of the last minute that are read at start: more desktops than one node has. */
const RESTORED_AT_MOST = 100_000;
/** 160 bits, as hexadecimal digits. */
const RANDOM_ID_BYTES = 20;

export async function genesysDoor(app: FastifyInstance, door: GenesysDoor): Promise<void> {
  app.decorateRequest('agent', null);
  app.decorateRequest('passed', null);
  app.removeAllContentTypeParsers();
  // The media type is checked where the body is read: a path that does not exist is 404 whatever is sent to it.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error, request, reply) => sendFault(reply, faultOf(error, request)));
  app.setNotFoundHandler((_request, reply) => sendFault(reply, new Fault('notFound', 'There is no such resource')));
  const { bayeux, board, teller } = await startNotifications(app, door);
  meRoutes(app, door);
  await app.register(async scope => {
    scope.setErrorHandler((error, request, reply) => {
      const fault = faultOf(error, request);
      door.count(verdictOf(fault.kind));
      return sendFault(reply, fault);
    });
    outboundRoutes(scope, door, teller);
  });
  await app.register(async scope => {
    scope.setErrorHandler((error, request, reply) => {
      const fault = faultOf(error, request);
      if (fault.kind === 'tooLarge') return sendEmpty(reply, 413);
      return fault.kind === 'unreadable' ? sendEmpty(reply, 400) : sendFault(reply, fault);
    });
    const catchUp = (user: Readonly<User>) =>
      board.catchUp(identityOf(user.id), async () =>
        (await unconfirmedNotices(door.ledger.workReader, user.id, door.clock())).map(asTold),
      );
    notificationRoutes(scope, { ...door, bayeux, catchUp });
  });
}

const randomId = (): string => randomBytes(RANDOM_ID_BYTES).toString('hex');

/** Bayeux, what is told over it, and the worker that keeps the ledger in step. */
async function startNotifications(
  app: FastifyInstance,
  door: GenesysDoor,
): Promise<{ readonly bayeux: Bayeux; readonly board: NoticeBoard; readonly teller: NoticeNews }> {
  const { ledger, clock, stopping, relay, timers = MACHINE_TIMERS } = door;
  const left = await ledger.workReader.select({
    from: notice,
    where: [{ column: 'at', is: '>', value: clock() - NOTICE_KEPT_MS }],
    orderBy: [{ column: 'id' }],
    limit: RESTORED_AT_MOST,
  });
  const board = new NoticeBoard((...delivery) => bayeux.deliverTo(...delivery), clock);
  for (const each of left) board.restore(asTold(each));
  const trouble = (what: string) => (error: unknown) => {
    // While nothing can be stored, the ledger has said so.
    if (!(error instanceof StorageUnavailable)) app.log.error({ err: error }, what);
  };
  const keeper = startNoticeKeeper({
    ledger,
    clock,
    timers,
    onExpire: () => board.expire(),
    onError: trouble('notices could not be removed'),
    ...(door.noticeDuty === undefined ? {} : { duty: door.noticeDuty }),
  });
  const bayeux = new Bayeux({
    ...door.bayeux,
    clock: timers.monotonicMs,
    schedule: timers.after,
    randomId,
    ...(relay === undefined ? {} : { newClientId: () => relay.newClientId(randomId()) }),
    maySubscribe,
    onSubscribed: session => board.subscribed(session),
    onConfirmed: (session, ids) => {
      board.confirmed(session, ids);
      keeper.confirm(ids);
    },
    onRemoved: session => board.removed(session),
  });
  // Some of its clients have heard elsewhere that it is gone, those that only wanted to subscribe without being told what to do.
  relay?.onDisowned(() => bayeux.forgetAll());
  door.watch?.(bayeux);
  stopping.addEventListener('abort', () => bayeux.stop(), { once: true });
  app.addHook('onClose', async () => {
    bayeux.stop();
    await keeper.stop();
  });
  const onError = trouble('notices could not be read');
  const teller = new NoticeNews({ ledger, board, stopping, onError });
  return { bayeux, board, teller };
}

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
