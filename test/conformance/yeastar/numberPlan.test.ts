import assert from 'node:assert/strict';
import { test } from 'node:test';
import { push } from '../../kit/pbxWebhook.ts';
import { eventOf, startPbx, variant } from './cases.ts';

const pbx = await startPbx();
const SOURCE = { kind: 'yeastar', timeZone: 'Africa/Nairobi', country: 'KE', settings: { unsigned: true } };

interface Meaning {
  readonly party: string;
  readonly by: string | null;
  readonly userId: number | null;
  readonly e164: string | null;
}

async function put(key: string, body: object): Promise<void> {
  const { status } = await pbx.v1.ask('PUT', `/v1/sources/${key}`, { body });
  assert.equal(status, 201);
}
const meaningOf = (key: string, number: string) =>
  pbx.v1.get<Meaning>(`/v1/sources/${key}/plan?number=${encodeURIComponent(number)}`);

test('K4 a PBX of which nothing was said - is read by the plan it was delivered with', async () => {
  await put('bare', SOURCE);
  const numbers = ['2001', '6010', '6200', '6300', '6400', '6500', '6600', '*97', '+254712000001', '7001'];
  const read = await Promise.all(numbers.map(number => meaningOf('bare', number)));
  assert.deepEqual(
    read.map(({ party, by }) => `${party} ${by}`),
    [
      'extension defaultPlan',
      'parking defaultPlan',
      'ivr defaultPlan',
      'ringGroup defaultPlan',
      'queue defaultPlan',
      'conference defaultPlan',
      'paging defaultPlan',
      'featureCode defaultPlan',
      'external null',
      'unknown null',
    ],
  );
  assert.equal(read[8]!.e164, '+254712000001');
  const { status } = await pbx.v1.ask('GET', '/v1/sources/none/plan?number=1');
  assert.equal(status, 404);
});

test('K4 what somebody holds and what was configured - come before that plan', async () => {
  await put('said', { ...SOURCE, numbers: { queue: ['2xxx'], voicemail: ['7001'] } });
  const user = { login: 'k4', extensions: [{ number: '6400', from: '2026-01-01', to: '2026-02-01' }] };
  assert.equal((await pbx.v1.ask('PUT', '/v1/users/400', { body: user })).status, 201);
  const at = (when: string) => pbx.v1.get<Meaning>(`/v1/sources/said/plan?number=6400&at=${when}`);
  const held = await at('2026-01-15T12:00:00Z');
  assert.deepEqual([held.party, held.by, held.userId], ['extension', 'holder', 400]);
  const later = await at('2026-02-15T12:00:00Z');
  assert.deepEqual([later.party, later.by, later.userId], ['queue', 'defaultPlan', null]);
  assert.deepEqual((await meaningOf('said', '2001')).by, 'configured');
  assert.deepEqual((await meaningOf('said', '7001')).party, 'voicemail');
});

test('K4 a number that nothing names - is unknown, counted once for each leg, and said', async () => {
  await put('gaps', SOURCE);
  const tell = async (to: string, changes: object = {}) => {
    const body = eventOf(variant({ call_to: to, status: 'NO ANSWER', talk_duration: 0, ...changes }));
    for (const _again of [1, 2]) {
      const { status } = await push(pbx.server, body, { source: 'gaps', signature: null });
      assert.equal(status, 200);
    }
  };
  await tell('7001');
  await tell('7002');
  await tell('7001', { call_duration: 12 });
  await tell('2001');
  await tell('112', { type: 'Outbound', call_from: '2001', dst_trunk_name: 'SIP-Main' });
  await tell('0711000001', { type: 'Outbound', call_from: '7003', dst_trunk_name: 'SIP-Main' });
  const { unknownNumbers } = await pbx.v1.get<{
    readonly unknownNumbers: { readonly seen: number; readonly latest: readonly object[] };
  }>('/v1/sources/gaps');
  assert.equal(unknownNumbers.seen, 4);
  assert.deepEqual(
    unknownNumbers.latest.map(each => ({ ...each, seenAt: null })),
    [
      { number: '7003', times: 1, seenAt: null },
      { number: '7001', times: 2, seenAt: null },
      { number: '7002', times: 1, seenAt: null },
    ],
  );
  const calls = await pbx.v1.list('source=gaps');
  const warned = await Promise.all(calls.map(each => pbx.v1.call(each.id)));
  assert.deepEqual(
    warned.flatMap(each => each.reports.flatMap(({ warnings }) => warnings)).toSorted(),
    ['7001', '7001', '7002', '7003'].map(
      each => `number ${each} is unknown: no user holds it, and no number plan names it`,
    ),
  );
  const metrics = await (await fetch(`${pbx.server.url}/metrics`)).text();
  assert.match(metrics, /^aftercall_unknown_numbers\{source="gaps"\} 4$/m);
});

test('abandonSeconds - is refused with the word it has now', async () => {
  const { status, body } = await pbx.v1.ask<{ readonly detail: string }>('PUT', '/v1/sources/old', {
    body: { ...SOURCE, abandonSeconds: 5 },
  });
  assert.equal(status, 400);
  assert.match(body.detail, /abandonSeconds is not known: abandonSeconds is now shortSeconds/);
});
