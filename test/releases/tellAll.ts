/** What nothing else tells a server that is to leave a ledger behind: so that every table of a release has rows. */
import assert from 'node:assert/strict';
import { mp3 } from '../../src/recordings/testing/testAudio.ts';
import { ATTACH, portalOf } from '../conformance/bitrix24/cases.ts';
import { Desktop } from '../conformance/genesys/desktop.ts';
import { AGENT2, nodeOf } from '../conformance/genesys/node.ts';
import { SERIAL } from '../kit/organisation.ts';
import { push } from '../kit/pbxWebhook.ts';
import type { RunningServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import type { CallView } from '../kit/v1Views.ts';
import { statedCall } from '../native/house.ts';

export async function tellAll(server: RunningServer): Promise<void> {
  await tellOfApplications(server);
  await tellOfDesktops(server);
  await joinWhatSettled(server);
  await tellOfUnknownNumber(server);
}

/** A client's call that is in the history and in the chat, audio that was handed over, and audio that cannot be fetched. */
async function tellOfApplications(server: RunningServer): Promise<void> {
  const portal = portalOf(server);
  const known = await portal.register({ PHONE_NUMBER: '+442079460777', CRM_CREATE: 1 });
  await portal.finish(known.CALL_ID, { DURATION: 20, ADD_TO_CHAT: 1 });
  const audio = Buffer.from(mp3()).toString('base64');
  await portal.result(ATTACH, { CALL_ID: known.CALL_ID, FILENAME: 'record.mp3', FILE_CONTENT: audio });
  const { CALL_ID } = await portal.register();
  // Reserved for documentation (RFC 5737): nothing leaves for it. What is tried again would happen whenever the ledger is opened.
  const { ID } = await portal.finish(CALL_ID, { DURATION: 5, RECORD_URL: 'http://192.0.2.1/a.mp3' });
  await createV1Client(server).settled(Number(ID));
}

/** Somebody who is not to be called again, and what a desktop was told and has not confirmed. */
async function tellOfDesktops(server: RunningServer): Promise<void> {
  const node = nodeOf(server);
  const desktop = await Desktop.open(node, AGENT2);
  await node.preview('StartPreviewSession', AGENT2);
  await desktop.connect();
  const first = await desktop.retrieve();
  await desktop.complete(first.handle, { callResult: 'DoNotCall' });
  const second = await desktop.retrieve();
  await node.complete(second.handle, {}, AGENT2);
}

/** One call of two that had settled as calls of their own. */
async function joinWhatSettled(server: RunningServer): Promise<void> {
  const v1 = createV1Client(server);
  const report = (externalId: string) => v1.post<CallView>('/v1/calls', statedCall({ externalId }), 201);
  const [older, younger] = [await report('older'), await report('younger')];
  for (const { id } of [older, younger]) await v1.settled(id);
  await v1.post(`/v1/calls/${older.id}/join`, { with: younger.id }, 200);
}

/** A leg to a number that no plan and no person has. */
async function tellOfUnknownNumber(server: RunningServer): Promise<void> {
  const msg = {
    call_id: '1770109200.901',
    time_start: '2026-02-03 12:00:00',
    call_from: '02079460123',
    call_to: '77777',
    call_duration: 10,
    talk_duration: 5,
    src_trunk_name: 'Main',
    status: 'ANSWERED',
    type: 'Inbound',
  };
  const body = JSON.stringify({ type: 30012, sn: SERIAL, msg: JSON.stringify(msg) });
  assert.equal((await push(server, body)).errcode, 0);
}
