import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { entities } from '../../src/app/entities.ts';
import { rebuildStatistics } from '../../src/app/rebuildStatistics.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { SqliteEngine } from '../../src/ledger/sqlite/sqliteEngine.ts';
import { createScratch } from '../kit/scratch.ts';
import { basic, createV1Client } from '../kit/v1Client.ts';
import { type Program, runProgram, startProgram } from './program.ts';

const BODY = JSON.stringify({
  externalId: 'in-flight',
  direction: 'inbound',
  from: '+442079460123',
  to: '+442079460100',
  startedAt: '2026-03-02T09:00:00Z',
  durationSeconds: 42,
});

async function clientOf(server: Program) {
  const url = await server.listening();
  const authorization = basic('admin', await server.says(/^ {2}password {2}(\S+)$/m));
  return { url, authorization, client: createV1Client({ url, token: '' }, authorization) };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`stopping - ${signal} answers the request that is under way, keeps its call, and exits 0`, async () => {
    using scratch = createScratch('stopping');
    const env = { DATA_DIR: join(scratch.path, 'data') };
    await using server = startProgram([], { env });
    const { url, authorization, client } = await clientOf(server);
    await client.list();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    await once(socket, 'connect');
    let answer = '';
    const answered = new Promise<void>((resolve, reject) => {
      socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(answer)}`)));
      socket.on('data', text => {
        answer += text;
        if (answer.includes('"in-flight"')) resolve();
      });
    });
    const head = `POST /v1/calls HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json`;
    socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY.slice(0, 20)}`);
    // An answer on another connection: the half request was read before it.
    await client.list();

    server.child.kill(signal);
    await server.says(/"msg":"stopping"/);
    // As from a terminal, which signals npm and the server: the second must not cut the first short.
    server.child.kill(signal);
    socket.write(BODY.slice(20));
    await answered;
    socket.destroy();
    assert.match(answer, /^HTTP\/1\.1 201 /);
    assert.equal(await server.ended(), 0, server.stderr);

    const verified = await runProgram(['verify'], { env });
    assert.deepEqual([verified.end, verified.stdout], [0, 'Everything adds up.\n']);
    await using again = startProgram([], { env });
    const next = createV1Client({ url: await again.listening(), token: '' }, authorization);
    assert.deepEqual(
      (await next.list()).map(call => call.externalId),
      ['in-flight'],
    );
  });
}

test('stopping - open event streams end, and nobody waits for them', async () => {
  using scratch = createScratch('streams');
  await using server = startProgram([], { env: { DATA_DIR: join(scratch.path, 'data') } });
  const { url, authorization } = await clientOf(server);
  const stream = await fetch(`${url}/v1/events`, { headers: { authorization } });
  assert.equal(stream.status, 200);
  server.child.kill('SIGTERM');
  // To its end: what is cut off after having been waited for rejects.
  await stream.text();
  assert.equal(await server.ended(), 0);
});

test('verify and rebuild - beside a running server, and when it is stopped', async () => {
  using scratch = createScratch('verify');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  await using server = startProgram([], { env });
  const { client } = await clientOf(server);
  await client.post('/v1/calls', JSON.parse(BODY), 201);
  const beside = await runProgram(['verify'], { env });
  assert.deepEqual([beside.end, beside.stdout], [0, 'Everything adds up.\n']);
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  const rebuilt = await runProgram(['rebuild'], { env });
  assert.equal(rebuilt.end, 0, rebuilt.stderr);
  assert.match(rebuilt.stdout, /^The statistics are made anew from 1 calls\.$/m);
  assert.equal((await runProgram(['verify'], { env })).end, 0);
});

test('rebuild - cut short when the statistics are empty, is done again by the next start before it serves', async () => {
  using scratch = createScratch('cutShort');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  await using server = startProgram([], { env, sqlite: true });
  const { client, authorization } = await clientOf(server);
  const { id } = await client.post<{ id: number }>('/v1/calls', JSON.parse(BODY), 201);
  const before = await client.get('/v1/statistics/summary?by=day');
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);

  await stopWhenEmpty(join(env.DATA_DIR, 'aftercall.db'));
  const found = await runProgram(['verify'], { env, sqlite: true });
  assert.equal(found.end, 1);
  assert.match(found.stdout, /^the statistics are being made anew, or that was interrupted: run "aftercall rebuild"/m);
  assert.match(found.stdout, /^1 things do not add up: finish what was interrupted, as said above\.$/m);

  await using again = startProgram([], { env, sqlite: true });
  const next = createV1Client({ url: await again.listening(), token: '' }, authorization);
  assert.deepEqual(await next.get('/v1/statistics/summary?by=day'), before);
  await next.post(`/v1/calls/${id}/corrections`, { fields: { talkSeconds: 7 } }, 201);
  const verified = await runProgram(['verify'], { env, sqlite: true });
  assert.deepEqual([verified.end, verified.stdout], [0, 'Everything adds up.\n']);
});

/** Does of `aftercall rebuild` what it does until it counts the first call. */
async function stopWhenEmpty(file: string): Promise<void> {
  const engine = await SqliteEngine.open({ file, entities, onCrash: assert.fail, onCheckpoint: () => {} });
  const ledger = await Ledger.open({ engine, clock: Date.now, onFatal: assert.fail });
  const submit: Ledger['submit'] = async command => {
    if (command.name === 'count calls again') throw new Error('killed');
    return ledger.submit(command);
  };
  const dying = { directory: ledger.directory, reader: ledger.reader, submit } as Ledger;
  await assert.rejects(
    rebuildStatistics(dying, () => {}),
    /^Error: killed$/,
  );
  await ledger.close();
}

test('rebuild - puts a call that is counted in another day into its own, as verify tells people to', async () => {
  using scratch = createScratch('stray');
  const env = { DATA_DIR: join(scratch.path, 'data') };
  await using server = startProgram([], { env, sqlite: true });
  const { client } = await clientOf(server);
  await client.post('/v1/calls', JSON.parse(BODY), 201);
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  const db = new DatabaseSync(join(env.DATA_DIR, 'aftercall.db'));
  assert.equal(db.prepare('UPDATE call SET day = day + 1').run().changes, 1);
  db.close();
  const found = await runProgram(['verify'], { env, sqlite: true });
  assert.equal(found.end, 1);
  assert.match(found.stdout, /^call 1 is counted in 2026-03-03 and began in 2026-03-02$/m);
  assert.match(found.stdout, /run "aftercall rebuild"\.$/m);
  assert.equal((await runProgram(['rebuild'], { env, sqlite: true })).end, 0);
  const again = await runProgram(['verify'], { env, sqlite: true });
  assert.deepEqual([again.end, again.stdout], [0, 'Everything adds up.\n']);
});
