import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desktop, kindsOf, userDataOf } from './desktop.ts';
import { AGENT1, AGENT2, DONE, numberOf, startNode } from './node.ts';

const LIST = ['contact_info,custom1', ...[1, 2, 3].map(n => `${numberOf(n)},something`)].join('\n');
const node = await startNode(LIST);
const desktops = [await Desktop.open(node), await Desktop.open(node, AGENT2)] as const;
const [desktop] = desktops;

test('O24 StartPreviewSession - says which campaign, and that it dials in preview', async () => {
  assert.deepEqual(await node.preview('StartPreviewSession'), DONE);
  const [received, ...rest] = await desktop.connect();
  assert.deepEqual(kindsOf(rest), ['/meta/connect']);
  assert.deepEqual(received, {
    channel: '/v2/me/outbound',
    data: {
      messageType: 'OutboundCampaignMessage',
      notificationType: 'PreviewSessionStarted',
      campaign: {
        name: 'Campaign1',
        dialingMode: 'Preview',
        groupName: 'Campaign1@AgentGroup1',
        state: 'Started',
        devicePath: `/devices/${AGENT1.device}`,
        applicationId: 134,
        groupDescription: '',
        description: '',
      },
      referenceId: 'p',
    },
  });
});

test('O25 EndPreviewSession - the campaign is still started', async () => {
  assert.deepEqual(await node.preview('EndPreviewSession'), DONE);
  const [received] = await desktop.connect();
  assert.deepEqual(received!.data, {
    messageType: 'OutboundCampaignMessage',
    notificationType: 'PreviewSessionEnded',
    campaign: {
      devicePath: `/devices/${AGENT1.device}`,
      state: 'Started',
      applicationId: 134,
      name: 'Campaign1',
    },
    referenceId: 'p',
  });
});

test('O26 GetPreviewRecord - the record with all that is attached to it, retrieved', async () => {
  assert.deepEqual(await node.preview('GetPreviewRecord'), DONE);
  const [received, ...rest] = await desktop.connect();
  assert.deepEqual(kindsOf(rest), ['/meta/connect'], 'no internal message');
  const { record, ...about } = received!.data!;
  assert.deepEqual(about, {
    referenceId: 'p',
    messageType: 'OutboundRecordMessage',
    notificationType: 'PreviewRecord',
  });
  const { userData: _userData, ...names } = record as Record<string, unknown>;
  assert.deepEqual(names, {
    campaignName: 'Campaign1',
    devicePath: `/devices/${AGENT1.device}`,
    callingList: 'CallingList1',
    applicationId: 134,
    recordHandle: 1,
  });
  const attached = userDataOf({ channel: '', data: record as Record<string, unknown> });
  const { GSW_CALL_ATTEMPT_GUID, GSW_TZ_OFFSET, ...rest2 } = attached;
  assert.match(String(GSW_CALL_ATTEMPT_GUID), /^[0-9A-Z]{32}$/);
  assert.ok([0, 3600].includes(Number(GSW_TZ_OFFSET)));
  assert.deepEqual(rest2, {
    custom1: 'something',
    GSW_AGENT_ID: 'agent1',
    contact_info: numberOf(1),
    GSW_CALL_RESULT: 28,
    GSW_TZ_NAME: 'Europe/London',
    GSW_CAMPAIGN_GROUP_DBID: 1,
    GSW_CALLING_LIST_DBID: 1,
    GSW_APPLICATION_ID: 134,
    GSW_CAMPAIGN_GROUP_DESCRIPTION: '',
    GSW_SWITCH_DBID: 1,
    GSW_CALLING_LIST: 'CallingList1',
    GSW_ATTEMPTS: 0,
    GSW_USER_EVENT: 'PreviewRecord',
    InteractionType: 'Outbound',
    InteractionSubtype: 'OutboundNew',
    GSW_PHONE: numberOf(1),
    GSW_CAMPAIGN_NAME: 'Campaign1',
    GSW_CAMPAIGN_GROUP_NAME: 'Campaign1@AgentGroup1',
    GSW_RECORD_HANDLE: 1,
    GSW_CHAIN_ID: attached['GSW_CHAIN_ID'],
  });
  assert.ok(Number.isInteger(attached['GSW_CHAIN_ID']));
  const { recordStatus, handle, userId } = await node.recordOf(numberOf(1));
  assert.deepEqual([recordStatus, handle, userId], [2, 1, AGENT1.id]);
});

test('O28 two agents at the same time - two records', async () => {
  const held = desktops.map(each => each.connect());
  await Promise.all([node.preview('GetPreviewRecord', AGENT1), node.preview('GetPreviewRecord', AGENT2)]);
  const records = (await Promise.all(held)).map(([received]) => received!.data!['record'] as Record<string, unknown>);
  assert.deepEqual(records.map(each => each['recordHandle']).sort(), [2, 3]);
  assert.deepEqual(records.map(each => (each['userData'] as Record<string, unknown>)['GSW_PHONE']).sort(), [
    numberOf(2),
    numberOf(3),
  ]);
});

test('O27 GetPreviewRecord without a record left - 0, then an asynchronous error', async () => {
  const held = desktop.connect();
  assert.deepEqual(await node.preview('GetPreviewRecord'), DONE);
  const received = await held;
  assert.deepEqual(kindsOf(received), ['Error', 'Error', '/meta/connect']);
  const { messageType, errorCode, errorMessage, referenceId } = received[0]!.data!;
  assert.deepEqual([messageType, errorCode, referenceId], ['OutboundRecordMessage', 6, 'p']);
  assert.match(String(errorMessage), /No record/);
  assert.equal(userDataOf(received[1]!)['GSW_ERROR'], errorMessage);
});

test('2.7 a campaign that does not exist - 0, then an error of a campaign', async () => {
  for (const operation of ['StartPreviewSession', 'EndPreviewSession']) {
    assert.deepEqual(await node.preview(operation, AGENT1, 'campaign1'), DONE);
    const [received] = await desktop.connect();
    const { messageType, notificationType, campaign } = received!.data!;
    assert.deepEqual([messageType, notificationType], ['OutboundCampaignMessage', 'Error']);
    assert.equal((campaign as { name: string }).name, 'campaign1', 'names are case-sensitive');
  }
});
