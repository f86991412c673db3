import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { openHouse } from './house.ts';

const { server, v1 } = await openHouse();

interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody?: unknown;
}
interface Description {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const description = (await (await fetch(`${server.url}/v1/openapi.json`)).json()) as Description;

const ROUTES = [
  'POST /v1/calls',
  'GET /v1/calls',
  'GET /v1/calls/{id}',
  'POST /v1/calls/{id}/corrections',
  'DELETE /v1/calls/{id}/corrections/{n}',
  'POST /v1/calls/{id}/join',
  'POST /v1/calls/{id}/split',
  'GET /v1/doubts',
  'DELETE /v1/doubts/{id}/{with}',
  'GET /v1/users/{id}/messages',
  'GET /v1/clients/{type}/{id}',
  'PUT /v1/clients/{type}/{id}',
  'GET /v1/records/{id}',
  'GET /v1/recordings/{id}',
  'GET /v1/events',
  'GET /v1/statistics/summary',
  'GET /v1/quarantine',
  'POST /v1/quarantine/{id}/replay',
  'GET /v1/nodes',
  ...['users/{id}', 'tokens/{name}', 'sources/{key}', 'webhooks/{id}', 'campaigns/{name}'].flatMap(each => [
    `GET /v1/${each.split('/')[0]}`,
    `GET /v1/${each}`,
    `PUT /v1/${each}`,
    `DELETE /v1/${each}`,
  ]),
];

test('the description - names every route of /v1, each with a summary and its answers', () => {
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(described.toSorted(), ROUTES.toSorted());
  for (const methods of Object.values(description.paths)) {
    for (const operation of Object.values(methods)) {
      assert.ok((operation.summary ?? '').length > 0);
      assert.ok(Object.keys(operation.responses).length > 0);
    }
  }
});

test('the description - names only routes that exist', async () => {
  for (const route of ROUTES.filter(each => each !== 'GET /v1/events')) {
    const [method, path] = route.split(' ') as [string, string];
    const { status, body } = await v1.ask<{ detail?: string }>(
      method,
      path.replace('{id}', '99').replace('{n}', '9').replace('{type}', 'contacts').replace('{with}', '98'),
      {
        ...(method === 'POST' || method === 'PUT' ? { body: {} } : {}),
      },
    );
    assert.ok(![405, 500].includes(status), route);
    assert.ok(!(body.detail ?? '').includes('is not part of this API'), route);
  }
});

interface OpenApiParser {
  validate(description: string): Promise<{ readonly valid: boolean; readonly errors?: readonly unknown[] }>;
}

/** It comes with the page that shows the description, which may do without it one day. */
async function findParser(): Promise<OpenApiParser | null> {
  try {
    const page = createRequire(import.meta.url).resolve('@scalar/fastify-api-reference');
    return (await import(createRequire(page).resolve('@scalar/openapi-parser'))) as OpenApiParser;
  } catch {
    return null;
  }
}

const parser = await findParser();

test('the description - is valid OpenAPI', {
  skip: parser === null ? 'no validator is installed' : false,
}, async () => {
  const { valid, errors } = await parser!.validate(JSON.stringify(description));
  assert.deepEqual(errors ?? [], []);
  assert.equal(valid, true);
  assert.match(description.openapi, /^3\.1\./);
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
