/** The HTTP side of organisations: one server, a web application of its own for each of them. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { healthRoutes, type Watched } from './health.ts';
import { LINGERING, refuseUnread } from './lingeringClose.ts';
import type { Organisation } from './organisation.ts';
import { VERSION } from './version.ts';

/** In-flight requests get this long when the server stops; what they wrote is durable by then or refused. */
const DRAIN_MS = 10_000;
const CLOSE_IDLE_MS = 50;
/** Longer than load balancers keep a connection that is idle, so that they close it and not this server. */
const KEEP_ALIVE_MS = 72_000;

/** An organisation as it is reached. */
export interface Served extends Omit<Watched, 'isStopping'> {
  readonly organisation: Organisation;
  readonly publicUrl: string | null;
}

/** All host names lead to it that lead to no other. */
export interface ServedByDefault extends Served {
  readonly hosts: null;
}

export interface ServedByName extends Served {
  /** Host names, without a port, that lead to it. */
  readonly hosts: readonly [string, ...string[]];
}

export interface HttpServerOptions {
  readonly log: FastifyBaseLogger;
  /** PEM; null: plain HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly served: readonly [ServedByDefault, ...ServedByName[]];
}

export interface HttpServer {
  /** The address it listens on, as a URL. */
  listen(where: { readonly host: string; readonly port: number }): Promise<string>;
  /** Refuses new requests; resolves when those in work are answered, or were given up after a while. */
  close(): Promise<void>;
}

/** Rejects when a door cannot be opened or the certificate cannot be used, and closes what it opened; `listen` rejects as Node's does. */
export async function openHttpServer({ log, tls, served }: HttpServerOptions): Promise<HttpServer> {
  let isStopping = false;
  const [first, ...others] = served;
  const opened: FastifyInstance[] = [];
  const open = async (each: Served, serverFactory: (answer: RequestListener) => Server) => {
    const app = application(log, serverFactory);
    opened.push(app);
    await openDoors(app, each, () => isStopping);
    await app.ready();
    return app;
  };
  const openAll = async () => {
    const more: Named[] = await Promise.all(
      others.map(async each => ({ hosts: new Set(each.hosts), app: await open(each, () => createServer()) })),
    );
    return { more, app: await open(first, answer => serverOf(tls, more, answer)) };
  };
  const { more, app } = await openAll().catch(async error => {
    await Promise.allSettled(opened.map(each => each.close()));
    throw error;
  });
  return {
    async listen(where) {
      const url = await app.listen(where);
      // The framework does not see that a server it was given speaks TLS.
      return tls === null ? url : url.replace(/^http:/, 'https:');
    },
    async close() {
      isStopping = true;
      // A connection whose last request has been answered would be kept for the next one, which does not come.
      const idle = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_MS);
      const force = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      for (const each of more) await each.app.close();
      clearInterval(idle);
      clearTimeout(force);
    },
  };
}

interface Named {
  readonly hosts: ReadonlySet<string>;
  readonly app: FastifyInstance;
}

function serverOf(tls: HttpServerOptions['tls'], named: readonly Named[], answer: RequestListener): Server {
  const dispatch: RequestListener = (request, response) => {
    const found = named.find(({ hosts }) => hosts.has(hostOf(request)));
    if (found === undefined) answer(request, response);
    else found.app.routing(request, response);
  };
  const listener = named.length === 0 ? answer : dispatch;
  const server = tls === null ? createServer(LINGERING, listener) : createTlsServer({ ...tls, ...LINGERING }, listener);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  return server;
}

function application(log: FastifyBaseLogger, serverFactory: (answer: RequestListener) => Server): FastifyInstance {
  return Fastify({
    serverFactory,
    clientErrorHandler: refuseUnread,
    loggerInstance: log,
    // One line per call would be the slowest thing a call meets; errors log their route, never the URL.
    logController: new LogController({ disableRequestLogging: true }),
    // A logger per request would cost more than reading its body.
    childLoggerFactory: logger => logger,
    forceCloseConnections: 'idle',
    rewriteUrl: request => decodableUrl(request.url ?? '/'),
    // However long a part of a path is, its door answers what is wrong with it: URLs are bounded as a whole.
    routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, maxParamLength: 16_384 },
  });
}

async function openDoors(app: FastifyInstance, served: Served, isStopping: () => boolean): Promise<void> {
  const { organisation, publicUrl } = served;
  for (const { prefix, describe, open } of organisation.doors) {
    await app.register(
      async scope => {
        await describe?.(scope, { version: VERSION, publicUrl });
        await scope.register(open);
      },
      { prefix },
    );
  }
  healthRoutes(app, { ...served, isStopping });
}

const hostOf = ({ headers }: IncomingMessage): string => (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();

/** A path with broken percents is taken as it stands, so that its door answers in its own words, and not the framework. */
function decodableUrl(url: string): string {
  if (!url.includes('%')) return url;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replaceAll('%', '%25') + url.slice(path.length);
  }
}
