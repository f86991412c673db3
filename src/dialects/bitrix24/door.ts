/** A Bitrix24 portal's REST: incoming webhooks, `/rest/{user}/{code}/{method}`. Everything about HTTP is here. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnknownSource } from '../../calls/accept.ts';
import { type Source, source } from '../../calls/entities.ts';
import { CommandFailed, StorageUnavailable } from '../../ledger/refusals.ts';
import { type User, user, type Webhook, webhook } from '../../people/entities.ts';
import { tokenHash } from '../../people/tokenHash.ts';
import type { Bitrix24Door, Method } from './context.ts';
import { failure, listSuccess, success } from './envelope.ts';
import { MethodError, methodError } from './errors.ts';
import { hide, show } from './methods/cards.ts';
import { finish } from './methods/finish.ts';
import { register } from './methods/register.ts';
import { statistic } from './methods/statistic.ts';
import { type ParamsInput, readParams } from './params.ts';
import { ParamsProblem } from './paramsLimits.ts';
import { bytesToKeep } from './rawBody.ts';
import { readRoute } from './route.ts';

/** Parameters of a call have a few hundred bytes; a filter may list some thousand ids. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** By the name in lower case: names on the wire are in any. */
const METHODS: ReadonlyMap<string, Method> = new Map([
  ['telephony.externalcall.register', register],
  ['telephony.externalcall.show', show],
  ['telephony.externalcall.hide', hide],
  ['telephony.externalcall.finish', finish],
  ['voximplant.statistic.get', statistic],
]);

export async function bitrix24Door(app: FastifyInstance, door: Bitrix24Door): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, door));
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, methodError(/^(GET|POST)$/.test(request.method) ? 'methodNotFound' : 'verb'), door),
  );
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    exposeHeadRoute: false,
    handler: (request, reply) => answer(request, reply, door),
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, door: Bitrix24Door): Promise<FastifyReply> {
  const startMs = door.clock();
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  const [path, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const route = readRoute(path);
  if (route === null || route.kind === 'unknown') throw methodError('methodNotFound');
  const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
  const contentType = request.headers['content-type'] ?? null;
  if (route.kind !== 'webhook') throw await withoutHook(request, { query, contentType, body });
  const hook = demandHook(route.user, route.code, door);
  const method = METHODS.get(route.method);
  if (method === undefined) throw methodError('methodNotFound');
  if (!hook.row.scope.includes(method.scope)) throw methodError('webhookScope');
  const params = await readParams({ query, contentType, body });
  const kept = bytesToKeep(params, query, body, contentType);
  const answered = await method.answer({ door, user: hook.user, portal: hook.portal, params, ...kept });
  const timing = { startMs, finishMs: Math.max(door.clock(), startMs), zone: door.timeZone() };
  const envelope = 'page' in answered ? listSuccess(answered.page, timing) : success(answered.result, timing);
  return send(reply, 200, envelope);
}

interface Hook {
  readonly row: Readonly<Webhook>;
  readonly user: Readonly<User>;
  readonly portal: Readonly<Source>;
}

function demandHook(userId: number, code: string, { ledger: { directory } }: Bitrix24Door): Hook {
  const row = directory.find(webhook, 'byHash', tokenHash(code)).find(each => each.active && each.userId === userId);
  const owner = row === undefined ? undefined : directory.get(user, row.userId);
  const portal = row === undefined ? undefined : directory.get(source, row.sourceId);
  if (row === undefined || owner?.active !== true || portal?.active !== true) throw methodError('invalidCredentials');
  return { row, user: owner, portal };
}

/** Applications with tokens are not known to this server: whoever brings one is told so, who brings none needs one. */
async function withoutHook({ headers }: FastifyRequest, input: ParamsInput): Promise<MethodError> {
  const params = await readParams(input);
  const bringsToken =
    params.has('auth') || params.has('access_token') || /^bearer +\S/i.test(headers.authorization ?? '');
  return methodError(bringsToken ? 'invalidToken' : 'noAuth');
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, door: Bitrix24Door): FastifyReply {
  if (error instanceof MethodError) return sendError(reply, error, door);
  if (error instanceof ParamsProblem)
    return sendError(reply, methodError('unreadable', { PROBLEM: error.message }), door);
  const { code } = error as { code?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return sendError(reply, methodError('tooLarge', { BYTES: BODY_LIMIT_BYTES }), door);
  }
  // Before the route is looked for, the framework demands a content type of this verb.
  if (code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') return sendError(reply, methodError('verb'), door);
  // ECONNRESET: whoever sent it has gone, and reads no answer.
  if (code?.startsWith('FST_ERR_CTP') || code === 'ECONNRESET') {
    return sendError(reply, methodError('unreadable', { PROBLEM: 'The body is not as announced.' }), door);
  }
  // 503: clients of this dialect try again, and nothing was stored.
  if (error instanceof StorageUnavailable)
    return sendError(reply.header('retry-after', '1'), methodError('overload'), door);
  // Disabled between the door and the ledger.
  if (error instanceof UnknownSource) return sendError(reply, methodError('invalidCredentials'), door);
  if (error instanceof CommandFailed) return sendError(reply, methodError('database'), door);
  request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return sendError(reply, methodError('internal'), door);
}

function sendError(reply: FastifyReply, error: MethodError, door: Bitrix24Door): FastifyReply {
  door.count('refused');
  return send(reply, error.status, failure(error));
}

const send = (reply: FastifyReply, status: number, body: object): FastifyReply =>
  reply.status(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
