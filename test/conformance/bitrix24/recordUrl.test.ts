/** RECORD_URL of `finish`: fetched up to two times, some seconds apart, and nobody is told when there is nothing to be had. */
import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import { startSite } from '../../../src/outbound/testing/testSite.ts';
import { flac, mp3, wav } from '../../../src/recordings/testing/testAudio.ts';
import { type EventStream, openEvents } from '../../kit/eventStream.ts';
import { CALL_NOT_FOUND, FINISH, PORTAL, type Portal, type Row, startPortal } from './cases.ts';

/** May fetch from the machine it runs on, where the sites of these tests are. */
const open = await startPortal({ config: { ...PORTAL, outbound: { allow: ['127.0.0.1'] } } });
/** Fetches from the public only, as every server does that is not told otherwise. */
const guarded = await startPortal();
const openTold = await openEvents(open.server);
const guardedTold = await openEvents(guarded.server);
after(() => Promise.all([openTold.close(), guardedTold.close()]));

/** Finishes a call with this URL, waits until there is a recording or none will come, and returns the call's line. */
async function finishWith(portal: Portal, url: string): Promise<Row> {
  const events = portal === open ? openTold : guardedTold;
  const finished = await portal.call({ RECORD_URL: url });
  const id = String(finished['CALL_ID']);
  assert.ok(!('ERRORS' in finished));
  assert.equal((await portal.row(id))['CALL_FAILED_CODE'], '200');
  await decided(portal, events, id);
  return portal.row(id);
}

async function decided(portal: Portal, events: EventStream, id: string): Promise<void> {
  const { id: callId } = await portal.v1.callOf(id, 'bitrix24');
  const ends = ['recording.attached', 'recording.failed'];
  await events.first(`the recording of ${id}`, each => each.data.callId === callId && ends.includes(each.kind));
}

const audioSite = (t: TestContext, audio: Uint8Array) =>
  startSite(t, (_request, response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(audio));

const fileOf = async (portal: Portal, row: Row): Promise<Buffer> => {
  const response = await portal.server.get(`/v1/recordings/${row['RECORD_FILE_ID']}`);
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
};

describe('RECORD_URL', { concurrency: true }, () => {
  test('B24-29 finish with RECORD_URL answering 404 - 200 without ERRORS, no file, two fetches', async t => {
    const site = await startSite(t, (_request, response) => response.writeHead(404).end());
    const row = await finishWith(open, `${site.origin}/gone.mp3`);
    assert.equal(row['RECORD_FILE_ID'], null);
    assert.equal(row['CALL_RECORD_URL'], null);
    assert.deepEqual(
      site.requests.map(each => [each.method, each.url]),
      [
        ['GET', '/gone.mp3'],
        ['GET', '/gone.mp3'],
      ],
    );
  });

  for (const [name, audio] of [
    ['an mp3', mp3()],
    ['a wav', wav(8_000)],
    ['a flac', flac()],
  ] as const) {
    test(`B24 RECORD_URL of ${name} - fetched once, and RECORD_FILE_ID is a number`, async t => {
      const site = await audioSite(t, audio);
      const row = await finishWith(open, `${site.origin}/calls/one?token=a%20b`);
      assert.ok(Number.isInteger(row['RECORD_FILE_ID']) && Number(row['RECORD_FILE_ID']) > 0);
      assert.deepEqual(
        site.requests.map(each => each.url),
        ['/calls/one?token=a%20b'],
      );
      assert.deepEqual(await fileOf(open, row), audio);
    });
  }

  test('B24 RECORD_URL that fails once - the second fetch brings the file', async t => {
    let fetches = 0;
    const site = await startSite(t, (_request, response) => {
      fetches += 1;
      if (fetches === 1) response.writeHead(503).end();
      else response.writeHead(200).end(mp3());
    });
    const row = await finishWith(open, `${site.origin}/late.mp3`);
    assert.equal(typeof row['RECORD_FILE_ID'], 'number');
    assert.equal(fetches, 2);
  });

  test('B24 RECORD_URL of what is no recording - no file, and no error', async t => {
    const site = await startSite(t, (_request, response) =>
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('<!doctype html><title>Log in</title>'),
    );
    assert.equal((await finishWith(open, `${site.origin}/page.mp3`))['RECORD_FILE_ID'], null);
    assert.equal(site.requests.length, 2);
  });

  test('B24 RECORD_URL into a private network - nobody is asked, and no error', async t => {
    const site = await audioSite(t, mp3());
    const origins = [site.origin, `http://localhost:${site.port}`, `http://[::ffff:127.0.0.1]:${site.port}`];
    const rows = await Promise.all(origins.map(origin => finishWith(guarded, `${origin}/secret.mp3`)));
    for (const row of rows) assert.equal(row['RECORD_FILE_ID'], null);
    assert.equal(site.connections.length, 0);
  });

  test('B24 RECORD_URL that is none, or of another kind - 200, the call is finished, no file', async () => {
    for (const url of ['', null, 'recording.mp3', '/recordings/1.mp3', 'http://', 'x'.repeat(3_000), ['a'], 5]) {
      const finished = await open.call({ RECORD_URL: url });
      assert.equal((await open.row(String(finished['CALL_ID'])))['RECORD_FILE_ID'], null, JSON.stringify(url));
    }
    const others = ['file:///etc/passwd', 'ftp://127.0.0.1/a.mp3', 'data:audio/mpeg;base64,//uQ', 'javascript:1'];
    const rows = await Promise.all(others.map(url => finishWith(open, url)));
    for (const row of rows) assert.equal(row['RECORD_FILE_ID'], null);
  });

  test('B24 RECORD_URL of a finish that is refused - not fetched', async t => {
    const site = await audioSite(t, mp3());
    const { CALL_ID: id } = await open.register();
    await open.finish(id);
    const again = { CALL_ID: id, USER_ID: 1, RECORD_URL: `${site.origin}/a.mp3` };
    assert.deepEqual(await open.refusal(FINISH, again), CALL_NOT_FOUND);
    // What was asked for later has come: this was not asked for.
    assert.equal(typeof (await finishWith(open, `${site.origin}/b.mp3`))['RECORD_FILE_ID'], 'number');
    assert.deepEqual(
      site.requests.map(each => each.url),
      ['/b.mp3'],
    );
  });
});
