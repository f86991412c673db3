/** Each parameter of docs/bitrix24.md, section 11.2 does what it says; who finishes and for how long is in `finish.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CARRIERS, eachAtOnce, FINISH, type Finished, messagesOf, STATISTIC, startPortal } from './cases.ts';

const portal = await startPortal();
const { v1 } = portal;

/** Codes of docs/bitrix24.md, section 9, and what each says became of the call. */
const CODES = {
  '200': 'answered',
  '304': 'missed',
  '603': 'declined',
  '603-S': 'cancelled',
  '403': 'blocked',
  '404': 'invalid_number',
  '486': 'busy',
  '484': 'unreachable',
  '503': 'unreachable',
  '480': 'unreachable',
  '402': 'failed',
  '423': 'blocked',
  OTHER: 'unknown',
} as const;

for (const [code, outcome] of Object.entries(CODES)) {
  test(`B24 STATUS_CODE ${code} - ${outcome}, with and without the name of its message`, async () => {
    await eachAtOnce([code, `VI_STATUS_${code}`, `$MESS["VI_STATUS_${code}"]`, ` ${code} `], async written => {
      const finished = await portal.call({ STATUS_CODE: written });
      const id = String(finished['CALL_ID']);
      assert.deepEqual(
        [finished['CALL_FAILED_CODE'], finished['CALL_STATUS']],
        [code, code === '200' ? 1 : 0],
        written,
      );
      assert.equal((await portal.row(id))['CALL_FAILED_CODE'], code);
      const call = await v1.callOf(id, 'bitrix24');
      assert.deepEqual([call.outcome, call.cause], [outcome, code], written);
    });
  });
}

test('B24 STATUS_CODE in a form - $MESS["VI_STATUS_486"] is 486', async () => {
  const { CALL_ID: id } = await portal.register();
  const { body } = await CARRIERS.form(portal, FINISH, {
    CALL_ID: id,
    USER_ID: 1,
    STATUS_CODE: '$MESS["VI_STATUS_486"]',
  });
  assert.equal((body.result as Finished)['CALL_FAILED_CODE'], '486');
});

test('B24 STATUS_CODE that nobody knows - kept as it is, never refused', async () => {
  await eachAtOnce(['500', '487', '600', 'Normal Clearing', '16', 'VI_STATUS', 'ЗАНЯТО'], async code => {
    const finished = await portal.call({ STATUS_CODE: code });
    assert.deepEqual([finished['CALL_FAILED_CODE'], finished['CALL_STATUS']], [code, 0]);
  });
  await eachAtOnce([null, '', ' ', 'VI_STATUS_', [], {}], async none => {
    const finished = await portal.call({ STATUS_CODE: none, DURATION: 1 });
    assert.equal(finished['CALL_FAILED_CODE'], '200', JSON.stringify(none));
  });
});

test('B24 COST - exact, a number in the answer and four decimals in the line', async () => {
  await eachAtOnce(
    [
      ['1.5', '1.5', '1.5000', '1.5'],
      ['1.10', '1.1', '1.1000', '1.1'],
      ['100.00', '100', '100.0000', '100'],
      ['0.000001', '0.000001', '0.000001', '0.000001'],
      ['12.345678', '12.345678', '12.345678', '12.345678'],
      // Half a millionth is rounded away from zero.
      ['0.0000005', '0.000001', '0.000001', '0.000001'],
      ['0.12345649', '0.123456', '0.123456', '0.123456'],
      ['234567890.12', '234567890.12', '234567890.1200', '234567890.12'],
      ['-2.5', '-2.5', '-2.5000', '-2.5'],
      ['0', '0', '0.0000', '0'],
    ] as const,
    async ([given, answered, listed, kept]) => {
      // As text, and as the digits of a JSON number.
      for (const written of [JSON.stringify(given), given]) {
        const { CALL_ID: id } = await portal.register();
        const { text } = await portal.ask(FINISH, `{"CALL_ID":"${id}","USER_ID":1,"DURATION":1,"COST":${written}}`);
        assert.ok(text.includes(`"COST":${answered},`), `${written}: ${text}`);
        assert.equal((await portal.row(id))['COST'], listed);
        assert.equal((await v1.callOf(id, 'bitrix24')).cost, kept);
      }
    },
  );
});

test('B24 COST as languages write floating point - what was meant', async () => {
  await eachAtOnce(
    [
      [0.1 + 0.2, '0.3'],
      [1.1 * 3, '3.3'],
      [1e-7, '0'],
      [5e-7, '0.000001'],
      [1.5e-5, '0.000015'],
      [1.2345678e-3, '0.001235'],
      [1e2, '100'],
    ] as const,
    async ([given, kept]) => {
      const finished = await portal.call({ COST: given, COST_CURRENCY: 'EUR' });
      assert.equal((await v1.callOf(String(finished['CALL_ID']), 'bitrix24')).cost, kept, String(given));
    },
  );
});

test('B24 COST larger than a call costs - refused by its name, and the call can still be finished', async () => {
  await eachAtOnce([1e9, '1000000000', '-1000000000', '999999999.9999999', 1e21, '1e400'], async given => {
    const { CALL_ID: id } = await portal.register();
    const end = { CALL_ID: id, USER_ID: 1, DURATION: 1 };
    const { status, body } = await portal.ask(FINISH, { ...end, COST: given });
    const { error, error_description: detail } = body as unknown as Record<string, unknown>;
    assert.deepEqual([status, error, detail], [400, 'INVALID_ARGUMENT', 'COST must be smaller than 1000000000']);
    assert.equal((await portal.ask(FINISH, { ...end, COST: '999999999.999999' })).status, 200);
    assert.equal((await v1.callOf(String(id), 'bitrix24')).cost, '999999999.999999');
  });
});

test('B24 COST - ten tenths are one', async () => {
  const calls = await Promise.all(Array.from({ length: 10 }, () => portal.call({ COST: 0.1, COST_CURRENCY: 'CHF' })));
  const costs = await Promise.all(calls.map(async each => (await v1.callOf(String(each['CALL_ID']), 'bitrix24')).cost));
  assert.deepEqual(costs, Array(10).fill('0.1'));
  const found = await portal.ask<readonly unknown[]>(STATISTIC, {
    FILTER: { COST: '0.10', COST_CURRENCY: 'CHF' },
  });
  assert.equal(found.body.total, 10);
});

test('B24 COST that is not given - 0 in the answer, and not known in the call', async () => {
  await eachAtOnce([undefined, null, '', ' '], async none => {
    const finished = await portal.call({ COST: none });
    assert.equal(finished['COST'], 0, JSON.stringify(none));
    const id = String(finished['CALL_ID']);
    assert.equal((await portal.row(id))['COST'], '0.0000');
    assert.equal((await v1.callOf(id, 'bitrix24')).cost, null, JSON.stringify(none));
  });
});

test('B24 COST_CURRENCY - as it was sent, also one that no list has', async () => {
  await eachAtOnce(
    [
      ['USD', 'USD'],
      ['RUB', 'RUB'],
      ['XXZ', 'XXZ'],
      [' EUR ', 'EUR'],
      [undefined, ''],
      [null, ''],
      ['', ''],
    ] as const,
    async ([given, kept]) => {
      const finished = await portal.call({ COST: '1.10', COST_CURRENCY: given });
      assert.deepEqual([finished['COST'], finished['COST_CURRENCY']], [1.1, kept]);
      assert.equal((await portal.row(String(finished['CALL_ID'])))['COST_CURRENCY'], kept);
    },
  );
});

test('B24 VOTE - 1 to 5, anything else is none', async () => {
  await eachAtOnce(
    [
      [1, 1],
      [2, 2],
      ['3', 3],
      [4, 4],
      [5, 5],
      [0, null],
      [6, null],
      [-1, null],
      [3.5, null],
      ['good', null],
      [null, null],
      ['', null],
      [[5], null],
      [true, null],
    ] as const,
    async ([given, kept]) => {
      const finished = await portal.call({ VOTE: given });
      assert.equal(finished['CALL_VOTE'], kept, JSON.stringify(given));
      const id = String(finished['CALL_ID']);
      assert.equal((await portal.row(id))['CALL_VOTE'], kept === null ? null : String(kept));
      assert.equal((await v1.callOf(id, 'bitrix24')).vote, kept);
    },
  );
});

test('B24 FAILED_REASON - in the answer, the line and the call', async () => {
  const reason = 'Провайдер: "no route" \u{1f4f4}';
  const finished = await portal.call({ DURATION: 0, STATUS_CODE: '503', FAILED_REASON: reason });
  assert.equal(finished['CALL_FAILED_REASON'], reason);
  const id = String(finished['CALL_ID']);
  assert.equal((await portal.row(id))['CALL_FAILED_REASON'], reason);
  assert.equal((await v1.callOf(id, 'bitrix24')).failedReason, reason);
  const odd = await portal.call({ FAILED_REASON: `a\0b\ud800${'x'.repeat(5_000)}` });
  const kept = String(odd['CALL_FAILED_REASON']);
  assert.ok(kept.startsWith('a\ufffdb\ufffdx') && kept.length === 1_000);
});

test('B24 ADD_TO_CHAT - 1 leaves a message to the finishing user, nothing and 0 leave none', async () => {
  const told = async (finishing: object) => {
    const finished = await portal.call({ USER_ID: 2, ...finishing });
    const { id } = await v1.callOf(String(finished['CALL_ID']), 'bitrix24');
    const [one, two] = await Promise.all([messagesOf(portal, 1), messagesOf(portal, 2)]);
    assert.deepEqual(
      one.filter(each => each.callId === id),
      [],
    );
    return { number: finished['PHONE_NUMBER'], texts: two.filter(each => each.callId === id).map(each => each.text) };
  };
  await eachAtOnce([1, '1', true, 'Y'], async yes => {
    const { number, texts } = await told({ ADD_TO_CHAT: yes, DURATION: 65 });
    assert.deepEqual(texts, [`The call from ${number} finished after 1 min 5 s.`]);
  });
  await eachAtOnce([undefined, 0, '0', false, 'N', null, ''], async no => {
    assert.deepEqual((await told({ ADD_TO_CHAT: no })).texts, [], JSON.stringify(no));
  });
  const missed = await told({ ADD_TO_CHAT: 1, DURATION: 0 });
  assert.deepEqual(missed.texts, [`The call from ${missed.number} was not answered.`]);
});
