/** Two organisations in one process, behind one HTTP server: whatever one of them knows, the other does not. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pino from 'pino';
import { entities } from '../../src/app/entities.ts';
import { type HttpServer, openHttpServer, type ServedByName } from '../../src/app/httpServer.ts';
import { keysIn } from '../../src/app/keys.ts';
import { createMetrics } from '../../src/app/metrics.ts';
import { onlyNode } from '../../src/app/nodes.ts';
import { openOrganisation } from '../../src/app/organisation.ts';
import { parseOrganisation } from '../../src/app/organisationFile.ts';
import { runStartup } from '../../src/app/startup.ts';
import { prepareDataDirectory } from '../../src/config/dataDirectory.ts';
import type { Engine } from '../../src/ledger/engine.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { MemoryEngine } from '../../src/ledger/memory/memoryEngine.ts';
import { SqliteEngine } from '../../src/ledger/sqlite/sqliteEngine.ts';
import { MACHINE_TIMERS } from '../../src/ledger/timers.ts';
import { createOutbound } from '../../src/outbound/outbound.ts';
import { openAudioStore } from '../../src/recordings/audioStore.ts';
import { cookiesOf } from '../conformance/genesys/exchange.ts';
import { parseMetrics } from '../kit/metrics.ts';
import { createScratch } from '../kit/scratch.ts';
import { until } from '../kit/until.ts';
import { basic, bearer } from '../kit/v1Client.ts';

const DEVICE = '42e3a1c6-fc5e-425b-9411-125f536fde00';
const CAMPAIGN = { name: 'Campaign1', applicationId: 134 };
/** Of both: what opens a door of one must not open that of the other because it is spelled the same. */
const LOGIN = 'anna';
const CODE = 'sharedcode0123';

interface Kind {
  /** The host name that leads to it. */
  readonly host: string;
  readonly timeZone: string;
  readonly country: string;
  readonly password: string;
  readonly token: string;
  /** A webhook that only this one has. */
  readonly ownCode: string;
  open(dataDir: string): Promise<Engine>;
}

const BERLIN: Kind = {
  host: 'berlin.example',
  timeZone: 'Europe/Berlin',
  country: 'DE',
  password: 'anna-in-berlin-0123',
  token: 'token-of-berlin-0123456789',
  ownCode: 'berlincode0123',
  open: dataDir =>
    SqliteEngine.open({
      file: join(dataDir, 'aftercall.db'),
      entities,
      onCrash: assert.fail,
      onCheckpoint: () => {},
    }),
};
const BOSTON: Kind = {
  host: 'boston.example',
  timeZone: 'America/New_York',
  country: 'US',
  password: 'anna-in-boston-0123',
  token: 'token-of-boston-0123456789',
  ownCode: 'bostoncode0123',
  open: async () => new MemoryEngine({ entities }),
};

const fileOf = ({ timeZone, country, password, token, ownCode }: Kind) => ({
  timeZone,
  country,
  users: [
    {
      id: 1,
      login: LOGIN,
      password,
      extension: '2001',
      devices: [DEVICE],
      roles: ['administrator', 'agent'],
      features: ['api-voice-outbound'],
    },
  ],
  tokens: [{ name: 'ops', token, roles: ['administrator'] }],
  sources: [{ key: 'hq', kind: 'yeastar', unsigned: true, timeZone: 'UTC', numbers: { internal: ['2xxx'] } }],
  bitrix24: {
    webhooks: [
      { user: 1, code: CODE },
      { user: 1, code: ownCode },
    ],
  },
  campaigns: [CAMPAIGN],
});

interface Opened {
  readonly kind: Kind;
  readonly served: ServedByName;
  close(): Promise<void>;
}

async function openFor(kind: Kind, dataDir: string): Promise<Opened> {
  prepareDataDirectory(dataDir);
  const log = pino({ level: 'silent' });
  const metrics = createMetrics();
  const ledger = await Ledger.open({
    engine: await kind.open(dataDir),
    clock: Date.now,
    onFatal: assert.fail,
    meter: metrics.ledger,
  });
  const keys = keysIn(dataDir);
  const file = parseOrganisation(
    JSON.stringify(fileOf(kind)),
    { variables: {}, directory: dataDir },
    'organisation.json',
  );
  const startup = { ledger, keys, log, random: randomBytes, membership: null, file, forgetKey: false };
  await runStartup({ ...startup, environment: { dataDir } }, () => {});
  const outbound = createOutbound({ allow: () => [] });
  const organisation = openOrganisation({
    ledger,
    timers: MACHINE_TIMERS,
    random: randomBytes,
    log,
    audio: await openAudioStore(join(dataDir, 'recordings')),
    outbound,
    keys: keys.file,
    nodes: onlyNode(ledger, null),
    meters: metrics,
    publicUrl: null,
  });
  return {
    kind,
    served: { hosts: [kind.host], organisation, ledger, registry: metrics.registry, publicUrl: null },
    async close() {
      await organisation.stop();
      await outbound.close();
      await ledger.close();
    },
  };
}

interface Request {
  readonly method?: string;
  readonly authorization?: string;
  readonly cookie?: string;
  readonly json?: unknown;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The client chooses the host name; where it leads is the server's. */
function ask(host: string, path: string, { method, authorization, cookie, json }: Request = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = {
    host,
    ...(authorization === undefined ? {} : { authorization }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const options = { port, path, method: method ?? (json === undefined ? 'GET' : 'POST'), headers, agent: false };
  const sent = httpRequest({ host: '127.0.0.1', ...options }, response => {
    let text = '';
    response.setEncoding('utf8').on('data', piece => {
      text += piece;
    });
    response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    response.on('error', reject);
  });
  sent.on('error', reject);
  sent.end(json === undefined ? undefined : JSON.stringify(json));
  return promise;
}

/** What an event stream has brought so far. */
function listenTo({ host, token }: Kind) {
  let text = '';
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const headers = { host, authorization: bearer(token), 'last-event-id': '0' };
  const sent = httpRequest({ host: '127.0.0.1', port, path: '/v1/events', headers, agent: false }, response => {
    response.setEncoding('utf8').on('data', piece => {
      text += piece;
    });
    response.on('close', resolve);
  });
  sent.on('error', () => resolve());
  sent.end();
  return { ended, heard: () => text };
}

const calledAt = async ({ host, token }: Kind) => {
  const { text } = await ask(host, '/v1/calls', { authorization: bearer(token) });
  return (JSON.parse(text) as { items: { from: string }[] }).items.map(each => each.from);
};
const report = ({ host, token }: Kind, from: string, externalId: string) =>
  ask(host, '/v1/calls', {
    authorization: bearer(token),
    // Two in the morning of Monday in Berlin; in Boston it is Sunday still.
    json: {
      externalId,
      direction: 'inbound',
      from,
      to: '2001',
      startedAt: '2026-03-02T01:00:00Z',
      durationSeconds: 40,
    },
  });

let opened: [Opened, Opened];
let http: HttpServer;
let port: number;
let isClosed = false;
const scratch = createScratch('two-organisations');

async function closeAll(): Promise<void> {
  if (isClosed) return;
  isClosed = true;
  for (const { served } of opened) served.organisation.endHeld();
  await http.close();
  for (const each of opened) await each.close();
}

before(async () => {
  opened = [await openFor(BERLIN, join(scratch.path, 'berlin')), await openFor(BOSTON, join(scratch.path, 'boston'))];
  const [berlin, boston] = opened;
  const log = pino({ level: 'silent' });
  http = await openHttpServer({ log, tls: null, served: [{ ...berlin.served, hosts: null }, boston.served] });
  for (const { served } of opened) served.organisation.startWorkers();
  port = Number(new URL(await http.listen({ host: '127.0.0.1', port: 0 })).port);
});
after(async () => {
  await closeAll();
  scratch[Symbol.dispose]();
});

describe('two organisations behind one server', () => {
  test('the host name - leads to one of them, and to the first where nobody has named it', async () => {
    assert.equal((await report(BERLIN, '+493023125101', 'call-1')).status, 201);
    assert.equal((await report(BOSTON, '+12125550111', 'call-1')).status, 201);
    assert.deepEqual(await calledAt(BERLIN), ['+493023125101']);
    assert.deepEqual(await calledAt(BOSTON), ['+12125550111']);
    for (const host of ['Boston.Example', 'boston.example:8080']) {
      assert.deepEqual(await calledAt({ ...BOSTON, host }), ['+12125550111']);
    }
    for (const host of ['nobody.example', '127.0.0.1', 'xboston.example']) {
      assert.deepEqual(await calledAt({ ...BERLIN, host }), ['+493023125101']);
    }
    // The first id of each: numbers are given by a ledger.
    const first = JSON.parse((await ask(BOSTON.host, '/v1/calls/1', { authorization: bearer(BOSTON.token) })).text);
    assert.equal(first.from, '+12125550111');
  });

  test('a report to a PBX of the same name, the same event - is a call of each', async () => {
    const msg = JSON.stringify({
      call_id: '1700000000.7',
      time_start: '2026-03-02 09:00:00',
      call_from: '+442079460133',
      call_to: '2001',
      call_duration: 9,
      talk_duration: 5,
      status: 'ANSWERED',
      type: 'Inbound',
    });
    const push = ({ host }: Kind) => ask(host, '/yeastar/hq', { json: { type: 30012, sn: 'PBX1', msg } });
    assert.equal((await push(BOSTON)).status, 200);
    assert.equal((await calledAt(BERLIN)).length, 1);
    assert.equal((await calledAt(BOSTON)).length, 2);
    assert.equal((await push(BERLIN)).status, 200);
    assert.equal((await calledAt(BERLIN)).length, 2);
  });

  test('days - are those of its own zone', async () => {
    for (const [kind, expected] of [
      [BERLIN, ['2026-03-02']],
      [BOSTON, ['2026-03-01', '2026-03-02']],
    ] as const) {
      const { text } = await ask(kind.host, '/v1/statistics/summary', { authorization: bearer(kind.token) });
      const { rows } = JSON.parse(text) as { rows: { key: string }[] };
      assert.deepEqual(rows.map(each => each.key).toSorted(), expected);
    }
  });

  test('a token, a password and a cookie - open its own doors and no others', async () => {
    for (const [kind, other] of [
      [BERLIN, BOSTON],
      [BOSTON, BERLIN],
    ] as const) {
      for (const authorization of [bearer(kind.token), basic(LOGIN, kind.password)]) {
        assert.equal((await ask(kind.host, '/v1/calls', { authorization })).status, 200);
        assert.equal((await ask(other.host, '/v1/calls', { authorization })).status, 401);
      }
      const login = await ask(kind.host, '/api/v2/me', { authorization: basic(LOGIN, kind.password) });
      assert.equal(login.status, 200);
      const cookie = cookiesOf(login);
      assert.match(cookie, /^JSESSIONID=/);
      assert.equal((await ask(kind.host, '/api/v2/me', { cookie })).status, 200);
      assert.equal((await ask(other.host, '/api/v2/me', { cookie })).status, 403);
    }
  });

  test('a webhook - is one of its own portal, also where both have the same code', async () => {
    const call = ({ host }: Kind, code: string, method: string, json: object) =>
      ask(host, `/rest/1/${code}/telephony.externalcall.${method}.json`, { json });
    const registering = { USER_ID: 1, PHONE_NUMBER: '+442079460144', TYPE: 1, SHOW: 0 };
    const registered = await call(BERLIN, CODE, 'register', registering);
    assert.equal(registered.status, 200);
    const { CALL_ID } = (JSON.parse(registered.text) as { result: { CALL_ID: string } }).result;
    const finishing = { CALL_ID, USER_ID: 1, DURATION: 5 };
    const elsewhere = await call(BOSTON, CODE, 'finish', finishing);
    assert.deepEqual([elsewhere.status, elsewhere.text.includes('Call is not found')], [400, true]);
    assert.equal((await call(BERLIN, CODE, 'finish', finishing)).status, 200);
    assert.equal((await call(BERLIN, BERLIN.ownCode, 'register', registering)).status, 200);
    assert.equal((await call(BOSTON, BERLIN.ownCode, 'register', registering)).status, 401);
  });

  test('a desktop’s session - is unknown to the other, and hears nothing of it', async () => {
    const headers = (kind: Kind) => ({ authorization: basic(LOGIN, kind.password) });
    const send = async (kind: Kind, ...json: object[]) =>
      JSON.parse((await ask(kind.host, '/api/v2/notifications', { ...headers(kind), json })).text) as {
        channel: string;
        clientId: string;
        successful?: boolean;
        error?: string;
        data?: { referenceId?: string };
      }[];
    const connectAs = (clientId: string) => ({
      channel: '/meta/connect',
      clientId,
      connectionType: 'long-polling',
      advice: { timeout: 0 },
    });
    const open = async (kind: Kind) => {
      const shaking = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] };
      const { clientId } = (await send(kind, shaking))[0]!;
      const subscriptions = ['/v2/me/*', '/me/internal'];
      await send(kind, ...subscriptions.map(subscription => ({ channel: '/meta/subscribe', clientId, subscription })));
      return clientId;
    };
    const [inBerlin, inBoston] = [await open(BERLIN), await open(BOSTON)];
    const started = await ask(BOSTON.host, `/api/v2/me/outbound-campaigns/${CAMPAIGN.name}`, {
      ...headers(BOSTON),
      json: {
        operationName: 'StartPreviewSession',
        applicationId: CAMPAIGN.applicationId,
        devicePath: `/devices/${DEVICE}`,
        referenceId: 'asked in Boston',
      },
    });
    assert.equal(started.status, 200);
    const told = await send(BOSTON, connectAs(inBoston));
    assert.ok(told.some(each => each.data?.referenceId === 'asked in Boston'));
    assert.deepEqual(
      (await send(BERLIN, connectAs(inBerlin))).map(each => each.channel),
      ['/meta/connect'],
    );
    for (const [kind, clientId] of [
      [BERLIN, inBoston],
      [BOSTON, inBerlin],
    ] as const) {
      const [reply] = await send(kind, connectAs(clientId));
      assert.deepEqual([reply!.successful, reply!.error], [false, '402::Unknown client']);
    }
  });

  test('too many wrong passwords - lock a login in one of them', async () => {
    const logIn = (kind: Kind, password: string) =>
      ask(kind.host, '/v1/calls', { authorization: basic(LOGIN, password) });
    await until('it is locked', async () => {
      const { status } = await logIn(BERLIN, 'a wrong password');
      assert.ok(status === 401 || status === 429);
      return status === 429 || undefined;
    });
    assert.equal((await logIn(BERLIN, BERLIN.password)).status, 429);
    assert.equal((await logIn(BOSTON, BOSTON.password)).status, 200);
  });

  test('what is counted - is counted where it happened', async () => {
    const read = async ({ host }: Kind) => parseMetrics((await ask(host, '/metrics')).text);
    const stated = 'aftercall_reports_total{dialect="native",verdict="accepted"}';
    const [berlin, boston] = [await read(BERLIN), await read(BOSTON)];
    assert.equal((await report(BOSTON, '+12125550122', 'call-2')).status, 201);
    assert.equal((await read(BERLIN)).get(stated), berlin.get(stated));
    assert.equal((await read(BOSTON)).get(stated), boston.get(stated)! + 1);
    const positions = [await read(BERLIN), await read(BOSTON)].map(each => each.get('aftercall_batch_commands_count')!);
    assert.ok(positions.every(each => each > 0));
    assert.equal(boston.get('aftercall_desktop_sessions'), 1);
  });

  test('an event stream - tells of its own calls; when the server closes, both end', async () => {
    const [berlin, boston] = [listenTo(BERLIN), listenTo(BOSTON)];
    for (const each of [berlin, boston]) await until('it tells', () => each.heard().includes('event: ') || undefined);
    const [before, others] = [berlin.heard().length, boston.heard().length];
    assert.equal((await report(BERLIN, '+493023125102', 'call-3')).status, 201);
    await until('Berlin hears of it', () => berlin.heard().length > before || undefined);
    assert.equal((await report(BOSTON, '+12125550133', 'call-4')).status, 201);
    await until('Boston hears of it', () => boston.heard().length > others || undefined);
    // Calls that settled together are parts of one entry.
    const idsOf = (text: string) => [
      ...new Set([...text.matchAll(/^id: (\d+)(?:\.\d+)?$/gm)].map(([, id]) => Number(id))),
    ];
    for (const [{ heard }, { served }] of [
      [berlin, opened[0]],
      [boston, opened[1]],
    ] as const) {
      const ids = idsOf(heard());
      // Without a gap, and nothing that its ledger has not.
      assert.deepEqual(
        ids,
        Array.from({ length: ids.length }, (_, n) => ids[0]! + n),
      );
      assert.ok(ids.at(-1)! <= served.ledger.position);
    }
    await closeAll();
    await Promise.all([berlin.ended, boston.ended]);
    await assert.rejects(ask(BERLIN.host, '/healthz'), { code: 'ECONNREFUSED' });
  });
});
