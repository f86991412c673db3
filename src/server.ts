/** Composes the rooms into one HTTP server and its workers; the only file that knows everybody (design section 3). */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { createAdministration } from './app/administration.ts';
import { call } from './calls/entities.ts';
import { startSettler } from './calls/settler.ts';
import { startWaker } from './campaigns/waker.ts';
import { prepareDataDirectory } from './config/dataDirectory.ts';
import type { Environment } from './config/environment.ts';
import { openKeyFile } from './config/keyFile.ts';
import { readSetting, setting } from './config/setting.ts';
import { bitrix24Door } from './dialects/bitrix24/door.ts';
import { genesysDoor } from './dialects/genesys/door.ts';
import { nativeDoor } from './dialects/native/door.ts';
import { reread, yeastarDoor } from './dialects/yeastar/door.ts';
import { settingsOf } from './dialects/yeastar/settings.ts';
import { ALONE, type Duty } from './ledger/duty.ts';
import type { Engine } from './ledger/engine.ts';
import { Ledger } from './ledger/ledger.ts';
import { MemoryEngine } from './ledger/memory/memoryEngine.ts';
import { PostgresEngine } from './ledger/postgres/postgresEngine.ts';
import { StorageUnavailable } from './ledger/refusals.ts';
import type { Worker } from './ledger/rounds.ts';
import { SqliteEngine } from './ledger/sqlite/sqliteEngine.ts';
import type { Command, State } from './ledger/state.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { callsContext, campaignsContext, completionToCalls, fetchReactors, listCalls } from './neighbours.ts';
import { joinNodes, type Membership } from './nodes/membership.ts';
import { nodeUrlOf } from './nodes/nodeUrl.ts';
import { createNodeClient, type NodeClient } from './nodes/passOn.ts';
import { Relay } from './nodes/relay.ts';
import { createOutbound } from './outbound/outbound.ts';
import { createAuthenticator } from './people/authenticator.ts';
import { user, webhook } from './people/entities.ts';
import { may } from './people/permissions.ts';
import { latestRecording } from './recordings/attach.ts';
import { openAudioStore } from './recordings/audioStore.ts';
import { type Recording, recording } from './recordings/entities.ts';
import { startFetcher } from './recordings/fetcher.ts';
import { askForRecording } from './recordings/jobs.ts';
import { entities } from './schema.ts';
import type { Source } from './sources/entities.ts';
import { callIdPages, moveDays } from './statistics/recount.ts';
import { VERSION } from './version.ts';

/** In-flight requests get this long when the server stops; what they wrote is durable by then or refused. */
const DRAIN_MS = 10_000;
const CLOSE_IDLE_MS = 50;
/** 512 MiB: four times what the log grows to before it starts again. */
const WAL_ALARM_PAGES = 131_072;
/** No recording takes so long to arrive, whoever sends it. */
const DRAFT_MS = 3_600_000;
const NO_NODE_URL =
  'other servers on this database cannot know where to reach this one: a desktop whose requests come to another one than it shook hands with is told to shake hands again, and again. Set NODE_URL if there are other servers';
/** Longer than another server that has stopped in the middle of a batch holds everybody up. */
const SLOW_STORING_MS = 6_000;
/** Clocks set by NTP differ by milliseconds. */
const CLOCK_NOTICED_MS = 5_000;
/** How often a server that could not store something tries whether it can again. */
const PROBE_MS = 1_000;

export interface ServerOptions {
  readonly environment: Environment;
  readonly log: Logger;
  /** 1 gives one commit per request, for comparison. */
  readonly batchCommands?: number;
  /** No other server may use the database meanwhile. */
  readonly alone?: boolean;
  /** The store cannot be trusted any more: the process should say so and exit. */
  readonly onFatal: (error: Error) => void;
}

export interface OpenLedger {
  readonly ledger: Ledger;
  readonly metrics: Metrics;
}

/** What is done by one server at a time, by the name it has in the ledger. */
const WORKS = { settling: 'settling', waking: 'waking', fetching: 'fetching', expiring: 'expiring notices' } as const;

/** Makes the server one of several where there may be several; null elsewhere, where nothing of it costs anything. */
export async function joinOthers(
  { environment, log }: ServerOptions,
  { ledger }: OpenLedger,
): Promise<Membership | null> {
  if (environment.database.kind !== 'postgres') return null;
  const seldom = onceAMinute((message, details) => log.warn(details, message));
  return joinNodes({
    ledger,
    version: VERSION,
    works: Object.values(WORKS),
    onError: error => {
      if (!(error instanceof StorageUnavailable)) log.error({ err: error }, 'the other nodes could not be told');
    },
    onSameUrl: url => seldom('another server says that it is reached at the same address: set NODE_URL', { url }),
  });
}

export async function openLedger(options: ServerOptions): Promise<OpenLedger> {
  const { environment, log, batchCommands, onFatal, alone } = options;
  // Whatever the database is: the key file and the recordings are there.
  prepareDataDirectory(environment.dataDir);
  const metrics = createMetrics();
  const seldom = onceAMinute((message, details) => log.warn(details, message));
  const engine = await openEngine(environment.database, { metrics, log, onFatal, seldom, alone: alone ?? false });
  const ledger = await Ledger.open({
    engine,
    clock: Date.now,
    onFatal,
    meter: {
      batch: metrics.ledger.batch,
      fault(kind) {
        metrics.ledger.fault(kind);
        seldom('a batch could not be stored', { kind });
      },
    },
    ...(batchCommands === undefined ? {} : { batchCommands }),
  });
  if (Math.abs(ledger.clockBehindMs) > CLOCK_NOTICED_MS) {
    const seconds = Math.round(ledger.clockBehindMs / 1000);
    log.warn(
      { secondsBehind: seconds },
      'the clock of this machine differs from the database’s, which counts: set both by NTP',
    );
  }
  metrics.watch(
    () => ledger.waiting,
    () => ledger.position,
  );
  return { ledger, metrics };
}

interface Surroundings {
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly onFatal: (error: Error) => void;
  readonly seldom: (message: string, details: object) => void;
  readonly alone: boolean;
}

async function openEngine(database: Environment['database'], around: Surroundings): Promise<Engine> {
  if (database.kind === 'memory') return new MemoryEngine({ entities });
  if (database.kind === 'postgres') {
    const { url, schema } = database;
    return PostgresEngine.open({ url, schema, entities, nodeId: randomUUID(), alone: around.alone, tellsTime: true });
  }
  const { metrics, log, onFatal, seldom } = around;
  let alarmedAtPages = 0;
  return SqliteEngine.open({
    file: database.path,
    entities,
    onCrash: onFatal,
    onCheckpoint: report => {
      metrics.checkpoint(report);
      if (report.walPages > WAL_ALARM_PAGES && report.walPages > alarmedAtPages * 2) {
        alarmedAtPages = report.walPages;
        log.warn(report, 'the write-ahead log grows: something reads for long, or the disk is too slow');
      }
      if (report.walPages < WAL_ALARM_PAGES) alarmedAtPages = 0;
      if (report.error !== null) seldom('the write-ahead log could not be moved', { error: report.error });
    },
  });
}

/**
 * Day rollups are kept in the organisation's zone; in another one, every call is counted anew before serving. The zone is set first:
 * what other servers count from then on is counted by it, so that one round over what there was is enough. A round that was cut short
 * is made again at the next start.
 */
export async function keepDaysIn(ledger: Ledger, timeZone: string, log: Logger): Promise<void> {
  const { directory } = ledger;
  if (readSetting(directory, 'rollupZone') === timeZone && !readSetting(directory, 'movingDays')) return;
  await ledger.submit({
    name: 'set rollup zone',
    bytes: 200,
    apply: state => {
      state.put(setting, { key: 'rollupZone', value: timeZone });
      state.put(setting, { key: 'movingDays', value: true });
    },
  });
  let counted = 0;
  for await (const ids of callIdPages(ledger.reader, call)) {
    await ledger.submit(moveDays(call, ids, callsContext.dayOf));
    counted += ids.length;
    if (counted % 100_000 < ids.length) log.info({ counted }, 'counting calls into the days of the new time zone');
  }
  await ledger.submit({
    name: 'days have moved',
    bytes: 100,
    apply: state => {
      // A server that slept too long: another one has set another zone since, and is not done yet.
      if (readSetting(state, 'rollupZone') === timeZone) state.put(setting, { key: 'movingDays', value: false });
    },
  });
}

/** The first webhook opens the portal's list of calls: what ended before is put into it before serving. */
export async function keepPortalList(ledger: Ledger, log: Logger): Promise<void> {
  if (ledger.directory.all(webhook).length === 0 || readSetting(ledger.directory, 'portalList')) return;
  let listed = 0;
  for await (const ids of callIdPages(ledger.reader, call)) {
    await ledger.submit(listCalls(ids));
    listed += ids.length;
    if (listed % 100_000 < ids.length) log.info({ listed }, 'listing the calls there are for Bitrix24 clients');
  }
  await ledger.submit({
    name: 'open portal list',
    bytes: 100,
    apply: state => state.put(setting, { key: 'portalList', value: true }),
  });
}

export interface Server {
  readonly url: string;
  /** Refuses new requests, answers those that are there, stores what they brought. */
  stop(): Promise<void>;
}

/** `nodes` is what `joinOthers` gave. */
export async function startServer(
  options: ServerOptions,
  { ledger, metrics }: OpenLedger,
  nodes: Membership | null,
): Promise<Server> {
  const { environment, log } = options;
  const { tls } = environment;
  const stopping = new AbortController();
  const https = tls === null ? null : { cert: readFileSync(tls.certPath), key: readFileSync(tls.keyPath) };
  const app = Fastify({
    ...(https === null ? {} : { https }),
    loggerInstance: log,
    // One line per call would be the slowest thing a call meets; errors log their route, never the URL.
    logController: new LogController({ disableRequestLogging: true }),
    // A logger per request would cost more than reading its body.
    childLoggerFactory: (logger: Logger) => logger,
    forceCloseConnections: 'idle',
    rewriteUrl: (request: { readonly url?: string }) => decodableUrl(request.url ?? '/'),
    // However long a part of a path is, its door says what is wrong with it: URLs are bounded as a whole.
    routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, maxParamLength: 16_384 },
  } as object) as unknown as FastifyInstance;
  // While nothing can be stored, the ledger has said so; what is due stays due.
  const trouble = (what: string) => (error: unknown) => {
    if (!(error instanceof StorageUnavailable)) log.error({ err: error }, `${what} failed; it is tried again`);
  };
  const door = { ledger, calls: callsContext };
  const audio = await openAudioStore(join(environment.dataDir, 'recordings'), {
    ...(nodes === null ? {} : { abandonedBefore: Date.now() - DRAFT_MS }),
  });
  const neighbours = nodes === null ? null : neighboursOf(nodes, options, metrics);
  const onlyNode = {
    number: 1,
    url: environment.publicUrl,
    version: VERSION,
    startedAt: ledger.now(),
    isAlive: true,
    works: Object.values(WORKS),
  };
  const duty = (work: keyof typeof WORKS): Duty => nodes?.duty(WORKS[work]) ?? ALONE;
  const outbound = createOutbound({ allow: () => readSetting(ledger.directory, 'outboundAllow') });
  const authenticator = createAuthenticator({ directory: ledger.directory, clock: ledger.now });
  await app.register(
    async scope => {
      const secrets = secretsOf(environment);
      await yeastarDoor(scope, {
        ...door,
        secretOf: secrets,
        count: verdict => metrics.countReport('yeastar', verdict),
        warn: sparingly((from, warning) => log.warn({ source: from.key, warning }, 'odd report')),
      });
    },
    { prefix: '/yeastar' },
  );
  await app.register(
    async scope => {
      await describe(scope, environment.publicUrl);
      await scope.register(async inner => {
        await nativeDoor(inner, {
          ...door,
          gate: { ...authenticator, may } as never,
          countable: call,
          clock: ledger.now,
          timeZone: () => readSetting(ledger.directory, 'timeZone'),
          dayZone: () => readSetting(ledger.directory, 'rollupZone'),
          count: verdict => metrics.countReport('native', verdict),
          audio,
          nodes: () => nodes?.all() ?? [{ ...onlyNode, seenAt: ledger.now() }],
          userExists: id => ledger.directory.get(user, id) !== undefined,
          reread,
          administration: createAdministration({
            directory: ledger.directory,
            keyFile: openKeyFile(environment.dataDir),
            random: randomBytes,
            onWebhook: () => void keepPortalList(ledger, log).catch(trouble('listing calls')),
          }),
          stopping: stopping.signal,
        });
      });
    },
    { prefix: '/v1' },
  );
  await app.register(
    async scope => {
      await bitrix24Door(scope, {
        ...door,
        clock: ledger.now,
        random: randomBytes,
        timeZone: () => readSetting(ledger.directory, 'timeZone'),
        askForRecording: (state, { strandId, reportId, url }) => {
          askForRecording(state, { callId: strandId, reportId, url, name: null });
        },
        records: { store: audio, outbound, onAttached: onRecorded, uploadKey: uploadKeyOf(environment) },
        publicUrl: () => environment.publicUrl,
        count: verdict => metrics.countReport('bitrix24', verdict),
      });
    },
    { prefix: '/rest' },
  );
  await app.register(
    async scope => {
      await genesysDoor(scope, {
        ...door,
        campaigns: campaignsContext,
        authenticator,
        cookieKey: cookieKeyOf(environment),
        clock: ledger.now,
        publicUrl: () => environment.publicUrl,
        count: verdict => metrics.countReport('genesys', verdict),
        bayeux: {},
        strict: false,
        report: completionToCalls,
        stopping: stopping.signal,
        ...(neighbours === null ? {} : { relay: neighbours.relay }),
        noticeDuty: duty('expiring'),
        watch: metrics.watchDesktops,
      });
    },
    { prefix: '/api/v2' },
  );
  health(app, ledger, metrics, stopping.signal);
  const workers: readonly Worker[] = [
    startSettler(ledger, ledger.now, trouble('settling'), duty('settling')),
    startWaker(ledger, ledger.now, trouble('waking records'), duty('waking')),
    startFetcher({
      ledger,
      outbound,
      store: audio,
      clock: ledger.now,
      duty: duty('fetching'),
      onError: trouble('fetching a recording'),
      ...fetchReactors,
      onAttached: onRecorded,
    }),
    { stop: () => outbound.close() },
    { stop: async () => neighbours?.client.close() },
  ];
  const probe = setInterval(() => {
    if (!ledger.storageFault) return;
    ledger.submit(storageProbe).then(
      () => log.info('storing works again'),
      () => {},
    );
  }, PROBE_MS);
  metrics.watchNodes(() => nodes?.all().filter(each => each.isAlive).length ?? 1);
  const running = { app, ledger, workers, stopping, probe, nodes };
  try {
    const url = await app.listen({ host: environment.host, port: environment.port });
    if (nodes !== null) {
      const nodeUrl = nodeUrlOf(environment.nodeUrl, environment.host, url);
      if (nodeUrl === null) log.warn({ host: environment.host }, NO_NODE_URL);
      await nodes.serve(nodeUrl);
    }
    return { url: environment.publicUrl ?? url, stop: () => stop(running) };
  } catch (error) {
    await stop(running);
    throw error;
  }
}

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

/** The smallest thing that can be stored. */
const storageProbe: Command<void> = {
  name: 'probe',
  bytes: 100,
  apply: state => state.put(setting, { key: 'probedAt', value: state.now }),
};

interface Running {
  readonly app: FastifyInstance;
  readonly ledger: Ledger;
  readonly workers: readonly Worker[];
  readonly stopping: AbortController;
  readonly probe: NodeJS.Timeout;
  readonly nodes: Membership | null;
}

async function stop({ app, ledger, workers, stopping, probe, nodes }: Running): Promise<void> {
  stopping.abort();
  clearInterval(probe);
  // At once, so that others go on with its work and send nobody here; what is under way here changes nothing any more.
  const left = nodes?.leave();
  // A connection whose last request has been answered would be kept for the next one, which does not come.
  const idle = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_MS);
  const force = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearInterval(idle);
  clearTimeout(force);
  for (const worker of workers) await worker.stop();
  await left;
  await ledger.close();
}

/** Of several records of a call the one that was asked for last is shown, also when another one takes longer to arrive. */
function onRecorded(state: State, attached: Recording): void {
  const latest = latestRecording(state.find(recording, 'byCall', attached.callId)) ?? attached;
  fetchReactors.onAttached?.(state, latest);
}

interface Neighbours {
  readonly relay: Relay;
  readonly client: NodeClient;
}

/** The way to other nodes, and theirs to this one. */
function neighboursOf(nodes: Membership, { environment, log }: ServerOptions, metrics: Metrics): Neighbours {
  const { tls, dataDir } = environment;
  const client = createNodeClient(tls === null ? null : readFileSync(tls.certPath, 'utf8'));
  const seldom = onceAMinute((message, details) => log.warn(details, message));
  const relay = new Relay({
    nodes,
    client,
    key: openKeyFile(dataDir).derive('node to node'),
    onPassed(verdict, to, error) {
      metrics.countPassed(verdict);
      if (verdict === 'unreachable') seldom('a node could not be reached', { node: to, err: error });
      if (verdict === 'refused')
        seldom('a node takes this one for a stranger: its NODE_URL may lead elsewhere', { node: to });
    },
  });
  return { relay, client };
}

/** Addresses to upload to are signed with a key of their own: a connector may use one after a restart. */
function uploadKeyOf({ dataDir }: Environment): Uint8Array {
  return openKeyFile(dataDir).derive('bitrix24 upload slot');
}

/** Cookies are signed with a key of their own, derived from the one in the key file: they outlive a restart. */
function cookieKeyOf({ dataDir }: Environment): Uint8Array {
  return openKeyFile(dataDir).derive('genesys session cookie');
}

/** Secrets in clear, opened once per source row: a changed source is another row. */
function secretsOf(environment: Environment): (from: Readonly<Source>) => string | null {
  const keyFile = openKeyFile(environment.dataDir);
  const opened = new WeakMap<object, string>();
  return from => {
    const { secret } = settingsOf(from);
    if (secret === null) return null;
    let clear = opened.get(from);
    if (clear === undefined) {
      clear = keyFile.open(secret);
      opened.set(from, clear);
    }
    return clear;
  };
}

/** A PBX with a wrong clock is wrong with every call: each warning of a source is logged once an hour. */
function sparingly(
  warn: (from: Readonly<Source>, warning: string) => void,
): (from: Readonly<Source>, warning: string) => void {
  const HOUR_MS = 3_600_000;
  const KNOWN_LIMIT = 1_000;
  const said = new Map<string, number>();
  return (from, warning) => {
    const id = `${from.key} ${warning}`;
    if (Date.now() - (said.get(id) ?? 0) < HOUR_MS) return;
    if (said.size >= KNOWN_LIMIT) said.clear();
    said.set(id, Date.now());
    warn(from, warning);
  };
}

/** What fails four times a second is said once a minute. */
function onceAMinute(say: (message: string, details: object) => void): (message: string, details: object) => void {
  const MINUTE_MS = 60_000;
  const said = new Map<string, number>();
  return (message, details) => {
    if (Date.now() - (said.get(message) ?? 0) < MINUTE_MS) return;
    said.set(message, Date.now());
    say(message, details);
  };
}

async function describe(scope: FastifyInstance, publicUrl: string | null): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aftercall',
        version: VERSION,
        description: 'What happens when a phone call ends: one durable, true call out of whatever was reported.',
      },
      ...(publicUrl === null ? {} : { servers: [{ url: publicUrl }] }),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          login: { type: 'http', scheme: 'basic' },
        },
      },
      security: [{ token: [] }, { login: [] }],
    },
  });
  scope.get('/openapi.json', { schema: { hide: true } }, async () => scope.swagger());
  await scope.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      title: 'Aftercall API',
      url: '/v1/openapi.json',
      // Nothing on the page may lead out of the house.
      telemetry: false,
      withDefaultFonts: false,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  } as never);
}

function health(app: FastifyInstance, ledger: Ledger, metrics: Metrics, stopping: AbortSignal): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (stopping.aborted) return reply.status(503).send({ status: 'stopping' });
    if (ledger.storageFault) return reply.status(503).send({ status: 'nothing can be stored' });
    if (ledger.storingMs > SLOW_STORING_MS) return reply.status(503).send({ status: 'storing takes too long' });
    return { status: 'ready', position: ledger.position };
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.get('/', async (_request, reply) => reply.redirect('/v1/docs'));
}
