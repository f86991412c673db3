import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { startProgram } from './program.ts';
import { blocksOf, README, run, SECRETS, startReadmeHouse, withoutAccidents } from './readmeHouse.ts';

const ORGANISATION_FILE = readFileSync(new URL('../../docs/organisation-file.md', import.meta.url), 'utf8');

const ADMINISTRATION = readFileSync(new URL('../../docs/administration.md', import.meta.url), 'utf8');

const missing = ['curl', 'openssl'].find(program => spawnSync(program, ['--version']).error !== undefined);

test('README - its organisation file and every example on it work', {
  skip: missing && `needs ${missing}`,
}, async () => {
  await using house = await startReadmeHouse('readme');
  const env = { ...house.env, AFTERCALL: house.url, AUTH: `authorization: Bearer ${SECRETS.OPS_TOKEN}` };
  const examples = blocksOf(README, 'sh');
  assert.ok(examples.length >= 14);
  const ran = run(['sh', '-euc', examples.join('\necho\n')], env);
  assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
  assert.match(ran.stdout, /^\{"errcode":0,"errmsg":"SUCCESS"\}$/m);
  assert.match(ran.stdout, /"n":1/);
  assert.match(ran.stdout, /^event: call\.ended$/m);
  assert.match(ran.stdout, /"result":true/);
  const said = withoutAccidents(ran.stdout);
  for (const first of ['Registered:', 'desk is logged in']) {
    const pasted = blocksOf(README, '').find(each => each.startsWith(first));
    assert.ok(said.includes(withoutAccidents(pasted!)), `${pasted}\nis not in\n${said}`);
  }

  const [, pushed] = await house.calls('source=hq');
  assert.deepEqual(
    [pushed!['answeredAt'], pushed!['outcome'], pushed!['userId'], pushed!['fromE164']],
    ['2026-03-02T09:00:12Z', 'answered', 1, '+493023125010'],
  );
  const [dialled] = await house.calls('source=native');
  assert.deepEqual(
    [dialled!['outcome'], dialled!['cost'], dialled!['userId'], dialled!['aliases']],
    ['answered', '0.024', 1, []],
    'taken back again, and split again',
  );
});

test('administration - every example on its page works', {
  skip: missing && `needs ${missing}`,
}, async () => {
  await using house = await startReadmeHouse('administration');
  const env = { ...house.env, AFTERCALL: house.url, AUTH: `authorization: Bearer ${SECRETS.OPS_TOKEN}` };
  const ran = run(['sh', '-euc', blocksOf(ADMINISTRATION, 'sh').join('\necho\n')], env);
  assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
  const [user, token, source] = ran.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([user!['login'], user!['hasPassword'], user!['managedBy']], ['eva', true, 'api']);
  assert.deepEqual([token!['roles'], typeof token!['token']], [['supervisor'], 'string']);
  assert.deepEqual([source!['key'], source!['secrets'], source!['reports']], ['branch', ['secret'], ['legs']]);
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
