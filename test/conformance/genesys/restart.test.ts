import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createScratch } from '../../kit/scratch.ts';
import { startServer } from '../../kit/server.ts';
import { channelsOf, Desktop, kindsOf, type Message, PAIR, resultOf, userDataOf } from './desktop.ts';
import {
  AGENT1,
  AGENT2,
  type Agent,
  CONFIG,
  DONE,
  LIST_FILE,
  listOf,
  listText,
  type Node,
  nodeOf,
  numberOf,
} from './node.ts';

interface House {
  /** The server that runs. */
  readonly node: Node;
  /** Starts again on the same data, with this calling list. */
  start(list: number | string): Promise<Node>;
}

/** A server that may end and start again; what it keeps ends with the test. */
/** `sqlite`: the test is about the file. */
async function openHouse(context: TestContext, list: number | string, sqlite = false): Promise<House> {
  let node: Node | null = null;
  // Before the scratch directory adds its own: that goes when the server has ended.
  context.after(() => node?.server[Symbol.asyncDispose]());
  const dataDir = join(createScratch('genesys').path, 'data');
  const start = async (given: number | string): Promise<Node> => {
    node = nodeOf(await startServer({ dataDir, config: CONFIG, files: { [LIST_FILE]: listText(given) }, sqlite }));
    return node;
  };
  await start(list);
  return {
    get node() {
      return node!;
    },
    start,
  };
}

/** What a new session is told with the answer to its subscriptions. */
async function toldOnArrival(node: Node, agent: Agent): Promise<readonly Message[]> {
  const desktop = new Desktop(node, agent);
  await desktop.handshake();
  const received = await desktop.subscribe('/v2/me/*', '/me/internal');
  assert.deepEqual(channelsOf(await desktop.connect({ timeout: 0 })), ['/meta/connect'], 'once');
  return received.filter(each => each.channel !== '/meta/subscribe');
}

test('4.1 a finished record - stays so when the server starts with the same list, and with a changed one', async context => {
  const house = await openHouse(context, 3);
  const desktop = await Desktop.open(house.node);
  const first = await desktop.retrieve();
  await desktop.complete(first.handle, { callResult: 'WrongNumber' });
  const held = await desktop.retrieve();
  await desktop.disconnect();
  const before = [await house.node.recordOf(first.number), await house.node.recordOf(held.number)];
  assert.deepEqual(
    before.map(each => each.recordStatus),
    [3, 2],
  );

  // The same file; then one with other hours, from noon to noon, a note, the first number at its end, and a new one in front.
  const rows = [4, 3, 2, 1].map(n => `${numberOf(n)},43200,43199,changed`);
  for (const list of [listOf(3), ['contact_info,daily_from,daily_till,note', ...rows].join('\n')]) {
    await house.node.server.stop();
    await house.start(list);
    assert.deepEqual([await house.node.recordOf(first.number), await house.node.recordOf(held.number)], before);
  }

  const { node } = house;
  await using again = await Desktop.open(node);
  const rest = [await again.retrieve(), await again.retrieve()];
  assert.deepEqual(
    rest.map(({ number, userData }) => [number, userData['note']]),
    [
      [numberOf(3), 'changed'],
      [numberOf(4), 'changed'],
    ],
  );
  await node.preview('GetPreviewRecord');
  assert.deepEqual(kindsOf(await again.connect()), ['Error', 'Error', '/meta/connect'], 'there is no other');
  assert.deepEqual(await node.complete(first.handle), DONE);
  assert.deepEqual(kindsOf(await again.connect()), ['Error', 'Error', '/meta/connect'], 'it was finished before');
  assert.equal(resultOf(await again.complete(held.handle, { callResult: 'Busy' })), 6, 'the agent still holds it');
});

test('killed before the desktop confirmed - its user’s next session is told, and nobody else', async context => {
  const house = await openHouse(context, 3);
  const first = await Desktop.open(house.node);
  const records = [await first.retrieve(), await first.retrieve(), await first.retrieve()];
  const [confirmed, written, unread] = records.map(each => each.handle);
  await first.complete(confirmed!, { referenceId: 'confirmed' });
  // By coming back it says that it has read what came before.
  await first.connect({ timeout: 0 });
  await house.node.server.stop();

  await house.start(3);
  const second = new Desktop(house.node);
  await second.handshake();
  assert.deepEqual(channelsOf(await second.subscribe('/**')), ['/meta/subscribe'], 'confirmed, and not told again');
  const held = second.connect();
  assert.deepEqual(await house.node.complete(written!, { referenceId: 'written' }), DONE);
  assert.deepEqual(channelsOf(await held), [...PAIR, '/meta/connect']);
  assert.deepEqual(await house.node.complete(unread!, { referenceId: 'unread' }), DONE);
  await house.node.server.kill();

  const node = await house.start(3);
  for (const { number } of records) assert.equal((await node.recordOf(number)).recordStatus, 3, 'answered, so stored');
  assert.deepEqual(await toldOnArrival(node, AGENT2), []);
  const received = await toldOnArrival(node, AGENT1);
  assert.deepEqual(channelsOf(received).toSorted(), [...PAIR, ...PAIR].toSorted());
  for (const channel of PAIR) {
    const handles = received.filter(each => each.channel === channel).map(handleIn);
    assert.deepEqual(handles, [written, unread], 'in their order');
  }
  assert.deepEqual(
    received.flatMap(each => each.data!['referenceId'] ?? []),
    ['written', 'unread'],
  );
  assert.deepEqual(await toldOnArrival(node, AGENT1), [], 'the session before has come back, and so has read it');
});

test('a message that cannot be read at the start - is logged with its number, and all others are told', async context => {
  const house = await openHouse(context, 1, true);
  for (const referenceId of ['first', 'damaged', 'last']) {
    assert.deepEqual(await house.node.complete(999_999, { referenceId }), DONE);
  }
  const { server } = house.node;
  await server.kill();
  const db = new DatabaseSync(join(server.dataDir, 'aftercall.db'));
  const harmed = db.prepare("UPDATE agent_outbox SET messages = '{broken' WHERE messages LIKE ? RETURNING id");
  const damaged = harmed.all('%"damaged"%');
  db.close();
  assert.equal(damaged.length, 1);

  const node = await house.start(1);
  const found = node.server.logs.filter(each => each['msg'] === 'outbox entry unreadable');
  const id = damaged[0]!['id'];
  const reason = `table agentOutbox, row ${id}: messages cannot be read: it is no JSON`;
  assert.deepEqual(
    found.map(each => [each['table'], each['id'], each['reason']]),
    [['agentOutbox', id, reason]],
  );
  assert.ok(!node.server.output.includes('broken'));
  const told = await toldOnArrival(node, AGENT1);
  assert.deepEqual(
    told.flatMap(each => each.data!['referenceId'] ?? []),
    ['first', 'last'],
  );
  // What comes later goes on.
  await using desktop = await Desktop.open(node);
  const { handle } = await desktop.retrieve();
  await desktop.complete(handle);
});

/** The handle that either message of an acknowledgement is about. */
const handleIn = (message: Message): unknown =>
  (message.data!['record'] as { recordHandle: number } | undefined)?.recordHandle ??
  userDataOf(message)['GSW_RECORD_HANDLE'];
