/** A node on the memory engine, listening, with the agents and records of docs/genesys.md, section 12. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { callEntities } from '../../../calls/entities.ts';
import type { JoinedCall } from '../../../campaigns/context.ts';
import {
  type CallingList,
  type CallRecord,
  type Campaign,
  callingList,
  campaign,
  campaignEntities,
  record,
} from '../../../campaigns/entities.ts';
import { letWait } from '../../../campaigns/waiting.ts';
import type { Entity } from '../../../ledger/entity.ts';
import { Ledger } from '../../../ledger/ledger.ts';
import { type DiskBehaviour, MemoryEngine } from '../../../ledger/memory/memoryEngine.ts';
import { MACHINE_TIMERS } from '../../../ledger/timers.ts';
import { createAuthenticator } from '../../../people/authenticator.ts';
import { device, EVERYWHERE, extension, FOREVER, peopleEntities, type User, user } from '../../../people/entities.ts';
import { hashPassword, SALT_BYTES } from '../../../people/password.ts';
import type { Completion, GenesysDoor } from '../context.ts';
import { genesysDoor } from '../door.ts';
import { type Answer, exchange, type Sending } from './testExchange.ts';

export const DEVICE = '42e3a1c6-fc5e-425b-9411-125f536fde00';
export const OTHER_DEVICE = '68b39a39-dfb5-417d-9efe-93c03a1375af';
const PASSWORDS = await Promise.all(
  ['pass', 'paß', 'other'].map(each => hashPassword(each, new Uint8Array(SALT_BYTES))),
);

const AGENT: User = {
  id: 1,
  login: 'agent1',
  name: 'Agent One',
  password: PASSWORDS[0]!,
  roles: ['agent'],
  active: true,
  features: ['api-voice-outbound'],
  managedBy: 'file',
};
const OTHER: User = { ...AGENT, id: 2, login: 'agent2', name: 'Agent Two', password: PASSWORDS[1]! };
const PLAIN: User = { ...AGENT, id: 3, login: 'agent3', name: 'Three', features: ['api-voice'] };

export const CHANGED_PASSWORD = PASSWORDS[2]!;

const CAMPAIGN: Campaign = {
  id: 42,
  name: 'Campaign1',
  applicationId: 134,
  groupName: 'Campaign1@AgentGroup1',
  timeZone: 'America/Los_Angeles',
  country: 'US',
  active: true,
  managedBy: 'file',
};
const LIST: CallingList = {
  id: 104,
  campaignId: 42,
  name: 'CallingList1',
  active: true,
  places: 100,
  fileDigest: null,
  fileRows: 0,
};

/** Held by agent1 under handle 12, answered already. */
const HELD: CallRecord = {
  id: 1,
  listId: 104,
  applicationId: 134,
  identity: 'no:+14155550100#1',
  recordId: null,
  chainId: 1,
  chainN: 0,
  contactInfo: '+14155550100',
  contactInfoType: 1,
  recordType: 2,
  recordStatus: 2,
  callResult: 33,
  attempt: 1,
  dialSchedTime: null,
  callTime: null,
  dailyFrom: 0,
  dailyTill: 86_399,
  timeZone: 'America/Los_Angeles',
  agentId: 'agent1',
  custom: {},
  numberKey: '+14155550100',
  place: 0,
  laneId: null,
  dueAt: null,
  handle: 12,
  heldBy: 1,
  heldDevice: DEVICE,
  retrievedAt: 1_000,
  completedAt: null,
  completedKey: null,
  joinKey: '+14155550100',
  resultFrom: null,
  callResultBefore: 33,
  attemptBefore: 1,
  callTimeBefore: null,
  callId: null,
  attemptGuid: null,
};

/** Waiting in the list. */
const READY: CallRecord = {
  ...HELD,
  id: 2,
  identity: 'no:+14155550101#1',
  chainId: 2,
  contactInfo: '+14155550101',
  numberKey: '+14155550101',
  recordStatus: 1,
  callResult: 28,
  callResultBefore: 28,
  attempt: 0,
  attemptBefore: 0,
  agentId: null,
  custom: { custom1: 'something', GSW_PHONE: 'not this' },
  place: 1,
  handle: null,
  heldBy: null,
  heldDevice: null,
  retrievedAt: null,
  joinKey: null,
};

export const basic = (login: string, password: string, encoding: BufferEncoding = 'utf8'): string =>
  `Basic ${Buffer.from(`${login}:${password}`, encoding).toString('base64')}`;

export const AGENT1 = basic('agent1', 'pass');
export const AGENT2 = basic('agent2', 'paß');
export const AGENT3 = basic('agent3', 'pass');

export interface TestNode extends AsyncDisposable {
  readonly ledger: Ledger;
  /** What the disk does from now on. */
  readonly disk: { behaves: DiskBehaviour };
  readonly time: { now: number };
  /** Calls the agents have made, by number key. */
  readonly calls: Map<string, JoinedCall>;
  readonly counted: string[];
  readonly completions: Completion[];
  send(path: string, sending?: Sending): Promise<Answer>;
  /** Sends and reads the JSON. */
  ask(path: string, sending?: Sending): Promise<{ status: number; body: Record<string, unknown> }>;
  put<R extends object>(entity: Entity<R>, row: R): Promise<void>;
  rows<R extends object>(entity: Entity<R>): Promise<R[]>;
  /** The server stops; what is held is answered. */
  stop(): Promise<void>;
  /** The process is gone, and another one starts with what was stored. */
  restart(): Promise<void>;
}

export async function startNode(options: Partial<GenesysDoor> = {}): Promise<TestNode> {
  const disk: TestNode['disk'] = { behaves: 'works' };
  const time = { now: 1_433_915_429_118 };
  const calls = new Map<string, JoinedCall>();
  const counted: string[] = [];
  const completions: Completion[] = [];
  const engine = new MemoryEngine({
    entities: [...peopleEntities, ...callEntities, ...campaignEntities],
    disk: () => disk.behaves,
  });
  const open = () => Ledger.open({ engine, clock: () => time.now, onFatal: error => assert.fail(error) });
  const serve = async (ledger: Ledger) => {
    const stopping = new AbortController();
    const app = Fastify({
      forceCloseConnections: true,
      routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true },
    });
    const door: GenesysDoor = {
      ledger,
      // Given for later operations: none asks for it yet.
      calls: {} as GenesysDoor['calls'],
      campaigns: { latestCallTo: (_state, _userId, key) => calls.get(key) ?? null },
      authenticator: createAuthenticator({ directory: ledger.directory, clock: () => time.now, random: randomBytes }),
      cookieKey: new Uint8Array(32),
      clock: () => time.now,
      timers: MACHINE_TIMERS,
      random: randomBytes,
      publicUrl: () => null,
      count: verdict => counted.push(verdict),
      bayeux: {},
      strict: false,
      stopping: stopping.signal,
      report: (_state, completion) => completions.push(completion),
      ...options,
    };
    await app.register(scope => genesysDoor(scope, door), { prefix: '/api/v2' });
    await app.listen({ host: '127.0.0.1', port: 0 });
    return { app, stopping, port: (app.server.address() as AddressInfo).port };
  };
  let ledger = await open();
  await ledger.submit({ name: 'seed', bytes: 0, apply: seed });
  let running = await serve(ledger);
  const send = (path: string, sending?: Sending) => exchange(running.port, path, sending);
  const stop = async () => {
    running.stopping.abort();
    await running.app.close();
    await ledger.close();
  };
  return {
    get ledger() {
      return ledger;
    },
    disk,
    time,
    calls,
    counted,
    completions,
    send,
    async ask(path, sending) {
      const { status, headers, text } = await send(path, sending);
      assert.match(headers['content-type'] ?? '', /^application\/json(;|$)/);
      return { status, body: JSON.parse(text) };
    },
    put: (entity, row) => ledger.submit({ name: 'put', bytes: 0, apply: state => state.put(entity, row) }),
    rows: from => ledger.reader.select({ from, limit: 1_000 }),
    stop,
    async restart() {
      const lost = running;
      engine.crash();
      ledger = await open();
      running = await serve(ledger);
      await lost.app.close();
    },
    [Symbol.asyncDispose]: stop,
  };
}

function seed(state: Parameters<Parameters<Ledger['submit']>[0]['apply']>[0]): void {
  for (const each of [AGENT, OTHER, PLAIN]) state.put(user, each);
  state.put(device, { id: DEVICE, from: 0, until: FOREVER, userId: 1 });
  state.put(device, { id: OTHER_DEVICE, from: 0, until: FOREVER, userId: 2 });
  state.put(extension, { number: '1003', source: EVERYWHERE, from: 0, until: FOREVER, userId: 1 });
  state.put(campaign, CAMPAIGN);
  state.put(callingList, LIST);
  state.put(record, HELD);
  for (const each of letWait(state, [READY])) state.put(record, each);
}
