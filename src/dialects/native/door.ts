/** `/v1`: the plain JSON API. Everything about HTTP is here; what calls mean is not. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClientGone } from '../../ledger/readerFor.ts';
import { CommandFailed, StorageUnavailable } from '../../ledger/refusals.ts';
import { HashingOverloaded } from '../../people/password.ts';
import type { Principal } from '../../people/principal.ts';
import { authenticate } from './access.ts';
import { callRoutes } from './callRoutes.ts';
import { campaignRoutes } from './campaignRoutes.ts';
import { clientRoutes } from './clientRoutes.ts';
import type { NativeDoor } from './context.ts';
import { eventRoutes } from './eventRoutes.ts';
import { matchRoutes } from './matchRoutes.ts';
import { nodeRoutes } from './nodeRoutes.ts';
import { planRoute } from './planRoute.ts';
import { Problem, sendProblem } from './problem.ts';
import { quarantineRoutes } from './quarantineRoutes.ts';
import { recordRoutes } from './recordRoutes.ts';
import { sourceRoutes } from './sourceRoutes.ts';
import { statisticsRoutes } from './statisticsRoutes.ts';
import { tokenRoutes } from './tokenRoutes.ts';
import { userRoutes } from './userRoutes.ts';
import { validatorCompiler } from './validate.ts';
import { webhookRoutes } from './webhookRoutes.ts';

/** A call with notes and links is some 10 KB; nobody states a megabyte. */
const BODY_LIMIT_BYTES = 256 * 1024;

declare module 'fastify' {
  interface FastifyRequest {
    /** As it arrived; null before the body is read. */
    rawBody: Buffer | null;
    caller: Principal | null;
  }
}

export async function nativeDoor(app: FastifyInstance, door: NativeDoor): Promise<void> {
  app.decorateRequest('rawBody', null);
  app.decorateRequest('caller', null);
  app.setValidatorCompiler(validatorCompiler);
  // Answers leave as they are: a schema that drops or turns values would hide mistakes.
  app.setSerializerCompiler(() => data => JSON.stringify(data));
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new Problem('not_found', `${request.method} ${request.url.split('?')[0]} is not part of this API`),
    ),
  );
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
    (request, body, done) => {
      request.rawBody = body as Buffer;
      // Clients that name the type with every request send nothing with this one.
      if (request.method === 'DELETE' && body.length === 0) return done(null, undefined);
      try {
        done(null, parseJson(body as Buffer));
      } catch (error) {
        done(
          new Problem('invalid', `the body is not JSON: ${(error as Error).message}`, [
            { field: 'body', detail: 'must be JSON' },
          ]),
        );
      }
    },
  );
  app.addHook('onRequest', async request => {
    request.caller = await authenticate(door.gate, request);
  });
  callRoutes(app, door);
  matchRoutes(app, door);
  clientRoutes(app, door);
  recordRoutes(app, door);
  statisticsRoutes(app, door);
  eventRoutes(app, door);
  quarantineRoutes(app, door);
  nodeRoutes(app, door);
  userRoutes(app, door);
  tokenRoutes(app, door);
  sourceRoutes(app, door);
  planRoute(app, door);
  webhookRoutes(app, door);
  campaignRoutes(app, door);
}

/** Like JSON.parse, but the digits of a cost stay as they were written: a double would lose some. */
function parseJson(body: Buffer): unknown {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  if (!text.includes('"cost"')) return JSON.parse(text);
  return JSON.parse(text, (key, value, context?: { source?: string }) =>
    key === 'cost' && typeof value === 'number' ? plainDecimal(context?.source ?? String(value)) : value,
  );
}

const plainDecimal = (source: string): string => (/[eE]/.test(source) ? String(Number(source)) : source);

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof ClientGone) return reply.hijack();
  if (error instanceof Problem) return sendProblem(reply, error);
  const { code, validation } = error as { code?: string; validation?: unknown };
  if (validation instanceof Problem) return sendProblem(reply, validation);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return sendProblem(reply, new Problem('too_large', `a body may have ${BODY_LIMIT_BYTES} bytes`));
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return sendProblem(reply, new Problem('unsupported', 'send the body as application/json'));
  }
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY' || code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') {
    return sendProblem(reply, new Problem('invalid', 'the body is empty or not as long as announced'));
  }
  if (error instanceof StorageUnavailable) return sendProblem(reply, new Problem('unavailable', error.message));
  if (error instanceof HashingOverloaded)
    return sendProblem(reply, new Problem('unavailable', 'too many logins at once'));
  if (error instanceof CommandFailed) return sendProblem(reply, new Problem('invalid', 'a value cannot be stored'));
  request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return sendProblem(reply, new Problem('failed', 'the server has logged why'));
}
