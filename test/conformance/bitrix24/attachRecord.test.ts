/**
 * `telephony.externalCall.attachRecord` in one step: the file in base64, or the URL it is fetched from (docs/bitrix24.md,
 * section 11.4).
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { type Answer, startRawSite, startSite } from '../../../src/outbound/testing/testSite.ts';
import { flac, mp3, ogg, taggedMp3, wav } from '../../../src/recordings/testing/testAudio.ts';
import { openEvents, type ServerEvent } from '../../kit/eventStream.ts';
import { push } from '../../kit/pbxWebhook.ts';
import {
  ATTACH,
  FINISH,
  formOf,
  freshNumber,
  methodPath,
  type Params,
  PORTAL,
  type PortalAnswer,
  type Row,
  STATISTIC,
  startPortal,
} from './cases.ts';

const PBX = { key: 'pbx', kind: 'yeastar', unsigned: true, timeZone: 'Etc/UTC', numbers: { internal: ['1xx'] } };
/** May fetch from the machine it runs on, where the sites of these tests are. */
const portal = await startPortal({ config: { ...PORTAL, sources: [PBX], outbound: { allow: ['127.0.0.1'] } } });
const told = await openEvents(portal.server);
after(() => told.close());

const NOT_FINISHED = [
  400,
  'ERROR_CORE',
  'Call is not found in the statistic table. Looks like it is not finished yet.',
] as const;
const NOT_GIVEN = [
  400,
  'ERROR_CORE',
  'Required parameters are not set. Request should contain or URL or FILENAME parameter',
] as const;
const NAME_EMPTY = [400, 'ERROR_CORE', 'File name is empty'] as const;
const WRONG_EXTENSION = [400, 'ERROR_CORE', 'Wrong file extension. Only wav and mp3 are allowed'] as const;
const CONTENT_EMPTY = [400, 'ERROR_CORE', 'File content is empty.'] as const;
const NOT_BASE64 = [400, 'ERROR_CORE', 'File content is not properly encoded. Base64 encoding is expected.'] as const;
const serverSays = (status: number) => [400, 'ERROR_CORE', `Server returns HTTP error code ${status}`] as const;

interface Attached {
  readonly FILE_ID: number;
}
interface Slot {
  readonly uploadUrl: string;
  readonly fieldName: string;
}

/** Audio whose base64 has every sign, and which no other test has. */
let audios = 0;
function audio(bytes = 3_000): Buffer {
  const file = wav(bytes);
  file.writeUInt32LE(++audios, 44);
  for (let at = 48; at < file.byteLength; at++) file[at] = (at * 97) % 256;
  return file;
}

/** CALL_ID of a call that has ended. */
const ended = async (): Promise<string> => String((await portal.call())['CALL_ID']);

const attach = (callId: string, params: Params) =>
  portal.result<Attached>(ATTACH, { CALL_ID: callId, FILENAME: 'a.mp3', ...params });

async function fileOf(id: unknown): Promise<Buffer> {
  const response = await portal.server.get(`/v1/recordings/${id}`);
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

/** The call's record in the list is this one, with this sound. */
async function assertRecord(callId: string, { FILE_ID: id }: Attached, expected: Buffer): Promise<void> {
  assert.ok(Number.isInteger(id) && id > 0);
  assert.equal((await portal.row(callId))['RECORD_FILE_ID'], id);
  assert.ok((await fileOf(id)).equals(expected));
}

async function assertNoRecord(callId: string): Promise<void> {
  assert.equal((await portal.row(callId))['RECORD_FILE_ID'], null);
}

describe('attachRecord with FILE_CONTENT', { concurrency: true }, () => {
  test('B24-33 before finish, and of a call that nobody knows - the text by which connectors try again later', async () => {
    const { CALL_ID: id } = await portal.register();
    const content = { FILENAME: 'a.mp3', FILE_CONTENT: audio().toString('base64') };
    for (const callId of [id, 'nope', '', null, 5, ['a'], `${id}x`]) {
      for (const rest of [content, { FILENAME: 'a.mp3' }, { RECORD_URL: 'http://127.0.0.1:1/a.mp3' }]) {
        assert.deepEqual(await portal.refusal(ATTACH, { CALL_ID: callId, ...rest }), NOT_FINISHED, `${callId}`);
      }
    }
    assert.deepEqual(await portal.refusal(ATTACH, content), NOT_FINISHED);
    await portal.finish(id);
    const file = audio();
    await assertRecord(id, await attach(id, { FILE_CONTENT: file.toString('base64') }), file);
  });

  for (const [name, fileName, file] of [
    ['an mp3', 'a.mp3', mp3()],
    ['a tagged mp3', 'A.MP3', taggedMp3()],
    ['a wav', 'calls/2026/a.WAV', wav(20_000)],
  ] as const) {
    test(`B24-34 ${name} in base64 - FILE_ID is a number, and that of the row`, async () => {
      const id = await ended();
      const attached = await attach(id, { FILENAME: fileName, FILE_CONTENT: file.toString('base64') });
      assert.deepEqual(Object.keys(attached), ['FILE_ID']);
      await assertRecord(id, attached, file);
      assert.equal((await portal.row(id))['CALL_RECORD_URL'], null);
    });
  }

  test('B24-34 the journal - says that the call has a recording, and not which', async () => {
    const id = await ended();
    const { FILE_ID: fileId } = await attach(id, { FILE_CONTENT: audio().toString('base64') });
    const { id: callId } = await portal.v1.callOf(id, 'bitrix24');
    const attached = await told.first(
      'the recording',
      each => each.kind === 'recording.attached' && each.data.callId === callId,
    );
    assert.deepEqual(attached.data, { ...attached.data, callId, recordingId: fileId });
    assert.deepEqual(Object.keys(attached.data).sort(), ['at', 'callId', 'kind', 'position', 'recordingId']);
  });

  test('B24-38 neither name nor URL - the text that says what is wanted, before anything else is looked at', async () => {
    const id = await ended();
    for (const params of [
      { CALL_ID: id },
      { CALL_ID: id, FILE_CONTENT: 'QUJD' },
      { CALL_ID: id, FILENAME: '', RECORD_URL: '' },
      { CALL_ID: id, FILENAME: null, RECORD_URL: null },
      { CALL_ID: id, FILENAME: ['a.mp3'], RECORD_URL: ' ' },
      { CALL_ID: 'nope' },
      {},
    ]) {
      assert.deepEqual(await portal.refusal(ATTACH, params), NOT_GIVEN, JSON.stringify(params));
    }
  });

  test('B24-39 names of other kinds of file - refused, whatever the letters and the content', async () => {
    const id = await ended();
    const content = audio().toString('base64');
    for (const name of ['a.ogg', 'a', 'mp3', 'a.mp3.exe', 'a.mp', 'a.mp3/', '/x.mp3/a']) {
      const expected = name.endsWith('/') ? NAME_EMPTY : WRONG_EXTENSION;
      for (const said of [{ FILE_CONTENT: content }, { FILE_CONTENT: '' }, {}]) {
        assert.deepEqual(await portal.refusal(ATTACH, { CALL_ID: id, FILENAME: name, ...said }), expected, name);
      }
    }
    assert.deepEqual(await portal.refusal(ATTACH, { CALL_ID: id, FILENAME: ' ' }), NAME_EMPTY);
    // The call is looked for first.
    assert.deepEqual(await portal.refusal(ATTACH, { CALL_ID: 'nope', FILENAME: 'a.ogg' }), NOT_FINISHED);
    await assertNoRecord(id);
  });

  test('B24-39 content that is not base64 - refused', async () => {
    const id = await ended();
    const good = audio().toString('base64');
    for (const content of [
      `data:audio/wav;base64,${good}`,
      `${good}!`,
      good.slice(0, -3),
      `${good}====`,
      `${good.slice(0, 100)}\u0141${good.slice(100)}`,
      'it’s not',
      true,
      [good],
      { content: good },
    ]) {
      assert.deepEqual(
        await portal.refusal(ATTACH, { CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT: content }),
        NOT_BASE64,
        JSON.stringify(content).slice(0, 50),
      );
    }
    await assertNoRecord(id);
  });

  test('B24-39 content that is stated and empty - refused; null and nothing of a form are not stated', async () => {
    const id = await ended();
    for (const content of ['', ' ', '\r\n']) {
      assert.deepEqual(
        await portal.refusal(ATTACH, { CALL_ID: id, FILENAME: 'a.mp3', FILE_CONTENT: content }),
        CONTENT_EMPTY,
      );
    }
    const form = (await portal.send<Slot>(methodPath(ATTACH), {
      method: 'POST',
      body: new URLSearchParams({ CALL_ID: id, FILENAME: 'a.mp3', FILE_CONTENT: '' }),
    })) as PortalAnswer<Slot>;
    assert.equal(form.body.result.fieldName, 'file');
    const parts = new FormData();
    for (const [name, value] of Object.entries({ CALL_ID: id, FILENAME: 'a.mp3', FILE_CONTENT: '' }))
      parts.append(name, value);
    const multipart = await portal.send<Slot>(methodPath(ATTACH), { method: 'POST', body: parts });
    assert.equal(multipart.body.result.fieldName, 'file');
  });

  test('B24 11.4 a sound of another kind under the name of an mp3 - kept, since only the name is judged', async () => {
    for (const file of [flac(), ogg()]) {
      const id = await ended();
      await assertRecord(id, await attach(id, { FILE_CONTENT: file.toString('base64') }), file);
    }
  });

  test('B24-41 twice, and the same again - the row has the record that was told last', async () => {
    const id = await ended();
    const [first, second] = [audio(), audio()];
    const one = await attach(id, { FILE_CONTENT: first.toString('base64') });
    const two = await attach(id, { FILE_CONTENT: second.toString('base64') });
    assert.notEqual(two.FILE_ID, one.FILE_ID);
    await assertRecord(id, two, second);
    // The same sound is another record.
    const three = await attach(id, { FILE_CONTENT: first.toString('base64') });
    assert.ok(three.FILE_ID > two.FILE_ID);
    await assertRecord(id, three, first);
    assert.ok((await fileOf(two.FILE_ID)).equals(second));
  });

  test('B24 11.4 by another webhook than the one that registered and finished - the same call', async () => {
    const id = await ended();
    const file = audio();
    const said = { CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT: file.toString('base64') };
    await assertRecord(id, await portal.result<Attached>(ATTACH, said, 'second'), file);
  });
});

describe('FILE_CONTENT as clients write it', { concurrency: true }, () => {
  const WRITTEN = {
    'the PHP SDK: a file name with a time before it, slashes escaped': (id, base64) => [
      'application/json',
      `{"CALL_ID":"${id}","FILENAME":"1700000000call-record.wav","FILE_CONTENT":"${base64.replaceAll('/', '\\/')}"}`,
    ],
    'C#: plus signs escaped, the file first': (id, base64) => [
      'application/json; charset=utf-8',
      `{"FILE_CONTENT":"${base64.replaceAll('+', '\\u002B')}","FILENAME":"a.wav","CALL_ID":"${id}"}`,
    ],
    'Python: lines of MIME': (id, base64) => [
      'application/json',
      JSON.stringify({ CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT: base64.replace(/.{76}/g, '$&\n') }),
    ],
    'bitrix-asterisk: JSON as Python writes it': (id, base64) => [
      'application/json',
      `{"CALL_ID": "${id}", "FILENAME": "20260302-100000-in-101.wav", "FILE_CONTENT": "${base64}"}`,
    ],
    'PHP: a form, percent-encoded': (id, base64) => [
      'application/x-www-form-urlencoded',
      `${formOf({ CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT: base64 })}`,
    ],
    'a form whose plus signs nobody encoded': (id, base64) => [
      'application/x-www-form-urlencoded',
      `CALL_ID=${id}&FILENAME=a.wav&FILE_CONTENT=${base64}`,
    ],
    'without padding': (id, base64) => [
      'application/json',
      `{"call_id":"${id}","filename":"a.wav","file_content":"${base64.replaceAll('=', '')}"}`,
    ],
    'without a content type': (id, base64) => [
      null,
      `{"CALL_ID":"${id}","FILENAME":"a.wav","FILE_CONTENT":"${base64}"}`,
    ],
  } as const satisfies Record<string, (id: string, base64: string) => readonly [string | null, string]>;

  for (const [name, write] of Object.entries(WRITTEN)) {
    test(`B24 20 ${name} - the same bytes`, async () => {
      const id = await ended();
      // One, two and no signs of padding.
      for (const bytes of [3_000, 3_001, 3_002]) {
        const file = audio(bytes);
        const [contentType, body] = write(id, file.toString('base64'));
        const {
          status,
          body: answer,
          text,
        } = await portal.send<Attached>(methodPath(ATTACH), {
          method: 'POST',
          headers: contentType === null ? {} : { 'content-type': contentType },
          body: Buffer.from(body),
        });
        assert.equal(status, 200, text);
        await assertRecord(id, answer.result, file);
      }
    });
  }

  test('B24 20 multipart - the text as a field, and the file as a file', async () => {
    const id = await ended();
    for (const asFile of [false, true]) {
      const file = audio();
      const body = new FormData();
      body.append('CALL_ID', id);
      if (asFile) body.append('FILE_CONTENT', new Blob([file as Uint8Array<ArrayBuffer>]), 'a.wav');
      else body.append('FILE_CONTENT', file.toString('base64'));
      body.append('FILENAME', 'a.wav');
      const { status, body: answer, text } = await portal.send<Attached>(methodPath(ATTACH), { method: 'POST', body });
      assert.equal(status, 200, text);
      await assertRecord(id, answer.result, file);
    }
  });

  test('B24 20 a query by hand - a plus that became a blank is a plus', async () => {
    const id = await ended();
    const file = audio(600);
    const base64 = file.toString('base64');
    assert.ok(base64.includes('+'));
    const path = `${methodPath(ATTACH)}.json?CALL_ID=${id}&FILENAME=a.wav&FILE_CONTENT=${base64}`;
    const { body } = await portal.send<Attached>(path);
    await assertRecord(id, body.result, file);
  });
});

describe('attachRecord with RECORD_URL', { concurrency: true }, () => {
  const site = (t: TestContext, answer: Answer) => startSite(t, answer);
  const audioSite = (t: TestContext, file: Buffer) =>
    site(t, (_request, response) => response.writeHead(200).end(file));

  test('B24-40 a URL that answers 503 - the text with its code, and one fetch', async t => {
    const { origin, requests } = await site(t, (_request, response) => response.writeHead(503).end());
    const id = await ended();
    for (const said of [{ FILENAME: 'a.mp3' }, {}]) {
      assert.deepEqual(
        await portal.refusal(ATTACH, { CALL_ID: id, RECORD_URL: `${origin}/gone.mp3`, ...said }),
        serverSays(503),
      );
    }
    assert.equal(requests.length, 2);
    await assertNoRecord(id);
  });

  test('B24-40 other answers that bring nothing - the code, or 0 where none came', async t => {
    const id = await ended();
    const refusal = (url: string) => portal.refusal(ATTACH, { CALL_ID: id, FILENAME: 'a.mp3', RECORD_URL: url });
    for (const status of [400, 401, 403, 404, 410, 500, 304]) {
      const { origin } = await site(t, (_request, response) => response.writeHead(status).end());
      assert.deepEqual(await refusal(`${origin}/a.mp3`), serverSays(status));
    }
    const silent = await startRawSite(t, socket => socket.destroy());
    assert.deepEqual(await refusal(`${silent.origin}/a.mp3`), serverSays(0));
    const half = await startRawSite(t, socket => {
      const head = 'HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n';
      socket.end(Buffer.concat([Buffer.from(head), audio(10_000)]));
    });
    assert.deepEqual(await refusal(`${half.origin}/a.mp3`), serverSays(0));
    for (const url of [
      'http://127.0.0.2/a.mp3',
      'http://10.0.0.1/a.mp3',
      'http://localhost:1/a.mp3',
      'file:///etc/a.mp3',
      'a.mp3',
      '/a.mp3',
    ]) {
      assert.deepEqual(await refusal(url), serverSays(0), url);
    }
    await assertNoRecord(id);
  });

  test('B24 11.4 a URL that brings a page, or nothing - refused as the method says', async t => {
    const page = await site(t, (_request, response) =>
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('<!doctype html><title>Log in</title>'),
    );
    const nothing = await site(t, (_request, response) => response.writeHead(200).end());
    const id = await ended();
    const said = { CALL_ID: id, FILENAME: 'a.mp3' };
    assert.deepEqual(await portal.refusal(ATTACH, { ...said, RECORD_URL: page.origin }), WRONG_EXTENSION);
    assert.deepEqual(await portal.refusal(ATTACH, { ...said, RECORD_URL: nothing.origin }), CONTENT_EMPTY);
    await assertNoRecord(id);
  });

  test('B24 11.4 FILENAME and RECORD_URL - fetched at once, under any URL', async t => {
    const file = audio();
    const { origin, requests } = await audioSite(t, file);
    const id = await ended();
    const attached = await attach(id, { RECORD_URL: ` ${origin}/record.php?id=5&key=a%20b ` });
    await assertRecord(id, attached, file);
    assert.deepEqual(
      requests.map(each => each.url),
      ['/record.php?id=5&key=a%20b'],
    );
  });

  test('B24 11.4 RECORD_URL only - the name is taken from its path', async t => {
    const file = audio();
    const { origin, requests } = await audioSite(t, file);
    const id = await ended();
    const params = { CALL_ID: id, RECORD_URL: `${origin}/2026/03/Ruf%201.WAV?x=/b.ogg` };
    const attached = await portal.result<Attached>(ATTACH, params);
    await assertRecord(id, attached, file);
    const { headers } = await portal.server.get(`/v1/recordings/${attached.FILE_ID}`);
    assert.match(headers.get('content-disposition') ?? '', /Ruf(?: |%20)1\.WAV/);
    for (const [path, expected] of [
      ['/record.php?f=a.mp3', WRONG_EXTENSION],
      ['/a.ogg', WRONG_EXTENSION],
      ['/', NAME_EMPTY],
      ['', NAME_EMPTY],
      ['/?f=a.mp3', NAME_EMPTY],
    ] as const) {
      assert.deepEqual(await portal.refusal(ATTACH, { CALL_ID: id, RECORD_URL: origin + path }), expected, path);
    }
    assert.equal(requests.length, 1);
  });

  test('B24 11.4 the URL and the content - the content; the URL where the content is empty', async t => {
    const [fetched, sent] = [audio(), audio()];
    const { origin, requests } = await audioSite(t, fetched);
    const id = await ended();
    const RECORD_URL = `${origin}/a.wav`;
    await assertRecord(id, await attach(id, { RECORD_URL, FILE_CONTENT: sent.toString('base64') }), sent);
    assert.equal(requests.length, 0);
    for (const content of ['', null]) {
      await assertRecord(id, await attach(id, { RECORD_URL, FILE_CONTENT: content }), fetched);
    }
  });

  test('B24 20.11 finish with RECORD_URL, then attachRecord while it is still fetched - the record that was told last', async t => {
    const [early, late] = [audio(), audio()];
    const requested = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const { origin } = await site(t, async (_request, response) => {
      requested.resolve();
      await go.promise;
      response.writeHead(200).end(early);
    });
    const { CALL_ID: id } = await portal.register();
    await portal.finish(id, { RECORD_URL: `${origin}/early.wav` });
    await requested.promise;
    const attached = await attach(id, { FILE_CONTENT: late.toString('base64') });
    await assertRecord(id, attached, late);
    go.resolve();
    const { id: callId } = await portal.v1.callOf(id, 'bitrix24');
    const arrived = (each: ServerEvent) =>
      each.kind === 'recording.attached' && each.data.callId === callId && recordingOf(each) !== attached.FILE_ID;
    const overtaken = recordingOf(await told.first('the early record', arrived));
    await assertRecord(id, attached, late);
    assert.ok((await fileOf(overtaken)).equals(early));
  });
});

const recordingOf = ({ data }: ServerEvent): number =>
  (data as ServerEvent['data'] & { readonly recordingId: number }).recordingId;

describe('attachRecord beside a PBX', { concurrency: true }, () => {
  let legs = 0;
  const pbxTells = async (number: string) => {
    const leg = {
      call_id: `${Math.floor(Date.now() / 1000)}.${++legs}`,
      time_start: new Date().toISOString().slice(0, 19).replace('T', ' '),
      call_from: number,
      call_to: '101',
      call_duration: 30,
      talk_duration: 25,
      status: 'ANSWERED',
      type: 'Inbound',
    };
    const body = JSON.stringify({ type: 30012, msg: JSON.stringify(leg) });
    assert.equal((await push(portal.server, body, { source: PBX.key, signature: null })).status, 200);
  };
  const linesOf = (number: string) => portal.result<readonly Row[]>(STATISTIC, { FILTER: { PHONE_NUMBER: number } });

  test('B24 11.4 a registration that was joined into the call of the PBX - its line has the record', async () => {
    const number = freshNumber();
    await pbxTells(number);
    const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: number });
    await portal.finish(id, { DURATION: 25 });
    const [call, ...others] = await portal.v1.list(`number=${encodeURIComponent(number)}`);
    assert.equal(others.length, 0);
    const row = await portal.row(id);
    assert.notEqual(row['ID'], String(call!.id));
    const file = audio();
    await assertRecord(id, await attach(id, { FILE_CONTENT: file.toString('base64') }), file);
    assert.equal((await linesOf(number)).length, 1);
  });

  test('B24 11.4 a call that only the PBX told of - a record by the CALL_ID of its line', async () => {
    const number = freshNumber();
    await pbxTells(number);
    const [line] = await linesOf(number);
    const id = String(line!['CALL_ID']);
    assert.match(id, /^call\.\d+$/);
    const file = audio();
    await assertRecord(id, await attach(id, { FILE_CONTENT: file.toString('base64') }), file);
  });
});

test('B24 2.2 attachRecord beside a token - what is kept of others is not asked for here', async () => {
  const id = await ended();
  const file = audio();
  const body = JSON.stringify({
    auth: 'SecretOfAnApplication',
    CALL_ID: id,
    FILENAME: 'a.wav',
    FILE_CONTENT: file.toString('base64'),
  });
  const { body: answer } = await portal.send<Attached>(methodPath(ATTACH), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await assertRecord(id, answer.result, file);
  assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: id, USER_ID: 1 }), [
    400,
    'ERROR_CORE',
    'Call is not found (call should be registered prior to finishing',
  ]);
});

test('B24 11.4 what is no audio though it is called so - refused, and nothing is left of what was refused', async () => {
  const id = await ended();
  const files = () => readdirSync(join(portal.server.dataDir, 'recordings'), { recursive: true }).sort();
  const before = files();
  const base64 = audio(1_000_000).toString('base64');
  const contents = ['<!doctype html><title>Log in</title>', base64, 'PK\x03\x04', 'a'.repeat(50_000)];
  for (const content of contents) {
    const said = { CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT: Buffer.from(content).toString('base64') };
    assert.deepEqual(await portal.refusal(ATTACH, said), WRONG_EXTENSION);
  }
  // Sound at its beginning, and broken at its end.
  const said = { CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT: `${base64}!` };
  assert.deepEqual(await portal.refusal(ATTACH, said), NOT_BASE64);
  await assertNoRecord(id);
  assert.deepEqual(files(), before);
});
