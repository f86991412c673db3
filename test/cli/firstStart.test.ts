import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { basic, createV1Client } from '../kit/v1Client.ts';
import { selfSigned } from './certificate.ts';
import { runProgram, startProgram } from './program.ts';

const PASTE = /^(curl .*)$/m;
const PASSWORD = /^ {2}password {2}(\S+)$/m;

test('first start - shows login and password once, the second keeps everything', async () => {
  using scratch = createScratch('first');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  await using first = startProgram([], { env });
  const url = await first.listening();
  const password = await first.says(PASSWORD);
  assert.match(first.stderr, /^ {2}login {5}admin$/m);
  const client = createV1Client({ url, token: '' }, basic('admin', password));
  const call = { externalId: 'call-1', direction: 'inbound', from: '+442079460123', to: '+442079460100' };
  await client.post('/v1/calls', { ...call, startedAt: '2026-03-02T09:00:00Z', durationSeconds: 42 }, 201);
  const before = await client.list();
  first.child.kill('SIGTERM');
  assert.equal(await first.ended(), 0, first.stderr);
  assertJsonLines(first.stdout);

  await using second = startProgram([], { env });
  const again = createV1Client({ url: await second.listening(), token: '' }, basic('admin', password));
  assert.doesNotMatch(second.stderr + second.stdout, /password|first start/);
  const after = await again.list();
  assert.deepEqual(
    after.map(({ settledAt: _settledAt, ...each }) => each),
    before.map(({ settledAt: _settledAt, ...each }) => each),
  );
  assert.equal(after.length, 1);
});

/** What a program reads: a log line on each line, and nothing for people among them. */
function assertJsonLines(text: string): void {
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length > 0);
  for (const line of lines) assert.equal(typeof JSON.parse(line), 'object', line);
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;
test('first start - the command to paste ends a call', { skip: !hasCurl && 'curl is not installed' }, async () => {
  using scratch = createScratch('paste');
  await using server = startProgram([], { env: { DATA_DIR: join(scratch.path, 'data') } });
  await server.listening();
  const pasted = await server.says(PASTE);
  for (const status of ['201', '200']) {
    const { stdout } = spawnSync('sh', ['-c', `${pasted} -s -w ' %{http_code}'`], { encoding: 'utf8' });
    assert.match(stdout, new RegExp(`"outcome":"answered".* ${status}$`));
  }
});

test('start - TLS_CERT and TLS_KEY serve https', async () => {
  using scratch = createScratch('https');
  const { cert, key } = selfSigned('localhost');
  const env = {
    DATA_DIR: join(scratch.path, 'data'),
    TLS_CERT: join(scratch.path, 'cert.pem'),
    TLS_KEY: join(scratch.path, 'key.pem'),
  };
  writeFileSync(env.TLS_CERT, cert);
  writeFileSync(env.TLS_KEY, key, { mode: 0o600 });
  await using server = startProgram([], { env });
  const url = await server.listening();
  assert.match(url, /^https:\/\//);
  assert.match(await server.says(PASTE), /^curl -k /);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(`${url}/readyz`, { ca: cert, servername: 'localhost' }, answer => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  assert.equal(status, 200);
});

test('start - PUBLIC_URL is what it shows', async () => {
  using scratch = createScratch('public');
  const env = { DATA_DIR: join(scratch.path, 'data'), PUBLIC_URL: 'https://calls.example.com/' };
  await using server = startProgram([], { env });
  assert.equal(await server.listening(), 'https://calls.example.com');
  assert.match(await server.says(PASTE), / https:\/\/calls\.example\.com\/v1\/calls /);
});

test('start - LOG_LEVEL=silent logs nothing and still says where it listens', async () => {
  using scratch = createScratch('silent');
  const env = { DATA_DIR: join(scratch.path, 'data'), LOG_LEVEL: 'silent' };
  await using server = startProgram([], { env });
  const url = await server.listening();
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  assert.doesNotMatch(server.stdout + server.stderr, /^\{/m);
});

test('start - DATABASE_URL chooses the file, memory: keeps nothing', async () => {
  using scratch = createScratch('database');
  const file = join(scratch.path, 'elsewhere', 'calls.db');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  await using server = startProgram([], { env: { ...env, DATABASE_URL: `sqlite:${file}` } });
  await server.listening();
  assert.equal(readFileSync(file).subarray(0, 15).toString(), 'SQLite format 3');
  await using forgetful = startProgram([], { env: { ...env, DATABASE_URL: 'memory:' } });
  await forgetful.listening();
  const verified = await runProgram(['verify'], { env: { ...env, DATABASE_URL: 'memory:' } });
  assert.equal(verified.end, 1);
  assert.match(verified.stderr, /keeps nothing/);
});

test('command line - --help names every command and every variable, --version the version', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const help = await runProgram(['--help']);
  assert.equal(help.end, 0);
  for (const word of ['serve', 'verify', 'rebuild', 'HOST', 'PORT', 'DATA_DIR', 'DATABASE_URL', 'PUBLIC_URL']) {
    assert.match(help.stdout, new RegExp(`\\b${word}\\b`));
  }
  for (const word of ['TLS_CERT', 'TLS_KEY', 'LOG_LEVEL']) assert.match(help.stdout, new RegExp(`\\b${word}\\b`));
  assert.equal(help.stderr, '');
  const said = await runProgram(['--version']);
  assert.deepEqual([said.end, said.stdout.trim()], [0, version]);
});
