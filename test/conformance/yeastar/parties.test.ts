/** What stands in call_from, call_to and did_number (docs/yeastar.md, section 1.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPbx, variant } from './cases.ts';

const pbx = await startPbx();

const tell = (from: unknown, changes: object = {}) => pbx.tell(variant({ call_from: from, ...changes }));

test('K2, K7 a name, an address, marks and separators around a number - are left off', async () => {
  for (const [from, kept, e164] of [
    ['"Anna" <+254712000001>', '+254712000001', '+254712000001'],
    ['sip:+254712000001@10.0.0.5:5060;user=phone', '+254712000001', '+254712000001'],
    ['tel:+254-712-000001;ext=5', '+254712000001', '+254712000001'],
    ['\u202a+254 712 000 001\u202c', '+254712000001', '+254712000001'],
    ['(0)30 231-25001', '03023125001', '+493023125001'],
  ] as const) {
    const call = await tell(from, { did_number: from });
    assert.deepEqual([call.from, call.fromE164, call.did], [kept, e164, kept], from);
  }
  const { leg } = await pbx.tellLeg(variant({ call_to: 'Anna<1002>' }));
  assert.deepEqual([leg.to, leg.party], ['1002', 'extension']);
});

test('K3 a number that begins with a blank has a plus; one without a plus is not guessed', async () => {
  for (const [from, kept, e164] of [
    [' 254712000001', '+254712000001', '+254712000001'],
    [' 03023125001', '03023125001', '+493023125001'],
    ['493023125001', '493023125001', '+493023125001'],
    ['3023125001', '3023125001', null],
    ['442079460123', '442079460123', null],
  ] as const) {
    const call = await tell(from);
    assert.deepEqual([call.from, call.fromE164], [kept, e164], from);
  }
});

test('K7 a withheld caller in every spelling - is nobody', async () => {
  for (const from of [' ', 'Anonymous', '<unknown>', 'sip:anonymous@anonymous.invalid', '"Private" <restricted>']) {
    const call = await tell(from);
    assert.deepEqual([call.from, call.fromE164], [null, null], from);
  }
});
