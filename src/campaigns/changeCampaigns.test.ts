import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEMORY } from '../ledger/testing/testStores.ts';
import type { Manager } from '../values/managedBy.ts';
import { changeCampaigns } from './changeCampaigns.ts';
import { OutboundError } from './context.ts';
import { getPreviewRecord } from './previewRecord.ts';
import { startPreviewSession } from './sessions.ts';
import { ANNA, APPLICATION, CAMPAIGN, CONTEXT, House, number } from './testing/testCampaigns.ts';

const SAID = {
  name: CAMPAIGN,
  applicationId: APPLICATION,
  group: 'AgentGroup1',
  timeZone: 'America/New_York',
  country: 'US',
};

test('a campaign that went - gives nothing, and comes back with its lists, whoever brings it back', async () => {
  const house = await House.open(MEMORY);
  const { ledger } = house;
  await house.import(`contact_info\n${number(1)}\n${number(2)}\n${number(3)}`);
  const change = (what: Parameters<typeof changeCampaigns>[1], by: Manager) =>
    ledger.submit(state => changeCampaigns(state, what, by));
  const retrieve = async () => {
    const given = await ledger.submit(state => getPreviewRecord(state, ANNA, CAMPAIGN, APPLICATION, 'guid', CONTEXT));
    return given instanceof OutboundError ? given.reason : given.record.contactInfo;
  };
  const start = () => ledger.submit(state => startPreviewSession(state, ANNA, CAMPAIGN, APPLICATION));
  assert.equal(await retrieve(), number(1));

  for (const [gone, back, given] of [
    ['file', 'api', number(2)],
    ['api', 'api', number(3)],
  ] as const) {
    await change({ gone: [CAMPAIGN] }, gone);
    assert.equal(await retrieve(), 'campaign_not_running');
    const refused = await start();
    assert.equal(refused instanceof OutboundError && refused.reason, 'campaign_not_running');
    await change({ campaigns: [SAID] }, back);
    assert.equal(await retrieve(), given);
    assert.ok(!((await start()) instanceof OutboundError));
  }

  await change({ gone: [CAMPAIGN] }, 'api');
  await change({ campaigns: [{ ...SAID, lists: [] }] }, 'file');
  assert.equal(await retrieve(), 'no_record', 'a list that is no longer named gives nothing');
  await house.close();
});
