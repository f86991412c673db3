/** The house that the README tells of: its organisation file and calling list, served over https, which SDKs insist on. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { writeCertificate } from '../../examples/certificate.ts';
import { createScratch } from '../kit/scratch.ts';
import { startProgram } from './program.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The texts of all blocks that are marked so; `language` may be empty. */
export const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(block => block[1] === language).map(block => block[2]!);

export const SECRETS = {
  OPS_TOKEN: 'operations-token-0001',
  DESK_PASSWORD: 'a password for the desk',
  HQ_SECRET: 'TheSecretThatThePbxShows00000001',
  B24_CODE: 'k4t9w2h7m1x8q5zr',
};

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ReadmeHouse extends AsyncDisposable {
  readonly url: string;
  /** Of a client of this house: its secrets, and what to trust. */
  readonly env: Readonly<Record<string, string>>;
  /** What `/v1` lists for a query. */
  calls(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export async function startReadmeHouse(name: string): Promise<ReadmeHouse> {
  const scratch = createScratch(name);
  const certificate = writeCertificate(join(scratch.path, 'certificates'));
  const file = join(scratch.path, 'organisation.json');
  const [organisation] = blocksOf(README, 'json');
  const [callingList] = blocksOf(README, 'csv');
  writeFileSync(file, organisation!);
  writeFileSync(join(scratch.path, 'calling-list.csv'), callingList!);
  const server = startProgram(['--config', file], {
    env: { DATA_DIR: join(scratch.path, 'data'), TLS_CERT: certificate.cert, TLS_KEY: certificate.key, ...SECRETS },
  });
  const url = await server.listening();
  const env = { ...SECRETS, NODE_EXTRA_CA_CERTS: certificate.ca, CURL_CA_BUNDLE: certificate.ca };
  return {
    url,
    env,
    calls: query => listCalls(`${url}/v1/calls?${query}`, readFileSync(certificate.ca)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function listCalls(url: string, ca: Buffer): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return new Promise((resolve, reject) => {
    get(url, { ca, headers: { authorization: `Bearer ${SECRETS.OPS_TOKEN}` } }, answer => {
      json(answer).then(body => resolve((body as { items: [] }).items), reject);
    }).on('error', reject);
  });
}

/** In the project's directory, with its own Node before any other, and nothing typed in. */
export function run(command: readonly [string, ...string[]], env: Readonly<Record<string, string>>): Ran {
  const [program, ...args] = command;
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const { NODE_TEST_CONTEXT: _inTest, NODE_OPTIONS: _options, ...inherited } = process.env;
  // A proxy has no way to the loopback of this machine.
  const proxy = { NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  return spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    input: '',
    env: { ...inherited, PATH: path, ...proxy, ...env },
  });
}

/** What differs from run to run, made the same: ids and instants. */
export const withoutAccidents = (text: string): string =>
  text
    .replace(/externalCall\.[0-9a-f]{32}\.\d{10}/g, 'externalCall.…')
    .replace(/\b(row|ID|lead) \d+/g, '$1 1')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '2026-03-02 10:00:00')
    .replace(/\d\d:\d\d:\d\d\.\d{3}/g, '09:00:00.000');
