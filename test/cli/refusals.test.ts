import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase, SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { createScratch } from '../kit/scratch.ts';
import { runProgram, startProgram } from './program.ts';

/** What a first start shows before it finds that it cannot listen: the password is stored by then. */
const GREETING = /^\nThis is the first start\.[\s\S]*? {2}password {2}\S+\n\n/;

/** One sentence on standard error, and nothing that looks like a crash. */
function assertRefused(run: { readonly end: number | string; readonly stderr: string }, sentence: RegExp): void {
  assert.equal(run.end, 1, run.stderr);
  assert.match(run.stderr, sentence);
  assert.equal(run.stderr.replace(GREETING, '').trim().split('\n').length, 1, run.stderr);
  assert.doesNotMatch(run.stderr, /\bat .*:\d+:\d+/);
}

test('start - a port that is taken', async () => {
  using scratch = createScratch('port');
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  try {
    const run = await runProgram([], { env: { PORT: String(port), DATA_DIR: join(scratch.path, 'data') } });
    assertRefused(run, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken: .*set PORT\\.$`, 'm'));
    assert.doesNotMatch(run.stderr, /listens on/);
  } finally {
    other.close();
  }
});

test('start - an address that is not of this machine', async () => {
  using scratch = createScratch('host');
  // Reserved for documentation (RFC 5737): nobody has it.
  const run = await runProgram([], { env: { HOST: '192.0.2.1', DATA_DIR: join(scratch.path, 'data') } });
  assertRefused(run, /^192\.0\.2\.1 is not an address of this machine: set HOST\.$/m);
});

test('start - a data directory that cannot be made', async () => {
  using scratch = createScratch('file');
  const file = join(scratch.path, 'file');
  writeFileSync(file, 'here stands a file');
  const run = await runProgram([], { env: { DATA_DIR: join(file, 'data') } });
  assertRefused(run, /^The data directory .*file\/data cannot be written \(ENOTDIR\): .*set DATA_DIR\.$/m);
  assertRefused(await runProgram([], { env: { DATA_DIR: file } }), /^The data directory .*file cannot be written/m);
});

test('start - a data directory that may not be written', { skip: process.getuid?.() === 0 && 'root may' }, async () => {
  using scratch = createScratch('readonly');
  const dataDir = join(scratch.path, 'data');
  mkdirSync(dataDir, { mode: 0o500 });
  const run = await runProgram([], { env: { DATA_DIR: dataDir } });
  assertRefused(run, /^The data directory .* cannot be written \(EACCES\): .*set DATA_DIR\.$/m);
});

test('start - a data directory that another server uses', async () => {
  using scratch = createScratch('in-use');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  await using first = startProgram([], { env, sqlite: true });
  const url = await first.listening();
  assertRefused(
    await runProgram([], { env, sqlite: true }),
    /^The data directory .* is in use by another Aftercall server: /m,
  );
  assertRefused(
    await runProgram(['rebuild'], { env, sqlite: true }),
    /^The data directory .* is in use by another Aftercall/m,
  );
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
});

test('start - a database of a newer version is refused and left alone', async () => {
  using scratch = createScratch('newer');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  await using server = startProgram([], { env, sqlite: true });
  await server.listening();
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  const file = join(env.DATA_DIR, 'aftercall.db');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version=4711');
  db.close();
  for (const args of [[], ['verify'], ['rebuild']]) {
    assertRefused(
      await runProgram(args, { env, sqlite: true }),
      /^The database .*aftercall\.db has version 4711, and this Aftercall/m,
    );
  }
  assert.deepEqual(
    readdirSync(env.DATA_DIR).filter(name => name.includes('before')),
    [],
  );
});

/** The marks of a database from before the first release, in any engine's words. */
const BEFORE_RELEASE =
  "DELETE FROM migration WHERE version > 1; UPDATE migration SET checksum = 'other'; INSERT INTO migration VALUES (2, 'more', 'b'), (3, 'most', 'c')";

/** A ledger of this version; the URL of its file. */
async function makeLedger(dataDir: string): Promise<string> {
  await using server = startProgram([], { env: { DATA_DIR: dataDir }, sqlite: true });
  await server.listening();
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  return `sqlite:${join(dataDir, 'aftercall.db')}`;
}

/** Runs everything that opens a ledger on this one. */
async function assertTooOld(dataDir: string, url: string, sentence: RegExp): Promise<void> {
  const config = join(dataDir, 'organisation.json');
  writeFileSync(config, '{}');
  const fresh = await makeLedger(join(dataDir, 'fresh'));
  for (const args of [
    [],
    ['verify'],
    ['rebuild'],
    ['--config', config, '--check'],
    ['copy', '--from', url, '--to', fresh],
    ['copy', '--from', fresh, '--to', url, '--restart'],
  ]) {
    assertRefused(await runProgram(args, { env: { DATA_DIR: dataDir, DATABASE_URL: url } }), sentence);
  }
}

test('start - a database from before the first release is refused by every command and left as it is', async () => {
  using scratch = createScratch('before-release');
  const dataDir = join(scratch.path, 'data');
  const url = await makeLedger(dataDir);
  const file = url.slice('sqlite:'.length);
  const db = new DatabaseSync(file);
  db.exec(`${BEFORE_RELEASE}; PRAGMA user_version = 3`);
  db.close();
  const before = readFileSync(file);
  await assertTooOld(
    dataDir,
    url,
    /^The database .*aftercall\.db was made by an Aftercall from before the first release, .*: start with an empty data directory /m,
  );
  assert.ok(readFileSync(file).equals(before), 'not a byte is another one');
});

test('start - a PostgreSQL schema from before the first release is refused by every command', async () => {
  using scratch = createScratch('before-release');
  const { server, url } = await postgresDatabase(entities);
  const name = new URL(url).pathname.slice(1);
  await server.run(name, `SET search_path = ${SCHEMA}; ${BEFORE_RELEASE}; UPDATE head SET schema_version = 3`);
  const dataDir = join(scratch.path, 'data');
  mkdirSync(dataDir);
  await assertTooOld(
    dataDir,
    url,
    /^The PostgreSQL database .* was made by an Aftercall from before the first release, .*: start with an empty schema /m,
  );
});

test('start - a file that is no database', async () => {
  using scratch = createScratch('no-database');
  const dataDir = join(scratch.path, 'data');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'aftercall.db'), 'This is a letter to a friend. '.repeat(100));
  const run = await runProgram([], { env: { DATA_DIR: dataDir }, sqlite: true });
  assertRefused(run, /^The database .*aftercall\.db cannot be opened: .*not a database\.$/m);
});

/** A Node that stands in the path of this machine and is too old for the server. */
function olderNode(): { readonly path: string; readonly version: string } | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'node');
    if (folder.includes('node_modules') || !existsSync(path)) continue;
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    const version = /^v(\d+)\.\S+/.exec(stdout ?? '');
    if (version !== null && Number(version[1]) < 26) return { path, version: version[0].slice(1) };
  }
  return undefined;
}

const older = olderNode();
test('start - an older Node', { skip: older === undefined && 'no older Node is installed here' }, async () => {
  const run = await runProgram([], { node: older!.path });
  assertRefused(run, /^Aftercall needs Node 26 or later, and this is Node /m);
  assert.ok(run.stderr.includes(older!.version), run.stderr);
  assert.match(run.stderr, /npm rebuild node/);
});

const WRONG_SETTINGS: readonly (readonly [name: string, value: string, sentence: RegExp])[] = [
  ['PORT', 'eighty', /^PORT must be a whole number from 0 to 65535, not "eighty"\.$/m],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of .*, not "loud"\.$/m],
  ['PUBLIC_URL', 'calls.example.com', /^PUBLIC_URL must be an http or https address/m],
  ['TLS_CERT', 'cert.pem', /^TLS_CERT is set without TLS_KEY: /m],
  ['DATABASE_URL', 'postgres://user:hunter2@db', /^DATABASE_URL of PostgreSQL must be postgres:/m],
];
for (const [name, value, sentence] of WRONG_SETTINGS) {
  test(`start - a wrong ${name}`, async () => {
    using scratch = createScratch('setting');
    const dataDir = join(scratch.path, 'data');
    const run = await runProgram([], { env: { DATA_DIR: dataDir, [name]: value } });
    assertRefused(run, sentence);
    assert.doesNotMatch(run.stderr, /hunter2/);
    assert.equal(existsSync(dataDir), false);
  });
}

test('start - TLS files that are not there, or are no certificate', async () => {
  using scratch = createScratch('tls');
  const file = join(scratch.path, 'note.txt');
  writeFileSync(file, 'no certificate');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  for (const path of [join(scratch.path, 'none.pem'), file]) {
    assertRefused(await runProgram([], { env: { ...env, TLS_CERT: path, TLS_KEY: path } }), /^TLS_CERT or TLS_KEY /m);
  }
});

test('command line - an unknown option, an unknown command', async () => {
  const option = await runProgram(['--konfig', 'x']);
  assert.equal(option.end, 1);
  assert.match(option.stderr, /unknown option '--konfig'/);
  const command = await runProgram(['verfy']);
  assert.equal(command.end, 1);
  assert.match(command.stderr, /verfy|too many arguments/);
});

test('verify - without a database', async () => {
  using scratch = createScratch('none');
  const run = await runProgram(['verify'], { env: { DATA_DIR: join(scratch.path, 'data') }, sqlite: true });
  assertRefused(run, /^There is no database .*: start the server once, or set DATA_DIR\.$/m);
  assert.equal(existsSync(join(scratch.path, 'data')), false);
});

test('PostgreSQL that is not there, does not know the user, or has no such database - is refused by every command', async () => {
  using scratch = createScratch('postgres');
  const { server, url } = await postgresDatabase(entities);
  const { password } = new URL(url);
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as { port: number };
  await new Promise(resolve => free.close(resolve));
  const refused: readonly (readonly [string, RegExp])[] = [
    [`postgres://calls:hunter2@127.0.0.1:${port}/calls`, /ECONNREFUSED/],
    [url.replace(password, 'hunter2'), /password authentication failed/],
    [server.url('nothing'), /"nothing" does not exist/],
  ];
  for (const [address, reason] of refused) {
    for (const args of [[], ['verify'], ['rebuild']]) {
      const env = { DATA_DIR: join(scratch.path, 'data'), DATABASE_URL: address };
      const run = await runProgram(args, { env });
      assertRefused(
        run,
        /^The PostgreSQL database .* cannot be reached \(.*\): check DATABASE_URL, and that the server/m,
      );
      assert.match(run.stderr, reason);
      assert.ok(!`${run.stdout}${run.stderr}`.includes('hunter2'), run.stderr);
    }
  }
});

test('PostgreSQL with nothing in it - verify says what to do, and leaves nothing', async () => {
  using scratch = createScratch('postgres');
  const { server, url } = await postgresDatabase([]);
  const address = `${url}?schema=nothing_yet`;
  const run = await runProgram(['verify'], { env: { DATA_DIR: join(scratch.path, 'data'), DATABASE_URL: address } });
  assertRefused(run, /^There is nothing in .*, schema nothing_yet yet: start the server once, or set DATABASE_URL\.$/m);
  const database = new URL(url).pathname.slice(1);
  assert.deepEqual(await server.run(database, "SELECT 1 FROM pg_namespace WHERE nspname = 'nothing_yet'"), []);
});

for (const command of [
  ['rebuild'],
  ['refold', '--source', 'hq', '--from', '2026-03-01', '--to', '2026-04-01'],
  ['refold', '--take-back', '1'],
] as const) {
  const name = command.slice(0, 2).join(' ');

  test(`${name} - without a ledger is refused, and makes none`, async () => {
    using scratch = createScratch('mistyped');
    const dataDir = join(scratch.path, 'dta');
    const run = await runProgram([...command], { env: { DATA_DIR: dataDir }, sqlite: true });
    assertRefused(run, /^There is no database .*dta\/aftercall\.db: start the server once, or set DATA_DIR\.$/m);
    assert.equal(existsSync(dataDir), false);
  });
}

test('rebuild - in an empty PostgreSQL schema is refused, and makes no tables', async () => {
  using scratch = createScratch('empty');
  const { url } = await postgresDatabase([]);
  const env = { DATA_DIR: join(scratch.path, 'data'), DATABASE_URL: `${url}?schema=mistyped` };
  // The second finds nothing either: the first has made no tables.
  for (const command of ['rebuild', 'verify']) {
    assertRefused(
      await runProgram([command], { env }),
      /^There is nothing in .*, schema mistyped yet: start the server/m,
    );
  }
});
