/** A Bitrix24 portal's REST: incoming webhooks, `/rest/{user}/{code}/{method}`. Everything about HTTP is here. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnknownSource } from '../../calls/reports/accept.ts';
import { ClientGone, readerFor } from '../../ledger/readerFor.ts';
import { CommandFailed, StorageUnavailable } from '../../ledger/refusals.ts';
import {
  BODY_LIMIT_BYTES,
  BodyRoom,
  BodyStream,
  collectBody,
  HELD_MAX_BYTES,
  type HeldBody,
  SenderSilent,
} from './body.ts';
import type { Bitrix24Door, MethodAnswer } from './context.ts';
import { cutFile } from './cutFile.ts';
import { failure, listSuccess, success } from './envelope.ts';
import { MethodError, methodError } from './errors.ts';
import { type ParamsInput, readParams } from './params.ts';
import { ParamsProblem } from './paramsLimits.ts';
import { bytesToKeep } from './rawBody.ts';
import { bodyLimitOf, queryOf, type ResolvedRequest, resolveRequest } from './resolveRequest.ts';
import { upload } from './upload.ts';

export async function bitrix24Door(app: FastifyInstance, door: Bitrix24Door): Promise<void> {
  const room = new BodyRoom(HELD_MAX_BYTES);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest) => arrive(request, door, room));
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, door));
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, methodError(/^(GET|POST)$/.test(request.method) ? 'methodNotFound' : 'verb'), door),
  );
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    exposeHeadRoute: false,
    handler: (request, reply) => answer(request, reply, door, app.prefix),
  });
}

/** A request whose body has been read, as far as who asks for what allows. */
interface Arrived {
  readonly resolved: ResolvedRequest;
  readonly body: HeldBody;
}

const NO_BODY: HeldBody = { bytes: Buffer.alloc(0), release: () => {} };

async function arrive({ raw, headers }: FastifyRequest, door: Bitrix24Door, room: BodyRoom): Promise<Arrived> {
  const resolved = resolveRequest(raw.url ?? '', door);
  const limitBytes = bodyLimitOf(resolved);
  const announcedBytes = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  try {
    if (announcedBytes !== null && announcedBytes > limitBytes) throw methodError('tooLarge', { BYTES: limitBytes });
    // The file is read on its way into the store.
    if (resolved.kind === 'upload') return { resolved, body: NO_BODY };
    return { resolved, body: await collectBody(raw, announcedBytes, limitBytes, room) };
  } catch (error) {
    // Whoever may not ask at all is told so, and not that it was too much.
    throw isTooLarge(error) && resolved.kind === 'refused' ? resolved.error : error;
  }
}

const isTooLarge = (error: unknown): boolean => error instanceof MethodError && error.kind === 'tooLarge';

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  door: Bitrix24Door,
  prefix: string,
): Promise<FastifyReply> {
  const startMs = door.clock();
  // Of a request without a body nobody read one.
  const { resolved, body } = (request.body as Arrived | undefined) ?? {
    resolved: resolveRequest(request.raw.url ?? '', door),
    body: NO_BODY,
  };
  try {
    const answered = await answerOf(resolved, body.bytes, request, reply, { door, prefix });
    const timing = { startMs, finishMs: Math.max(door.clock(), startMs), zone: door.timeZone() };
    const envelope = 'page' in answered ? listSuccess(answered.page, timing) : success(answered.result, timing);
    return send(reply, 200, envelope);
  } finally {
    body.release();
  }
}

async function answerOf(
  resolved: ResolvedRequest,
  body: Buffer,
  request: FastifyRequest,
  reply: FastifyReply,
  { door, prefix }: { readonly door: Bitrix24Door; readonly prefix: string },
): Promise<MethodAnswer> {
  const query = queryOf(request.raw.url ?? '');
  const contentType = request.headers['content-type'] ?? null;
  switch (resolved.kind) {
    case 'refused':
      throw resolved.error;
    case 'token':
      throw await withoutHook(request, { query, contentType, body });
    case 'upload': {
      const stream = new BodyStream(request.raw, bodyLimitOf(resolved));
      return { result: { FILE_ID: await upload(door, resolved.slot, stream, contentType) } };
    }
    case 'method': {
      const { method, hook } = resolved;
      const { rest, cut } =
        method.file === undefined
          ? { rest: body }
          : cutFile({ contentType, body }, method.file.parameter, BODY_LIMIT_BYTES);
      const params = await readParams({ query, contentType, body: rest }, cut);
      const baseUrl = `${door.publicUrl() ?? `${request.protocol}://${request.host}`}${prefix}`;
      const kept = bytesToKeep(params, query, rest, contentType);
      return method.answer({
        door,
        user: hook.user,
        portal: hook.portal,
        webhookId: hook.row.id,
        baseUrl,
        params,
        ...kept,
        reader: readerFor(reply.raw, door.ledger.reader),
      });
    }
  }
}

/** Applications with tokens are not known to this server: whoever brings one is told so, who brings none needs one. */
async function withoutHook({ headers }: FastifyRequest, input: ParamsInput): Promise<MethodError> {
  const params = await readParams(input);
  const bringsToken =
    params.has('auth') || params.has('access_token') || /^bearer +\S/i.test(headers.authorization ?? '');
  return methodError(bringsToken ? 'invalidToken' : 'noAuth');
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, door: Bitrix24Door): FastifyReply {
  if (error instanceof ClientGone) return reply.hijack();
  if (error instanceof MethodError) return sendError(reply, error, door);
  if (error instanceof ParamsProblem)
    return sendError(reply, methodError('unreadable', { PROBLEM: error.message }), door);
  const { code } = error as { code?: string };
  // Before the route is looked for, the framework demands a content type of this verb.
  if (code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') return sendError(reply, methodError('verb'), door);
  // Whoever sent it has gone, and reads no answer.
  const isGone = code === 'ECONNRESET' || error instanceof SenderSilent;
  if (code?.startsWith('FST_ERR_CTP') || isGone) {
    return sendError(reply, methodError('unreadable', { PROBLEM: 'The body is not as announced.' }), door);
  }
  // 503: clients of this dialect try again, and nothing was stored. A record may find the disk full before the ledger does.
  if (error instanceof StorageUnavailable || code === 'ENOSPC' || code === 'EDQUOT')
    return sendError(reply, methodError('overload'), door);
  // Disabled between the door and the ledger.
  if (error instanceof UnknownSource) return sendError(reply, methodError('invalidCredentials'), door);
  if (error instanceof CommandFailed) return sendError(reply, methodError('database'), door);
  request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return sendError(reply, methodError('internal'), door);
}

function sendError(reply: FastifyReply, error: MethodError, door: Bitrix24Door): FastifyReply {
  door.count('refused');
  if (error.kind === 'overload') reply.header('retry-after', '1');
  // There is more on its way than anybody reads.
  if (error.kind === 'tooLarge') reply.header('connection', 'close');
  return send(reply, error.status, failure(error));
}

const send = (reply: FastifyReply, status: number, body: object): FastifyReply =>
  reply.status(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
