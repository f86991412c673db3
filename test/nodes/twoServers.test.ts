/** Servers that share a PostgreSQL database, through the front door. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { openEvents } from '../kit/eventStream.ts';
import { ORGANISATION } from '../kit/organisation.ts';
import { startPostgres } from '../kit/postgres.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { bearer, createV1Client } from '../kit/v1Client.ts';
import type { CallView } from '../kit/v1Views.ts';
import { HOUSE, statedCall } from '../native/house.ts';

const CALLS = 40;

async function openPair() {
  const { url } = await postgresDatabase(entities);
  const env = { DATABASE_URL: url };
  // The key file is the organisation's: servers share it as they share the database.
  const dataDir = join(createScratch('nodes').path, 'data');
  const one = await startServer({ config: HOUSE, env, dataDir });
  const two = await startServer({ config: HOUSE, env, dataDir });
  return { one, two, env, dataDir, url };
}

const clientOf = (server: RunningServer) => createV1Client(server, bearer(HOUSE.tokens[0]!.token));

describe('two servers on one database', () => {
  test('calls told to either - are the same calls on both, and both tell all of it in order', async () => {
    const { one, two, env, dataDir, url } = await openPair();
    await using streamOfOne = await openEvents(one);
    await using streamOfTwo = await openEvents(two);
    const clients = [clientOf(one), clientOf(two)];
    const made = await Promise.all(
      Array.from({ length: CALLS }, (_, n) => clients[n % 2]!.post<CallView>('/v1/calls', statedCall(), 201)),
    );
    assert.equal(new Set(made.map(each => each.id)).size, CALLS);
    for (const client of clients) assert.equal((await client.list()).length, CALLS);
    // A repeat is a repeat wherever it arrives.
    const again = statedCall();
    const answers = await Promise.all(clients.map(each => each.ask<CallView>('POST', '/v1/calls', { body: again })));
    assert.deepEqual(answers.map(each => each.status).sort(), [200, 201]);
    assert.equal(answers[0]!.body.id, answers[1]!.body.id);

    const ids = [...made.map(each => each.id), answers[0]!.body.id];
    for (const id of ids) {
      for (const stream of [streamOfOne, streamOfTwo]) {
        await stream.first(`call ${id} settles`, each => each.kind === 'call.settled' && each.data.callId === id);
      }
    }
    const [told, toldByOther] = [streamOfOne.received, streamOfTwo.received];
    const length = Math.min(told.length, toldByOther.length);
    assert.deepEqual(told.slice(0, length), toldByOther.slice(0, length));
    const positions = [...new Set(told.map(each => each.data.position))];
    assert.deepEqual(
      positions,
      positions.map((_, place) => positions[0]! + place),
    );

    const verified = await runCommand(['verify'], { dataDir, env });
    assert.deepEqual(verified, { exitCode: 0, output: 'Everything adds up.\n' });
    const refused = await runCommand(['rebuild'], { dataDir, env });
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.output,
      /^The PostgreSQL database .* cannot be used: other servers use it: stop them first\.\n$/,
    );
    await one.stop();
    await two.stop();
    const rebuilt = await runCommand(['rebuild'], { dataDir, env });
    assert.match(rebuilt.output, new RegExp(`made anew from ${CALLS + 1} calls`));
    assert.deepEqual(await runCommand(['verify'], { dataDir, env }), verified);
    const { password } = new URL(url);
    for (const { output } of [one, two, refused, rebuilt]) assert.ok(!output.includes(password));
  });

  test('a user, a token, a source - known to one are known to the other', async () => {
    const { url } = await postgresDatabase(entities);
    const env = { DATABASE_URL: url };
    const dataDir = join(createScratch('nodes').path, 'data');
    await using one = await startServer({ config: HOUSE, env, dataDir });
    const token = 'a-token-of-the-second-0123';
    const config = { ...HOUSE, tokens: [...HOUSE.tokens, { name: 'second', token, roles: ['administrator'] }] };
    await using two = await startServer({ config, env, dataDir });
    assert.ok(two.running);
    await until('the first lets in who is known to the second', async () => {
      const { status } = await createV1Client(one, bearer(token)).ask('GET', '/v1/calls');
      return status === 200 ? true : undefined;
    });
  });

  test('one is killed - the other goes on, with everything that was acknowledged', async () => {
    const { one, two } = await openPair();
    const client = clientOf(two);
    const sent = Array.from({ length: CALLS }, () => statedCall());
    const answers = sent.map(body => clientOf(one).ask<CallView>('POST', '/v1/calls', { body }));
    await Promise.race(answers);
    await one.kill();
    const acknowledged = (await Promise.allSettled(answers)).flatMap((each, n) =>
      each.status === 'fulfilled' && each.value.status === 201 ? [sent[n]!] : [],
    );
    assert.ok(acknowledged.length > 0);
    for (const body of acknowledged) {
      const { status } = await client.ask('POST', '/v1/calls', { body });
      assert.equal(status, 200, 'it was there');
    }
    await two.stop();
  });
});

describe('a server whose database goes away', () => {
  test('answers 503 and says that it is not ready, and resumes by itself', { timeout: 600_000 }, async () => {
    const dataDir = createScratch('postgres').path;
    let postgres = await startPostgres({ dataDir });
    const { port } = postgres;
    const url = postgres.url(await postgres.createDatabase());
    await using server = await startServer({ config: ORGANISATION, env: { DATABASE_URL: url } });
    const v1 = createV1Client(server);
    await v1.post('/v1/calls', statedCall(), 201);
    await postgres.kill();
    const body = statedCall();
    const refused = await v1.ask('POST', '/v1/calls', { body });
    assert.equal(refused.status, 503);
    assert.equal((await server.get('/readyz')).status, 503);
    assert.equal((await server.get('/v1/calls')).status, 503);
    assert.equal((await server.get('/healthz')).status, 200);
    postgres = await startPostgres({ dataDir, port });
    await until('it is ready again', async () => ((await server.get('/readyz')).status === 200 ? true : undefined));
    assert.equal((await v1.ask('POST', '/v1/calls', { body })).status, 201);
    assert.equal((await v1.list()).length, 2);
    await server.stop();
    await postgres.stop();
  });
});

describe('a server that finds tables of a newer version', () => {
  test('answers who is there, says what to do, and ends', async () => {
    const { server: postgres, url } = await postgresDatabase(entities);
    const dataDir = join(createScratch('nodes').path, 'data');
    const server = await startServer({ config: HOUSE, env: { DATABASE_URL: url }, dataDir });
    const client = clientOf(server);
    await client.post('/v1/calls', statedCall(), 201);
    await using stream = await openEvents(server);
    await postgres.run(
      new URL(url).pathname.slice(1),
      'UPDATE aftercall.head SET schema_version = schema_version + 1, batch = batch + 1',
    );
    await until('it has ended', () => (server.running ? undefined : true));
    assert.match(
      server.output,
      /^Aftercall stops: the database has been changed to version \d+, .*Start the newer version/m,
    );
    assert.doesNotMatch(server.output, /check the database and its disk/);
    await stream.ended;
  });
});
