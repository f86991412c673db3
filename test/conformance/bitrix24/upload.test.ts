/**
 * `telephony.externalCall.attachRecord` in two steps: an address to upload to, and the file (docs/bitrix24.md, section
 * 11.4).
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { wav } from '../../../src/recordings/testing/testAudio.ts';
import { createScratch } from '../../kit/scratch.ts';
import { startServer } from '../../kit/server.ts';
import {
  ATTACH,
  FINISH,
  HOOKS,
  methodPath,
  type Params,
  PORTAL,
  type Portal,
  type PortalAnswer,
  portalOf,
  REGISTER,
  startPortal,
} from './cases.ts';
import { openTimedPortal } from './timedPortal.ts';

const portal = await startPortal();

const INVALID_TOKEN = [401, 'invalid_token', 'Unable to get application by token'];
const NO_AUTH = [401, 'NO_AUTH_FOUND', 'Wrong authorization data'];
const WRONG_EXTENSION = [400, 'ERROR_CORE', 'Wrong file extension. Only wav and mp3 are allowed'];
const CONTENT_EMPTY = [400, 'ERROR_CORE', 'File content is empty.'];
const HOUR_MS = 3_600_000;

interface Slot {
  readonly uploadUrl: string;
  readonly fieldName: string;
}
interface Attached {
  readonly FILE_ID: number;
}

let audios = 0;
/** What no other test has. */
function audio(bytes = 3_000): Buffer {
  const file = wav(bytes);
  file.writeUInt32LE(++audios, 44);
  return file;
}

const ended = async (at: Portal = portal): Promise<string> => String((await at.call())['CALL_ID']);

const slotOf = (callId: string, changes: Params = {}, at: Portal = portal) =>
  at.result<Slot>(ATTACH, { CALL_ID: callId, FILENAME: 'a.wav', ...changes });

function formWith(file: Buffer, name = 'file', fileName = 'of the PBX.wav'): FormData {
  const form = new FormData();
  form.append(name, new Blob([file as Uint8Array<ArrayBuffer>], { type: 'audio/wav' }), fileName);
  return form;
}

/** Uploads as a connector does, to the address as it was given. */
async function uploaded(url: string, init: RequestInit): Promise<PortalAnswer<Attached>> {
  assert.ok(url.startsWith(`${portal.server.url}/rest/upload.json?`), url);
  return portal.send<Attached>(url.slice(portal.server.url.length), { method: 'POST', ...init });
}

async function refused(url: string, init: RequestInit): Promise<readonly unknown[]> {
  const { status, body } = await uploaded(url, init);
  assert.deepEqual(Object.keys(body), ['error', 'error_description']);
  return [status, body.error, body.error_description];
}

async function assertRecord(at: Portal, callId: string, { FILE_ID: id }: Attached, expected: Buffer): Promise<void> {
  assert.ok(Number.isInteger(id) && id > 0);
  assert.equal((await at.row(callId))['RECORD_FILE_ID'], id);
  const response = await at.server.get(`/v1/recordings/${id}`);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(expected));
}

describe('the slot', { concurrency: true }, () => {
  test('B24-35 attachRecord FILENAME only - an absolute address with a token, and what the part is called', async () => {
    const slot = await slotOf(await ended());
    assert.deepEqual(Object.keys(slot), ['uploadUrl', 'fieldName']);
    assert.equal(slot.fieldName, 'file');
    const url = new URL(slot.uploadUrl);
    assert.equal(url.origin, portal.server.url);
    assert.equal(url.pathname, '/rest/upload.json');
    assert.match(url.search, /^\?token=telephony%7C[\w-]+%7C[\w-]+$/);
    for (const path of Object.values(HOOKS)) assert.ok(!slot.uploadUrl.includes(path.split('/')[1]!));
  });

  test('B24-36 a multipart POST of the file, and nothing else - FILE_ID in the usual frame', async () => {
    const id = await ended();
    const { uploadUrl } = await slotOf(id);
    const file = audio();
    const { status, body } = await uploaded(uploadUrl, { body: formWith(file) });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body), ['result', 'time']);
    assert.deepEqual(Object.keys(body.result), ['FILE_ID']);
    assert.equal(Object.keys(body.time).length, 8);
    await assertRecord(portal, id, body.result, file);
    // Called as attachRecord said, whatever the part is called.
    const { headers } = await portal.server.get(`/v1/recordings/${body.result.FILE_ID}`);
    assert.match(headers.get('content-disposition') ?? '', /a\.wav/);
  });

  test('B24-37 attachRecord with FILE_CONTENT null - a slot too', async () => {
    const { uploadUrl, fieldName } = await slotOf(await ended(), { FILE_CONTENT: null, RECORD_URL: null });
    assert.equal(fieldName, 'file');
    assert.ok(uploadUrl.includes('token='));
  });

  test('B24 11.4 the address - by the host that was asked, by the query, by another shape of URL', async () => {
    const id = await ended();
    const path = `${methodPath(ATTACH).replaceAll('/', '//')}.json?CALL_ID=${id}&FILENAME=a.mp3`;
    const { body } = await portal.send<Slot>(path);
    assert.ok(body.result.uploadUrl.startsWith(`${portal.server.url}/rest/upload.json?`));
  });

  test('B24 11.4 the file itself as the body, whatever it is called - taken', async () => {
    const types = [
      'audio/wav',
      'application/octet-stream',
      'application/x-www-form-urlencoded',
      'application/json',
      null,
    ];
    for (const contentType of types) {
      const id = await ended();
      const { uploadUrl } = await slotOf(id);
      const file = audio();
      const { status, body, text } = await uploaded(uploadUrl, {
        headers: contentType === null ? {} : { 'content-type': contentType },
        body: file as Uint8Array<ArrayBuffer>,
      });
      assert.equal(status, 200, `${contentType}: ${text}`);
      await assertRecord(portal, id, body.result, file);
    }
  });

  test('B24 11.4 forms with more than the file, or another name for it - the file is found', async () => {
    const among = formWith(audio());
    const file = audio();
    const first = new FormData();
    first.append('FILENAME', 'a.wav');
    first.append('file', new Blob([file as Uint8Array<ArrayBuffer>]), 'a.wav');
    first.append('more', 'x'.repeat(100_000));
    const other = formWith(file, 'record');
    const asText = new FormData();
    asText.append('file', '');
    for (const form of [first, other]) {
      const id = await ended();
      const { body } = await uploaded((await slotOf(id)).uploadUrl, { body: form });
      await assertRecord(portal, id, body.result, file);
    }
    const { uploadUrl } = await slotOf(await ended());
    assert.deepEqual(await refused(uploadUrl, { body: asText }), CONTENT_EMPTY);
    assert.equal((await uploaded(uploadUrl, { body: among })).status, 200);
  });

  test('B24-41 two uploads to one slot - the second one replaces the first', async () => {
    const id = await ended();
    const { uploadUrl } = await slotOf(id);
    const [first, second] = [audio(), audio()];
    const one = await uploaded(uploadUrl, { body: formWith(first) });
    await assertRecord(portal, id, one.body.result, first);
    const two = await uploaded(uploadUrl, { body: formWith(second) });
    assert.notEqual(two.body.result.FILE_ID, one.body.result.FILE_ID);
    await assertRecord(portal, id, two.body.result, second);
  });

  test('B24 11.4 uploads to two slots of one call and to slots of two calls - each where it belongs', async () => {
    const [one, two] = [await ended(), await ended()];
    const slots = [await slotOf(one), await slotOf(two), await slotOf(one, { FILENAME: 'b.mp3' })];
    const files = slots.map(() => audio());
    const results: Attached[] = [];
    for (const [n, { uploadUrl }] of slots.entries()) {
      results.push((await uploaded(uploadUrl, { body: formWith(files[n]!) })).body.result);
    }
    await assertRecord(portal, one, results[2]!, files[2]!);
    await assertRecord(portal, two, results[1]!, files[1]!);
  });

  test('B24 11.4 what is no audio, nothing, and no form - refused, and the slot stays', async () => {
    const id = await ended();
    const { uploadUrl } = await slotOf(id);
    const noAudio = Buffer.alloc(3_000_000, 'no audio ');
    assert.deepEqual(await refused(uploadUrl, { body: formWith(noAudio) }), WRONG_EXTENSION);
    assert.deepEqual(await refused(uploadUrl, { body: noAudio }), WRONG_EXTENSION);
    assert.deepEqual(await refused(uploadUrl, { body: formWith(Buffer.alloc(0)) }), CONTENT_EMPTY);
    assert.deepEqual(await refused(uploadUrl, { body: '' }), CONTENT_EMPTY);
    assert.deepEqual(await refused(uploadUrl, { method: 'GET' }), CONTENT_EMPTY);
    const cut = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'),
      audio(10_000),
    ]);
    const [status, code] = await refused(uploadUrl, {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: cut as Uint8Array<ArrayBuffer>,
    });
    assert.deepEqual([status, code], [400, 'INVALID_REQUEST']);
    assert.equal((await portal.row(id))['RECORD_FILE_ID'], null);
    const file = audio();
    await assertRecord(portal, id, (await uploaded(uploadUrl, { body: formWith(file) })).body.result, file);
  });

  test('B24 11.4 a token that is forged, of something else, or missing - 401, and nothing is kept', async () => {
    const id = await ended();
    const { uploadUrl } = await slotOf(id);
    const other = (await slotOf(await ended())).uploadUrl;
    const base = `${portal.server.url}/rest/upload.json`;
    const [kind, data, signature] = new URL(uploadUrl).searchParams.get('token')!.split('|') as [
      string,
      string,
      string,
    ];
    const otherData = new URL(other).searchParams.get('token')!.split('|')[1]!;
    const said = JSON.parse(Buffer.from(data, 'base64url').toString()) as object;
    const later = Buffer.from(JSON.stringify({ ...said, until: Number.MAX_SAFE_INTEGER })).toString('base64url');
    for (const token of [
      'x',
      `${kind}|${otherData}|${signature}`,
      `${kind}|${later}|${signature}`,
      `${kind}|${data}|${signature.slice(0, -1)}${signature.endsWith('A') ? 'Q' : 'A'}`,
      `${kind}|${data}|`,
      `disk|${data}|${signature}`,
    ]) {
      const url = `${base}?token=${encodeURIComponent(token)}`;
      assert.deepEqual(await refused(url, { body: formWith(audio()) }), INVALID_TOKEN, token);
    }
    for (const query of ['?', '?token=', '?auth=x', `?auth=${encodeURIComponent(`${kind}|${data}|${signature}`)}`]) {
      assert.deepEqual(await refused(`${base}${query}`, { body: formWith(audio()) }), NO_AUTH, query);
    }
    assert.equal((await portal.row(id))['RECORD_FILE_ID'], null);
    // What is appended by others does not matter.
    assert.equal((await uploaded(`${uploadUrl}&auth=abc&x=1`, { body: formWith(audio()) })).status, 200);
  });

  test('B24 11.4 a connector that goes away in the middle of the file - nothing is kept, and the slot stays', async () => {
    const id = await ended();
    const { uploadUrl } = await slotOf(id);
    const file = audio(500_000);
    const path = uploadUrl.slice(portal.server.url.length);
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: ${file.byteLength}\r\n\r\n`;
    await Promise.all(
      ['end', 'resetAndDestroy'].map(
        leave =>
          new Promise<void>(resolve => {
            const socket = connect(portal.server.port, portal.server.host, () => {
              socket.write(head);
              socket.write(file.subarray(0, 400_000), () => socket[leave as 'end']());
            });
            socket.on('error', () => {});
            socket.resume().on('close', () => resolve());
          }),
      ),
    );
    await assertRecord(portal, id, (await uploaded(uploadUrl, { body: formWith(file) })).body.result, file);
    assert.deepEqual(
      portal.server.logs.filter(each => Number(each['level']) >= 50),
      [],
    );
  });
});

test('B24 11.4 a restart between the slot and the upload - the address still leads to the call', async () => {
  const dataDir = join(createScratch('upload').path, 'data');
  await using before = await startServer({ config: PORTAL, dataDir });
  const id = await ended(portalOf(before));
  const { uploadUrl } = await slotOf(id, {}, portalOf(before));
  await before.kill();
  await using server = await startServer({ config: PORTAL, dataDir });
  const after = portalOf(server);
  const file = audio();
  const { status, body, text } = await after.send<Attached>(new URL(uploadUrl).pathname + new URL(uploadUrl).search, {
    method: 'POST',
    body: formWith(file),
  });
  assert.equal(status, 200, text);
  await assertRecord(after, id, body.result, file);
});

test('B24 11.4 a webhook that the organisation file no longer names - its slots are over', async () => {
  const dataDir = join(createScratch('upload').path, 'data');
  await using before = await startServer({ config: PORTAL, dataDir });
  const id = await ended(portalOf(before));
  const { uploadUrl } = await slotOf(id, {}, portalOf(before));
  await before.stop();
  const webhooks = PORTAL.bitrix24.webhooks.filter(each => each.name !== 'administrator');
  await using server = await startServer({ config: { ...PORTAL, bitrix24: { webhooks } }, dataDir });
  const { status, body } = await portalOf(server).send<Attached>(
    new URL(uploadUrl).pathname + new URL(uploadUrl).search,
    { method: 'POST', body: formWith(audio()) },
  );
  assert.deepEqual([status, body.error, body.error_description], INVALID_TOKEN);
});

async function timedSlot(t: TestContext, publicUrl?: string) {
  const timed = await openTimedPortal(t, publicUrl);
  const said = { USER_ID: 1, PHONE_NUMBER: '+14155550101', TYPE: 2, SHOW: 0 };
  const { CALL_ID: id } = (await timed.ask<{ readonly CALL_ID: string }>(REGISTER, said)).result;
  await timed.ask(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 5 });
  const { uploadUrl } = (await timed.ask<Slot>(ATTACH, { CALL_ID: id, FILENAME: 'a.wav' })).result;
  const url = uploadUrl.slice(uploadUrl.indexOf('/rest/'));
  const headers = { 'content-type': 'audio/wav' };
  return {
    time: timed.time,
    uploadUrl,
    upload: () => timed.inject({ method: 'POST', url, headers, payload: audio() }),
  };
}

test('B24 11.4 PUBLIC_URL - is where the address leads', async t => {
  const { uploadUrl, upload } = await timedSlot(t, 'https://calls.example.com/aftercall');
  assert.ok(uploadUrl.startsWith('https://calls.example.com/aftercall/rest/upload.json?token='), uploadUrl);
  assert.equal((await upload()).statusCode, 200);
});

test('B24 11.4 a slot - is good for a day, as often as it is used, and not longer', async t => {
  const { time, upload } = await timedSlot(t);
  const issuedAt = time.now;
  const ids: number[] = [];
  for (const at of [issuedAt, issuedAt + HOUR_MS, issuedAt + 24 * HOUR_MS - 1]) {
    time.now = at;
    const answer = await upload();
    assert.equal(answer.statusCode, 200, answer.body);
    ids.push(answer.json<{ readonly result: Attached }>().result.FILE_ID);
  }
  assert.equal(new Set(ids).size, 3);
  time.now = issuedAt + 24 * HOUR_MS;
  const late = await upload();
  const { error, error_description: said } = late.json<Record<string, string>>();
  assert.deepEqual([late.statusCode, error, said], INVALID_TOKEN);
});
