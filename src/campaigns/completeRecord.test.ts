import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { State } from '../ledger/state.ts';
import { MEMORY, STORE_KINDS } from '../ledger/testing/testStores.ts';
import { OUTCOMES, type Outcome } from '../values/outcome.ts';
import { completeRecord } from './completeRecord.ts';
import { type AgentDevice, type Completion, OutboundError } from './context.ts';
import { campaign, doNotCall, record } from './entities.ts';
import { getPreviewRecord } from './previewRecord.ts';
import { resultOfOutcome } from './resultOutcome.ts';
import {
  ANNA,
  APPLICATION,
  BERT,
  CAMPAIGN,
  CONTEXT,
  completion,
  House,
  NOON,
  number,
  tellCall,
} from './testing/testCampaigns.ts';

const opened: House[] = [];
after(() => Promise.all(opened.map(each => each.close())));

/** Anna has retrieved the first record: its handle is 1. */
async function houseWith(csv: string, kind = MEMORY): Promise<House> {
  const house = await House.open(kind);
  opened.push(house);
  await house.import(csv);
  await house.ledger.submit(state => getPreviewRecord(state, ANNA, CAMPAIGN, APPLICATION, 'guid', CONTEXT));
  return house;
}

const ONE = `contact_info\n${number(1)}`;

const complete =
  (more: Partial<Completion> = {}, agent = ANNA) =>
  (state: State) =>
    completeRecord(state, agent, completion(1, more), CONTEXT);

async function resultOf(house: House, more: Partial<Completion> = {}): Promise<number> {
  const done = await house.ledger.submit(complete(more));
  assert.ok(!(done instanceof OutboundError), String(done));
  assert.equal(done.record.callResult, done.effectiveResult);
  return done.effectiveResult;
}

async function reasonOf(house: House, more: Partial<Completion>, agent: AgentDevice = ANNA): Promise<string> {
  const before = await house.records();
  const refused = await house.ledger.submit(complete(more, agent));
  assert.ok(refused instanceof OutboundError);
  assert.deepEqual(await house.records(), before, 'nothing changed');
  return refused.reason;
}

/** Tells of a call to `number(n)` that started so many seconds after Anna retrieved the record. */
const call =
  (id: number, seconds: number, outcome: Outcome, { n = 1, userId = 1, ended = true } = {}) =>
  (state: State) => {
    const startedAt = NOON + seconds * 1_000;
    const endedAt = ended ? startedAt + 10_000 : null;
    tellCall(state, id, { userId, numberKey: number(n), startedAt, endedAt, outcome });
  };

async function only(house: House) {
  const [row, ...others] = await house.records();
  assert.equal(others.length, 0);
  return row!;
}

const journalOf = (house: House) =>
  house.ledger.told
    .filter(each => each.kind === 'record.completed' || each.kind === 'record.amended')
    .map(({ kind, callId, data }) => ({ kind, callId, result: data!['callResultCode'] }));

describe('completeRecord', () => {
  test('without a result and a call - the record keeps what it has (docs/genesys.md, section 2.6)', async () => {
    assert.equal(await resultOf(await houseWith(ONE)), 28);
    const dialled = await houseWith(`contact_info,call_result,attempt,call_time\n${number(1)},Answer,1,1772460000`);
    dialled.ledger.time.now += 5_000;
    assert.equal(await resultOf(dialled), 33);
    const row = await only(dialled);
    assert.deepEqual(
      [row.recordStatus, row.callResult, row.attempt, row.callTime, row.resultFrom, row.completedAt, row.handle],
      [3, 33, 1, 1_772_460_000_000, 'list', NOON + 5_000, 1],
    );
  });

  test('with a result - it counts, and the journal says so by ids and codes', async () => {
    const anna = await houseWith(ONE);
    assert.equal(await resultOf(anna, { callResult: 7 }), 7);
    const entry = anna.ledger.told.find(each => each.kind === 'record.completed')!;
    assert.deepEqual(entry.data, { recordId: 1, callingListId: 1, campaignId: 1, userId: 1, callResultCode: 7 });
    assert.equal(entry.callId, null);
    assert.equal((await only(anna)).resultFrom, 'agent');
  });

  test('a second time - is already final, whatever it says', async () => {
    const anna = await houseWith(ONE);
    await resultOf(anna, { callResult: 7 });
    assert.equal(await reasonOf(anna, { callResult: 33 }), 'already_final');
    assert.equal(await reasonOf(anna, {}), 'already_final');
    const cancelled = await houseWith(ONE);
    await resultOf(cancelled, { callResult: 52 });
    assert.equal((await only(cancelled)).recordStatus, 5);
    assert.equal(await reasonOf(cancelled, {}), 'already_final');
  });

  test('what does not fit the record - is refused and changes nothing', async () => {
    const anna = await houseWith(`contact_info,chain_id\n${number(1)},1\n${number(2)},1\n${number(3)},2`);
    assert.equal(await reasonOf(anna, {}, BERT), 'not_yours');
    assert.equal(await reasonOf(anna, { handle: 2 }), 'unknown_handle');
    assert.equal(await reasonOf(anna, { applicationId: 1 }), 'unknown_handle');
    assert.equal(await reasonOf(anna, { campaignName: 'Campaign2' }), 'unknown_campaign');
    assert.equal(await reasonOf(anna, { callingList: 'callinglist1' }), 'wrong_list');
    assert.equal(await reasonOf(anna, { phoneNumber: number(3) }), 'not_in_chain');
    assert.equal(await reasonOf(anna, { phoneNumber: '3001' }), 'not_in_chain');
    await anna.ledger.submit(state => {
      state.put(campaign, { ...state.get(campaign, 1)!, id: 2, name: 'Campaign2' });
    });
    assert.equal(await reasonOf(anna, { campaignName: 'Campaign2' }), 'wrong_campaign');
  });

  test('in a campaign that was stopped meanwhile - the work counts', async () => {
    const anna = await houseWith(ONE);
    await anna.ledger.submit(state => state.put(campaign, { ...state.get(campaign, 1)!, active: false }));
    assert.equal(await resultOf(anna, { callResult: 33 }), 33);
  });

  test('a number of the chain - may be written otherwise, and is the one nobody is to call', async () => {
    const csv = `contact_info,chain_id,contact_info_type\n${number(1)},1,1\n${number(2)},1,4\nanna@example.com,1,10`;
    const anna = await houseWith(csv);
    await resultOf(anna, { callResult: 51, phoneNumber: ' (212) 555-0102 ' });
    assert.deepEqual(await anna.ledger.rows(doNotCall), [{ numberKey: number(2) }]);
    const [first] = await anna.records();
    assert.deepEqual([first!.completedKey, first!.joinKey], [number(2), number(2)]);
    const other = await houseWith(csv);
    await resultOf(other, { callResult: 51, phoneNumber: 'anna@example.com' });
    assert.deepEqual(await other.ledger.rows(doNotCall), [], 'an address is no number');
  });
});

describe('the joined call', () => {
  for (const kind of STORE_KINDS) {
    test(`${kind.name} - a call before the completion gives its result`, async () => {
      const anna = await houseWith(ONE, kind);
      anna.ledger.time.now += 30_000;
      await anna.ledger.submit(call(5, 10, 'busy'));
      const held = await only(anna);
      assert.deepEqual(
        [held.recordStatus, held.callResult, held.resultFrom, held.attempt, held.callTime, held.callId],
        [2, 6, 'call', 1, NOON + 10_000, 5],
      );
      assert.equal(await resultOf(anna), 6);
      assert.deepEqual(journalOf(anna), [{ kind: 'record.completed', callId: 5, result: 6 }]);
    });

    test(`${kind.name} - a call after the completion amends it`, async () => {
      const anna = await houseWith(ONE, kind);
      anna.ledger.time.now += 30_000;
      assert.equal(await resultOf(anna), 28);
      await anna.ledger.submit(call(5, 10, 'answered'));
      await anna.ledger.submit(call(5, 10, 'answered'));
      const row = await only(anna);
      assert.deepEqual(
        [row.recordStatus, row.callResult, row.resultFrom, row.attempt, row.callTime, row.callId],
        [3, 33, 'call', 1, NOON + 10_000, 5],
      );
      assert.deepEqual(journalOf(anna), [
        { kind: 'record.completed', callId: null, result: 28 },
        { kind: 'record.amended', callId: 5, result: 33 },
      ]);
    });
  }

  test('every outcome - becomes its call result', async () => {
    const anna = await houseWith(ONE);
    for (const outcome of OUTCOMES) {
      await anna.ledger.submit(call(5, 10, outcome));
      assert.equal((await only(anna)).callResult, resultOfOutcome(outcome).code, outcome);
    }
    assert.equal((await only(anna)).attempt, 1);
  });

  test('what the agent says - no call changes, though it counts as an attempt', async () => {
    for (const isEarly of [true, false]) {
      const anna = await houseWith(ONE);
      anna.ledger.time.now += 30_000;
      if (isEarly) await anna.ledger.submit(call(5, 10, 'answered'));
      assert.equal(await resultOf(anna, { callResult: 40 }), 40);
      if (!isEarly) await anna.ledger.submit(call(5, 10, 'answered'));
      const row = await only(anna);
      assert.deepEqual([row.callResult, row.resultFrom, row.attempt, row.callId], [40, 'agent', 1, 5]);
      assert.deepEqual(
        journalOf(anna).map(each => each.kind),
        ['record.completed'],
      );
    }
  });

  test('of several calls - the latest wins, and each is an attempt', async () => {
    const anna = await houseWith(ONE);
    anna.ledger.time.now += 60_000;
    await anna.ledger.submit(call(7, 20, 'missed'));
    await anna.ledger.submit(call(6, 10, 'busy'));
    assert.equal((await only(anna)).callResult, 7);
    assert.equal(await resultOf(anna), 7);
    await anna.ledger.submit(call(8, 40, 'voicemail'));
    await anna.ledger.submit(call(9, 5, 'answered'));
    const row = await only(anna);
    assert.deepEqual([row.callResult, row.callId, row.attempt, row.callTime], [9, 8, 4, NOON + 40_000]);
  });

  test('a call that tells nothing of how it ended - is an attempt and takes no result away', async () => {
    const anna = await houseWith(`contact_info,call_result\n${number(1)},Answer`);
    await anna.ledger.submit(call(5, 10, 'unknown'));
    let row = await only(anna);
    assert.deepEqual([row.callResult, row.resultFrom, row.attempt, row.callId], [33, null, 1, 5]);
    await anna.ledger.submit(call(4, 5, 'busy'));
    row = await only(anna);
    assert.deepEqual([row.callResult, row.attempt, row.callId, row.callTime], [6, 2, 4, NOON + 10_000]);
  });

  test('a call outside of it - by time, agent, number or because it goes on - says nothing', async () => {
    const anna = await houseWith(`contact_info,chain_id\n${number(1)},1\n${number(2)},1`);
    anna.ledger.time.now += 30_000;
    await anna.ledger.batch([
      call(1, -2.001, 'answered'),
      call(2, 32.001, 'answered'),
      call(3, 10, 'answered', { userId: 2 }),
      call(4, 10, 'answered', { n: 2 }),
      call(5, 10, 'answered', { ended: false }),
    ]);
    assert.equal(await resultOf(anna), 28);
    assert.equal((await anna.records())[0]!.attempt, 0);
    // Clocks may be two seconds apart: up to there it is still a call of this record.
    await anna.ledger.submit(call(6, -2, 'busy'));
    assert.equal((await anna.records())[0]!.callResult, 6);
    await anna.ledger.submit(call(7, 32, 'missed'));
    assert.equal((await anna.records())[0]!.callResult, 7);
    await anna.ledger.submit(call(7, 33, 'missed'));
    await anna.ledger.submit(call(5, 10, 'answered'));
    assert.equal((await anna.records())[0]!.callResult, 33, 'it has ended');
  });

  test('with another number of the chain - calls to that one count, and no others', async () => {
    const anna = await houseWith(`contact_info,chain_id\n${number(1)},1\n${number(2)},1`);
    anna.ledger.time.now += 30_000;
    await anna.ledger.batch([
      call(1, 5, 'busy'),
      call(2, 10, 'answered', { n: 2 }),
      call(3, 12, 'missed', { n: 2 }),
      call(4, 20, 'busy'),
    ]);
    assert.equal(await resultOf(anna, { phoneNumber: number(2) }), 7);
    await anna.ledger.submit(call(5, 25, 'busy'));
    await anna.ledger.submit(call(6, 25, 'voicemail', { n: 2 }));
    const [row] = await anna.records();
    assert.deepEqual([row!.callResult, row!.attempt, row!.callId], [9, 3, 6]);
  });

  test('a call that is corrected - counts for whom and how it is now', async () => {
    const anna = await houseWith(ONE);
    anna.ledger.time.now += 30_000;
    await anna.ledger.submit(call(5, 10, 'busy'));
    await resultOf(anna);
    await anna.ledger.submit(call(5, 10, 'busy', { userId: 2 }));
    let row = await only(anna);
    assert.deepEqual([row.callResult, row.resultFrom, row.attempt, row.callId], [28, 'list', 0, null]);
    await anna.ledger.submit(call(5, 10, 'answered'));
    row = await only(anna);
    assert.deepEqual([row.callResult, row.resultFrom, row.attempt, row.callId], [33, 'call', 1, 5]);
    await anna.ledger.submit(call(5, 10, 'answered', { ended: false }));
    assert.equal((await only(anna)).attempt, 0, 'somebody took its end back');
  });

  test('a record without a number - is completed as the agent or the list says', async () => {
    const anna = await houseWith('contact_info,contact_info_type\nanna@example.com,EmailAddress');
    assert.equal((await only(anna)).numberKey, null);
    assert.equal(await resultOf(anna, { callResult: 51 }), 51);
    assert.deepEqual(await anna.ledger.rows(doNotCall), []);
  });

  test('calls of nobody, and calls to no number - touch nothing', async () => {
    const anna = await houseWith(ONE);
    const startedAt = NOON + 1_000;
    await anna.ledger.submit(state => {
      tellCall(state, 1, { userId: null, numberKey: number(1), startedAt, endedAt: startedAt, outcome: 'busy' });
      tellCall(state, 2, { userId: 1, numberKey: null, startedAt, endedAt: startedAt, outcome: 'busy' });
    });
    assert.equal((await only(anna)).attempt, 0);
    assert.deepEqual(await anna.ledger.submit(state => state.find(record, 'byAgentNumber', number(1), 1).length), 1);
  });
});
