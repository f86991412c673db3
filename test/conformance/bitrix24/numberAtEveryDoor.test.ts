/** What a number is does not depend on the door through which it comes (docs/bitrix24.md, section 9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { push } from '../../kit/pbxWebhook.ts';
import { PORTAL, startPortal } from './cases.ts';

const PBX = { key: 'pbx', kind: 'yeastar', unsigned: true, timeZone: 'Etc/UTC', numbers: { internal: ['1xx'] } };
const portal = await startPortal({ config: { ...PORTAL, country: 'DE', sources: [PBX] } });
const { v1 } = portal;

/** What each door has made of `from`. */
type Heard = Readonly<Record<'v1' | 'pbx' | 'rest', string | null>>;

let told = 0;
async function heard(from: string): Promise<Heard> {
  const startedAt = Date.parse('2026-03-02T10:00:00Z') + ++told * 3_600_000;
  const start = new Date(startedAt).toISOString();
  const stated = {
    externalId: `v-${told}`,
    direction: 'inbound',
    from,
    to: '101',
    startedAt: start,
    durationSeconds: 7,
  };
  const { fromE164 } = await v1.post<{ fromE164: string | null }>('/v1/calls', stated, 201);
  const callId = `${startedAt / 1000 + 1_800}.1`;
  const time = new Date(startedAt + 1_800_000).toISOString().slice(0, 19).replace('T', ' ');
  const leg = {
    call_id: callId,
    time_start: time,
    call_from: from,
    call_to: '101',
    call_duration: 7,
    talk_duration: 0,
  };
  const msg = JSON.stringify({ ...leg, status: 'NO ANSWER', type: 'Inbound' });
  await push(portal.server, JSON.stringify({ type: 30012, msg }), { source: PBX.key, signature: null });
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: from, CALL_START_DATE: start, USER_ID: 2 });
  await portal.finish(id, { USER_ID: 2 });
  return {
    v1: fromE164,
    pbx: (await v1.callOf(callId, PBX.key)).fromE164,
    rest: (await v1.callOf(id, 'bitrix24')).fromE164,
  };
}

test('K7 a word for withheld - is nobody at every door, in whatever language', async () => {
  for (const from of [
    'Unbekannt',
    'Rufnummer unterdrückt',
    'Numéro masqué',
    'Número oculto',
    'Номер скрыт',
    'N/A',
    'P',
  ]) {
    assert.deepEqual(await heard(from), { v1: null, pbx: null, rest: null }, from);
    assert.deepEqual(await v1.list(`number=${encodeURIComponent(from)}`), [], from);
  }
});

test('K2 a note in brackets behind a number - is no part of it at any door, and a search for the number finds the calls', async () => {
  for (const [from, e164] of [
    ['+49 30 23125103 (Büro)', '+493023125103'],
    ['030 23125104 (Meier)', '+493023125104'],
    ['030/23125105(Fa. Meier, Berlin)', '+493023125105'],
  ] as const) {
    assert.deepEqual(await heard(from), { v1: e164, pbx: e164, rest: e164 }, from);
    const found = await v1.list(`number=${encodeURIComponent(e164)}`);
    assert.equal(found.length, 3, from);
    assert.equal(new Set(found.map(each => each.from)).size, 1, from);
  }
  const unsure = '030 23125106 (Zimmer 2)';
  assert.deepEqual(await heard(unsure), { v1: null, pbx: null, rest: null });
});

test('K2 a number with something behind it - is itself or unknown, at every door alike', async () => {
  for (const [from, e164] of [
    ['030 23125101', '+493023125101'],
    ['03023125101 DW 12', '+493023125101'],
    ['030 23125101 App. 12', '+493023125101'],
    ['030 23125101 вн. 12', '+493023125101'],
    ['03023125101#12', null],
    ['03023125101;12', null],
    ['03023125101*12', null],
    ['030 23125101 / 02', null],
    ['030 23125101 (2)', null],
    ['030 23125101 oder 030 23125102', null],
  ] as const) {
    assert.deepEqual(await heard(from), { v1: e164, pbx: e164, rest: e164 }, from);
  }
});
