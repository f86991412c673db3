import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agentOutbox, record } from '../../campaigns/entities.ts';
import { journal } from '../../ledger/journal.ts';
import { completing, Desktop } from './testing/testDesktop.ts';
import { AGENT1, AGENT2, AGENT3, DEVICE, OTHER_DEVICE, startNode, type TestNode } from './testing/testNode.ts';

const DONE = { status: 200, body: { statusCode: 0 } };

const complete = (node: TestNode, changes: Record<string, unknown> = {}, authorization = AGENT1, handle = '12') =>
  node.ask(`/me/outbound-records/${handle}`, { body: completing(changes), authorization });

const preview = (node: TestNode, operationName: string, changes: Record<string, unknown> = {}) => {
  const { campaign = 'Campaign1', authorization = AGENT1, ...more } = changes;
  const devicePath = `/devices/${authorization === AGENT2 ? OTHER_DEVICE : DEVICE}`;
  return node.ask(`/me/outbound-campaigns/${campaign}`, {
    body: { operationName, applicationId: 134, devicePath, referenceId: 'r', ...more },
    authorization: authorization as string,
  });
};

type Received = readonly { readonly channel: string; readonly data?: Record<string, unknown> }[];

const kinds = (received: Received) => received.map(each => each.data?.['notificationType'] ?? each.channel);
const userData = (received: Received) => received.find(each => each.channel === '/me/internal')?.data?.['userData'];

describe('completing a record', () => {
  test('O1 - is told in one answer: the public message, the internal one, the connect reply', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    const held = desktop.connect();
    assert.deepEqual(await complete(node), DONE);
    const received = await held;
    const { metrics, ...internal } = received[1]!.data! as { metrics: { eventProcessing: Record<string, number> } };
    const { nodeProcessingTimeNanos, serverProcessingTimeTotalMs, ...stamp } = metrics.eventProcessing;
    assert.deepEqual(stamp, { serverGenerationTimestamp: 1_433_915_429_118 });
    assert.ok(Number.isInteger(nodeProcessingTimeNanos) && nodeProcessingTimeNanos! > 0);
    assert.equal(serverProcessingTimeTotalMs, Math.round(nodeProcessingTimeNanos! / 1e6));
    assert.deepEqual(
      [received[0], { ...received[1], data: internal }, received[2]],
      [
        {
          channel: '/v2/me/outbound',
          data: {
            record: {
              campaignName: 'Campaign1',
              devicePath: `/devices/${DEVICE}`,
              callingList: 'CallingList1',
              applicationId: 134,
              recordHandle: 12,
            },
            notificationType: 'RecordProcessedAcknowledge',
            messageType: 'OutboundRecordMessage',
            referenceId: '123456789',
          },
        },
        {
          channel: '/me/internal',
          data: {
            userData: {
              GSW_CALLING_LIST: 'CallingList1',
              GSW_APPLICATION_ID: 134,
              GSW_RECORD_HANDLE: 12,
              GSW_USER_EVENT: 'RecordProcessedAcknowledge',
              GSW_CALL_RESULT: 33,
              GSW_CAMPAIGN_NAME: 'Campaign1',
            },
            deviceId: DEVICE,
            messageType: 'DeviceUserEventMessage',
          },
        },
        {
          channel: '/meta/connect',
          id: '4',
          successful: true,
          advice: { interval: 0, timeout: 30_000, reconnect: 'retry' },
        },
      ],
    );
    assert.deepEqual(node.counted, ['accepted']);
    assert.equal((await node.rows(record)).find(each => each.id === 1)!.recordStatus, 3);
  });

  test('O4 - acknowledges the result that was given', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    await complete(node, { callResult: 'NoAnswer' });
    assert.equal((userData(await desktop.connect()) as { GSW_CALL_RESULT: number }).GSW_CALL_RESULT, 7);
  });

  test('a call that was joined - gives the result, and is told of the completion', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    node.calls.set('+14155550100', { callId: 5, outcome: 'busy', ended: true, startedAt: 2_000 });
    const body = JSON.stringify(completing());
    await node.ask('/me/outbound-records/12', { body, authorization: AGENT1 });
    assert.equal((userData(await desktop.connect()) as { GSW_CALL_RESULT: number }).GSW_CALL_RESULT, 6);
    const [{ raw, ...completion }] = node.completions as [(typeof node.completions)[number]];
    assert.deepEqual(completion, {
      callId: 5,
      recordId: 1,
      handle: 12,
      userId: 1,
      author: 'agent1',
      result: null,
      contentType: 'application/json',
    });
    assert.equal(Buffer.from(raw).toString(), body);
  });

  test('what the request lacks or says wrongly - is told at once, and nobody is notified', async () => {
    await using node = await startNode();
    for (const [changes, status, statusCode, about] of [
      [{ devicePath: undefined }, 400, 1, /devicePath/],
      [{ applicationId: undefined, devicePath: undefined }, 400, 1, /applicationId/],
      [{ callResult: 'Nonsense' }, 400, 10, /callResult/],
      [{ applicationId: '12abc' }, 400, 10, /applicationId/],
      [{ referenceId: { a: 1 } }, 400, 10, /referenceId/],
      [{ operationName: 'completerecord' }, 400, 10, /operation/],
      [{ operationName: 'UpdateRecord' }, 400, 10, /operation/],
      [{ operationName: undefined }, 400, 1, /operationName/],
      [{ devicePath: `/devices/${OTHER_DEVICE}` }, 404, 6, /device/],
      [{ devicePath: DEVICE }, 404, 6, /device/],
      [{ devicePath: '/devices/' }, 404, 6, /device/],
    ] as const) {
      const { status: got, body } = await complete(node, changes);
      assert.deepEqual([got, body['statusCode']], [status, statusCode], JSON.stringify(changes));
      assert.match(String(body['statusMessage']), about);
    }
    assert.deepEqual(await node.rows(agentOutbox), []);
    assert.equal(node.counted.join(), Array(11).fill('refused').join());
  });

  test('O10 - needs the feature', async () => {
    await using node = await startNode();
    const { status, body } = await complete(node, {}, AGENT3);
    assert.deepEqual([status, body['statusCode']], [403, 5]);
  });

  test('O11 - needs a handle that is a number', async () => {
    await using node = await startNode();
    for (const handle of ['12abc', '-1', '', '%20', '1.5', 'ab3f2c1e-0000-4000-8000-000000000000']) {
      const { status, body } = await complete(node, {}, AGENT1, handle);
      assert.deepEqual([status, body['statusCode']], [404, 6], handle);
    }
  });

  test('O12, O29 - again, or of another agent, or of nobody, is an asynchronous error', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    const other = await Desktop.open(node, AGENT2);
    const first = other.connect();
    assert.deepEqual(await complete(node, { devicePath: `/devices/${OTHER_DEVICE}` }, AGENT2), DONE);
    assert.deepEqual(kinds(await first), ['Error', '/me/internal', '/meta/connect']);
    assert.equal((await node.rows(record)).find(each => each.id === 1)!.recordStatus, 2);

    await complete(node);
    assert.deepEqual(kinds(await desktop.connect()), ['RecordProcessedAcknowledge', '/me/internal', '/meta/connect']);
    for (const handle of ['12', '999']) {
      assert.deepEqual(await complete(node, { referenceId: 5 }, AGENT1, handle), DONE);
      const received = await desktop.connect();
      assert.deepEqual(kinds(received), ['Error', '/me/internal', '/meta/connect']);
      const { errorCode, errorMessage, referenceId, record: about } = received[0]!.data as Record<string, unknown>;
      assert.equal(typeof errorCode, 'number');
      assert.match(String(errorMessage), /\S/);
      assert.equal(referenceId, 5);
      assert.equal((about as { recordHandle: number }).recordHandle, Number(handle));
    }
    assert.deepEqual(node.counted, ['refused', 'accepted', 'refused', 'refused']);
    assert.equal((await node.rows(journal)).filter(each => each.kind === 'record.completed').length, 1);
  });

  test('O30 - is nobody else’s business', async () => {
    await using node = await startNode();
    const other = await Desktop.open(node, AGENT2);
    const held = other.connect();
    await complete(node);
    await preview(node, 'StartPreviewSession', { authorization: AGENT2 });
    assert.deepEqual(kinds(await held), ['PreviewSessionStarted', '/meta/connect']);
  });

  test('a strict node - refuses what is unknown at once and keeps nothing of it', async () => {
    await using node = await startNode({ strict: true });
    for (const [changes, handle] of [
      [{}, '999'],
      [{ campaignName: 'Campaign9' }, '12'],
      [{ callingList: 'CallingList9' }, '12'],
    ] as const) {
      const { status, body } = await complete(node, changes, AGENT1, handle);
      assert.deepEqual([status, body['statusCode']], [404, 6]);
    }
    assert.equal((await preview(node, 'StartPreviewSession', { campaign: 'Campaign9' })).status, 404);
    assert.deepEqual(await node.rows(agentOutbox), []);
    assert.deepEqual(await complete(node), DONE);
    assert.deepEqual(await complete(node), DONE);
  });

  test('a full disk - is an internal error, and the record stays as it was', async () => {
    await using node = await startNode();
    node.disk.behaves = 'full';
    const { status, headers, text } = await node.send('/me/outbound-records/12', {
      body: completing(),
      authorization: AGENT1,
    });
    assert.deepEqual([status, JSON.parse(text).statusCode, headers['retry-after']], [503, 4, '1']);
    assert.deepEqual(node.counted, ['error']);
    assert.deepEqual(await node.rows(agentOutbox), []);
    node.disk.behaves = 'works';
  });
});

describe('preview', () => {
  test('O24, O25 - sessions are started and ended', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    for (const [operation, notification] of [
      ['StartPreviewSession', 'PreviewSessionStarted'],
      ['EndPreviewSession', 'PreviewSessionEnded'],
    ] as const) {
      assert.deepEqual(await preview(node, operation), DONE);
      const received = await desktop.connect();
      assert.deepEqual(kinds(received), [notification, '/meta/connect']);
      assert.equal((received[0]!.data!['campaign'] as { state: string }).state, 'Started');
    }
  });

  test('O26, O27, O28 - the one record goes to one agent, the other is told that there is none', async () => {
    await using node = await startNode();
    const desktops = [await Desktop.open(node), await Desktop.open(node, AGENT2)];
    const held = desktops.map(each => each.connect());
    const requested = [AGENT1, AGENT2].map(authorization => preview(node, 'GetPreviewRecord', { authorization }));
    assert.deepEqual(await Promise.all(requested), [DONE, DONE]);
    const received = await Promise.all(held);
    assert.deepEqual(received.map(each => kinds(each)[0]).sort(), ['Error', 'PreviewRecord']);
    const given = received.find(each => kinds(each)[0] === 'PreviewRecord')![0]!.data!['record'] as {
      recordHandle: number;
      userData: Record<string, unknown>;
    };
    const row = (await node.rows(record)).find(each => each.id === 2)!;
    assert.equal(row.recordStatus, 2);
    assert.equal(given.recordHandle, row.handle);
    const { GSW_RECORD_HANDLE, GSW_CALL_RESULT, GSW_PHONE, custom1, GSW_CALL_ATTEMPT_GUID } = given.userData;
    assert.deepEqual(
      [GSW_RECORD_HANDLE, GSW_CALL_RESULT, GSW_PHONE, custom1],
      [row.handle, 28, '+14155550101', 'something'],
    );
    assert.match(String(GSW_CALL_ATTEMPT_GUID), /^[0-9A-Z]{32}$/);
    assert.equal(row.attemptGuid, GSW_CALL_ATTEMPT_GUID);
  });

  test('a campaign that does not exist - is an asynchronous error of a campaign', async () => {
    await using node = await startNode();
    const desktop = await Desktop.open(node);
    assert.deepEqual(await preview(node, 'StartPreviewSession', { campaign: 'Keine%20%C3%9Cbung' }), DONE);
    const received = await desktop.connect();
    const { messageType, notificationType, campaign } = received[0]!.data!;
    assert.deepEqual([messageType, notificationType], ['OutboundCampaignMessage', 'Error']);
    assert.equal((campaign as { name: string }).name, 'Keine Übung');
  });
});
