import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { State } from '../ledger/state.ts';
import { MEMORY, STORE_KINDS } from '../ledger/testStores.ts';
import { completeRecord } from './completeRecord.ts';
import { type AgentDevice, OutboundError, type Retrieved } from './context.ts';
import { callingList, campaign, doNotCall, lane, placeNode, previewSession } from './entities.ts';
import { getPreviewRecord, MAX_HELD } from './previewRecord.ts';
import { endPreviewSession, startPreviewSession } from './sessions.ts';
import {
  ANNA,
  APPLICATION,
  BERT,
  CAMPAIGN,
  CONTEXT,
  completion,
  House,
  LIST,
  NOON,
  number,
} from './testing/testCampaigns.ts';
import { wakeDue, wakeRecords } from './waker.ts';

const opened: House[] = [];
after(() => Promise.all(opened.map(each => each.close())));

async function houseOf(csv: string, kind = MEMORY): Promise<House> {
  const house = await House.open(kind);
  opened.push(house);
  await house.import(csv);
  return house;
}

const retrieve = (agent: AgentDevice) => (state: State) =>
  getPreviewRecord(state, agent, CAMPAIGN, APPLICATION, 'guid', CONTEXT);

/** The number it gives, or why it gives none. */
async function next(house: House, agent = ANNA): Promise<string> {
  const given = await house.ledger.submit(retrieve(agent));
  return given instanceof OutboundError ? given.reason : given.record.contactInfo;
}

async function complete(house: House, agent: AgentDevice, callResult: number | null = null): Promise<void> {
  const [held] = (await house.records()).filter(each => each.heldBy === agent.userId && each.recordStatus === 2);
  const done = await house.ledger.submit(state =>
    completeRecord(state, agent, completion(held!.handle!, { callResult }), CONTEXT),
  );
  assert.ok(!(done instanceof OutboundError), String(done));
}

describe('getPreviewRecord', () => {
  test('a fresh record - is retrieved with a handle, and the journal says so by ids', async () => {
    const house = await houseOf('contact_info,custom1\n+12125550100,something');
    const { record, campaign: its, list } = (await house.ledger.submit(retrieve(ANNA))) as Retrieved;
    assert.deepEqual(
      [record.recordStatus, record.handle, record.heldBy, record.heldDevice, record.retrievedAt, record.agentId],
      [2, 1, 1, ANNA.deviceId, NOON, 'anna'],
    );
    assert.deepEqual([record.callResult, record.attempt, record.custom], [28, 0, { custom1: 'something' }]);
    assert.equal(record.attemptGuid, 'guid');
    assert.deepEqual([its.groupName, list.name], ['Campaign1@AgentGroup1', LIST]);
    assert.deepEqual(
      house.ledger.told.map(({ kind, data }) => ({ kind, data })).filter(each => each.kind.startsWith('record.')),
      [{ kind: 'record.retrieved', data: { record: 1, list: 1, campaign: 1, user: 1 } }],
    );
    assert.deepEqual(await house.records(), [record]);
  });

  for (const kind of STORE_KINDS) {
    test(`${kind.name} - records come in the order of the file, each to one agent, until there is none`, async () => {
      const house = await houseOf(`contact_info\n${[3, 1, 2].map(number).join('\n')}`, kind);
      assert.deepEqual(
        await house.ledger.batch([retrieve(ANNA), retrieve(BERT)]).then(all => all.map(handleOf)),
        [1, 2],
      );
      assert.equal(await next(house), number(2));
      assert.equal(await next(house), 'no_record');
      assert.deepEqual(await house.ledger.rows(lane), []);
      assert.deepEqual(await house.ledger.rows(placeNode), []);
    });
  }

  test('handles - are counted per application and never used again', async () => {
    const house = await houseOf(`contact_info\n${[1, 2].map(number).join('\n')}`);
    assert.equal(handleOf(await house.ledger.submit(retrieve(ANNA))), 1);
    await complete(house, ANNA);
    await house.ledger.reopen();
    assert.equal(handleOf(await house.ledger.submit(retrieve(ANNA))), 2);
    await house.ledger.submit(state => state.put(campaign, { ...state.get(campaign, 1)!, applicationId: 135 }));
    await house.import(`contact_info\n${[1, 2, 3].map(number).join('\n')}`);
    const other = await house.ledger.submit(state => getPreviewRecord(state, ANNA, CAMPAIGN, 135, 'guid', CONTEXT));
    assert.deepEqual([handleOf(other), (other as Retrieved).record.applicationId], [1, 135]);
  });

  test('who asks for what is not there - is told why', async () => {
    const house = await houseOf('contact_info\n+12125550100');
    const reason = async (name: string, applicationId: number) => {
      const given = await house.ledger.submit(state =>
        getPreviewRecord(state, ANNA, name, applicationId, 'guid', CONTEXT),
      );
      assert.ok(given instanceof OutboundError);
      return [given.reason, given.code];
    };
    assert.deepEqual(await reason('campaign1', APPLICATION), ['unknown_campaign', 6]);
    assert.deepEqual(await reason(CAMPAIGN, 1), ['wrong_application', 10]);
    await house.ledger.submit(state => state.put(campaign, { ...state.get(campaign, 1)!, active: false }));
    assert.deepEqual(await reason(CAMPAIGN, APPLICATION), ['campaign_not_running', 2]);
  });

  test('an agent - may hold many, and not the whole list', async () => {
    const house = await houseOf(
      `contact_info,attempt\n${Array.from({ length: 102 }, (_, i) => `${number(i % 100)},0`).join('\n')}`,
    );
    for (let i = 0; i < MAX_HELD; i++) assert.equal(await next(house), number(i % 100));
    assert.equal(await next(house), 'too_many_held');
    assert.equal(await next(house, BERT), number(0));
    await complete(house, ANNA);
    assert.equal(await next(house), number(1));
  });

  test('hours of the day - are those of the record, and records of other hours do not stand in the way', async () => {
    // Ten in the morning in New York is four in the afternoon in Berlin.
    const house = await houseOf(
      [
        'contact_info,daily_from,daily_till,time_zone',
        `${number(1)},39600,61200,`,
        `${number(2)},57600,57600,Europe/Berlin`,
        `${number(3)},28800,36000,`,
        `${number(4)},57601,61200,Europe/Berlin`,
        `${number(5)},79200,36000,`,
      ].join('\n'),
    );
    assert.deepEqual([await next(house), await next(house), await next(house)], [2, 3, 5].map(number));
    assert.equal(await next(house), 'no_record');
    house.ledger.time.now = NOON + 1_000;
    assert.equal(await next(house), number(4));
    house.ledger.time.now = NOON + 3_600_000;
    assert.equal(await next(house), number(1));
  });

  test('a scheduled record - waits for its time, also through a restart', async () => {
    const due = NOON / 1000 + 60;
    const house = await houseOf(`contact_info,dial_sched_time\n${number(1)},${due}\n${number(2)},${NOON / 1000}`);
    assert.equal(await next(house), number(2));
    assert.equal(await next(house), 'no_record');
    const wake = () => wakeDue(house.ledger.ledger, house.ledger.time.now);
    house.ledger.time.now = NOON + 59_999;
    assert.equal(await wake(), 0);
    assert.equal(await house.ledger.ledger.submit(wakeRecords([1, 2, 3])), 0, 'whoever asks too soon');
    await house.ledger.reopen();
    house.ledger.time.now = NOON + 60_000;
    assert.equal(await wake(), 1);
    assert.equal(await wake(), 0);
    assert.equal(await next(house), number(1));
  });

  test('a record that is no call - is never given', async () => {
    const house = await houseOf(
      `contact_info,record_type,record_status\n${number(1)},7,1\n${number(2)},2,3\n${number(3)},2,5`,
    );
    assert.equal(await next(house), 'no_record');
  });

  test('a personal callback - is for its agent alone, and comes first', async () => {
    const house = await houseOf(
      `contact_info,record_type,agent_id\n${number(1)},2,bert\n${number(2)},5,bert\n${number(3)},4,\n${number(4)},6,bert`,
    );
    assert.equal(await next(house), number(1));
    assert.equal(await next(house, BERT), number(2));
    assert.deepEqual([await next(house), await next(house), await next(house)], [number(3), number(4), 'no_record']);
  });

  test('of a chain - one record is with an agent, in the order of the chain', async () => {
    const house = await houseOf(
      [
        'contact_info,chain_id,chain_n',
        `${number(1)},7,2`,
        `${number(2)},7,0`,
        `${number(3)},7,1`,
        `${number(4)},,`,
      ].join('\n'),
    );
    assert.equal(await next(house), number(2));
    assert.equal(await next(house, BERT), number(4));
    assert.equal(await next(house, BERT), 'no_record');
    const statuses = async () => (await house.records()).map(each => each.recordStatus);
    assert.deepEqual(await statuses(), [1, 2, 1, 2], 'the others are as they were');
    await complete(house, ANNA, 33);
    assert.deepEqual(await statuses(), [7, 3, 7, 2]);
    assert.equal(await next(house), 'no_record');
  });

  test('a cancelled record - leaves the rest of its chain to others', async () => {
    const house = await houseOf(`contact_info,chain_id\n${number(1)},7\n${number(2)},7\n${number(3)},`);
    assert.equal(await next(house), number(1));
    await complete(house, ANNA, 52);
    assert.deepEqual(
      (await house.records()).map(each => each.recordStatus),
      [5, 1, 1],
    );
    assert.equal(await next(house, BERT), number(2), 'in its turn');
  });

  test('a number nobody is to call - is passed over in every list', async () => {
    const house = await House.open(MEMORY, [LIST, 'Second']);
    opened.push(house);
    await house.import(`contact_info\n${number(1)}\n${number(1)}\n${number(2)}`);
    await house.import(`contact_info\n(212) 555-0101\n${number(3)}`, 'Second');
    assert.equal(await next(house), number(1));
    await complete(house, ANNA, 51);
    assert.deepEqual(await house.ledger.rows(doNotCall), [{ numberKey: number(1) }]);
    assert.deepEqual([await next(house), await next(house), await next(house)], [number(2), number(3), 'no_record']);
    await house.import(`contact_info\n${number(1)}\n${number(1)}\n${number(1)}\n${number(2)}\n${number(4)}`);
    assert.deepEqual([await next(house), await next(house)], [number(4), 'no_record']);
  });

  test('a list that is not active - gives nothing, the next one does', async () => {
    const house = await House.open(MEMORY, [LIST, 'Second']);
    opened.push(house);
    await house.import(`contact_info\n${number(1)}`);
    await house.import(`contact_info\n${number(2)}`, 'Second');
    await house.ledger.submit(state => state.put(callingList, { ...state.get(callingList, 1)!, active: false }));
    assert.deepEqual([await next(house), await next(house)], [number(2), 'no_record']);
  });
});

describe('preview sessions', () => {
  test('they are rows - that survive a restart, and end', async () => {
    const house = await houseOf('contact_info\n');
    const start = (agent: AgentDevice) => (state: State) => startPreviewSession(state, agent, CAMPAIGN, APPLICATION);
    await house.ledger.batch([start(ANNA), start(BERT)]);
    house.ledger.time.now += 1_000;
    const moved = { ...ANNA, deviceId: BERT.deviceId };
    await house.ledger.submit(start(moved));
    await house.ledger.reopen();
    assert.deepEqual(await house.ledger.rows(previewSession), [
      { userId: 1, campaignId: 1, deviceId: BERT.deviceId, startedAt: NOON },
      { userId: 2, campaignId: 1, deviceId: BERT.deviceId, startedAt: NOON },
    ]);
    const end = (state: State) => endPreviewSession(state, ANNA, CAMPAIGN, APPLICATION);
    for (const ended of await house.ledger.batch([end, end])) assert.ok(!(ended instanceof OutboundError));
    assert.equal((await house.ledger.rows(previewSession)).length, 1);
  });

  test('in a campaign that is not running - cannot start, and can end', async () => {
    const house = await houseOf('contact_info\n');
    await house.ledger.submit(state => state.put(campaign, { ...state.get(campaign, 1)!, active: false }));
    const started = await house.ledger.submit(state => startPreviewSession(state, ANNA, CAMPAIGN, APPLICATION));
    assert.equal((started as OutboundError).reason, 'campaign_not_running');
    const ended = await house.ledger.submit(state => endPreviewSession(state, ANNA, CAMPAIGN, APPLICATION));
    assert.ok(!(ended instanceof OutboundError));
    const unknown = await house.ledger.submit(state => endPreviewSession(state, ANNA, 'Campaign2', APPLICATION));
    assert.equal((unknown as OutboundError).reason, 'unknown_campaign');
  });
});

const handleOf = (given: Retrieved | OutboundError): number | null =>
  given instanceof OutboundError ? null : given.record.handle;
