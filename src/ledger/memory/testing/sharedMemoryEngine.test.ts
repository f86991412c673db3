/** Several nodes on one store in memory: one order, whatever happens on the way to it. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { EngineFault } from '../../engine.ts';
import { findGaps, journal } from '../../journal.ts';
import { StorageUnavailable } from '../../refusals.ts';
import { Refusal, type State } from '../../state.ts';
import { describeEngine } from '../../testing/engineConformance.ts';
import { describeLedger } from '../../testing/ledgerConformance.ts';
import { bareEvent, item, itemMade, itemRow, member, tally, testEntities } from '../../testing/testEntities.ts';
import { TestLedger } from '../../testing/testLedger.ts';
import { SHARED_MEMORY } from '../../testing/testStores.ts';
import { SharedMemory } from './sharedMemory.ts';
import { type CommitFate, SharedMemoryEngine, type Wire } from './sharedMemoryEngine.ts';

const nowhere = () => '';

describeEngine(SHARED_MEMORY, nowhere);
describeLedger(SHARED_MEMORY, nowhere);

/** A way to the store that the test has in its hand. */
class TestWire implements Wire {
  readonly fates: CommitFate[] = [];
  losesNotifications = false;
  isCut = false;
  /** Ways to the store, and back, that are to be held up, and who waits. */
  hold: Promise<void> | null = null;

  async there(): Promise<void> {
    await this.hold;
    if (this.isCut) throw new EngineFault('unavailable', 'there is no connection');
  }
  back(): Promise<void> {
    return this.there();
  }
  commit(): CommitFate {
    return this.fates.shift() ?? 'works';
  }
  notify(deliver: () => void): void {
    if (!this.losesNotifications) deliver();
  }
}

async function openNodes(t: TestContext, count: number) {
  const store = new SharedMemory(testEntities);
  const nodes: TestLedger[] = [];
  const wires: TestWire[] = [];
  for (let n = 1; n <= count; n++) {
    const wire = new TestWire();
    const open = async () => new SharedMemoryEngine({ store, nodeId: `node ${n}`, wire });
    const node = await TestLedger.open({ open });
    nodes.push(node);
    wires.push(wire);
    t.after(() => node.close());
  }
  return { store, nodes: nodes as [TestLedger, TestLedger], wires: wires as [TestWire, TestWire] };
}

const say = (kind: string) => (state: State) => state.journal(bareEvent(kind), {});
const take = (state: State) => {
  const id = state.next('item');
  state.insert(item, itemRow(id, { amount: (state.get(item, id - 1)?.amount ?? 0) + 1 }));
  state.add(tally, { day: 1, label: 'all' }, { calls: 1 });
  state.journal(itemMade, { callId: id });
  if (id % 7 === 0) throw new Refusal('no');
  return id;
};
const kinds = (node: TestLedger) => node.told.map(row => `${row.position} ${row.kind}`);
/** Until whatever goes on by itself has come to rest. */
const rest = () => new Promise<void>(resolve => setImmediate(() => setImmediate(resolve)));

describe('several nodes on a store in memory', () => {
  test('commands of all of them at once - come out as one after another, without gaps, told by each', async t => {
    const { nodes } = await openNodes(t, 3);
    // The seventh is refused for ever: whoever comes to it gets no further.
    const rounds = await Promise.all(nodes.map(node => node.outcomes([take, take])));
    const ids = rounds.flat().filter(each => typeof each === 'number');
    assert.deepEqual(
      ids.sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6],
    );
    const [first] = nodes;
    assert.deepEqual(
      (await first.rows(item)).map(row => row.amount),
      [1, 2, 3, 4, 5, 6],
    );
    assert.equal((await first.sums(tally))[0]?.['calls'], 6);
    assert.deepEqual(await findGaps(first.ledger.reader), []);
    await rest();
    for (const node of nodes) assert.deepEqual(node.told, await first.rows(journal));
  });

  test('a resident row - changed by one node is there for the commands and the doors of another', async t => {
    const {
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    wires[1].losesNotifications = true;
    await one.submit(state => state.put(member, { id: 1, name: 'anna', team: 1 }));
    assert.equal(two.ledger.directory.get(member, 1), undefined);
    assert.equal(await two.submit(state => state.get(member, 1)?.name), 'anna');
    assert.equal(two.ledger.directory.get(member, 1)?.name, 'anna');
  });

  test('a node that was not told - looks a second later, and finds it', async t => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const {
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    wires[1].losesNotifications = true;
    await one.submit(say('a.said'));
    await rest();
    assert.deepEqual(kinds(two), []);
    t.mock.timers.tick(1_000);
    await rest();
    assert.deepEqual(kinds(two), ['1 a.said']);
  });

  test('a commit whose answer is lost - is looked up, and acknowledged', async t => {
    const {
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    wires[0].fates.push('lostAnswer');
    const [first] = await Promise.all([one.submit(take), two.submit(say('b.said'))]);
    assert.equal(first, 1);
    assert.deepEqual(
      (await one.rows(item)).map(row => row.id),
      [1],
    );
    assert.deepEqual(one.faults, []);
  });

  test('a commit that is cut off before the store has heard of it - is refused, and not there', async t => {
    const {
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    wires[0].fates.push('cut', 'full');
    await assert.rejects(one.submit(take), StorageUnavailable);
    // The lock is free again.
    assert.equal(await two.submit(take), 1);
    assert.deepEqual(
      (await one.rows(item)).map(row => row.id),
      [1],
    );
  });

  test('a node without a way to the store - refuses, and goes on with all that others did meanwhile', async t => {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    const {
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    wires[0].isCut = true;
    await assert.rejects(one.submit(take), StorageUnavailable);
    await two.submit(state => state.put(member, { id: 1, name: 'anna', team: 1 }));
    await two.submit(say('b.said'));
    wires[0].isCut = false;
    now = 1_000;
    assert.equal(await one.submit(state => state.get(member, 1)?.name), 'anna');
    await one.submit(say('c.said'));
    await rest();
    assert.deepEqual(kinds(one), ['1 b.said', '2 c.said']);
  });

  test('what was changed while the answer was lost on its way - is read again', async t => {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    const {
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    wires[0].losesNotifications = true;
    await two.submit(state => state.put(member, { id: 1, name: 'anna', team: 1 }));
    const [wire] = wires;
    let ways = 0;
    // The first brought the head, the second is that of the residents.
    wire.back = async () => {
      if (++ways === 2) throw new EngineFault('unavailable', 'the connection has ended');
    };
    await assert.rejects(
      one.submit(state => state.get(member, 1)),
      StorageUnavailable,
    );
    assert.equal(ways, 2);
    now = 1_000;
    assert.equal(await one.submit(state => state.get(member, 1)?.name), 'anna');
  });

  test('the store’s clock - is the ledger’s, also when that of a node is set between two batches', async t => {
    t.mock.method(performance, 'now', () => 0);
    const store = new (class extends SharedMemory {
      override get head() {
        return { ...super.head, clock: 1_000_000 };
      }
    })(testEntities);
    const node = await TestLedger.open({ open: async () => new SharedMemoryEngine({ store, nodeId: 'node' }) });
    t.after(() => node.close());
    assert.equal(await node.submit(state => state.now), 1_000_000);
    node.time.now += 600_000;
    assert.equal(node.ledger.now(), 1_000_000);
  });

  test('after a clock that was far ahead - the time of none goes back when it hears what another has stored', async t => {
    let steadyMs = 0;
    t.mock.method(performance, 'now', () => steadyMs);
    const {
      nodes: [one, two],
    } = await openNodes(t, 2);
    one.time.now += 600_000;
    await one.submit(take);
    for (const each of [one, two]) each.time.now = 1_000;
    await rest();
    steadyMs = 4_000;
    const reached = one.ledger.now();
    assert.equal(reached, 603_000);
    steadyMs = 4_100;
    two.time.now = 603_000 - 2_500;
    await two.submit(take);
    await rest();
    assert.ok(one.ledger.now() >= reached, `${one.ledger.now()} after ${reached}`);
  });

  test('one that stops in the middle of a batch - stores nothing once the store has ended it', async t => {
    const {
      store,
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    const stopped = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const lost = one.submit(state => {
      wires[0].hold = stopped.promise;
      began.resolve();
      return take(state);
    });
    await began.promise;
    const waiting = two.submit(take);
    await rest();
    assert.equal(store.holder?.nodeId, 'node 1');
    store.end(store.holder!);
    assert.equal(await waiting, 1);
    wires[0].hold = null;
    stopped.resolve();
    await assert.rejects(lost, StorageUnavailable);
    assert.deepEqual(
      (await two.rows(item)).map(row => row.id),
      [1],
    );
  });

  test('one that dies with the lock, or waiting for it - holds nobody up', async t => {
    const {
      store,
      nodes: [one, two],
      wires,
    } = await openNodes(t, 2);
    const forever = new Promise<void>(() => {});
    const began = Promise.withResolvers<void>();
    void one.submit(state => {
      wires[0].hold = forever;
      began.resolve();
      return take(state);
    });
    await began.promise;
    const dead = new SharedMemoryEngine({ store, nodeId: 'dead' });
    void dead.begin();
    const waiting = two.submit(take);
    await rest();
    dead.die();
    (one.engine as SharedMemoryEngine).die();
    assert.equal(await waiting, 1);
    // Its batch never ends: the process it ran in is no more.
    t.mock.method(one.ledger, 'close', async () => {});
  });
});
