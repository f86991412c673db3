import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signatureOf } from '../kit/pbxWebhook.ts';
import { createScratch } from '../kit/scratch.ts';
import { basic } from '../kit/v1Client.ts';
import { runProgram, startProgram } from './program.ts';

const SOURCE = { key: 'hq', kind: 'yeastar', timeZone: 'Europe/London', unsigned: true };
const FILE = {
  timeZone: 'Europe/London',
  country: 'GB',
  users: [{ id: 1, login: 'supervisor', password: 'a long password', extension: '2005', roles: ['supervisor'] }],
  tokens: [{ name: 'ops', token: 'an-operations-token-0001', roles: ['administrator'] }],
  sources: [SOURCE],
};

function house(name: string, file: object) {
  const scratch = createScratch(name);
  const path = join(scratch.path, 'organisation.json');
  const write = (content: object) => writeFileSync(path, JSON.stringify(content, null, 2));
  write(file);
  return { scratch, path, write, env: { DATA_DIR: join(scratch.path, 'data') } };
}

test('organisation file - an unknown key is refused by name, with the one that was meant', async () => {
  const { path, env } = house('unknown-key', { ...FILE, sources: [{ ...SOURCE, timezone: 'Europe/London' }] });
  const run = await runProgram(['--config', path], { env });
  assert.equal(run.end, 1);
  assert.match(run.stderr, /^The organisation file .* has a mistake:$/m);
  assert.match(run.stderr, /sources\[0\]\.timezone is not known/);
  assert.equal(existsSync(env.DATA_DIR), false);
});

test('organisation file - not there, not JSON', async () => {
  const { scratch, env } = house('not-json', FILE);
  const absent = await runProgram(['--config', join(scratch.path, 'none.json')], { env });
  assert.deepEqual([absent.end, /none\.json does not exist\.$/m.test(absent.stderr)], [1, true], absent.stderr);
  const broken = join(scratch.path, 'broken.json');
  writeFileSync(broken, '{ "users": [ { "id": 1, }');
  const run = await runProgram(['--config', broken], { env });
  assert.equal(run.end, 1);
  assert.match(run.stderr, /is not JSON: line 1, column \d+: /);
});

test('organisation file - --check prints what would change and changes nothing', async () => {
  const { path, write, env } = house('check', FILE);
  const first = await runProgram(['--config', path, '--check'], { env });
  assert.equal(first.end, 0, first.stderr);
  for (const line of ['+ user 1 (supervisor)', '+ token ops', '+ source hq']) {
    assert.ok(first.stdout.split('\n').includes(line), first.stdout);
  }
  assert.equal(existsSync(env.DATA_DIR), false, 'a check of a new house makes nothing');

  await using server = startProgram(['--config', path], { env });
  await server.listening();
  const same = await runProgram(['--config', path, '--check'], { env });
  assert.deepEqual([same.end, same.stdout], [0, 'nothing would change\n']);

  write({ ...FILE, users: [{ ...FILE.users[0], extension: '2006' }], sources: [] });
  const other = await runProgram(['--config', path, '--check'], { env });
  assert.deepEqual(other.stdout.trim().split('\n').sort(), [
    '- source hq (deactivated)',
    '~ user 1 (supervisor): extension 2005, extension 2006',
  ]);
  const again = await runProgram(['--config', path, '--check'], { env });
  assert.equal(again.stdout, other.stdout);
  const needsFile = await runProgram(['--check'], { env });
  assert.equal(needsFile.end, 1);
  assert.match(needsFile.stderr, /^--check needs --config/);
});

test('organisation file - applied at every start, logged without logins and numbers, the same again logs nothing', async () => {
  const { path, write, env } = house('apply', FILE);
  const started = async () => {
    await using server = startProgram(['--config', path], { env });
    await server.listening();
    server.child.kill('SIGTERM');
    assert.equal(await server.ended(), 0);
    return [...server.stdout.matchAll(/"change":"([^"]+)"/g)].map(each => each[1]);
  };
  const first = await started();
  assert.ok(first.includes('+ source hq') && first.includes('+ user 1'), String(first));
  assert.deepEqual(await started(), []);
  write({ ...FILE, users: [{ ...FILE.users[0], extension: '2006', roles: ['agent'] }], sources: [] });
  assert.deepEqual(await started(), ['~ user 1: roles, extension', '- source hq (deactivated)']);
});

test('organisation file - secrets from env: and file: work, and are never printed nor stored in clear', async () => {
  const secrets = {
    password: 'correct-horse-battery-staple',
    token: 'token-from-the-environment-0001',
    secret: 'a-secret-the-pbx-signs-with-0001',
  };
  const { scratch, path, env } = house('secrets', {
    ...FILE,
    users: [{ id: 1, login: 'supervisor', password: 'file:password.txt', roles: ['supervisor'] }],
    tokens: [{ name: 'ops', token: 'env:OPS_TOKEN', roles: ['administrator'] }],
    sources: [{ ...SOURCE, unsigned: false, secret: 'env:PBX_SECRET' }],
  });
  writeFileSync(join(scratch.path, 'password.txt'), `${secrets.password}\n`);
  const variables = { OPS_TOKEN: secrets.token, PBX_SECRET: secrets.secret };

  const missing = await runProgram(['--config', path], { env });
  assert.equal(missing.end, 1);
  assert.match(missing.stderr, /tokens\[0\]\.token asks for the environment variable OPS_TOKEN, which is not set/);

  await using server = startProgram(['--config', path], { env: { ...env, ...variables, LOG_LEVEL: 'trace' } });
  const url = await server.listening();
  const event = '{"type":30012,"sn":"S","msg":"{not json"}';
  const push = (signature: string) =>
    fetch(`${url}/yeastar/hq`, { method: 'POST', headers: { 'x-signature': signature }, body: event });
  assert.equal((await push(signatureOf(event, secrets.secret))).status, 200);
  assert.equal((await push(secrets.secret)).status, 401);
  const ask = (authorization: string) => fetch(`${url}/v1/quarantine`, { headers: { authorization } });
  assert.equal((await ask(`Bearer ${secrets.token}`)).status, 200);
  assert.equal((await ask(basic('supervisor', secrets.password))).status, 403);
  assert.equal((await ask(`Bearer ${secrets.token}x`)).status, 401);
  const check = await runProgram(['--config', path, '--check'], { env: { ...env, ...variables } });
  assert.equal(check.stdout, 'nothing would change\n');
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);

  const kept = readdirSync(env.DATA_DIR, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => readFileSync(join(each.parentPath, each.name)));
  for (const [name, secret] of Object.entries(secrets)) {
    assert.ok(!(server.stdout + server.stderr).includes(secret), `the ${name} is in the log`);
    assert.ok(!(check.stdout + check.stderr + missing.stderr).includes(secret), `the ${name} is printed`);
    assert.ok(!kept.some(bytes => bytes.includes(secret)), `the ${name} is stored in clear`);
  }
});

test('organisation file - an extension of one source is shown by --check, and refused where there is no such source', async () => {
  const held = (source: string) => ({ ...FILE, users: [{ ...FILE.users[0], extension: { number: '2005', source } }] });
  const { path, write, env } = house('extension-of-source', FILE);
  const unknown = { path: join(path, '..', 'unknown.json'), content: held('branch') };
  writeFileSync(unknown.path, JSON.stringify(unknown.content));
  const refused = await runProgram(['--config', unknown.path, '--check'], { env });
  assert.equal(refused.end, 1, refused.stdout);
  assert.match(refused.stderr, /users\[0\]\.extension\.source: branch is the key of no source; there are hq\.$/m);

  await using server = startProgram(['--config', path], { env });
  await server.listening();
  write(held('hq'));
  const changed = await runProgram(['--config', path, '--check'], { env });
  assert.deepEqual([changed.end, changed.stdout], [0, '~ user 1 (supervisor): extension 2005, extension 2005 at hq\n']);
});
