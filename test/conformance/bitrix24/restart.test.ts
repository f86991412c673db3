import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSite } from '../../../src/outbound/testing/testSite.ts';
import { mp3 } from '../../../src/recordings/testing/testAudio.ts';
import { createScratch } from '../../kit/scratch.ts';
import { runCommand, startServer } from '../../kit/server.ts';
import { until } from '../../kit/until.ts';
import { CALL_NOT_FOUND, CONTACT_PHONE, FINISH, type Finished, PORTAL, portalOf, putContact, SHOW } from './cases.ts';

/** One life of a server on these data; how it ends, the test says. */
const live = (dataDir: string) => startServer({ config: { ...PORTAL, outbound: { allow: ['127.0.0.1'] } }, dataDir });

test('B24 10 kill -9 between register and finish - the call is finished by the next server, and once', async () => {
  const dataDir = join(createScratch('bitrix24').path, 'data');
  await using lives = new AsyncDisposableStack();
  let server = lives.use(await live(dataDir));
  let portal = portalOf(server);
  await putContact(portal);
  const said = { PHONE_NUMBER: CONTACT_PHONE, EXTERNAL_CALL_ID: 'kept', LINE_NUMBER: '+14155550199' };
  const registered = await portal.register(said);
  const lead = await portal.register({ PHONE_NUMBER: '+14155550150', CRM_CREATE: 1 });
  await portal.result(SHOW, { CALL_ID: registered.CALL_ID, USER_ID: [1, 2] });
  await server.kill();

  server = lives.use(await live(dataDir));
  portal = portalOf(server);
  // A repeat is still the same call, and who was found and made is still there.
  assert.deepEqual(await portal.register(said), registered);
  assert.equal((await portal.register({ PHONE_NUMBER: '+14155550150', CRM_CREATE: 1 })).CALL_ID, lead.CALL_ID);
  const finished = await portal.finish(registered.CALL_ID, {
    DURATION: 95,
    COST: '1.10',
    COST_CURRENCY: 'USD',
    VOTE: 5,
  });
  const { CRM_ENTITY_ID: contact, EXTERNAL_CALL_ID: external, PORTAL_NUMBER: line } = finished;
  assert.deepEqual([contact, external, line], [10, 'kept', '+14155550199']);
  await portal.finish(lead.CALL_ID, { USER_ID: 2 });
  await server.kill();

  server = lives.use(await live(dataDir));
  portal = portalOf(server);
  const { v1 } = portal;
  for (const id of [registered.CALL_ID, lead.CALL_ID]) {
    assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 1 }), CALL_NOT_FOUND);
  }
  const row = await portal.row(registered.CALL_ID);
  const { CALL_DURATION: duration, COST: cost, CALL_VOTE: vote, ID: rowId } = row;
  assert.deepEqual([duration, cost, vote, rowId], ['95', '1.1000', '5', String(finished['ID'])]);
  const client = await v1.get<Finished>(`/v1/clients/leads/${lead.CRM_CREATED_LEAD}`);
  assert.equal(client['responsibleId'], 2);
  const { journal, id: callId } = await v1.callOf(registered.CALL_ID, 'bitrix24');
  const count = (kind: string): number => journal.filter(each => each.kind === kind).length;
  assert.deepEqual(
    ['call.registered', 'card.shown', 'card.hidden', 'call.ended'].map(count),
    [1, 2, 2, 1],
    JSON.stringify(journal),
  );
  assert.equal((await v1.settled(callId)).outcome, 'answered');
});

test('B24 10 kill -9 while finishes are on their way - each that was answered is there, none is there twice', async () => {
  const dataDir = join(createScratch('bitrix24').path, 'data');
  await using before = await live(dataDir);
  const portal = portalOf(before);
  const registered = await Promise.all(Array.from({ length: 40 }, () => portal.register()));
  const ids = registered.map(each => each.CALL_ID);
  const answered: string[] = [];
  const first = Promise.withResolvers<void>();
  const requested = ids.map(id =>
    portal.finish(id).then(
      () => {
        answered.push(id);
        first.resolve();
      },
      () => {
        // Killed before the answer: it may have happened or not.
      },
    ),
  );
  await first.promise;
  await before.kill();
  await Promise.all(requested);

  await using server = await live(dataDir);
  const after = portalOf(server);
  for (const id of answered) {
    assert.deepEqual(await after.refusal(FINISH, { CALL_ID: id, USER_ID: 1 }), CALL_NOT_FOUND);
  }
  for (const id of ids) {
    const { status } = await after.ask(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 10 });
    assert.ok(status === 200 || status === 400);
    await after.row(id);
  }
  await server.stop();
  const { exitCode, output } = await runCommand(['verify'], { dataDir });
  assert.equal(exitCode, 0, output);
});

test('B24 RECORD_URL kill -9 while it is fetched - the next server fetches it', async t => {
  const dataDir = join(createScratch('bitrix24').path, 'data');
  await using before = await live(dataDir);
  const requested = Promise.withResolvers<void>();
  let servers = 1;
  const site = await startSite(t, (_request, response) => {
    // The first server gets no answer.
    if (servers === 1) requested.resolve();
    else response.writeHead(200).end(mp3());
  });
  const finished = await portalOf(before).call({ RECORD_URL: `${site.origin}/a.mp3` });
  await requested.promise;
  await before.kill();

  servers = 2;
  await using server = await live(dataDir);
  const file = await until('the recording is there', async () => {
    const row = await portalOf(server).row(String(finished['CALL_ID']));
    return row['RECORD_FILE_ID'] ?? undefined;
  });
  assert.equal(typeof file, 'number');
  assert.equal(site.requests.length, 2);
});
