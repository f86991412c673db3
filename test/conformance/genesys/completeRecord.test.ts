import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelsOf, Desktop, kindsOf, type Message, PAIR, resultOf, userDataOf } from './desktop.ts';
import { AGENT1, AGENT2, authorizationOf, completing, DONE, numberOf, PLAIN, startNode } from './node.ts';

/** Chains of three in front, then records of their own. */
const CHAINED = 3;
const LIST = [
  'contact_info,chain_id',
  ...Array.from(
    { length: 60 },
    (_, place) => `${numberOf(place + 1)},${place < 4 * CHAINED ? Math.floor(place / CHAINED) + 1 : ''}`,
  ),
].join('\n');

const node = await startNode(LIST);
const desktop = await Desktop.open(node);

const referenceIn = ({ data }: Message) => data?.['referenceId'];

/** Nothing of what was asked before is told: the next thing told is of the next thing asked. */
async function nothingWasTold(): Promise<void> {
  await node.preview('StartPreviewSession');
  assert.deepEqual(kindsOf(await desktop.connect()), ['PreviewSessionStarted', '/meta/connect']);
}

/** The asynchronous error of a completion. */
async function errorOf(
  handle: number,
  changes: Readonly<Record<string, unknown>> = {},
  from: Desktop = desktop,
): Promise<Readonly<Record<string, unknown>>> {
  assert.deepEqual(await node.complete(handle, changes, from.agent), DONE);
  const received = await from.connect();
  assert.deepEqual(kindsOf(received), ['Error', 'Error', '/meta/connect']);
  assert.deepEqual(channelsOf(received), [...PAIR, '/meta/connect']);
  return received[0]!.data!;
}

test('phoneNumber of the record, or of another one of its chain - taken, and the chain is finished', async () => {
  for (const [chain, place] of [0, 1, 2].entries()) {
    const { handle, number } = await desktop.retrieve();
    const chained = [1, 2, 3].map(n => numberOf(chain * CHAINED + n));
    assert.equal(number, chained[0]);
    // As the list has it, and as one dials it within the country.
    const phoneNumber = place === 2 ? chained[place]!.replace('+44', '0') : chained[place];
    await desktop.complete(handle, { phoneNumber });
    const statuses = await Promise.all(chained.map(async each => (await node.recordOf(each)).recordStatus));
    assert.deepEqual(statuses, [3, 7, 7]);
  }
});

test('phoneNumber that no record of the chain has - an asynchronous error, the record stays with the agent', async () => {
  const { handle, number } = await desktop.retrieve();
  for (const phoneNumber of [numberOf(1), numberOf(30), '12345', 'nobody']) {
    const error = await errorOf(handle, { phoneNumber, referenceId: 'r' });
    assert.equal(error['errorCode'], 10);
    assert.match(String(error['errorMessage']), /phone number/);
    assert.equal(error['referenceId'], 'r');
  }
  assert.equal((await node.recordOf(number)).recordStatus, 2);
  // What is given blank is not given.
  await desktop.complete(handle, { phoneNumber: ' ' });
  assert.equal((await node.recordOf(number)).recordStatus, 3);
});

test('O2 without referenceId - the public message has no such key', async () => {
  const { handle } = await desktop.retrieve();
  const [received, internal] = await desktop.complete(handle, { referenceId: undefined });
  assert.deepEqual(Object.keys(received.data!).sort(), ['messageType', 'notificationType', 'record']);
  assert.deepEqual(Object.keys(internal.data!).sort(), ['deviceId', 'messageType', 'metrics', 'userData']);
});

test('O3 referenceId of any kind - echoed in the same JSON type, and never in the internal message', async () => {
  for (const referenceId of [42, 0, -1.5, '42', '', ' ', 'ä"\\ \u{1f4de}', true, null]) {
    const { handle } = await desktop.retrieve();
    const [received, internal] = await desktop.complete(handle, { referenceId });
    assert.equal(referenceIn(received), referenceId);
    assert.ok(!JSON.stringify(internal).includes('referenceId'));
  }
});

test('O3 referenceId of more digits than a double holds - echoed digit by digit, however its key is written', async () => {
  for (const key of ['referenceId', 'reference\\u0049d', 'referenceI\\u0064', '\\u0072efer\\u0065nc\\u0065Id']) {
    const { handle } = await desktop.retrieve();
    const body = JSON.stringify(completing()).replace('"referenceId":"123456789"', `"${key}" : 638000000000000001`);
    const sending = { body, authorization: authorizationOf(AGENT1) };
    assert.deepEqual(await node.ask(`/me/outbound-records/${handle}`, sending), DONE);
    assert.match(await desktop.connectText(), /"referenceId":638000000000000001[,}]/, key);
  }
});

test('O4 callResult NoAnswer - 7, whatever the record had', async () => {
  const { handle, number, userData } = await desktop.retrieve();
  assert.equal(userData['GSW_CALL_RESULT'], 28);
  assert.equal(resultOf(await desktop.complete(handle, { callResult: 'NoAnswer' })), 7);
  const { callResultCode, resultFrom } = await node.recordOf(number);
  assert.deepEqual([callResultCode, resultFrom], [7, 'agent']);
});

test('2.6 a record that nobody dialled - completes with the 28 it had', async () => {
  const { handle, number } = await desktop.retrieve();
  assert.equal(resultOf(await desktop.complete(handle)), 28);
  assert.equal((await node.recordOf(number)).resultFrom, 'list');
});

test('O5 callResult answeringmachinedetected - 9', async () => {
  const { handle } = await desktop.retrieve();
  assert.equal(resultOf(await desktop.complete(handle, { callResult: 'answeringmachinedetected' })), 9);
});

test('O6 callResult that there is none of - 400 and 10, and nobody is told', async () => {
  const { handle, number } = await desktop.retrieve();
  for (const callResult of ['Nonsense', 'NoPartyDetected', 54, -1, 1.5, '54', true, ['Busy'], { code: 6 }]) {
    const { status, body } = await node.complete(handle, { callResult });
    assert.deepEqual([status, body['statusCode']], [400, 10], JSON.stringify(callResult));
    assert.match(String(body['statusMessage']), /callResult/);
    assert.deepEqual(Object.keys(body), ['statusCode', 'statusMessage']);
  }
  await nothingWasTold();
  assert.equal((await node.recordOf(number)).recordStatus, 2);
});

test('O7 a parameter missing - 400 and 1 that names it, and nobody is told', async () => {
  const { handle, number } = await desktop.retrieve();
  for (const name of ['operationName', 'applicationId', 'campaignName', 'callingList', 'devicePath']) {
    for (const absent of [undefined, null, '']) {
      const { status, body } = await node.complete(handle, { [name]: absent });
      assert.deepEqual([status, body['statusCode']], [400, 1], name);
      assert.match(String(body['statusMessage']), new RegExp(name));
    }
  }
  await nothingWasTold();
  assert.equal((await node.recordOf(number)).recordStatus, 2);
});

test('O8 another agent’s device, or nobody’s - 404 and 6', async () => {
  const { handle } = await desktop.retrieve();
  for (const devicePath of [
    `/devices/${AGENT2.device}`,
    '/devices/00000000-0000-0000-0000-000000000000',
    `/me/devices/${AGENT1.device}`,
    AGENT1.device,
    '/devices/',
  ]) {
    const { status, body } = await node.complete(handle, { devicePath });
    assert.deepEqual([status, body['statusCode']], [404, 6], devicePath);
  }
  await nothingWasTold();
});

test('O8 the own device in capitals - the same device, echoed as it was written', async () => {
  const { handle } = await desktop.retrieve();
  const device = AGENT1.device.toUpperCase();
  const [received, internal] = await desktop.complete(handle, { devicePath: `/devices/${device}` });
  assert.equal((received.data!['record'] as { devicePath: string }).devicePath, `/devices/${device}`);
  assert.equal(internal.data!['deviceId'], device);
});

test('O9 operationName spelled otherwise, or unknown - 400 and 10', async () => {
  const { handle } = await desktop.retrieve();
  for (const operationName of [
    'completerecord',
    'CompleteRecords',
    'StartPreviewSession',
    'toString',
    '__proto__',
    7,
  ]) {
    const { status, body } = await node.complete(handle, { operationName });
    assert.deepEqual([status, body['statusCode']], [400, 10], String(operationName));
  }
  await nothingWasTold();
});

test('O10 a user without the feature - 403 and 5, whatever else is wrong', async () => {
  for (const changes of [{}, { devicePath: undefined }]) {
    const { status, body } = await node.complete(1, changes, PLAIN);
    assert.deepEqual([status, body['statusCode']], [403, 5]);
  }
  assert.deepEqual((await node.preview('StartPreviewSession', PLAIN)).body['statusCode'], 5);
});

test('O11 what is no handle - 404 and 6', async () => {
  for (const handle of [
    '12abc',
    '-1',
    '',
    '+1',
    '1.0',
    '%20',
    '1e3',
    '0x1',
    '9'.repeat(30),
    '9'.repeat(250),
    '..%2f12',
    '%00',
  ]) {
    const { status, body } = await node.complete(handle);
    assert.deepEqual([status, body['statusCode']], [404, 6], JSON.stringify(handle));
  }
  await nothingWasTold();
});

test('O12 completed twice - the second is answered 0, then an asynchronous error', async () => {
  const { handle, number } = await desktop.retrieve();
  await desktop.complete(handle, { callResult: 'Busy' });
  const error = await errorOf(handle, { callResult: 'Answer', referenceId: 'again' });
  assert.deepEqual(
    [error['messageType'], error['errorCode'], error['referenceId']],
    ['OutboundRecordMessage', 2, 'again'],
  );
  assert.deepEqual(error['record'], {
    campaignName: 'Campaign1',
    devicePath: `/devices/${AGENT1.device}`,
    callingList: 'CallingList1',
    applicationId: 134,
    recordHandle: handle,
  });
  assert.equal((await node.recordOf(number)).callResultCode, 6);
});

test('O12 completed twice at the same time - one acknowledgement, one error', async () => {
  const { handle } = await desktop.retrieve();
  const requested = [1, 2].map(referenceId => node.complete(handle, { referenceId }));
  assert.deepEqual(await Promise.all(requested), [DONE, DONE]);
  const received: Message[] = [];
  while (received.filter(each => each.data !== undefined).length < 4) received.push(...(await desktop.connect()));
  const notified = received.filter(each => each.channel === '/v2/me/outbound');
  assert.deepEqual(kindsOf(notified), ['RecordProcessedAcknowledge', 'Error']);
  assert.deepEqual(notified.map(referenceIn).sort(), [1, 2]);
});

test('2.7 what may only be known later - 0, then an error that says what is known', async () => {
  const { handle, number } = await desktop.retrieve();
  for (const [changes, code, its] of [
    [{ campaignName: 'Campaign9' }, 6, handle],
    [{ callingList: 'CallingList9' }, 10, handle],
    [{ callingList: 'callinglist1' }, 10, handle],
    [{ applicationId: 135 }, 6, handle],
    [{}, 6, 999_999],
  ] as const) {
    const error = await errorOf(its, changes);
    assert.equal(error['errorCode'], code, JSON.stringify(changes));
    assert.match(String(error['errorMessage']), /\S/);
    assert.equal((error['record'] as { recordHandle: number }).recordHandle, its);
  }
  assert.equal((await node.recordOf(number)).recordStatus, 2);
});

test('2.7 the internal view of an error - names what it is about and why', async () => {
  await node.complete(999_999);
  const [received, internal] = await desktop.connect();
  assert.deepEqual(userDataOf(internal!), {
    GSW_CALLING_LIST: 'CallingList1',
    GSW_APPLICATION_ID: 134,
    GSW_RECORD_HANDLE: 999_999,
    GSW_USER_EVENT: 'Error',
    GSW_ERROR: received!.data!['errorMessage'],
    GSW_CAMPAIGN_NAME: 'Campaign1',
  });
  assert.equal(internal!.data!['deviceId'], AGENT1.device);
});

test('O29 another agent’s handle - an asynchronous error, and the record stays whose it is', async () => {
  const { handle, number } = await desktop.retrieve();
  await using other = await Desktop.open(node, AGENT2);
  assert.equal((await errorOf(handle, {}, other))['errorCode'], 3);
  const { recordStatus, userId } = await node.recordOf(number);
  assert.deepEqual([recordStatus, userId], [2, AGENT1.id]);
  assert.equal(resultOf(await desktop.complete(handle, { callResult: 'Busy' })), 6, 'and its holder was told nothing');
});

test('O30 another agent’s desktops - are told nothing', async () => {
  const others = [await Desktop.open(node, AGENT2), await Desktop.open(node, AGENT2, ['/**'])];
  const held = others.map(each => each.connect());
  await desktop.complete((await desktop.retrieve()).handle);
  await node.preview('StartPreviewSession', AGENT2);
  for (const received of await Promise.all(held)) {
    assert.deepEqual(kindsOf(received), ['PreviewSessionStarted', '/meta/connect']);
  }
  for (const each of others) await each.disconnect();
});

test('T6 parameters of other operations, and digits for the application - taken', async () => {
  const { handle } = await desktop.retrieve();
  await desktop.complete(handle, { applicationId: '134', timestamp: 1_433_917_552, otherFields: { a: 1 } });
});
