/**
 * Runs the functions of doors without a web server: as much of the framework's interface as the doors use, and nothing that
 * takes time or asks the machine. What the framework and HTTP themselves do is tried by test/conformance and test/campaigns.
 */
import { parse as parseQuery } from 'node:querystring';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type Asking, type Outlet, RawRequest, RawResponse, Socket } from './wire.ts';

type Handler = (request: HostRequest, reply: HostReply) => unknown;
type ErrorHandler = (error: unknown, request: HostRequest, reply: HostReply) => unknown;
type Validate = (value: unknown) => { readonly error?: unknown; readonly value?: unknown };
type Compile = (of: { readonly schema: object; readonly httpPart: string }) => Validate;
type BodyParser = (
  request: HostRequest,
  body: Buffer,
  done: (error: unknown, body?: unknown) => void,
) => Promise<unknown> | undefined;

interface RouteOptions {
  readonly schema?: Readonly<Partial<Record<'body' | 'params' | 'querystring', object>>>;
  readonly onRequest?: Handler;
  readonly onSend?: Handler;
}

interface Route {
  readonly url: string;
  readonly segments: readonly string[];
  readonly options: RouteOptions;
  readonly scope: Scope;
  readonly handler: Handler;
}

/** As in `openHttpServer`. */
const DRAIN_MS = 10_000;

/** Schemas are compiled when they are asked for first, and once for all nodes. */
const compiled = new WeakMap<object, Validate>();

export class HostRequest {
  readonly raw: RawRequest;
  readonly socket: Socket;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly ip = '127.0.0.1';
  readonly protocol = 'http';
  readonly host = 'aftercall.test';
  readonly log: Log;
  params: Readonly<Record<string, string>> = {};
  routeOptions: { readonly url: string | undefined } = { url: undefined };
  body: unknown;

  constructor(asking: Asking, socket: Socket, log: Log) {
    this.raw = new RawRequest(asking);
    this.socket = socket;
    this.method = asking.method;
    this.url = asking.url;
    this.headers = asking.headers;
    const mark = asking.url.indexOf('?');
    this.query = mark < 0 ? {} : { ...parseQuery(asking.url.slice(mark + 1)) };
    this.log = log;
  }
}

export class HostReply {
  readonly raw: RawResponse;
  statusCode = 200;
  sent = false;
  /** Resolves when all of an answer that comes piece by piece has been written. */
  streamed: Promise<void> = Promise.resolve();
  private readonly written: Record<string, string | string[]> = {};
  private readonly onSend: ((reply: HostReply) => Promise<unknown>) | null;

  constructor(raw: RawResponse, onSend: ((reply: HostReply) => Promise<unknown>) | null) {
    this.raw = raw;
    this.onSend = onSend;
  }

  header(name: string, value: string): this {
    const known = this.written[name];
    // Cookies are the one header of which there may be several.
    this.written[name] =
      name === 'set-cookie' && known !== undefined ? [...(typeof known === 'string' ? [known] : known), value] : value;
    return this;
  }

  headers(given: Readonly<Record<string, string | string[]>>): this {
    Object.assign(this.written, given);
    return this;
  }

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  type(contentType: string): this {
    return this.header('content-type', contentType);
  }

  hijack(): this {
    this.sent = true;
    return this;
  }

  send(payload: unknown): this {
    if (this.sent) throw new Error('a request was answered twice');
    this.sent = true;
    if (payload instanceof Readable) {
      this.streamed = this.stream(payload);
      return this;
    }
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const write = () => this.raw.writeHead(this.statusCode, this.written).end(text);
    if (this.onSend === null) write();
    else void this.onSend(this).then(write);
    return this;
  }

  private stream(payload: Readable): Promise<void> {
    this.raw.writeHead(this.statusCode, this.written);
    return new Promise(resolve => {
      payload.on('data', piece => this.raw.write(String(piece)));
      payload.on('end', () => this.raw.end());
      payload.on('error', () => this.raw.destroy());
      payload.on('close', resolve);
    });
  }
}

export interface Log {
  error(what: object, message: string): void;
  warn(what: object, message: string): void;
}

class Scope {
  readonly prefix: string;
  readonly log: Log;
  readonly parent: Scope | null;
  readonly onRequest: Handler[] = [];
  readonly children: Scope[] = [];
  readonly decorations: Record<string, unknown> = {};
  errorHandler: ErrorHandler | null = null;
  notFound: Handler | null = null;
  bodyParser: BodyParser | null = null;
  compile: Compile | null = null;
  private readonly host: DoorHost;

  constructor(host: DoorHost, prefix: string, log: Log, parent: Scope | null) {
    this.host = host;
    this.prefix = prefix;
    this.log = log;
    this.parent = parent;
  }

  get errorHandlerInForce(): ErrorHandler | null {
    return this.errorHandler ?? this.parent?.errorHandlerInForce ?? null;
  }
  get bodyParserInForce(): BodyParser | null {
    return this.bodyParser ?? this.parent?.bodyParserInForce ?? null;
  }
  get compileInForce(): Compile | null {
    return this.compile ?? this.parent?.compileInForce ?? null;
  }
  get hooks(): readonly Handler[] {
    return [...(this.parent?.hooks ?? []), ...this.onRequest];
  }
  get decorationsInForce(): Readonly<Record<string, unknown>> {
    return { ...this.parent?.decorationsInForce, ...this.decorations };
  }

  decorateRequest(name: string, value: unknown): void {
    this.decorations[name] = value;
  }
  removeAllContentTypeParsers(): void {
    this.bodyParser = null;
  }
  addContentTypeParser(_type: string, ...given: readonly unknown[]): void {
    const parser = given.at(-1) as BodyParser;
    this.bodyParser = parser;
  }
  setErrorHandler(handler: ErrorHandler): void {
    this.errorHandler = handler;
  }
  setNotFoundHandler(handler: Handler): void {
    this.notFound = handler;
  }
  setValidatorCompiler(compile: Compile): void {
    this.compile = compile;
  }
  setSerializerCompiler(): void {}
  addHook(name: string, hook: Handler): void {
    if (name === 'onRequest') this.onRequest.push(hook);
    else if (name === 'onClose') this.host.onClose.push(hook as unknown as () => Promise<void>);
    else throw new Error(`no door used the hook ${name} when this was written`);
  }
  async register(
    plugin: (scope: FastifyInstance) => Promise<void>,
    { prefix = '' }: { readonly prefix?: string } = {},
  ): Promise<void> {
    const scope = new Scope(this.host, this.prefix + prefix, this.log, this);
    this.children.push(scope);
    await plugin(scope as unknown as FastifyInstance);
  }
  route({
    method,
    url,
    handler,
  }: {
    readonly method: readonly string[];
    readonly url: string;
    readonly handler: Handler;
  }): void {
    for (const each of method) this.add(each, url, {}, handler);
  }
  get(url: string, ...given: readonly unknown[]): void {
    this.addGiven('GET', url, given);
  }
  post(url: string, ...given: readonly unknown[]): void {
    this.addGiven('POST', url, given);
  }
  put(url: string, ...given: readonly unknown[]): void {
    this.addGiven('PUT', url, given);
  }
  delete(url: string, ...given: readonly unknown[]): void {
    this.addGiven('DELETE', url, given);
  }

  private addGiven(method: string, url: string, given: readonly unknown[]): void {
    const options = given.length > 1 ? (given[0] as RouteOptions) : {};
    this.add(method, url, options, given.at(-1) as Handler);
  }

  private add(method: string, url: string, options: RouteOptions, handler: Handler): void {
    const path = this.prefix + url;
    this.host.add(method, { url: path, segments: path.split('/'), options, scope: this, handler });
  }
}

/** A request that is being served. */
export interface Serving {
  /** The client's side has gone. */
  closed(): void;
  /** The client has read what there was. */
  drained(): void;
}

export class DoorHost {
  readonly onClose: (() => Promise<void>)[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly open = new Set<Serving>();
  private readonly root: Scope;
  private readonly log: Log;
  private readonly routes = new Map<string, Route[]>();

  constructor(log: Log) {
    this.log = log;
    this.root = new Scope(this, '', log, null);
  }

  register(plugin: (scope: FastifyInstance) => Promise<void>, prefix: string): Promise<void> {
    return this.root.register(plugin, { prefix });
  }

  add(method: string, route: Route): void {
    const known = this.routes.get(method);
    if (known === undefined) this.routes.set(method, [route]);
    else known.push(route);
  }

  /**
   * Resolves when every request has been answered or, as in `openHttpServer`, was given up after a while, and when whoever wanted
   * to be told has done what there was to do.
   */
  async close(): Promise<void> {
    const force = setTimeout(() => {
      for (const each of this.open) each.closed();
    }, DRAIN_MS);
    await Promise.all(this.running);
    clearTimeout(force);
    for (const each of this.onClose) await each();
  }

  serve(asking: Asking, outlet: Outlet): Serving {
    const socket = new Socket();
    const raw = new RawResponse(socket, outlet);
    const request = new HostRequest(asking, socket, this.log);
    const serving = {
      closed: () => {
        socket.destroyed = true;
        raw.close();
      },
      drained: () => raw.drained(),
    };
    const answer = this.answer(asking, request, raw).finally(() => {
      this.running.delete(answer);
      this.open.delete(serving);
    });
    this.running.add(answer);
    this.open.add(serving);
    return serving;
  }

  private async answer(asking: Asking, request: HostRequest, raw: RawResponse): Promise<void> {
    const found = this.find(asking);
    if (found === null) throw new Error(`no door has ${asking.method} ${asking.url}`);
    const { route, params } = found;
    const { scope, options } = route;
    const { onSend } = options;
    const reply = new HostReply(raw, onSend === undefined ? null : async sent => onSend(request, sent));
    request.params = params;
    request.routeOptions = { url: route.url };
    Object.assign(request, scope.decorationsInForce);
    try {
      for (const hook of [...scope.hooks, ...(options.onRequest === undefined ? [] : [options.onRequest])]) {
        await hook(request, reply);
        if (reply.sent) return;
      }
      if (asking.body !== null) request.body = await this.readBody(scope, request, asking.body);
      this.validate(scope, options, request);
      const answered = await route.handler(request, reply);
      if (!reply.sent && answered !== reply) reply.send(answered);
      await reply.streamed;
    } catch (error) {
      const handler = scope.errorHandlerInForce;
      if (handler === null || reply.sent) throw error;
      const answered = await handler(error, request, reply);
      if (!reply.sent) reply.send(answered);
    }
  }

  private readBody(scope: Scope, request: HostRequest, body: Buffer): Promise<unknown> {
    const parser = scope.bodyParserInForce;
    if (parser === null) return Promise.resolve(body);
    return new Promise((resolve, reject) => {
      const done = (error: unknown, parsed?: unknown) => (error == null ? resolve(parsed) : reject(error));
      parser(request, body, done)?.then(resolve, reject);
    });
  }

  private validate(scope: Scope, { schema = {} }: RouteOptions, request: HostRequest): void {
    const compile = scope.compileInForce;
    if (compile === null) return;
    const parts = { params: request.params, body: request.body, querystring: request.query };
    for (const part of ['params', 'body', 'querystring'] as const) {
      const wanted = schema[part];
      if (wanted === undefined) continue;
      let check = compiled.get(wanted);
      if (check === undefined) {
        check = compile({ schema: wanted, httpPart: part });
        compiled.set(wanted, check);
      }
      const { error, value } = check(parts[part]);
      if (error !== undefined) throw error;
      // Digits of a parameter reach the route as the number they are.
      Object.assign(request, { [part === 'querystring' ? 'query' : part]: value });
    }
  }

  private find({ method, url }: Asking): { route: Route; params: Record<string, string> } | null {
    const path = url.split('?', 1)[0]!.split('/');
    if (path.length > 1 && path.at(-1) === '') path.pop();
    let best: { route: Route; params: Record<string, string>; literal: number } | null = null;
    for (const route of this.routes.get(method) ?? []) {
      const match = matchOf(route.segments, path);
      if (match !== null && (best === null || match.literal > best.literal)) best = { route, ...match };
    }
    return best;
  }
}

/** The parameters, and how many segments were named literally; null when the path is another one. */
function matchOf(segments: readonly string[], path: readonly string[]) {
  const params: Record<string, string> = {};
  let literal = 0;
  for (const [place, segment] of segments.entries()) {
    if (segment === '*') return { params: { ...params, '*': path.slice(place).join('/') }, literal };
    const given = path[place];
    if (given === undefined) return null;
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeURIComponent(given);
    else if (segment === given) literal++;
    else return null;
  }
  return path.length === segments.length ? { params, literal } : null;
}
