import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { createV1Client } from '../kit/v1Client.ts';
import { startProgram } from './program.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const ORGANISATION_FILE = readFileSync(new URL('../../docs/organisation-file.md', import.meta.url), 'utf8');

const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(block => block[1]!);

const missing = ['curl', 'openssl'].find(program => spawnSync(program, ['--version']).error !== undefined);

test('README - its organisation file and every example on it work', {
  skip: missing && `needs ${missing}`,
}, async () => {
  const scratch = createScratch('readme');
  const secrets = {
    OPS_TOKEN: 'operations-token-0001',
    DESK_PASSWORD: 'a password for the desk',
    HQ_SECRET: 'TheSecretThatThePbxShows00000001',
  };
  const file = join(scratch.path, 'organisation.json');
  const [organisation] = blocksOf(README, 'json');
  writeFileSync(file, organisation!);
  await using server = startProgram(['--config', file], { env: { DATA_DIR: join(scratch.path, 'data'), ...secrets } });
  const url = await server.listening();

  const examples = blocksOf(README, 'sh');
  assert.ok(examples.length >= 8);
  const run = spawnSync('sh', ['-euc', examples.join('\necho\n')], {
    encoding: 'utf8',
    env: { ...process.env, ...secrets, AFTERCALL: url, AUTH: `authorization: Bearer ${secrets.OPS_TOKEN}` },
  });
  assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
  assert.match(run.stdout, /^\{"errcode":0,"errmsg":"SUCCESS"\}$/m);
  assert.match(run.stdout, /"n":1/);
  assert.match(run.stdout, /^event: call\.ended$/m);

  const client = createV1Client({ url, token: secrets.OPS_TOKEN });
  const { answeredAt, outcome, userId, fromE164 } = (await client.list('source=hq'))[0]!;
  assert.deepEqual(
    { answeredAt, outcome, userId, fromE164 },
    { answeredAt: '2026-03-02T09:00:12Z', outcome: 'answered', userId: 1, fromE164: '+493023125010' },
  );
  const [dialled] = await client.list('source=native');
  assert.deepEqual([dialled!.outcome, dialled!.cost, dialled!.userId], ['answered', '0.024', 1], 'taken back again');
});

test('README - the settings it names are those of --help', async () => {
  await using help = startProgram(['--help']);
  await help.ended();
  const [table] = README.split('## Settings')[1]!.split('\n## ');
  const named = [...table!.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(each => each[1]!);
  const said = [...help.stdout.matchAll(/^ {2}([A-Z]+(?:_[A-Z]+)*) /gm)].map(each => each[1]!);
  assert.deepEqual([...new Set(named)].sort(), said.sort());
});

test('organisation file - the examples of its page are taken', async () => {
  const scratch = createScratch('examples');
  for (const [i, example] of blocksOf(ORGANISATION_FILE, 'json').entries()) {
    const file = join(scratch.path, `${i}.json`);
    writeFileSync(file, example);
    writeFileSync(join(scratch.path, 'desk-password'), 'a password for the desk\n');
    const env = {
      DATA_DIR: join(scratch.path, 'data'),
      OPS_TOKEN: 'operations-token-0001',
      CRM_TOKEN: 'crm-reports-token-0001',
      HQ_SECRET: 'TheSecretThatThePbxShows00000001',
    };
    await using check = startProgram(['--config', file, '--check'], { env });
    assert.equal(await check.ended(), 0, `${example}\n${check.stderr}`);
  }
});
