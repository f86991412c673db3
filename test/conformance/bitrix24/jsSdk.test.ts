/**
 * The vendor's own SDK for JavaScript as it is published, in a process of its own that trusts the server's certificate: it
 * speaks https only (docs/bitrix24.md, section 20.1).
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { wav } from '../../../src/recordings/testing/testAudio.ts';
import { selfSigned } from '../../cli/certificate.ts';
import { createScratch } from '../../kit/scratch.ts';
import { startServer } from '../../kit/server.ts';
import {
  ATTACH,
  CALL_NOT_FOUND,
  FINISH,
  type Finished,
  freshNumber,
  HIDE,
  HOOKS,
  PORTAL,
  type PortalBody,
  REGISTER,
  type Registered,
  type Row,
  SHOW,
  STATISTIC,
} from './cases.ts';
import type { SdkOrder, SdkReply } from './jsSdk.worker.ts';

const WORKER = fileURLToPath(new URL('./jsSdk.worker.ts', import.meta.url));
/** More than two pages, and not a whole number of them. */
const CALLS = 120;

const scratch = createScratch('js-sdk');
const files = { TLS_CERT: join(scratch.path, 'cert.pem'), TLS_KEY: join(scratch.path, 'key.pem') };
const { cert, key } = selfSigned('localhost');
writeFileSync(files.TLS_CERT, cert);
writeFileSync(files.TLS_KEY, key, { mode: 0o600 });
const server = await startServer({ config: PORTAL, env: files });
const sdk = fork(WORKER, [`https://localhost:${server.port}/rest/${HOOKS.administrator}/`], {
  env: { ...process.env, NODE_EXTRA_CA_CERTS: files.TLS_CERT },
  // Dates and what is undefined reach the SDK as what they are.
  serialization: 'advanced',
});
after(async () => {
  sdk.kill();
  await server[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

/** One order at a time. */
function order(given: SdkOrder): Promise<SdkReply> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the process of the SDK ended'));
    sdk.once('exit', ended);
    sdk.once('message', (reply: SdkReply) => {
      sdk.off('exit', ended);
      resolve(reply);
    });
    sdk.send(given);
  });
}

async function call<T>(method: string, params: SdkOrder['params']): Promise<T> {
  const reply = await order({ order: 'call', method, params });
  assert.equal(reply.reply, 'answer', JSON.stringify(reply));
  return (reply.data as PortalBody<T>).result;
}

async function pages(how: 'callList' | 'fetchList', params: SdkOrder['params'] = {}): Promise<readonly Row[][]> {
  const reply = await order({ order: how, method: STATISTIC, params });
  assert.equal(reply.reply, 'pages', JSON.stringify(reply));
  return reply.pages as readonly Row[][];
}

const said = (n: number) => ({
  USER_ID: 1,
  PHONE_NUMBER: freshNumber(),
  TYPE: 2,
  SHOW: false,
  EXTERNAL_CALL_ID: `sdk-${n}`,
  // A Date leaves the SDK with milliseconds and a Z.
  CALL_START_DATE: new Date(Date.UTC(2026, 2, 2, 8, n)),
  CRM_SOURCE: null,
  LINE_NUMBER: undefined,
});

test('B24 20.1 JS SDK - register, show, hide, finish', async () => {
  const first = said(0);
  const registered = await call<Registered>(REGISTER, first);
  const { CALL_ID: id } = registered;
  assert.deepEqual(registered.CRM_CREATED_ENTITIES, []);
  assert.deepEqual(await call(REGISTER, first), registered);
  assert.equal(await call(SHOW, { CALL_ID: id, USER_ID: [1, 2] }), true);
  assert.equal(await call(HIDE, { CALL_ID: id, USER_ID: 2 }), true);
  assert.equal(await call(SHOW, { CALL_ID: 'nope' }), false);
  const finished = await call<Finished>(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 95, COST: 1.1, VOTE: 5 });
  assert.deepEqual(
    [finished['CALL_ID'], finished['CALL_DURATION'], finished['COST'], finished['CALL_START_DATE']],
    [id, 95, 1.1, '2026-03-02T09:00:00+01:00'],
  );
});

test('B24 20.1 JS SDK - attachRecord with a file, and with an address that is https as the portal is', async () => {
  const { CALL_ID: id } = await call<Registered>(REGISTER, said(2));
  await call(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 1 });
  const FILE_CONTENT = wav(2_000).toString('base64');
  const attached = await call<{ FILE_ID: number }>(ATTACH, { CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT });
  assert.ok(Number.isInteger(attached.FILE_ID));
  const slot = await call<{ uploadUrl: string; fieldName: string }>(ATTACH, { CALL_ID: id, FILENAME: 'a.wav' });
  assert.ok(slot.uploadUrl.startsWith(`https://localhost:${server.port}/rest/upload.json?token=`), slot.uploadUrl);
  const dispatcher = new Agent({ connect: { ca: cert } });
  const answer = await request(slot.uploadUrl, { method: 'POST', body: wav(3_000), dispatcher });
  assert.equal(answer.statusCode, 200);
  const { result } = (await answer.body.json()) as PortalBody<{ FILE_ID: number }>;
  assert.ok(result.FILE_ID > attached.FILE_ID);
  await dispatcher.close();
});

test('B24 20.1 JS SDK - a refusal is an error with the code, the status and the text', async () => {
  const { CALL_ID: id } = await call<Registered>(REGISTER, said(1));
  await call(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 1 });
  const refusals: readonly (readonly [string, SdkOrder['params'], readonly [number, string, string]])[] = [
    [FINISH, { CALL_ID: id, USER_ID: 1 }, CALL_NOT_FOUND],
    [FINISH, { CALL_ID: ['a'], USER_ID: 1 }, [400, 'INVALID_ARGUMENT', 'CALL_ID must be a string']],
    ['no.such.method', {}, [404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!']],
  ];
  for (const [method, params, [status, code, message]] of refusals) {
    const reply = await order({ order: 'call', method, params });
    assert.deepEqual(reply, { reply: 'refusal', code, status, message });
  }
});

test('B24 20.1 JS SDK - its list helpers walk every page of the statistics', async () => {
  for (let n = 3; n < CALLS; n++) {
    const { CALL_ID: id } = await call<Registered>(REGISTER, said(n));
    await call(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: n % 10 });
  }
  const plain = await order({ order: 'call', method: STATISTIC, params: {} });
  assert.ok(plain.reply === 'answer');
  assert.deepEqual([plain.total, plain.isMore], [CALLS, true]);
  assert.equal((plain.data as PortalBody<readonly Row[]>).result.length, 50);

  const fetched = await pages('fetchList');
  assert.deepEqual(
    fetched.map(page => page.length),
    [50, 50, CALLS - 100],
  );
  const ids = fetched.flat().map(row => Number(row['ID']));
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
  const [all] = await pages('callList');
  assert.deepEqual(all, fetched.flat());

  const [some] = await pages('callList', { filter: { '>CALL_DURATION': 4, '!CALL_FAILED_CODE': '304' } });
  const expected = all!.filter(row => Number(row['CALL_DURATION']) > 4);
  assert.ok(expected.length > 50);
  assert.deepEqual(some, expected);
});
