import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { MEMORY, STORE_KINDS } from '../ledger/testStores.ts';
import { completeRecord } from './completeRecord.ts';
import type { Retrieved } from './context.ts';
import { callingList, lane } from './entities.ts';
import { examineList, importList, previewImport } from './importList.ts';
import { ListFull } from './importRows.ts';
import { ListMistakes } from './listMistakes.ts';
import { MAX_PLACES } from './places.ts';
import { getPreviewRecord } from './previewRecord.ts';
import { ANNA, APPLICATION, CAMPAIGN, CONTEXT, completion, House, number } from './testing/testCampaigns.ts';

const opened: House[] = [];
after(() => Promise.all(opened.map(each => each.close())));

async function open(kind = MEMORY): Promise<House> {
  const house = await House.open(kind);
  opened.push(house);
  return house;
}

const retrieve = (house: House) =>
  house.ledger.submit(state => getPreviewRecord(state, ANNA, CAMPAIGN, APPLICATION, 'guid', CONTEXT));

const counts = (made: number, changed: number, unchanged: number) => ({
  rows: made + changed + unchanged,
  new: made,
  changed,
  unchanged,
});

describe('importList', () => {
  test('a new list - makes a record of every row', async () => {
    const house = await open();
    const csv = `record_id,contact_info,call_result,chain_id,custom1\n7,(212) 555-0101,NoAnswer,3,a\n8,+12125550102,,,b`;
    assert.deepEqual(await house.import(csv), counts(2, 0, 0));
    const [first, second] = await house.records();
    assert.deepEqual(
      [first!.identity, first!.recordId, first!.numberKey, first!.callResult, first!.chainId, first!.applicationId],
      ['id:7', 7, number(1), 7, 3, APPLICATION],
    );
    assert.deepEqual([second!.place, second!.custom, second!.recordStatus], [1, { custom1: 'b' }, 1]);
    assert.ok(second!.chainId > 999_999_999 && second!.chainId < 2 ** 31, 'a chain of its own, for 32 bits');
    const entry = house.ledger.told.find(each => each.kind === 'list.imported')!;
    assert.deepEqual(entry.data, { list: 1, ...counts(2, 0, 0) });
  });

  for (const kind of STORE_KINDS) {
    test(`${kind.name} - again and in other words, it changes nothing`, async () => {
      const house = await open(kind);
      const rows = Array.from({ length: 450 }, (_, i) => `${number(i % 100)},${i % 3},${(i % 5) * 3600}`);
      const csv = `contact_info,chain_n,daily_from\n${rows.join('\n')}`;
      assert.deepEqual(await house.import(csv), counts(450, 0, 0));
      const [before, position] = [await house.records(), house.ledger.ledger.position];
      assert.deepEqual(await house.import(csv), counts(0, 0, 450));
      assert.equal(house.ledger.ledger.position, position, 'the same bytes are not even read');
      assert.deepEqual(await house.import(`\uFEFF${csv.replaceAll(',', ';')}\r\n\r\n`), counts(0, 0, 450));
      assert.deepEqual(await house.records(), before);
    });

    test(`${kind.name} - what is Ready follows the file, what is not never goes back`, async () => {
      const house = await open(kind);
      const rows = (from: number, type: string, custom: string) =>
        `contact_info,contact_info_type,daily_from,time_zone,custom1\n${[1, 2, 3]
          .map(n => `${number(n)},${type},${from},America/Chicago,${custom}`)
          .join('\n')}`;
      await house.import(rows(0, 'Mobile', 'a'));
      await retrieve(house);
      await house.ledger.submit(state => completeRecord(state, ANNA, completion(1, { callResult: 33 }), CONTEXT));
      await retrieve(house);
      const before = await house.records();
      assert.deepEqual(await house.import(rows(3600, 'HomePhone', 'b')), counts(0, 1, 2));
      const now = await house.records();
      assert.deepEqual(now.slice(0, 2), before.slice(0, 2));
      const { contactInfoType, dailyFrom, custom, recordStatus, laneId } = now[2]!;
      assert.deepEqual([contactInfoType, dailyFrom, custom, recordStatus], [1, 3600, { custom1: 'b' }, 1]);
      const lanes = await house.ledger.rows(lane);
      assert.deepEqual(
        lanes.map(each => [each.id, each.dailyFrom, each.first]),
        [[laneId, 3600, 2]],
      );
    });
  }

  test('progress in the file - never touches a known record', async () => {
    const house = await open();
    await house.import(`record_id,contact_info\n1,${number(1)}`);
    const before = await house.records();
    const after = `record_id,contact_info,record_status,call_result,attempt,record_type,call_time\n1,${number(1)},3,Busy,5,7,9`;
    assert.deepEqual(await house.import(after), counts(0, 0, 1));
    assert.deepEqual(await house.records(), before);
  });

  test('a corrected number under its record_id - is taken', async () => {
    const house = await open();
    await house.import(`record_id,contact_info\n1,${number(1)}`);
    assert.deepEqual(await house.import(`record_id,contact_info\n1,${number(2)}`), counts(0, 1, 0));
    assert.deepEqual(
      (await house.records()).map(each => [each.contactInfo, each.numberKey]),
      [[number(2), number(2)]],
    );
  });

  test('rows that come later - are added behind, and rows that go stay', async () => {
    const house = await open();
    await house.import(`contact_info\n${number(1)}\n${number(2)}`);
    assert.deepEqual(await house.import(`contact_info\n${number(3)}\n${number(2)}\n${number(2)}`), counts(2, 0, 1));
    const order = [];
    for (let i = 0; i < 4; i++) order.push(((await retrieve(house)) as Retrieved).record.contactInfo);
    assert.deepEqual(order, [1, 2, 3, 2].map(number));
  });

  test('a new number of a customer somebody is talking to - waits until that is over', async () => {
    const house = await open();
    await house.import(`contact_info,chain_id\n${number(1)},5`);
    await retrieve(house);
    await house.import(`contact_info,chain_id\n${number(1)},5\n${number(2)},5`);
    assert.equal((await house.records())[1]!.laneId, null);
    await house.ledger.submit(state => completeRecord(state, ANNA, completion(1, { callResult: 52 }), CONTEXT));
    assert.equal(((await retrieve(house)) as Retrieved).record.contactInfo, number(2));
  });

  test('a list with mistakes - is not imported at all', async () => {
    const house = await open();
    const rows = Array.from({ length: 1_000 }, (_, i) => `${number(i % 100)},${i === 999 ? 'x' : i}`);
    await assert.rejects(house.import(`contact_info,attempt\n${rows.join('\n')}`), (error: unknown) => {
      assert.ok(error instanceof ListMistakes);
      assert.deepEqual(error.problems, ['line 1001, attempt must be a whole number from 0 to 1000000.']);
      return true;
    });
    assert.deepEqual(await house.records(), []);
  });

  test('an import that was interrupted - goes on where it was', async () => {
    const house = await open();
    const rows = Array.from({ length: 500 }, (_, i) => number(i % 100));
    await house.import(`contact_info\n${rows.slice(0, 200).join('\n')}`);
    await house.ledger.submit(state => state.put(callingList, { ...state.get(callingList, 1)!, fileDigest: null }));
    assert.deepEqual(await house.import(`contact_info\n${rows.join('\n')}`), counts(300, 0, 200));
  });

  test('another country or zone of the campaign - reads the same file anew', async () => {
    const house = await open();
    const source = house.sourceOf('contact_info\n020 7946 0123');
    const run = async (more: object) => {
      const { ledger } = house.ledger;
      return importList(ledger, await examineList({ ...source, ...more }, ledger.directory), () => {});
    };
    assert.deepEqual(await run({}), counts(1, 0, 0));
    assert.deepEqual(await run({ country: 'GB' }), counts(0, 1, 0));
    assert.equal((await house.records())[0]!.numberKey, '+442079460123');
    assert.deepEqual(await run({ country: 'GB', timeZone: 'Europe/London' }), counts(0, 1, 0));
    assert.deepEqual(await run({ country: 'GB', timeZone: 'Europe/London' }), counts(0, 0, 1));
  });

  test('a list that is full - takes nothing more', async () => {
    const house = await open();
    await house.ledger.submit(state => {
      state.put(callingList, { ...state.get(callingList, 1)!, places: MAX_PLACES - 1 });
    });
    await assert.rejects(house.import(`contact_info\n${number(1)}\n${number(2)}`), ListFull);
    assert.deepEqual(await house.import(`contact_info\n${number(1)}`), counts(1, 0, 0));
    assert.equal(((await retrieve(house)) as Retrieved).record.place, MAX_PLACES - 1);
  });

  test('progress - is told portion by portion', async () => {
    const house = await open();
    const { ledger } = house.ledger;
    const rows = Array.from({ length: 500 }, (_, i) => number(i % 100));
    const examined = await examineList(house.sourceOf(`contact_info\n${rows.join('\n')}`), ledger.directory);
    const told: object[] = [];
    await importList(ledger, examined, progress => told.push(progress));
    assert.deepEqual(
      told,
      [200, 400, 500].map(done => ({ done, rows: 500 })),
    );
  });
});

describe('previewImport', () => {
  test('it says what importing would do - and writes nothing', async () => {
    const house = await open();
    const { ledger } = house.ledger;
    const preview = async (csv: string) =>
      previewImport(ledger.reader, ledger.directory, await examineList(house.sourceOf(csv), ledger.directory));
    const first = `contact_info,custom1\n${number(1)},a\n${number(2)},a`;
    assert.deepEqual(await preview(first), counts(2, 0, 0));
    await house.import(first);
    assert.deepEqual(await preview(first), counts(0, 0, 2));
    const [before, position] = [await house.records(), ledger.position];
    const second = `contact_info,custom1\n${number(1)},b\n${number(2)},a\n${number(3)},a`;
    assert.deepEqual(await preview(second), counts(1, 1, 1));
    assert.deepEqual(await house.records(), before);
    assert.equal(ledger.position, position);
    assert.deepEqual(await house.import(second), counts(1, 1, 1));
  });
});
