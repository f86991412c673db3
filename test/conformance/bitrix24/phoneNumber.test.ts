/** PHONE_NUMBER (docs/bitrix24.md, sections 9 and 22): what it may be, what is kept of it, and what finds it again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  eachAtOnce,
  FINISH,
  freshNumber,
  HOOKS,
  PORTAL,
  REGISTER,
  type Registered,
  STATISTIC,
  startPortal,
} from './cases.ts';

const PHONE_FORMAT = [400, 'ERROR_CORE', 'Unsupported phone number format'] as const;
const REFUSING = { ...HOOKS, refusing: '1/r3f8s2w1thh3ld0z' };

const [user, code] = REFUSING.refusing.split('/');
const portal = await startPortal({
  config: {
    ...PORTAL,
    bitrix24: {
      webhooks: [...PORTAL.bitrix24.webhooks, { name: 'refusing', user: Number(user), code, withheld: 'refuse' }],
    },
  },
});

const said = (number: unknown, type = 2) => ({ USER_ID: 1, PHONE_NUMBER: number, TYPE: type, SHOW: 0 });
const refused = (number: unknown, type = 2) => portal.refusal(REGISTER, said(number, type));

/** Registers and finishes; what the portal gives back, and what the call has of it. */
async function kept(number: unknown) {
  const finished = await portal.call({}, { PHONE_NUMBER: number });
  const id = String(finished['CALL_ID']);
  assert.equal((await portal.row(id))['PHONE_NUMBER'], finished['PHONE_NUMBER']);
  const call = await portal.v1.callOf(id, 'bitrix24');
  return { shown: finished['PHONE_NUMBER'], from: call.from, e164: call.fromE164 };
}

test('B24-16 register PHONE_NUMBER abc - unsupported format', async () => {
  await eachAtOnce(
    ['abc', 'sip:alice@pbx2.example', '"Anna" <alice>', '+', '()', '--', 'x'.repeat(100), '1'.repeat(65), [1], {}],
    async number => {
      assert.deepEqual(await refused(number), PHONE_FORMAT, String(number));
    },
  );
});

test('B24 K2 PHONE_NUMBER - is kept and given back as digits, with the plus it had', async () => {
  await eachAtOnce(
    [
      ['8 (415) 555-01-23', '84155550123'],
      ['+1 (415) 555-0111', '+14155550111'],
      ['14155550113', '14155550113'],
      [14155550112, '14155550112'],
      ['+1415CALLNOW', '+1415'],
      ['*21*4155550101#', '214155550101'],
    ] as const,
    async ([given, shown]) => assert.equal((await kept(given)).shown, shown, String(given)),
  );
});

test('B24 K2 FILTER PHONE_NUMBER - compares digits, however either is written', async () => {
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: '8 (415) 555-09-23' });
  await portal.finish(id);
  const finds = async (filter: object) => {
    const rows = await portal.result<readonly { readonly CALL_ID: string }[]>(STATISTIC, { FILTER: filter });
    return rows.some(each => each.CALL_ID === id);
  };
  for (const written of ['84155550923', '8 (415) 555-09-23', '8.415.555.09.23', 'tel:8-415-555-0923']) {
    assert.equal(await finds({ PHONE_NUMBER: written }), true, written);
    assert.equal(await finds({ '!PHONE_NUMBER': written }), false, written);
  }
  for (const piece of ['(415) 555-09', '5550923', '8-415']) {
    assert.equal(await finds({ '%PHONE_NUMBER': piece }), true, piece);
    assert.equal(await finds({ '!%PHONE_NUMBER': piece }), false, piece);
  }
  assert.equal(await finds({ PHONE_NUMBER: '84155550924' }), false);
});

test('B24 K3 PHONE_NUMBER that begins with a blank - has the plus a form client did not encode', async () => {
  const number = freshNumber();
  for (const method of ['query', 'JSON'] as const) {
    const blank = number.replace('+', ' ');
    const { CALL_ID: id } =
      method === 'JSON'
        ? await portal.register({ PHONE_NUMBER: blank })
        : (
            await portal.send<Registered>(
              `/rest/${HOOKS.administrator}/${REGISTER}?USER_ID=1&TYPE=2&SHOW=0&PHONE_NUMBER=${number}`,
            )
          ).body.result;
    assert.equal((await portal.finish(id))['PHONE_NUMBER'], number, method);
    const call = await portal.v1.callOf(id, 'bitrix24');
    assert.deepEqual([call.from, call.fromE164], [number, number], method);
  }
});

test('B24 K3 PHONE_NUMBER without a plus - is E.164 where the country writes it so, and else is not guessed', async () => {
  await eachAtOnce(
    [
      ['4155550142', '+14155550142'],
      ['14155550143', '+14155550143'],
      ['442079460142', null],
      ['5550142', null],
    ] as const,
    async ([given, e164]) => {
      assert.deepEqual(await kept(given), { shown: given, from: given, e164 }, given);
    },
  );
});

test('B24 K7 an inbound call whose number is withheld, in every spelling - taken, and nobody', async () => {
  await eachAtOnce(
    [
      ...[
        '',
        null,
        'anonymous',
        'Private',
        'restricted',
        'UNKNOWN',
        'unavailable',
        'withheld',
        'asterisk',
        '<unknown>',
      ],
      ...['sip:anonymous@anonymous.invalid', '"Anonymous" <sip:anonymous@anonymous.invalid>', 'Private Number', '""'],
    ],
    async number => {
      const asked = { ...said(number), CRM_CREATE: 1 };
      const first = await portal.result<Registered>(REGISTER, asked);
      const second = await portal.result<Registered>(REGISTER, asked);
      assert.notEqual(first.CALL_ID, second.CALL_ID, 'never the same person twice');
      assert.deepEqual([first.CRM_ENTITY_TYPE, first.CRM_ENTITY_ID, first.CRM_CREATED_LEAD], ['', null, null]);
      const finished = await portal.result<Record<string, unknown>>(FINISH, { CALL_ID: first.CALL_ID, USER_ID: 1 });
      assert.equal(finished['PHONE_NUMBER'], '');
      const call = await portal.v1.callOf(first.CALL_ID, 'bitrix24');
      assert.deepEqual([call.from, call.fromE164], [null, null]);
    },
  );
  // One that is redirected called in too.
  await portal.result(REGISTER, said('anonymous', 3));
});

test('B24 K7 register without PHONE_NUMBER, or an outgoing call without a number - refused', async () => {
  assert.deepEqual(await refused(undefined), PHONE_FORMAT);
  for (const type of [1, 4, 5]) {
    for (const number of ['', null, 'anonymous', undefined]) {
      assert.deepEqual(await refused(number, type), PHONE_FORMAT, `${number} ${type}`);
    }
  }
});

test('B24 K7 an address or a name around a number - is the number, without what is dialled after it', async () => {
  await eachAtOnce(
    [
      ['sip:+14155550161@pbx.example:5060;user=phone', '+14155550161'],
      ['sip:+14155550162;ext=12@pbx.example', '+14155550162'],
      ['tel:+1-415-555-0163;ext=12', '+14155550163'],
      ['"Anna Berg" <+14155550164>', '+14155550164'],
      ['Anna<sip:4155550165@10.0.0.5>', '4155550165'],
      ['+1 415 555 0166 ext. 12', '+14155550166'],
      ['\u202a+14155550167\u202c', '+14155550167'],
      ['＋１４１５５５５０１６８', '+14155550168'],
    ] as const,
    async ([given, shown]) => assert.equal((await kept(given)).shown, shown, given),
  );
});

test('B24 K7 "withheld": "refuse" of a webhook - a number, or unsupported format', async () => {
  const ask = async (number: unknown) => {
    const path = `/rest/${REFUSING.refusing}/${REGISTER}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await portal.send(path, { method: 'POST', headers, body: JSON.stringify(said(number)) });
    return [answer.status, answer.body.error_description];
  };
  for (const number of ['', null, 'anonymous', '<unknown>'])
    assert.deepEqual(await ask(number), [400, PHONE_FORMAT[2]]);
  assert.deepEqual(await ask(freshNumber()), [200, undefined]);
});
