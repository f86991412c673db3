import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Fastify from 'fastify';
import Type from 'typebox';
import { describeApi } from './openApi.ts';
import { operation } from './operation.ts';

const ABOUT = { version: '1.2.3', publicUrl: 'https://calls.example' };
const Thing = Type.Object({ id: Type.Integer() }, { $id: 'Thing', examples: [{ id: 1 }] });
const ThingPage = Type.Object({ items: Type.Array(Thing) }, { $id: 'ThingPage', examples: [{ items: [{ id: 1 }] }] });

const listThings = operation({
  operationId: 'listThings',
  tag: 'calls',
  summary: 'Things',
  description: 'All of them.',
  params: Type.Object({ shelf: Type.Integer({ minimum: 1, description: 'The shelf.' }) }),
  query: Type.Object({ colour: Type.Optional(Type.String({ description: 'Of this colour.' })) }),
  answers: { 200: { description: 'The things.', schema: ThingPage } },
  problems: ['not_found'],
});

describe('the description', () => {
  test('of an operation - refers to what has a name, and lists its problems', async () => {
    const app = Fastify();
    await describeApi(app, ABOUT);
    app.get('/shelves/:shelf/things', listThings, async () => ({ items: [] }));
    const document = (await app.inject('/openapi.json')).json();
    const { parameters, responses, ...about } = document.paths['/shelves/{shelf}/things'].get;
    assert.deepEqual(about, {
      operationId: 'listThings',
      tags: ['calls'],
      summary: 'Things',
      description: 'All of them.',
    });
    assert.deepEqual(parameters, [
      { name: 'shelf', in: 'path', required: true, description: 'The shelf.', schema: { type: 'integer', minimum: 1 } },
      { name: 'colour', in: 'query', required: false, description: 'Of this colour.', schema: { type: 'string' } },
    ]);
    assert.deepEqual(responses['200'].content, {
      'application/json': { schema: { $ref: '#/components/schemas/ThingPage' }, example: { items: [{ id: 1 }] } },
    });
    assert.deepEqual(Object.keys(responses), ['200', '400', '401', '403', '404', '429', '500', '503']);
    assert.deepEqual(document.components.schemas.ThingPage.properties, {
      items: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
    });
    assert.deepEqual(Object.keys(document.components.responses.locked.headers), ['Retry-After']);
    assert.deepEqual([document.info.version, document.servers], ['1.2.3', [{ url: 'https://calls.example' }]]);
  });

  test('of a route that is not declared - fails where it is registered', async () => {
    const app = Fastify();
    await describeApi(app, ABOUT);
    assert.throws(() => app.get('/things', async () => []), { message: /GET \/things is not declared/ });
    assert.throws(() => app.post('/things', { schema: { summary: 'Things' } } as object, async () => []), {
      message: /not declared/,
    });
  });
});
