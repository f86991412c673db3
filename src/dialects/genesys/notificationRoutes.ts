import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bayeux } from '../../bayeux/bayeux.ts';
import { type Access, identify } from './access.ts';
import { readJson } from './body.ts';
import { JSON_TYPE, sendEmpty } from './errors.ts';
import { identityOf } from './noticeBoard.ts';
import { onlyMethods } from './routes.ts';

const BROWSER_COOKIE = 'BAYEUX_BROWSER';

/** Stock clients append the kind of message to the URL; all of these are one (trap 17, case B22). */
const PATHS = ['', '/handshake', '/connect', '/disconnect'].map(each => `/notifications${each}`);

/** The HTTP side of long-polling (reference section 7); what the messages mean is Bayeux's. */
export function notificationRoutes(app: FastifyInstance, access: Access, bayeux: Bayeux): void {
  for (const path of PATHS) {
    app.post(path, (request, reply) => receive(request, reply, access, bayeux));
    // Callback-polling, the only reason for a GET, is not offered (line 7).
    app.get(path, (_request, reply) => sendEmpty(reply, 400));
    onlyMethods(app, path, 'GET', 'POST');
  }
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
  bayeux: Bayeux,
): Promise<FastifyReply> {
  const transfer = watch(request, reply);
  const who = await identify(access, request, reply);
  const identity = who === null || 'lockedForSeconds' in who ? null : identityOf(who.id);
  const { cookie } = request.headers;
  const browser = (cookie === undefined ? undefined : parseCookie(cookie)[BROWSER_COOKIE]) ?? null;
  const answer = await bayeux.receive(takeBody(request), { identity, browser, closed: transfer.closed });
  if (answer.kind === 'malformed') return sendEmpty(reply, 400);
  if (answer.kind === 'superseded') return sendEmpty(reply, 500);
  if (answer.setBrowser !== null) {
    reply.header(
      'set-cookie',
      stringifySetCookie({ name: BROWSER_COOKIE, value: answer.setBrowser, path: '/', httpOnly: true }),
    );
  }
  transfer.onEnd(ok => answer.written(ok));
  return transfer.closed.aborted ? reply.hijack() : reply.type(JSON_TYPE).send(JSON.stringify(answer.messages));
}

/** The parsed body. A connect may be held for long, and the request with it: neither bytes nor tree are kept. */
function takeBody(request: FastifyRequest): unknown {
  try {
    return readJson(request);
  } finally {
    request.body = undefined;
  }
}

interface Transfer {
  /** Aborted when the socket closes before the answer is written. */
  readonly closed: AbortSignal;
  /** Tells whether the answer was handed to the socket completely. */
  onEnd(tell: (written: boolean) => void): void;
}

function watch({ socket }: FastifyRequest, { raw }: FastifyReply): Transfer {
  const closing = new AbortController();
  let written = false;
  let tell: ((written: boolean) => void) | null = null;
  // Before the server's own listener, which may end the connection: a socket that is gone by now took nothing.
  raw.prependOnceListener('finish', () => {
    written = !socket.destroyed;
  });
  raw.once('close', () => {
    if (!written) closing.abort();
    tell?.(written);
  });
  if (socket.destroyed) closing.abort();
  return {
    closed: closing.signal,
    onEnd(listener) {
      if (closing.signal.aborted) listener(false);
      else tell = listener;
    },
  };
}
