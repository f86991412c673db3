/** `aftercall copy` on ledgers that were made through the front door. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Client } from 'pg';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase, SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, startServer } from '../kit/server.ts';
import { startTcpProxy } from '../kit/tcpProxy.ts';
import { until } from '../kit/until.ts';
import { createV1Client } from '../kit/v1Client.ts';
import { statedCall } from '../native/house.ts';
import { answersOf, HOUSE, tell } from './copyHouse.ts';
import { runProgram, startProgram } from './program.ts';
import { blocksOf, run as runCommands } from './readmeHouse.ts';

/** Pages of so few rows that every table of any size takes several. */
const SMALL_PAGES = { AFTERCALL_COPY_PAGE_ROWS: '3' };

const scratch = createScratch('copy');
after(() => scratch[Symbol.dispose]());
const dataDir = join(scratch.path, 'data');
const original = join(dataDir, 'aftercall.db');
const FROM = `sqlite:${original}`;

/** The key file is the organisation's, whatever its rows are in. */
const serve = (url: string): Promise<RunningServer> =>
  startServer({ ...HOUSE, dataDir, sqlite: true, env: { DATABASE_URL: url } });

const copy = (from: string, to: string, ...more: readonly string[]) =>
  runProgram(['copy', '--from', from, '--to', to, ...more], { env: { DATA_DIR: dataDir, ...SMALL_PAGES } });

const verify = (url: string) => runCommand(['verify'], { dataDir, env: { DATABASE_URL: url } });
const ADDS_UP = { exitCode: 0, output: 'Everything adds up.\n' };

let files = 0;
const newFile = (): string => `sqlite:${join(scratch.path, `copy-${++files}`, 'aftercall.db')}`;
const newDatabase = async (): Promise<string> => (await postgresDatabase(entities)).url;

const told = await serve(FROM);
await tell(told);
const expected = await answersOf(told);
await told.stop();

const GOING_ON = /^Going on: [1-9][\d,]* rows of [\d,]+ are there\.$/m;
const COMPLETE = /^Copied, and compared row by row: [\d,]+ rows, up to position [1-9]\d*, in \d+ s\.$/m;

test('copy - there and back again: the same rows, and servers that answer the same', async () => {
  const [there, back] = [await newDatabase(), newFile()];
  const gone = await copy(FROM, there);
  assert.equal(gone.end, 0, gone.stderr);
  assert.match(gone.stdout, COMPLETE);
  assert.match(gone.stdout, /^ {2}report +[1-9]\d*$/m);
  assert.match(gone.stdout, /The key file and the recordings are in DATA_DIR/);
  assert.match(gone.stderr, /^copied report: [1-9]\d* rows$/m);
  assert.match(gone.stderr, /^compared report: [1-9]\d* rows$/m);
  assert.deepEqual(await verify(there), ADDS_UP);
  const returned = await copy(there, back);
  assert.equal(returned.end, 0, returned.stderr);
  const counts = (text: string) => text.split('\n').filter(line => line.startsWith('  '));
  assert.deepEqual(counts(returned.stdout), counts(gone.stdout));
  assert.deepEqual(await verify(back), ADDS_UP);
  assert.deepEqual(rowsIn(back), rowsIn(FROM));

  for (const url of [there, back]) {
    await using server = await serve(url);
    assert.deepEqual(await answersOf(server), expected);
    // Ids and positions go on where they were.
    await tell(server);
    assert.deepEqual(await verify(url), ADDS_UP);
  }
  const again = await copy(FROM, there, '--restart');
  assert.equal(again.end, 1);
  assert.match(again.stderr, /is not empty: name a new one in --to\./);
});

/** Every row of every table, as SQLite prints it. */
function rowsIn(url: string): unknown {
  const db = new DatabaseSync(url.slice('sqlite:'.length), { readOnly: true });
  try {
    const names = [...entities.map(each => each.name), 'journal', 'head'];
    const tables = names.map(name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`));
    // By key, as SQLite keeps them.
    return tables.map(table => db.prepare(`SELECT * FROM "${table}"`).all());
  } finally {
    db.close();
  }
}

/** Lets nobody write to a table of a PostgreSQL database: whoever copies into it comes as far as that. */
async function hold(url: string, table: string): Promise<AsyncDisposable & { readonly awaited: Promise<true> }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${SCHEMA}.${table} IN SHARE MODE`);
  const awaited = until(`somebody waits for ${table}`, async () => {
    const { rows } = await client.query('SELECT 1 FROM pg_locks WHERE NOT granted');
    return rows.length > 0 ? true : undefined;
  });
  return { awaited, [Symbol.asyncDispose]: () => client.end() };
}

/** An unfinished copy: kill -9 when it comes to the records. */
async function killedCopy(to: string, from = FROM): Promise<void> {
  await using held = await hold(to, 'record');
  await using program = startProgram(['copy', '--from', from, '--to', to], { env: SMALL_PAGES });
  await held.awaited;
  program.child.kill('SIGKILL');
  assert.equal(await program.ended(), 'SIGKILL');
}

const UNFINISHED =
  /is an unfinished copy of .*aftercall\.db: run the same "aftercall copy" again to finish it, or with --restart/;

test('copy - killed in the middle: nobody takes it for a ledger, and the same command goes on', async () => {
  const to = await newDatabase();
  await killedCopy(to);
  await assert.rejects(serve(to), UNFINISHED);
  for (const command of ['verify', 'rebuild']) {
    const { exitCode, output } = await runCommand([command], { dataDir, env: { DATABASE_URL: to } });
    assert.equal(exitCode, 1);
    assert.match(output, UNFINISHED);
  }
  assert.match((await copy(to, newFile())).stderr, UNFINISHED);
  const resumed = await copy(FROM, to);
  assert.equal(resumed.end, 0, resumed.stderr);
  assert.match(resumed.stdout, GOING_ON);
  assert.match(resumed.stdout, COMPLETE);
  assert.deepEqual(await verify(to), ADDS_UP);
  await using server = await serve(to);
  assert.deepEqual(await answersOf(server), expected);
});

test('copy - a row of the target is changed meanwhile: found, named, and no ledger', async () => {
  const to = await newDatabase();
  await killedCopy(to);
  await run(to, `UPDATE ${SCHEMA}.report SET raw = raw || '\\x00' WHERE id = (SELECT min(id) FROM ${SCHEMA}.report)`);
  const tampered = await copy(FROM, to);
  assert.equal(tampered.end, 1);
  assert.match(tampered.stdout, /^report \d+ differs in raw$/m);
  assert.match(tampered.stdout, /^1 row of the copy .* again with --restart\. .* stays an unfinished copy/m);
  await assert.rejects(serve(to), UNFINISHED);
  const anew = await copy(FROM, to, '--restart');
  assert.equal(anew.end, 0, anew.stderr + anew.stdout);
  assert.match(anew.stdout, COMPLETE);
});

test('copy - values that PostgreSQL cannot keep: each is named, and the rest is there', async () => {
  const [from, to] = [newFile(), await newDatabase()];
  assert.equal((await copy(FROM, from)).end, 0);
  const nasty = new DatabaseSync(from.slice('sqlite:'.length));
  nasty.exec("UPDATE client SET name = 'a' || char(0) || 'b' WHERE id = 10");
  const refused = await copy(from, to);
  assert.equal(refused.end, 1);
  assert.match(
    refused.stdout,
    /^client "CONTACT", 10: its name has a NUL character, which no text of PostgreSQL can have$/m,
  );
  assert.match(
    refused.stdout,
    /^1 row cannot be kept in .*; everything else is there\. Put them right in .*same command/m,
  );
  await assert.rejects(serve(to), UNFINISHED);
  nasty.exec("UPDATE client SET name = 'ab' WHERE id = 10");
  nasty.close();
  const done = await copy(from, to);
  assert.equal(done.end, 0, done.stderr + done.stdout);
});

test('copy - another source, or one that has moved on: refused until it is begun anew', async () => {
  const [from, to] = [newFile(), await newDatabase()];
  assert.equal((await copy(FROM, from)).end, 0);
  await killedCopy(to, from);
  const other = await copy(FROM, to);
  assert.equal(other.end, 1);
  assert.match(other.stderr, /is an unfinished copy of .*, not of .*: name that one in --from, or .*--restart/);
  const server = await serve(from);
  await createV1Client(server).post('/v1/calls', statedCall(), 201);
  await server.stop();
  const moved = await copy(from, to);
  assert.equal(moved.end, 1);
  assert.match(moved.stderr, /at position \d+ of .*, and that has moved on to position \d+ of .*--restart/);
  const anew = await copy(from, to, '--restart');
  assert.equal(anew.end, 0, anew.stderr);
  assert.deepEqual(await verify(to), ADDS_UP);
});

test('docs/moving.md - its commands do what it says', async () => {
  const page = readFileSync(new URL('../../docs/moving.md', import.meta.url), 'utf8').replaceAll(/^ {3}/gm, '');
  const blocks = blocksOf(page, 'sh');
  assert.equal(blocks.length, 2);
  const to = new URL(await newDatabase());
  const PGPASSWORD = to.password;
  to.password = '';
  const BACK = newFile().slice('sqlite:'.length);
  const ran = runCommands(['sh', '-euc', blocks.join('\n')], { DATA_DIR: dataDir, NEW: to.href, BACK, PGPASSWORD });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  assert.equal(ran.stdout.match(/^Everything adds up\.$/gm)?.length, 2);
  assert.equal(ran.stdout.match(new RegExp(COMPLETE, 'gm'))?.length, 2);
  assert.deepEqual(rowsIn(`sqlite:${BACK}`), rowsIn(FROM));
});

async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

test('copy - killed on the way from PostgreSQL to SQLite: the same', async () => {
  const [from, to] = [await newDatabase(), newFile()];
  assert.equal((await copy(FROM, from)).end, 0);
  await using proxy = await startTcpProxy({ port: Number(new URL(from).port) });
  const through = new URL(from);
  through.port = String(proxy.port);
  {
    const requested = Promise.withResolvers<void>();
    proxy.onRequest = bytes => {
      if (!bytes.includes('"bytes before" FROM "journal"')) return 'pass';
      requested.resolve();
      return 'hold';
    };
    await using program = startProgram(['copy', '--from', through.href, '--to', to], { env: SMALL_PAGES });
    await Promise.race([requested.promise, program.ended()]);
    program.child.kill('SIGKILL');
    assert.equal(await program.ended(), 'SIGKILL', program.stderr);
  }
  await assert.rejects(serve(to), /is an unfinished copy of 127\.0\.0\.1:/);
  proxy.onRequest = () => 'pass';
  const resumed = await copy(through.href, to);
  assert.equal(resumed.end, 0, resumed.stderr);
  assert.match(resumed.stdout, GOING_ON);
  assert.deepEqual(rowsIn(to), rowsIn(FROM));
});

test('copy - the connection is lost: says so, and the same command goes on', async () => {
  const to = await newDatabase();
  await using proxy = await startTcpProxy({ port: Number(new URL(to).port) });
  const through = new URL(to);
  through.port = String(proxy.port);
  let inserts = 0;
  proxy.onRequest = (bytes, link) => {
    if (bytes.includes('INSERT INTO "report"')) inserts++;
    if (inserts > 0 && bytes.includes('COMMIT') && ++inserts === 6) {
      link.cut();
      return 'swallow';
    }
    return 'pass';
  };
  const lost = await copy(FROM, through.href);
  assert.equal(lost.end, 1);
  assert.match(lost.stderr, /^The copying stopped: .*run the same command again\.$/m);
  proxy.onRequest = () => 'pass';
  const resumed = await copy(FROM, through.href);
  assert.equal(resumed.end, 0, resumed.stderr);
  assert.match(resumed.stdout, GOING_ON);
  assert.match(resumed.stdout, COMPLETE);
  const { password } = new URL(to);
  for (const { stdout, stderr } of [lost, resumed]) assert.ok(!(stdout + stderr).includes(password));
});

test('copy - a server that runs, on either side: refused, and it goes on', async () => {
  for (const url of [newFile(), await newDatabase()]) {
    assert.equal((await copy(FROM, url)).end, 0);
    await using server = await serve(url);
    const [from, to] = [await copy(url, newFile()), await copy(FROM, url)];
    for (const { end, stderr } of [from, to]) {
      assert.equal(end, 1);
      assert.match(stderr, /in use.*: stop (it|every Aftercall server).* for as long as the copying takes\.$/m);
    }
    assert.equal((await server.get('/readyz')).status, 200);
    assert.deepEqual(await answersOf(server), expected);
  }
});

test('copy - what cannot be copied from or to: one sentence, no password, and nothing is made', async () => {
  const missing = newFile();
  for (const [from, to, sentence] of [
    [missing, newFile(), /^There is no database .*: name the file of the ledger in --from\.$/m],
    [FROM, FROM, /^--from and --to name the same database, .*aftercall\.db\.$/m],
    ['memory:', newFile(), /^--from=memory: keeps nothing/m],
    [FROM, 'memory:', /^--to=memory: /m],
    [FROM, 'postgres://user:hunter2@db', /^--to of PostgreSQL must be postgres:/m],
    [
      FROM,
      'postgres://user:hunter2@127.0.0.1:1/none',
      /^The PostgreSQL database 127\.0\.0\.1:1\/none, schema aftercall cannot be/m,
    ],
  ] as const) {
    const { end, stdout, stderr } = await copy(from, to);
    assert.equal(end, 1);
    assert.match(stderr, sentence);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.ok(!(stdout + stderr).includes('hunter2'));
  }
  assert.equal(existsSync(missing.slice('sqlite:'.length)), false);
  const { end, stderr } = await runProgram(['copy', '--from', FROM]);
  assert.equal(end, 1);
  assert.match(stderr, /required option '--to <url>' not specified/);
});
