/** Servers that start on one database, at the same time or with other files than the others. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { startProgram } from '../cli/program.ts';
import { CONFIG, LIST_FILE, listText, nodeOf } from '../conformance/genesys/node.ts';
import { ORGANISATION } from '../kit/organisation.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, type ServerOptions, startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { basic, createV1Client } from '../kit/v1Client.ts';
import { HOUSE, statedCall } from '../native/house.ts';
import { nodesSeenBy } from './pair.ts';

const PASSWORD = /^ {2}password {2}(\S+)$/m;

describe('servers that start at the same time', () => {
  test('for the first time - have one key and one administrator', async () => {
    const { url } = await postgresDatabase(entities);
    const dataDir = join(createScratch('nodes').path, 'data');
    const env = { DATABASE_URL: url, DATA_DIR: dataDir };
    await using one = startProgram([], { env });
    await using two = startProgram([], { env });
    await using three = startProgram([], { env });
    const programs = [one, two, three];
    const urls = await Promise.all(programs.map(each => each.listening()));
    const passwords = programs.flatMap(each => PASSWORD.exec(each.stderr)?.[1] ?? []);
    assert.equal(passwords.length, 1);
    for (const each of urls) {
      const client = createV1Client({ url: each, token: '' }, basic('admin', passwords[0]!));
      await until('all are seen', async () => ((await nodesSeenBy({ v1: client })).length === 3 ? true : undefined));
    }
    assert.deepEqual(readdirSync(dataDir).sort(), ['recordings', 'secret.key']);
  });

  test('with an organisation file and a calling list - each record is there once', async context => {
    const { url } = await postgresDatabase(entities);
    const options = {
      config: CONFIG,
      files: { [LIST_FILE]: listText(900) },
      dataDir: join(createScratch('nodes').path, 'data'),
      env: { DATABASE_URL: url, LOG_LEVEL: 'info' },
    };
    const servers = await Promise.all([startServer(options), startServer(options), startServer(options)]);
    context.after(() => Promise.all(servers.map(each => each.stop())));
    const imported = servers.map(each => each.logs.find(line => line['msg'] === 'calling list imported')!);
    assert.deepEqual(imported.map(each => each['new']).toSorted(), [0, 0, 900]);
    assert.equal(servers.filter(each => each.output.includes('organisation')).length, 1);
    for (const each of servers) {
      const node = nodeOf(each);
      assert.equal((await node.recordOf('+442079460900')).recordStatus, 1);
      assert.equal((await node.v1.ask('GET', '/v1/records/901')).status, 404);
    }
  });
});

describe('a server with another key file', () => {
  test('is refused, and told what to do; with the same one in another directory it serves', async context => {
    const { url } = await postgresDatabase(entities);
    const scratch = createScratch('nodes').path;
    const directory = (name: string) => join(scratch, name);
    const env = { DATABASE_URL: url };
    const first = await startServer({ dataDir: directory('one'), env });
    context.after(async () => {
      if (first.running) await first.stop();
    });
    await using other = startProgram([], { env: { ...env, DATA_DIR: directory('two') } });
    assert.equal(await other.ended(), 1);
    assert.match(
      other.stderr,
      /^There is no key file in \S+two, and .*: use the same DATA_DIR on all servers, or copy secret\.key from one that works\. .*\n$/,
    );
    assert.doesNotMatch(other.stderr, PASSWORD);
    // What it stores begins with reading what others have changed: it knows who has left.
    const nodesNow = async () => {
      const v1 = createV1Client(first);
      assert.equal((await v1.ask('POST', '/v1/calls', { body: statedCall() })).status, 201);
      return nodesSeenBy({ v1 });
    };
    assert.equal((await nodesNow()).length, 1, 'it has left nothing behind');
    assert.deepEqual(readdirSync(directory('two')), [], 'not even a key that somebody could take for the right one');

    cpSync(join(first.dataDir, 'secret.key'), join(directory('two'), 'secret.key'));
    await using copied = startProgram([], { env: { ...env, DATA_DIR: directory('two') } });
    await copied.listening();

    // Whoever has lost it goes on with another one, but not while others serve with it.
    const forget = () => startProgram(['--forget-key'], { env: { ...env, DATA_DIR: directory('three') } });
    await using early = forget();
    assert.equal(await early.ended(), 1);
    const living = await nodesNow();
    assert.deepEqual(living.length, 2);
    for (const each of living) assert.ok(early.stderr.includes(`server ${each.number} at ${each.url}`), early.stderr);
    assert.deepEqual(readdirSync(directory('three')), []);

    copied.child.kill('SIGTERM');
    await copied.ended();
    await first.stop();
    await using forgetful = forget();
    await forgetful.listening();
    await using late = startProgram([], { env: { ...env, DATA_DIR: directory('two') } });
    assert.equal(await late.ended(), 1);
    assert.match(late.stderr, /^The key file in \S+two is not the one that this database was set up with: /);
  });

  test('on a database that was copied from SQLite - is refused, also when it comes first', async context => {
    const { url } = await postgresDatabase(entities);
    const scratch = createScratch('nodes').path;
    const directory = (name: string) => join(scratch, name);
    const before = await startServer({ dataDir: directory('one'), sqlite: true });
    await before.stop();
    const from = `sqlite:${join(directory('one'), 'aftercall.db')}`;
    const { exitCode, output } = await runCommand(['copy', '--from', from, '--to', url], { dataDir: directory('one') });
    assert.equal(exitCode, 0, output);

    const env = { DATABASE_URL: url };
    await using empty = startProgram([], { env: { ...env, DATA_DIR: directory('two') } });
    assert.equal(await empty.ended(), 1);
    assert.match(empty.stderr, /copy secret\.key from the DATA_DIR of the server that ran here before\./);
    assert.deepEqual(readdirSync(directory('two')), []);
    const file = join(scratch, 'organisation.json');
    writeFileSync(file, JSON.stringify(ORGANISATION));
    const check = await runCommand(['--config', file, '--check'], { dataDir: directory('two'), env });
    assert.deepEqual(
      check,
      { exitCode: 0, output: '~ source hq: secret\n' },
      'as far as it can be seen without the key',
    );
    assert.deepEqual(readdirSync(directory('two')), []);
    const right = await startServer({ dataDir: directory('one'), env });
    context.after(() => right.stop());
  });
});

describe('a server that starts with another time zone', () => {
  test('while calls are told to others - every call ends up in the day it belongs to', async context => {
    const { url } = await postgresDatabase(entities);
    const options = { dataDir: join(createScratch('nodes').path, 'data'), env: { DATABASE_URL: url } };
    const serving = await startServer({ ...options, config: { ...HOUSE, timeZone: 'Pacific/Auckland' } });
    context.after(() => serving.stop());
    const client = createV1Client(serving);
    const tell = () => client.post('/v1/calls', statedCall({ startedAt: '2026-03-02T11:30:00Z' }), 201);
    for (let n = 0; n < 20; n++) await tell();
    let isStarting = true;
    let received = 0;
    const telling = (async () => {
      while (isStarting) {
        await Promise.all([tell(), tell(), tell(), tell()]);
        received += 4;
      }
    })();
    const late = await startServer({ ...options, config: { ...HOUSE, timeZone: 'America/Los_Angeles' } });
    context.after(() => late.stop());
    isStarting = false;
    await telling;
    assert.ok(received > 0);
    assert.deepEqual(await runCommand(['verify'], options), { exitCode: 0, output: 'Everything adds up.\n' });
    assert.equal((await client.list()).length, 20 + received);
  });
});

describe('a server that starts with another organisation file', () => {
  const warningsOf = ({ logs }: RunningServer) => logs.filter(each => each['msg'] === 'organisation files differ');

  test('while others live with theirs - says so once and names them; with the same one, wherever it lies, it does not', async context => {
    const { url } = await postgresDatabase(entities);
    const options = { dataDir: join(createScratch('nodes').path, 'data'), env: { DATABASE_URL: url } };
    const servers: RunningServer[] = [];
    context.after(() => Promise.all(servers.map(each => (each.running ? each.stop() : undefined))));
    const start = async (own: Pick<ServerOptions, 'config' | 'files'>) => {
      const server = await startServer({ ...options, ...own });
      servers.push(server);
      return server;
    };
    const theirs = { config: CONFIG, files: { [LIST_FILE]: listText(3) } };
    const one = await start(theirs);
    const two = await start(theirs);
    assert.deepEqual([warningsOf(one), warningsOf(two)], [[], []]);
    await one.stop();
    const three = await start({ config: HOUSE });
    const [warning, ...more] = warningsOf(three);
    assert.deepEqual(more, []);
    assert.match((warning!['servers'] as string[]).join(), new RegExp(`^server \\d+ at ${two.url}$`));
    await two.stop();
    assert.deepEqual(warningsOf(await start({ config: HOUSE })), []);
  });
});

describe('where the others reach a server', () => {
  test('as it is told - shown to all, also when it listens elsewhere', async context => {
    const { url } = await postgresDatabase(entities);
    const server = await startServer({ env: { DATABASE_URL: url, NODE_URL: 'http://127.0.0.1:18080/' } });
    context.after(() => server.stop());
    const [only] = await nodesSeenBy({ v1: createV1Client(server) });
    assert.deepEqual([only!.url, only!.state], ['http://127.0.0.1:18080', 'alive']);
  });

  test('nowhere, since it listens everywhere and is not told - warned of, with what to set', async context => {
    const { url } = await postgresDatabase(entities);
    const server = await startServer({ env: { DATABASE_URL: url, HOST: '0.0.0.0' } });
    context.after(() => server.stop());
    const warning = server.logs.find(each => each['msg'] === 'NODE_URL missing');
    assert.equal(warning?.['host'], '0.0.0.0');
    assert.match(String(warning['hint']), /^Set NODE_URL /);
  });
});
