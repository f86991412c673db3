/** What is changed over one server holds on the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { push } from '../kit/pbxWebhook.ts';
import { until } from '../kit/until.ts';
import { bearer, createV1Client } from '../kit/v1Client.ts';
import { openPair } from './pair.ts';

const TOKEN = 'made-on-one-server-0123456789';

test('a token and a PBX made over one server - are let in by the other, until they are deactivated', async t => {
  const { a, b } = await openPair(t);
  const put = async (path: string, body: object) => {
    const { status } = await a.v1.ask('PUT', path, { body });
    assert.equal(status, 201, path);
  };
  await put('/v1/tokens/reports', { roles: ['supervisor'], token: TOKEN });
  await put('/v1/sources/branch', { kind: 'yeastar', settings: { unsigned: true } });
  const guest = createV1Client(b.server, bearer(TOKEN));
  const answers = (wanted: number, ask: () => Promise<{ readonly status: number }>) =>
    until(`an answer of ${wanted}`, async () => ((await ask()).status === wanted ? true : undefined));
  const list = () => guest.ask('GET', '/v1/calls');
  // No event but readable enough to be known as none: 400 from a source that is there, 404 from none.
  const event = () => push(b.server, '[]', { source: 'branch', signature: null });
  await answers(200, list);
  await answers(400, event);
  for (const path of ['/v1/tokens/reports', '/v1/sources/branch']) {
    assert.equal((await a.v1.ask('DELETE', path)).status, 200);
  }
  await answers(401, list);
  await answers(404, event);
});
