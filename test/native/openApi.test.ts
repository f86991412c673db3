import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { events } from '../../src/app/events.ts';
import { PROBLEMS, typeOf } from '../../src/dialects/native/problem.ts';
import { Contract, type DescribedOperation, type Media } from '../kit/contract.ts';
import type { ProblemView } from '../kit/v1Views.ts';
import { openHouse } from './house.ts';

const { server, v1 } = await openHouse();

const contract = await Contract.of(server.url);
const { description } = contract;

const ROUTES = [
  'POST /v1/calls',
  'GET /v1/calls',
  'GET /v1/calls/{id}',
  'POST /v1/calls/{id}/corrections',
  'DELETE /v1/calls/{id}/corrections/{n}',
  'POST /v1/calls/{id}/join',
  'POST /v1/calls/{id}/split',
  'GET /v1/possible-matches',
  'DELETE /v1/possible-matches/{callId}/{otherCallId}',
  'GET /v1/users/{id}/messages',
  'GET /v1/clients/{type}/{id}',
  'PUT /v1/clients/{type}/{id}',
  'GET /v1/records/{id}',
  'GET /v1/recordings/{id}',
  'GET /v1/events',
  'GET /v1/statistics/queues',
  'GET /v1/statistics/summary',
  'GET /v1/quarantine',
  'POST /v1/quarantine/{id}/replay',
  'GET /v1/nodes',
  'GET /v1/sources/{key}/plan',
  ...['users/{id}', 'tokens/{name}', 'sources/{key}', 'webhooks/{id}', 'campaigns/{name}'].flatMap(each => [
    `GET /v1/${each.split('/')[0]}`,
    `GET /v1/${each}`,
    `PUT /v1/${each}`,
    `DELETE /v1/${each}`,
  ]),
];

const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
);

test('the description - names every route of /v1', () => {
  assert.deepEqual(operations.map(each => each.route).toSorted(), ROUTES.toSorted());
});

const isText = (text: string | undefined): boolean => (text ?? '').trim().length > 0;
const isJson = (type: string): boolean => type.includes('json');
const examplesOf = ({ example, examples = {} }: Media): unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map(each => each.value),
];

/** What an operation lacks of what a client needs to know. */
function lacks({
  operationId,
  summary,
  description: about,
  parameters = [],
  requestBody,
  responses,
}: DescribedOperation) {
  const found: string[] = [];
  const need = (what: string, isThere: boolean) => {
    if (!isThere) found.push(what);
  };
  const judge = (what: string, content: Readonly<Record<string, Media>> | undefined) => {
    need(`a body of ${what}`, Object.keys(content ?? {}).length > 0);
    for (const [type, media] of Object.entries(content ?? {})) {
      const examples = examplesOf(media);
      need(`a schema of ${what}`, media.schema !== undefined);
      need(`an example of ${what}`, examples.length > 0);
      if (!isJson(type)) continue;
      need(`a name of ${what}`, '$ref' in (media.schema ?? {}));
      for (const each of examples) {
        const problem = contract.problemOf(media.schema!, each);
        need(`a right example of ${what}: ${problem}`, problem === null);
      }
    }
  };
  need('operationId', /^[a-z]+([A-Z][a-z]+)+$/.test(operationId ?? ''));
  need('summary', isText(summary));
  need('description', isText(about));
  for (const each of parameters) {
    need(`description of ${each.name}`, isText(each.description));
    need(`schema of ${each.name}`, each.schema !== undefined);
  }
  if (requestBody !== undefined) judge('the request', requestBody.content);
  const statuses = Object.keys(responses);
  need(
    'an answer when all is well',
    statuses.some(each => each.startsWith('2')),
  );
  for (const status of ['401', '403', '500', '503']) need(`the problem ${status}`, statuses.includes(status));
  for (const [status, response] of Object.entries(responses)) {
    const answer = contract.answer(response);
    need(`description of ${status}`, isText(answer.description));
    if (!status.startsWith('2')) {
      need(`problem details for ${status}`, Object.keys(answer.content ?? {}).join() === 'application/problem+json');
    }
    judge(`the answer ${status}`, answer.content);
  }
  return found;
}

test('every operation - has a name, says what it does, what it takes and what it answers, with examples', () => {
  for (const { route, operation } of operations) assert.deepEqual(lacks(operation), [], route);
  const ids = operations.map(each => each.operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test('an operation without any of these - is noticed', () => {
  const { operation } = operations.find(each => each.route === 'POST /v1/calls')!;
  const [[, created], [, problem]] = [
    Object.entries(operation.responses).at(0)!,
    Object.entries(operation.responses).at(-1)!,
  ];
  for (const [changes, missing] of [
    [{ operationId: '' }, 'operationId'],
    [{ summary: ' ' }, 'summary'],
    [{ description: '' }, 'description'],
    [{ parameters: [{ name: 'x', in: 'query', schema: {} }] }, 'description of x'],
    [{ requestBody: { content: {} } }, 'a body of the request'],
    [{ requestBody: { content: { 'application/json': { schema: {}, example: 1 } } } }, 'a name of the request'],
    [{ responses: { ...operation.responses, 503: undefined } }, 'the problem 503'],
    [{ responses: { ...operation.responses, 200: { description: 'Yes.' } } }, 'a body of the answer 200'],
    [{ responses: { ...operation.responses, 409: created } }, 'problem details for 409'],
    [{ responses: { 503: problem } }, 'an answer when all is well'],
  ] as const) {
    const responses = Object.entries(('responses' in changes ? changes.responses : null) ?? operation.responses);
    const changed = { ...operation, ...changes, responses: Object.fromEntries(responses.filter(([, each]) => each)) };
    assert.ok(lacks(changed as DescribedOperation).includes(missing), missing);
  }
});

test('every named schema - has an example of its own, or is a part of one that has', () => {
  for (const [name, schema] of Object.entries(description.components.schemas)) {
    const { examples = [] } = schema as { readonly examples?: readonly unknown[] };
    for (const each of examples) assert.equal(contract.problemOf({ $ref: `#/components/schemas/${name}` }, each), null);
  }
});

test('events - each that is declared is described, and an example of each fits', () => {
  const event = description.components.schemas['Event'] as { readonly discriminator: { readonly mapping: object } };
  assert.deepEqual(
    Object.keys(event.discriminator.mapping),
    events.map(each => each.kind),
  );
  const $ref = { $ref: '#/components/schemas/Event' };
  for (const { kind, example } of events) {
    const rendered = { position: 1, at: '2026-03-02T10:00:00Z', kind, callId: null, ...example };
    assert.equal(contract.problemOf($ref, rendered), null, kind);
    assert.notEqual(contract.problemOf($ref, { ...rendered, number: '+442079460123' }), null, kind);
  }
  assert.notEqual(contract.problemOf($ref, { position: 1, at: '2026-03-02T10:00:00Z', kind: 'x.y', callId: 1 }), null);
});

test('public words - are none of those that were replaced', async () => {
  const metrics = await (await server.get('/metrics')).text();
  const retired =
    /\b(strands?|alias(?!es)|bundles?|doubts?|judgements?|pairables?|pairings?|told|tells?|passports?|passed_on)\b/i;
  for (const text of [JSON.stringify(description), metrics]) assert.equal(retired.exec(text)?.[0], undefined);
});

test('problems - have the registered phrase of their status as title, and a code that is described', () => {
  const OTHERWISE: Readonly<Record<number, string>> = { 413: 'Content Too Large' };
  const schema = description.components.schemas['Problem'] as {
    readonly properties: { readonly type: { readonly enum: readonly string[] } };
  };
  const codes = Object.entries(PROBLEMS).map(([code, { status, title }]) => {
    assert.equal(title, OTHERWISE[status] ?? STATUS_CODES[status], code);
    return typeOf(code as keyof typeof PROBLEMS);
  });
  assert.deepEqual(schema.properties.type.enum, codes);
});

test('the description - names only routes that exist', async () => {
  for (const route of ROUTES.filter(each => each !== 'GET /v1/events')) {
    const [method, path] = route.split(' ') as [string, string];
    const { status, body } = await v1.ask<Partial<ProblemView>>(
      method,
      path
        .replace(/\{(id|n|callId)\}/g, '99')
        .replace('{type}', 'contacts')
        .replace('{otherCallId}', '98'),
      {
        ...(method === 'POST' || method === 'PUT' ? { body: {} } : {}),
      },
    );
    assert.ok(![405, 500].includes(status), route);
    assert.ok(!(body.detail ?? '').includes('is not part of this API'), route);
  }
});

test('the description - is valid OpenAPI 3.1, and a validator finds nothing', async () => {
  const result = await new Validator().validate(structuredClone(description) as unknown as Record<string, unknown>);
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
  assert.match(description.openapi, /^3\.1\./);
  const broken = { ...description, paths: { ...description.paths, '/v1/broken': { get: { summary: 5 } } } };
  assert.equal((await new Validator().validate(broken as unknown as Record<string, unknown>)).valid, false);
});

test('the description - needs no login, and tells which logins there are', () => {
  const { components, security } = description as unknown as {
    components: { securitySchemes: Record<string, { type: string; scheme: string }> };
    security: Record<string, unknown>[];
  };
  const schemes = Object.entries(components.securitySchemes);
  assert.deepEqual(schemes.map(([, each]) => each.scheme).toSorted(), ['basic', 'bearer']);
  assert.deepEqual(security.flatMap(each => Object.keys(each)).toSorted(), schemes.map(([name]) => name).toSorted());
});

test('the page that shows it - everything it loads comes from this server', async () => {
  const page = await fetch(`${server.url}/v1/docs`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  const html = await page.text();
  const loaded = [...html.matchAll(/\b(?:src|href|action|data-url)\s*=\s*["']([^"']*)["']/g)].map(found => found[1]!);
  assert.ok(loaded.length > 0);
  for (const reference of loaded) {
    const url = new URL(reference, page.url);
    assert.equal(url.origin, server.url, reference);
    assert.equal((await fetch(url)).status, 200, reference);
  }
  const hosts = [...html.matchAll(/(?:https?:)?\/\/([a-z0-9.-]+\.[a-z]{2,})/gi)].map(found => found[1]);
  assert.deepEqual(hosts, []);
  assert.ok(html.includes('/v1/openapi.json'));
});

test('the root - leads to the page', async () => {
  const response = await fetch(server.url, { redirect: 'manual' });
  assert.deepEqual([response.status, response.headers.get('location')], [302, '/v1/docs']);
});
