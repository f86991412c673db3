/**
 * What the cases of docs/bitrix24.md, section 22 have in common: the portal, its people, its webhooks, and the ways to ask.
 * Titles begin with the number of the case (B24-19); where that section has none, with the section (B24 2.1) or the
 * parameter (B24 COST) that it is about.
 */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { assertFewLoads } from '../../kit/loadRounds.ts';
import { TOKEN } from '../../kit/organisation.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../kit/server.ts';
import { createV1Client, type V1Client } from '../../kit/v1Client.ts';

/** User and code of each webhook, as they stand in its URL. */
export const HOOKS = {
  administrator: '1/k4t9w2h7m1x8q5zr',
  /** Another one of the same user: connectors have one per method. */
  second: '1/p0s6d3f8g2j7l1nb',
  agent: '2/v5c9b1n4m8a2s6dq',
  dismissed: '3/z7x3c8v2b6n1m5kl',
  withoutTelephony: '1/h1g6f2d7s3a8q4we',
} as const;
export type Hook = keyof typeof HOOKS;

const webhooks = Object.entries(HOOKS).map(([name, path]) => {
  const [user, code] = path.split('/');
  return { name, user: Number(user), code, scope: name === 'withoutTelephony' ? ['crm', 'user'] : undefined };
});

/** docs/bitrix24.md, section 22: user 1 administers, user 3 is dismissed; contact 10 is put by `startPortal`. */
export const PORTAL = {
  timeZone: 'Europe/Berlin',
  country: 'US',
  tokens: [{ name: 'ops', token: TOKEN, roles: ['administrator'] }],
  users: [
    { id: 1, login: 'one', extension: '101', roles: ['administrator'] },
    { id: 2, login: 'two', extension: '102', roles: ['agent'] },
    { id: 3, login: 'three', extension: '103', roles: ['agent'], active: false },
  ],
  bitrix24: { webhooks },
} as const;

/** Whom everybody knows: contact 10, of user 2. */
export const CONTACT_PHONE = '+14155550101';
const CONTACT = { name: 'A contact', phones: [CONTACT_PHONE], responsibleId: 2 } as const;

export interface Registered {
  readonly CALL_ID: string;
  readonly CRM_CREATED_LEAD: number | null;
  readonly CRM_CREATED_ENTITIES: readonly { readonly ENTITY_TYPE: string; readonly ENTITY_ID: number }[];
  readonly CRM_ENTITY_TYPE: string;
  readonly CRM_ENTITY_ID: number | null;
}

export type Finished = Readonly<Record<string, string | number | null>>;
export type Row = Readonly<Record<string, string | number | null>>;

/** Every key an answer of the dialect may have. */
export interface PortalBody<T> {
  readonly result: T;
  readonly total?: number;
  readonly next?: number;
  readonly time: Readonly<Record<string, string | number>>;
  readonly error?: string;
  readonly error_description?: string;
}

export interface PortalAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: PortalBody<T>;
}

export type Params = Readonly<Record<string, unknown>>;

export interface Portal {
  readonly server: RunningServer;
  readonly v1: V1Client;
  /** The path begins with a slash; it leaves as it stands, and no redirect is followed. */
  send<T>(path: string, init?: RequestInit): Promise<PortalAnswer<T>>;
  /** A method by POST with JSON; text as `params` is the body itself. */
  ask<T>(method: string, params: Params | string, hook?: Hook): Promise<PortalAnswer<T>>;
  /** As `ask`; the answer must be 200, and is its result. */
  result<T>(method: string, params: Params | string, hook?: Hook): Promise<T>;
  /** As `ask`; the answer must be an error: its status, code and text. */
  refusal(method: string, params: Params | string, hook?: Hook): Promise<readonly [number, string, string]>;
  /** An incoming call of user 1 with a number that no other test has, without a card; `changes` says what is otherwise. */
  register(changes?: Params, hook?: Hook): Promise<Registered>;
  /** By user 1 after ten seconds, unless `changes` say otherwise. */
  finish(callId: string, changes?: Params, hook?: Hook): Promise<Finished>;
  /** Registers and finishes. */
  call(finishing?: Params, registering?: Params): Promise<Finished>;
  /** The call's line in `voximplant.statistic.get`. */
  row(callId: string): Promise<Row>;
}

export const REGISTER = 'telephony.externalcall.register';
export const SHOW = 'telephony.externalcall.show';
export const HIDE = 'telephony.externalcall.hide';
export const FINISH = 'telephony.externalcall.finish';
export const ATTACH = 'telephony.externalcall.attachrecord';
export const STATISTIC = 'voximplant.statistic.get';

export const CALL_NOT_FOUND = [
  400,
  'ERROR_CORE',
  'Call is not found (call should be registered prior to finishing',
] as const;
export const USER_NOT_SET = [400, 'ERROR_CORE', 'USER_ID or USER_PHONE_INNER should be set'] as const;
export const USER_NOT_FOUND = [400, 'ERROR_CORE', 'User is not found or is not active'] as const;

export const methodPath = (method: string, hook: Hook = 'administrator'): string => `/rest/${HOOKS[hook]}/${method}`;

let numbers = 0;
/** A number that no other test of this process has, and nobody anywhere: 1,000 of them. */
export const freshNumber = (): string => `+44207946${String(numbers++).padStart(4, '0')}`;

/** A portal for the tests of one file; it ends with them. */
export async function startPortal(options: ServerOptions = {}): Promise<Portal> {
  const server = await startServer({ config: PORTAL, ...options });
  after(async () => {
    await using _ = server;
    await assertFewLoads(server);
  });
  const portal = portalOf(server);
  await putContact(portal);
  return portal;
}

export async function putContact({ v1 }: Pick<Portal, 'v1'>): Promise<void> {
  const { status } = await v1.ask('PUT', '/v1/clients/contacts/10', { body: CONTACT });
  assert.equal(status, 201);
}

/** What a running server answers as a portal. */
export function portalOf(server: RunningServer): Portal {
  const send = async <T>(path: string, init: RequestInit = {}): Promise<PortalAnswer<T>> => {
    const response = await fetch(server.url + path, { redirect: 'manual', ...init });
    const text = await response.text();
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8', text);
    const { status, headers } = response;
    return { status, headers, text, body: JSON.parse(text) as PortalBody<T> };
  };
  const ask: Portal['ask'] = (method, params, hook) =>
    send(methodPath(method, hook), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof params === 'string' ? params : JSON.stringify(params),
    });
  const result: Portal['result'] = async (method, params, hook) => {
    const { status, body, text } = await ask(method, params, hook);
    assert.equal(status, 200, `${method}: ${text}`);
    return body.result as never;
  };
  const register: Portal['register'] = (changes = {}, hook) =>
    result(REGISTER, { USER_ID: 1, PHONE_NUMBER: freshNumber(), TYPE: 2, SHOW: 0, ...changes }, hook);
  const finish: Portal['finish'] = (callId, changes = {}, hook) =>
    result(FINISH, { CALL_ID: callId, USER_ID: 1, DURATION: 10, ...changes }, hook);
  return {
    server,
    v1: createV1Client(server),
    send,
    ask,
    result,
    register,
    finish,
    refusal: async (method, params, hook) => {
      const { status, body, text } = await ask(method, params, hook);
      assert.ok(status >= 400, `${method}: ${text}`);
      assert.deepEqual(Object.keys(body), ['error', 'error_description']);
      return [status, body.error!, body.error_description!];
    },
    call: async (finishing, registering) => finish((await register(registering)).CALL_ID, finishing),
    row: async callId => {
      const rows = await result<readonly Row[]>(STATISTIC, { FILTER: { CALL_ID: callId } });
      assert.equal(rows.length, 1, `${rows.length} rows of ${callId}`);
      return rows[0]!;
    },
  };
}

/** PHP's brackets, encoded as PHP and browsers do; null and undefined are left out, as `http_build_query` does. */
export function formOf(params: Params): URLSearchParams {
  const form = new URLSearchParams();
  const add = (name: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (typeof value === 'object') for (const [key, each] of Object.entries(value)) add(`${name}[${key}]`, each);
    else form.append(name, typeof value === 'boolean' ? String(Number(value)) : String(value));
  };
  for (const [name, value] of Object.entries(params)) add(name, value);
  return form;
}

/** The ways in which clients carry the same parameters. */
export const CARRIERS = {
  JSON: (portal, method, params) => portal.ask(method, params),
  form: (portal, method, params) => portal.send(methodPath(method), { method: 'POST', body: formOf(params) }),
  multipart: (portal, method, params) => {
    const body = new FormData();
    for (const [name, value] of formOf(params)) body.append(name, value);
    return portal.send(methodPath(method), { method: 'POST', body });
  },
  query: (portal, method, params) => portal.send(`${methodPath(method)}?${formOf(params)}`),
  'query of a POST': (portal, method, params) =>
    portal.send(`${methodPath(method)}?${formOf(params)}`, { method: 'POST' }),
} as const satisfies Record<string, (portal: Portal, method: string, params: Params) => Promise<PortalAnswer<unknown>>>;

/** For examples that do not depend on each other. */
export const eachAtOnce = async <T>(all: readonly T[], check: (each: T) => Promise<void>): Promise<void> => {
  await Promise.all(all.map(check));
};

export interface MessageView {
  readonly callId: number;
  readonly text: string;
}

/** What a user was told about finished calls. */
export const messagesOf = async ({ v1 }: Portal, user: number): Promise<readonly MessageView[]> =>
  (await v1.get<{ readonly items: readonly MessageView[] }>(`/v1/users/${user}/messages`)).items;
