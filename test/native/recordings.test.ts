import assert from 'node:assert/strict';
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startSite } from '../../src/outbound/testing/testSite.ts';
import { mp3, wav } from '../../src/recordings/testing/testAudio.ts';
import { type EventStream, openEvents, type ServerEvent } from '../kit/eventStream.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, startServer } from '../kit/server.ts';
import { basic, bearer, createV1Client } from '../kit/v1Client.ts';
import type { CallView, ProblemView } from '../kit/v1Views.ts';
import { ANNA, BERT, openHouse, ROLES, type Role, statedCall, TOKENS } from './house.ts';
import { applicationOf, freshNumber, pbxTells, TELEPHONY } from './telephony.ts';

/** May fetch from the machine it runs on, where the sites of these tests are. */
const FETCHING = { ...TELEPHONY, outbound: { allow: ['127.0.0.1'] } };
const { server, v1 } = await openHouse({ config: FETCHING });
const application = applicationOf(server);

type Attached = ServerEvent['data'] & { readonly recordingId: number };

const siteWith = (t: TestContext, audio: Uint8Array, contentType = 'audio/mpeg') =>
  startSite(t, (_request, response) => response.writeHead(200, { 'content-type': contentType }).end(audio));

interface Recorded {
  readonly number: string;
  /** What the application was given. */
  readonly token: string;
  /** The source call of the registration. */
  readonly callId: number;
  readonly recordingId: number;
}

/** Finishes a call that names a recording, and waits until it is stored. */
async function record(url: string, events: EventStream, on: RunningServer = server): Promise<Recorded> {
  const { register, finish } = applicationOf(on);
  const number = freshNumber();
  const token = await register(number);
  const { id: callId } = await createV1Client(on).callOf(token, 'bitrix24');
  await finish(token, { RECORD_URL: url });
  const { data } = await events.first(
    'the recording',
    each => each.kind === 'recording.attached' && each.data.callId === callId,
  );
  return { number, token, callId, recordingId: (data as Attached).recordingId };
}

async function assertServed(id: number, audio: Uint8Array, on: Pick<RunningServer, 'get'> = server): Promise<Headers> {
  const response = await on.get(`/v1/recordings/${id}`);
  assert.equal(response.status, 200);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(audio));
  assert.equal(response.headers.get('content-length'), String(audio.byteLength));
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  return response.headers;
}

test('a recording that a finish names - is served as it was, under the id the portal’s list gives it', async t => {
  await using events = await openEvents(server);
  for (const [audio, contentType, ending] of [
    [mp3(), 'audio/mpeg', 'mp3'],
    [wav(8_000), 'audio/wav', 'wav'],
  ] as const) {
    // What the site says it is does not matter.
    const site = await siteWith(t, audio, 'application/octet-stream');
    const { number, recordingId } = await record(`${site.origin}/calls/one.${ending}?token=a%20b`, events);
    const [line] = await application.lines(number);
    assert.equal(line!['RECORD_FILE_ID'], recordingId);
    const headers = await assertServed(recordingId, audio);
    assert.equal(headers.get('content-type'), contentType);
    assert.equal(headers.get('content-disposition'), `attachment; filename*=UTF-8''one.${ending}`);
  }
});

test('a large recording - comes whole, to many at once', async t => {
  await using events = await openEvents(server);
  const audio = wav(3 * 1024 * 1024);
  const site = await siteWith(t, audio);
  const { recordingId } = await record(`${site.origin}/long.wav`, events);
  await Promise.all(Array.from({ length: 8 }, () => assertServed(recordingId, audio)));
});

test('a name in any script - is told in the header, without what a header cannot hold', async t => {
  await using events = await openEvents(server);
  const site = await siteWith(t, mp3());
  const name = encodeURIComponent('Gespräch 中文 "x".mp3');
  const { recordingId } = await record(`${site.origin}/${name}`, events);
  const headers = await assertServed(recordingId, mp3());
  assert.equal(
    headers.get('content-disposition'),
    `attachment; filename*=UTF-8''${encodeURIComponent('Gespräch 中文 x.mp3')}`,
  );
});

test('a recording of a call that the PBX told too - is still there when the call is one, two, and one again', async t => {
  await using events = await openEvents(server);
  const site = await siteWith(t, mp3());
  const { number, token, callId, recordingId } = await record(`${site.origin}/a.mp3`, events);
  const pbxId = await pbxTells(server, { number, durationSeconds: 1, talkSeconds: 1 });
  const joined = await v1.callOf(pbxId, 'hq');
  assert.equal(joined.id, callId);
  const fileOf = async () => {
    const lines = await application.lines(number);
    return lines.filter(each => each['CALL_ID'] === token).map(each => each['RECORD_FILE_ID']);
  };
  assert.deepEqual(await fileOf(), [recordingId]);
  await v1.post(`/v1/calls/${callId}/split`, {}, 200);
  assert.deepEqual(await fileOf(), [recordingId]);
  await v1.post(`/v1/calls/${callId}/join`, { with: joined.aliases[0] }, 200);
  assert.deepEqual(await fileOf(), [recordingId]);
  await assertServed(recordingId, mp3());
});

test('the line of a joined call - shows the latest recording of any of its source calls, and once split again each its own', async () => {
  const number = freshNumber();
  const report = (minute: number) =>
    v1.post<CallView>('/v1/calls', statedCall({ from: number, startedAt: `2026-03-02T10:0${minute}:00Z` }), 201);
  const [one, other] = [await report(1), await report(2)];
  const filesByLine = async () =>
    Object.fromEntries((await application.lines(number)).map(each => [each['CALL_ID'], each['RECORD_FILE_ID']]));
  const [lineOfOne, lineOfOther] = [`call.${one.id}`, `call.${other.id}`];
  const ofOther = await application.attach(lineOfOther, mp3());
  assert.deepEqual(await filesByLine(), { [lineOfOne]: null, [lineOfOther]: ofOther });
  await v1.post(`/v1/calls/${one.id}/join`, { with: other.id }, 200);
  assert.deepEqual(await filesByLine(), { [lineOfOne]: ofOther });
  const ofBoth = await application.attach(lineOfOne, wav());
  assert.deepEqual(await filesByLine(), { [lineOfOne]: ofBoth });
  await v1.post(`/v1/calls/${one.id}/split`, {}, 200);
  assert.deepEqual(await filesByLine(), { [lineOfOne]: ofBoth, [lineOfOther]: ofOther });
});

test('a record handed over for the PBX’s line - is shown by the registration’s once the two are one', async () => {
  const number = freshNumber();
  const pbxId = await pbxTells(server, {
    number,
    startedAt: Date.now() - 3_600_000,
    durationSeconds: 1,
    talkSeconds: 1,
  });
  const { id } = await v1.callOf(pbxId, 'hq');
  const token = await application.register(number);
  await application.finish(token);
  const recordingId = await application.attach(`call.${id}`, mp3());
  await v1.post(`/v1/calls/${id}/join`, { with: (await v1.callOf(token, 'bitrix24')).id }, 200);
  const lines = await application.lines(number);
  assert.deepEqual(
    lines.map(each => [each['CALL_ID'], each['RECORD_FILE_ID']]),
    [[token, recordingId]],
  );
});

test('a call whose recording is stored - settles soon, and not before the PBX’s further legs could have come', async t => {
  await using events = await openEvents(server);
  const site = await siteWith(t, mp3());
  const number = freshNumber();
  const token = await application.register(number);
  const pbxId = await pbxTells(server, { number, durationSeconds: 1, talkSeconds: 1 });
  await application.finish(token, { RECORD_URL: `${site.origin}/a.mp3` });
  const { id } = await v1.callOf(pbxId, 'hq');
  const settled = await events.first(
    'the call settles',
    each => each.kind === 'call.settled' && each.data.callId === id,
  );
  const attached = events.received.find(each => each.kind === 'recording.attached' && each.data.callId === id)!;
  const { reports } = await v1.call(id);
  const toldAt = Date.parse(reports.find(each => each.kind === 'yeastar.30012')!.receivedAt);
  const [attachedAt, settledAt] = [Date.parse(attached.data.at), Date.parse(settled.data.at)];
  assert.ok(settledAt - toldAt >= 5_000, `${settledAt - toldAt} ms after the leg`);
  assert.ok(settledAt - attachedAt >= 1_000, `${settledAt - attachedAt} ms after the recording`);
});

test('a recording that cannot be had - is told, and there is none', async t => {
  await using events = await openEvents(server);
  const site = await startSite(t, (_request, response) => response.writeHead(404).end());
  const number = freshNumber();
  const token = await application.register(number);
  await application.finish(token, { RECORD_URL: `${site.origin}/gone.mp3` });
  const { id } = await v1.callOf(token, 'bitrix24');
  await events.first('the failure', each => each.kind === 'recording.failed' && each.data.callId === id);
  assert.equal((await application.lines(number))[0]!['RECORD_FILE_ID'], null);
  const { journal } = await v1.call(id);
  assert.deepEqual(
    journal.map(each => each.kind).filter(kind => kind.startsWith('recording.')),
    ['recording.requested', 'recording.failed'],
  );
  const text = JSON.stringify(events.received);
  assert.ok(!text.includes('gone.mp3'), 'the journal holds no URL');
});

test('a recording - is there after a restart, and a problem when its file is not what was stored, or gone', async t => {
  const dataDir = join(createScratch('audio').path, 'data');
  const site = await siteWith(t, mp3());
  let id: number;
  {
    await using first = await startServer({ config: FETCHING, dataDir });
    await using events = await openEvents(first);
    id = (await record(`${site.origin}/a.mp3`, events, first)).recordingId;
  }
  await using second = await startServer({ config: FETCHING, dataDir });
  await assertServed(id, mp3(), second);
  const stored = readdirSync(join(dataDir, 'recordings'), { recursive: true, withFileTypes: true });
  const [file, ...others] = stored.filter(each => each.isFile()).map(each => join(each.parentPath, each.name));
  assert.deepEqual(others, []);
  for (const harm of [() => truncateSync(file!, 10), () => rmSync(file!)]) {
    harm();
    const answer = await createV1Client(second).ask<ProblemView>('GET', `/v1/recordings/${id}`);
    assert.deepEqual([answer.status, answer.body.title], [404, 'Not Found']);
  }
});

test('a recording that is not there - is a problem that says so', async () => {
  for (const [path, status] of [
    ['/v1/recordings/999999', 404],
    ['/v1/recordings/x', 400],
    ['/v1/recordings/0', 400],
    ['/v1/recordings/1.5', 400],
    ['/v1/recordings/..%2f..%2fetc%2fpasswd', 400],
  ] as const) {
    const answer = await v1.ask<ProblemView>('GET', path);
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(answer.body.status, status);
  }
});

/** A token takes part in no call. */
const ANSWERS: Readonly<Record<Role, number>> = { administrator: 200, supervisor: 200, agent: 404, reporter: 403 };

test('recordings - are for those who read all calls, and for who took part in the call', async t => {
  await using events = await openEvents(server);
  const site = await siteWith(t, mp3());
  const { recordingId } = await record(`${site.origin}/a.mp3`, events);
  const path = `/v1/recordings/${recordingId}`;
  for (const role of ROLES) {
    const { status } = await createV1Client(server, bearer(TOKENS[role])).ask('GET', path);
    assert.equal(status, ANSWERS[role], role);
  }
  assert.equal((await createV1Client(server, basic(ANNA.login, ANNA.password)).ask('GET', path)).status, 200);
  assert.equal((await createV1Client(server, basic(BERT.login, BERT.password)).ask('GET', path)).status, 404);
  assert.equal((await createV1Client(server, null).ask('GET', path)).status, 401);
});
