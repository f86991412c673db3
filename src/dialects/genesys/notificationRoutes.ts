import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bayeux } from '../../bayeux/bayeux.ts';
import { CONNECT, SUBSCRIBE } from '../../bayeux/channel.ts';
import { clientIdOf, hasMessageTo } from '../../bayeux/message.ts';
import { FORWARDING_HEADER } from '../../nodes/forwardingToken.ts';
import { type ForwardableRequest, NOT_ADMITTED, type Relay } from '../../nodes/relay.ts';
import type { User } from '../../people/entities.ts';
import { type Access, identify, isSecure } from './access.ts';
import { identityOf } from './agentOutbox.ts';
import { readJson } from './body.ts';
import { Fault, JSON_TYPE, sendEmpty, sendFault } from './errors.ts';
import { onlyMethods } from './routes.ts';

const BROWSER_COOKIE = 'BAYEUX_BROWSER';

/** Stock clients append the kind of message to the URL; all of these are one (docs/genesys.md, trap 17, case B22). */
const PATHS = ['', '/handshake', '/connect', '/disconnect'].map(each => `/notifications${each}`);

/** What the routes need of this server. */
export interface NotifyingNode extends Access {
  readonly bayeux: Bayeux;
  readonly relay?: Relay;
  /** Before a session subscribes, where other servers tell the same users. */
  readonly catchUp: (user: Readonly<User>) => Promise<void>;
}

/** The HTTP side of long-polling (docs/genesys.md, section 7); what the messages mean is Bayeux's. */
export function notificationRoutes(app: FastifyInstance, node: NotifyingNode): void {
  for (const path of PATHS) {
    app.post(path, (request, reply) => receive(request, reply, node));
    // Callback-polling, the only reason for a GET, is not offered (docs/genesys.md, section 7, line 7).
    app.get(path, (_request, reply) => sendEmpty(reply, 400));
    onlyMethods(app, path, 'GET', 'POST');
  }
}

async function receive(request: FastifyRequest, reply: FastifyReply, node: NotifyingNode): Promise<FastifyReply> {
  const { bayeux, relay, catchUp } = node;
  const transfer = watch(request, reply);
  const about = relay === undefined ? NOTHING : aboutOf(request);
  if (relay !== undefined) {
    const elsewhere = await forward(request, reply, { ...node, relay }, about, transfer.closed);
    if (elsewhere !== null) return elsewhere;
  }
  const who = await identify(node, request, reply);
  const user = who === null || 'lockedForSeconds' in who ? null : who;
  const identity = user === null ? null : identityOf(user.id);
  if (user !== null && about.subscribes) await catchUp(user);
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

/** What of a body decides where it goes, and what is to be known before. */
interface About {
  readonly clientId: unknown;
  readonly subscribes: boolean;
  readonly connects: boolean;
}

const NOTHING: About = { clientId: null, subscribes: false, connects: false };

function aboutOf(request: FastifyRequest): About {
  try {
    const body = readJson(request);
    const [subscribes, connects] = [hasMessageTo(body, SUBSCRIBE), hasMessageTo(body, CONNECT)];
    return { clientId: clientIdOf(body), subscribes, connects };
  } catch {
    // It is refused where it is read to be answered.
    return NOTHING;
  }
}

/**
 * The answer of the node that this client shook hands with; null when this is the one to answer. A request that another
 * node has forwarded is answered here in any case, and only a node can mark it so.
 */
async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  { relay, publicUrl }: Pick<NotifyingNode, 'publicUrl'> & { readonly relay: Relay },
  { clientId, connects }: About,
  closed: AbortSignal,
): Promise<FastifyReply | null> {
  const { headers, ip: address } = request;
  const forwardable: ForwardableRequest = {
    path: request.raw.url ?? request.url,
    headers,
    body: (request.body as Buffer | undefined) ?? new Uint8Array(0),
    address,
    secure: isSecure(request, publicUrl()),
  };
  const forwardingToken = headers[FORWARDING_HEADER];
  if (forwardingToken !== undefined) {
    request.forwarded = relay.admit(String(forwardingToken), forwardable);
    if (request.forwarded !== null) return null;
    return sendFault(reply.header(FORWARDING_HEADER, NOT_ADMITTED), new Fault('unauthenticated', 'Access denied'));
  }
  const answer = await relay.forward(clientId, forwardable, closed);
  if (answer === 'unanswered') {
    if (closed.aborted) return reply.hijack();
    // A connect learns here that it has to shake hands. Anything else is told so by no advice, and would leave a session deaf that
    // its node goes on with: as on a connection that breaks, nobody knows what became of it.
    return connects
      ? null
      : sendFault(reply, new Fault('unavailable', 'The node of this session cannot be reached', 1));
  }
  if (answer !== null) return reply.status(answer.status).headers(answer.headers).send(answer.body);
  return closed.aborted ? reply.hijack() : null;
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
