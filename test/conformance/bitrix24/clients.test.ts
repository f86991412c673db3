/** Who is found by a number (docs/bitrix24.md, sections 10 and 11.1), and leads made for those who are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshNumber, type Registered, startPortal } from './cases.ts';

const portal = await startPortal();

async function put(path: string, phones: readonly string[]): Promise<void> {
  const { status } = await portal.v1.ask('PUT', `/v1/clients/${path}`, { body: { name: path, phones } });
  assert.ok(status === 200 || status === 201);
}

let calls = 0;
const whoIs = async (number: string): Promise<readonly unknown[]> => {
  const { CRM_ENTITY_TYPE: type, CRM_ENTITY_ID: id } = await portal.register({
    PHONE_NUMBER: number,
    EXTERNAL_CALL_ID: `call-${++calls}`,
  });
  return [type, id];
};

test('B24 11.5 several clients with one number - contact before lead before company, then the one that is older', async () => {
  const number = freshNumber();
  await put('companies/7', [number]);
  assert.deepEqual(await whoIs(number), ['COMPANY', 7]);
  await put('leads/700', [number]);
  assert.deepEqual(await whoIs(number), ['LEAD', 700]);
  await put('contacts/72', [number]);
  assert.deepEqual(await whoIs(number), ['CONTACT', 72]);
  await put('contacts/71', [number]);
  assert.deepEqual(await whoIs(number), ['CONTACT', 71]);
});

test('B24 11.1 a client with several numbers, written as people write them - found by each', async () => {
  await put('contacts/80', ['+1 (415) 555-0180', '(212) 555-0181', '+44 20 7946 0900']);
  for (const number of ['+14155550180', '14155550180', '4155550180', '011 44 20 7946 0900', '212.555.0181']) {
    assert.deepEqual(await whoIs(number), ['CONTACT', 80], number);
  }
  // A number that is taken away finds nobody any more; the calls that were found by it stay with the client.
  const before = await portal.register({ PHONE_NUMBER: '+14155550180', EXTERNAL_CALL_ID: 'before' });
  await put('contacts/80', ['(212) 555-0181']);
  assert.deepEqual(await whoIs('+14155550180'), ['', null]);
  assert.deepEqual(await whoIs('+12125550181'), ['CONTACT', 80]);
  assert.equal((await portal.finish(before.CALL_ID))['CRM_ENTITY_ID'], 80);
});

test('B24-17 leads - counted beyond those that people numbered, one per number', async () => {
  const first = await portal.register({ CRM_CREATE: 1 });
  const taken = first.CRM_CREATED_LEAD! + 1;
  await put(`leads/${taken}`, [freshNumber()]);
  const made: readonly Registered[] = await Promise.all(
    Array.from({ length: 10 }, () => portal.register({ CRM_CREATE: 1 })),
  );
  const ids = made.map(each => each.CRM_CREATED_LEAD);
  assert.equal(new Set(ids).size, 10);
  assert.ok(!ids.includes(taken) && ids.every(id => id! > taken));
});

test('B24 19 an activity - for every call with a client, for none without', async () => {
  const lead = await portal.call({}, { CRM_CREATE: 1 });
  const contact = await portal.call({}, { PHONE_NUMBER: '+14155550101' });
  const nobody = await portal.call();
  const ids = [lead, contact].map(each => each['CRM_ACTIVITY_ID']);
  assert.ok(ids.every(id => Number.isInteger(id)) && ids[0] !== ids[1]);
  assert.equal(nobody['CRM_ACTIVITY_ID'], null);
  for (const finished of [lead, contact]) {
    const row = await portal.row(String(finished['CALL_ID']));
    assert.deepEqual(
      [row['CRM_ACTIVITY_ID'], row['CRM_ENTITY_ID'], row['CRM_ENTITY_TYPE']],
      [String(finished['CRM_ACTIVITY_ID']), String(finished['CRM_ENTITY_ID']), finished['CRM_ENTITY_TYPE']],
    );
  }
});
