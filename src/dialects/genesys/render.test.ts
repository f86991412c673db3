import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExactNumber } from './body.ts';
import { deliverable } from './deliverable.ts';
import {
  campaignFailed,
  type OperationRequest,
  type Preview,
  previewRecord,
  previewSessionEnded,
  previewSessionStarted,
  recordFailed,
  recordProcessed,
} from './render.ts';

const DEVICE = '42e3a1c6-fc5e-425b-9411-125f536fde00';
const AT = 1_433_915_429_118;
const REQUESTED: OperationRequest = {
  devicePath: `/devices/${DEVICE}`,
  deviceId: DEVICE,
  applicationId: 134,
  referenceId: '123456789',
};
const NAMES = { campaignName: 'Campaign1', callingList: 'CallingList1', recordHandle: 12 };

/** docs/genesys.md, section 2.5, as it is printed there, without the line breaks between the values. */
const ANCHOR = `[{"channel":"/v2/me/outbound","data":{"record":{"campaignName":"Campaign1","devicePath":"/devices/${DEVICE}","callingList":"CallingList1","applicationId":134,"recordHandle":12},"notificationType":"RecordProcessedAcknowledge","messageType":"OutboundRecordMessage","referenceId":"123456789"}},{"channel":"/me/internal","data":{"metrics":{"eventProcessing":{"serverGenerationTimestamp":1433915429118,"nodeProcessingTimeNanos":3641862,"serverProcessingTimeTotalMs":4}},"userData":{"GSW_CALLING_LIST":"CallingList1","GSW_APPLICATION_ID":134,"GSW_RECORD_HANDLE":12,"GSW_USER_EVENT":"RecordProcessedAcknowledge","GSW_CALL_RESULT":33,"GSW_CAMPAIGN_NAME":"Campaign1"},"deviceId":"${DEVICE}","messageType":"DeviceUserEventMessage"}}]`;

describe('a record that is processed', () => {
  test('O1 - is told as in the anchor sample, byte for byte', () => {
    assert.equal(JSON.stringify(deliverable(recordProcessed(REQUESTED, NAMES, 33, AT), 3.641862)), ANCHOR);
  });

  test('O2 - is told without a reference when there was none', () => {
    const [shown, internal] = recordProcessed({ ...REQUESTED, referenceId: undefined }, NAMES, 33, AT);
    assert.ok(!('referenceId' in shown!.data));
    assert.ok(!('referenceId' in internal!.data));
  });

  test('O3 - is told with the reference in its JSON type, on the public channel only', () => {
    for (const referenceId of [42, 0, '', true, false, null, 'ä "quoted"']) {
      const [shown, internal] = deliverable(recordProcessed({ ...REQUESTED, referenceId }, NAMES, 33, AT), 1);
      assert.equal((shown!.data as { referenceId?: unknown }).referenceId, referenceId);
      assert.ok(!('referenceId' in (internal!.data as object)));
    }
  });

  test('O3 - is told with the digits of a number that no double keeps, also after they were stored as JSON', () => {
    const referenceId = new ExactNumber('637789000000000001');
    const messages = recordProcessed({ ...REQUESTED, referenceId }, NAMES, 33, AT);
    for (const each of [messages, JSON.parse(JSON.stringify(messages))]) {
      assert.match(JSON.stringify(deliverable(each, 1)), /"referenceId":637789000000000001[,}]/);
    }
  });
});

describe('preview sessions', () => {
  test('O24 - started: the whole campaign', () => {
    assert.deepEqual(previewSessionStarted(REQUESTED, 'Campaign1', 'Campaign1@AgentGroup1'), [
      {
        channel: '/v2/me/outbound',
        data: {
          messageType: 'OutboundCampaignMessage',
          notificationType: 'PreviewSessionStarted',
          campaign: {
            name: 'Campaign1',
            dialingMode: 'Preview',
            groupName: 'Campaign1@AgentGroup1',
            state: 'Started',
            devicePath: `/devices/${DEVICE}`,
            applicationId: 134,
            groupDescription: '',
            description: '',
          },
          referenceId: '123456789',
        },
      },
    ]);
  });

  test('O25 - ended: the campaign goes on', () => {
    assert.deepEqual(previewSessionEnded(REQUESTED, 'Campaign1')[0]!.data['campaign'], {
      devicePath: `/devices/${DEVICE}`,
      state: 'Started',
      applicationId: 134,
      name: 'Campaign1',
    });
  });
});

describe('a record that is handed out', () => {
  const PREVIEW: Preview = {
    handle: 12,
    chainId: 7,
    contactInfo: '+14155550100',
    callResult: 28,
    attempts: 0,
    timeZone: 'America/Los_Angeles',
    custom: { custom1: 'something', custom2: '0', GSW_RECORD_HANDLE: '99', contact_info: 'not this' },
    campaign: { id: 42896, name: 'Campaign1', groupName: 'Campaign1@AgentGroup1' },
    list: { id: 104, name: 'CallingList1' },
    agentLogin: '3001',
    attemptGuid: '01AJ7BMDBGANF1AABGHAHG5AES000003',
  };

  test('O26 - comes with everything attached to it, in the types of the vendor', () => {
    const [message, ...more] = previewRecord(REQUESTED, PREVIEW, AT);
    assert.deepEqual(more, []);
    assert.equal(message!.channel, '/v2/me/outbound');
    assert.deepEqual(message!.data, {
      referenceId: '123456789',
      messageType: 'OutboundRecordMessage',
      notificationType: 'PreviewRecord',
      record: {
        campaignName: 'Campaign1',
        devicePath: `/devices/${DEVICE}`,
        callingList: 'CallingList1',
        applicationId: 134,
        recordHandle: 12,
        userData: {
          custom1: 'something',
          custom2: '0',
          GSW_AGENT_ID: '3001',
          contact_info: '+14155550100',
          GSW_CALL_RESULT: 28,
          GSW_CALL_ATTEMPT_GUID: '01AJ7BMDBGANF1AABGHAHG5AES000003',
          GSW_TZ_NAME: 'America/Los_Angeles',
          // The sample's own: summer time in June.
          GSW_TZ_OFFSET: -25_200,
          GSW_CAMPAIGN_GROUP_DBID: 42896,
          GSW_CALLING_LIST_DBID: 104,
          GSW_APPLICATION_ID: 134,
          GSW_CAMPAIGN_GROUP_DESCRIPTION: '',
          GSW_SWITCH_DBID: 1,
          GSW_CALLING_LIST: 'CallingList1',
          GSW_ATTEMPTS: 0,
          GSW_USER_EVENT: 'PreviewRecord',
          InteractionType: 'Outbound',
          InteractionSubtype: 'OutboundNew',
          GSW_PHONE: '+14155550100',
          GSW_CAMPAIGN_NAME: 'Campaign1',
          GSW_CAMPAIGN_GROUP_NAME: 'Campaign1@AgentGroup1',
          GSW_RECORD_HANDLE: 12,
          GSW_CHAIN_ID: 7,
        },
      },
    });
  });
});

describe('what did not happen', () => {
  const FAILURE = { code: 6, message: 'There is no record with this handle.' };

  test('with a record - is an error of both channels that names what was asked', () => {
    const [shown, internal] = recordFailed(REQUESTED, NAMES, FAILURE, AT);
    assert.deepEqual(shown!.data, {
      record: {
        campaignName: 'Campaign1',
        devicePath: `/devices/${DEVICE}`,
        callingList: 'CallingList1',
        applicationId: 134,
        recordHandle: 12,
      },
      notificationType: 'Error',
      errorCode: 6,
      errorMessage: FAILURE.message,
      messageType: 'OutboundRecordMessage',
      referenceId: '123456789',
    });
    assert.equal(internal!.channel, '/me/internal');
    assert.deepEqual(internal!.data['userData'], {
      GSW_CALLING_LIST: 'CallingList1',
      GSW_APPLICATION_ID: 134,
      GSW_RECORD_HANDLE: 12,
      GSW_USER_EVENT: 'Error',
      GSW_ERROR: FAILURE.message,
      GSW_CAMPAIGN_NAME: 'Campaign1',
    });
  });

  test('without a record - names neither list nor handle', () => {
    const names = { campaignName: 'Campaign1', callingList: null, recordHandle: null };
    const [shown, internal] = recordFailed(REQUESTED, names, FAILURE, AT);
    assert.deepEqual(Object.keys(shown!.data['record'] as object), ['campaignName', 'devicePath', 'applicationId']);
    assert.ok(!('GSW_RECORD_HANDLE' in (internal!.data['userData'] as object)));
  });

  test('with a campaign - is a campaign message', () => {
    const [shown] = campaignFailed(REQUESTED, 'Campaign9', FAILURE, AT);
    const { messageType, notificationType, campaign, errorCode } = shown!.data;
    assert.deepEqual(
      { messageType, notificationType, campaign, errorCode },
      {
        messageType: 'OutboundCampaignMessage',
        notificationType: 'Error',
        campaign: { devicePath: `/devices/${DEVICE}`, applicationId: 134, name: 'Campaign9' },
        errorCode: 6,
      },
    );
  });
});
