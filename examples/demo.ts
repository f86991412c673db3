/**
 * Three systems report one call, each in its own language and with its own client, and none knows of the others:
 *
 *     npm run demo
 *
 * Needs nothing and leaves nothing: a server on a free port, its data in a temporary directory, a certificate of its own.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { writeCertificate } from './certificate.ts';
import { brokenPromises, type Call, type DiallingRecord, type Picture, paint } from './demoPicture.ts';
import { type DemoProcess, startProcess } from './demoProcess.ts';
import { say } from './program.ts';

/** Everything takes some seconds; a machine that needs longer is told so. */
const PATIENCE_MS = 90_000;

/** How long it rings, and how long they talk. The call is made up; the time it takes is not. */
const RING_SECONDS = 1;
const TALK_SECONDS = 2;

const SECRETS = {
  DESK_PASSWORD: 'the password of the desk',
  OPS_TOKEN: 'the-token-of-the-demo',
  HQ_SECRET: 'TheSecretThatThePbxShows00000001',
  B24_CODE: 'thecodeofthehook1',
};
const ORGANISATION = {
  timeZone: 'Europe/Berlin',
  country: 'DE',
  users: [
    {
      id: 1,
      login: 'desk',
      password: 'env:DESK_PASSWORD',
      extension: '2005',
      devices: ['42e3a1c6-fc5e-425b-9411-125f536fde00'],
    },
  ],
  tokens: [{ name: 'ops', token: 'env:OPS_TOKEN', roles: ['administrator'] }],
  sources: [
    {
      key: 'hq',
      kind: 'yeastar',
      serial: '3631A2124XXX',
      secret: 'env:HQ_SECRET',
      numbers: { internal: ['[2-4]xxx'] },
    },
  ],
  bitrix24: { webhooks: [{ user: 1, code: 'env:B24_CODE', name: 'telephony app' }] },
  campaigns: [{ name: 'Campaign1', applicationId: 134, lists: [{ name: 'CallingList1', file: 'calling-list.csv' }] }],
};
const CALLING_LIST = 'contact_info,name\n+49 30 23125010,Example Ltd\n';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const giveUp = (reason: string): never => {
  process.stderr.write(`\nThe demo is not as promised: ${reason}\n`);
  process.exit(1);
};
setTimeout(() => giveUp(`it is not done after ${PATIENCE_MS / 1000} s.`), PATIENCE_MS).unref();
await tell().catch((error: Error) => giveUp(error.message));

async function tell(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'aftercall-demo-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  const certificate = writeCertificate(join(scratch, 'certificate'));
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificate.ca, 'utf8')]);
  // A proxy has no way to the loopback of this machine.
  const env = { ...process.env, ...SECRETS, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  const server = startServer(scratch, { ...env, TLS_CERT: certificate.cert, TLS_KEY: certificate.key });
  const url = await server.says(/^Aftercall listens on (\S+)$/m);
  say('An agent desktop for Genesys, a telephony app for Bitrix24 and a Yeastar PBX meet the same call.\n');
  const acknowledged = await makeOneCall(url, { ...env, NODE_EXTRA_CA_CERTS: certificate.ca });
  const picture = { acknowledged, ...(await look(url)) };
  say(`\n${paint(picture)}`);
  server.stop();
  await server.done();
  const broken = brokenPromises(picture);
  if (broken.length > 0) throw new Error(`${broken.join(', ')}.`);
  say('\nThree systems told of it, none knew an id of another, and it is one call.');
}

function startServer(scratch: string, env: NodeJS.ProcessEnv): DemoProcess {
  const config = join(scratch, 'organisation.json');
  writeFileSync(config, JSON.stringify(ORGANISATION));
  writeFileSync(join(scratch, 'calling-list.csv'), CALLING_LIST);
  const dataDir = join(scratch, 'data');
  mkdirSync(dataDir);
  const settings = {
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: '',
    PUBLIC_URL: '',
    LOG_LEVEL: 'warn',
  };
  const isTrouble = (line: string) => line.startsWith('{');
  return startProcess('server', ['../bin/aftercall.mjs', '--config', config], { ...env, ...settings }, isTrouble);
}

/** The story; resolves to the call result that the desktop was acknowledged with. */
async function makeOneCall(url: string, env: NodeJS.ProcessEnv): Promise<string> {
  const isNews = (line: string) => !line.startsWith('Press Enter');
  const hook = `${url}/rest/1/${SECRETS.B24_CODE}/`;
  const desktopEnv = { ...env, AGENT_PASSWORD: SECRETS.DESK_PASSWORD };
  const desktop = startProcess('desktop', ['genesys.ts', url, '--wait'], desktopEnv, isNews);
  await desktop.says(/^Press Enter/m);

  const appOptions = ['--number', '+493023125010', '--seconds', String(TALK_SECONDS), '--wait'];
  const app = startProcess('app', ['bitrix24.ts', hook, ...appOptions], env, isNews);
  await app.says(/^Press Enter/m);
  const startedAt = new Date();
  await sleep((RING_SECONDS + TALK_SECONDS) * 1000);

  const event = {
    type: 'Outbound',
    from: '2005',
    to: '03023125010',
    started: startedAt.toISOString(),
    duration: String(RING_SECONDS + TALK_SECONDS),
    talk: String(TALK_SECONDS),
  };
  const eventOptions = Object.entries(event).flatMap(([name, value]) => [`--${name}`, value]);
  await startProcess('PBX', ['yeastar.ts', `${url}/yeastar/hq`, ...eventOptions], env, isNews).done();

  app.enter();
  await app.done();
  desktop.enter();
  await desktop.done();
  return desktop.says(/GSW_CALL_RESULT (\d+)/);
}

/** Asks the server what it made of it. */
async function look(url: string): Promise<Omit<Picture, 'acknowledged'>> {
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${SECRETS.OPS_TOKEN}` } });
    if (!response.ok) throw new Error(`GET ${path} is answered with ${response.status}.`);
    return (await response.json()) as T;
  };
  const { items } = await ask<{ items: readonly { id: number }[] }>('/v1/calls');
  const calls = await Promise.all(items.map(({ id }) => ask<Call>(`/v1/calls/${id}`)));
  const records = calls.flatMap(each => each.records);
  const statistic = `/rest/1/${SECRETS.B24_CODE}/voximplant.statistic.get`;
  return {
    calls,
    records: await Promise.all(records.map(({ id }) => ask<DiallingRecord>(`/v1/records/${id}`))),
    rows: (await ask<{ result: Picture['rows'] }>(statistic)).result,
  };
}
