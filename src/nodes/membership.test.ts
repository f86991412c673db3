import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { until } from '../../test/kit/until.ts';
import { LeaseLost } from '../ledger/lease.ts';
import { Ledger } from '../ledger/ledger.ts';
import { PostgresEngine } from '../ledger/postgres/postgresEngine.ts';
import type { Command } from '../ledger/state.ts';
import { code, testEntities } from '../ledger/testing/testEntities.ts';
import { postgresDatabase, SCHEMA } from '../ledger/testing/testStores.ts';
import { lease, nodeEntities } from './entities.ts';
import { joinNodes, type Membership } from './membership.ts';

const JOBS = ['settling', 'waking'];
const entities = [...testEntities, ...nodeEntities];

interface House {
  readonly ledger: Ledger;
  readonly nodes: Membership;
  /** What its machine's clock is ahead of the others'. */
  readonly clock: { aheadMs: number };
  /** While it sleeps, it says nothing; what it wanted to say it says when it wakes up. */
  sleep(): () => void;
  /** Addresses that somebody else has as well. */
  readonly twins: readonly string[];
}

/** Servers on one database, each with a clock of its own; `start` makes another one. */
async function openHouse(t: TestContext) {
  const { url } = await postgresDatabase(entities);
  const all: House[] = [];
  // Before the database's server goes.
  t.after(async () => {
    for (const { nodes, ledger } of all) {
      await nodes.leave();
      await ledger.close();
    }
  });
  return async (): Promise<House> => {
    const clock = { aheadMs: 0 };
    const engine = await PostgresEngine.open({ url, schema: SCHEMA, entities, nodeId: randomUUID() });
    const ledger = await Ledger.open({ engine, clock: () => Date.now() + clock.aheadMs, onFatal: assert.fail });
    let awake = Promise.resolve();
    const submit: Ledger['submit'] = async command => {
      await awake;
      return ledger.submit(command);
    };
    const { directory } = ledger;
    const twins: string[] = [];
    const nodes = await joinNodes({
      ledger: { directory, submit },
      version: '1.2.3',
      jobs: JOBS,
      onError: () => {},
      onSameUrl: url => twins.push(url),
    });
    const sleep = () => {
      const sleeping = Promise.withResolvers<void>();
      awake = sleeping.promise;
      return sleeping.resolve;
    };
    const house = { ledger, nodes, clock, sleep, twins };
    all.push(house);
    return house;
  };
}

const put = (value: number): Command<number> => ({
  name: 'put',
  bytes: 100,
  apply: state => {
    state.put(code, { code: 'work', value });
    return value;
  },
});
const stored = async ({ ledger }: House) => (await ledger.reader.select({ from: code, limit: 10 }))[0]?.value;
const has = ({ nodes }: House, work = 'settling') => (nodes.lease(work).acquire() === null ? undefined : true);

describe('several nodes', () => {
  test('each - has a number of its own, and is seen by all', async t => {
    const start = await openHouse(t);
    const houses = [await start(), await start(), await start()];
    await Promise.all(houses.map(({ nodes }, n) => nodes.serve(`http://127.0.0.1:${n + 1}`)));
    assert.deepEqual(
      houses.map(each => each.nodes.number),
      [1, 2, 3],
    );
    for (const { nodes } of houses) {
      await until('all are seen', () =>
        nodes.all().filter(each => each.url !== null).length === 3 ? true : undefined,
      );
      assert.deepEqual(
        nodes.all().map(({ number, url, version, isAlive }) => ({ number, url, version, isAlive })),
        [1, 2, 3].map(n => ({ number: n, url: `http://127.0.0.1:${n}`, version: '1.2.3', isAlive: true })),
      );
    }
    const [first, second] = houses as [House, House];
    assert.equal(first.nodes.urlOf(2), 'http://127.0.0.1:2');
    assert.equal(first.nodes.urlOf(1), null, 'itself');
    assert.equal(first.nodes.urlOf(9), null);
    assert.deepEqual(await Promise.all([1, 2, 9].map(each => first.nodes.lives(each))), [true, true, false]);
    // Whatever the clock of a machine says: alive is who says so.
    second.clock.aheadMs = 3_600_000;
    await second.ledger.submit(put(0));
    const told = first.nodes.all()[1]!.seenAt;
    await until('the others have said again that they live', () =>
      [0, 2].every(n => (second.nodes.all()[n]?.seenAt ?? 0) > told + 3_000_000) ? true : undefined,
    );
    for (const { nodes } of houses) {
      await until('all live', () => (nodes.all().filter(each => each.isAlive).length === 3 ? true : undefined));
    }
  });

  test('work - is done by one of them, and by another when it leaves', async t => {
    const start = await openHouse(t);
    const [first, second] = [await start(), await start()];
    assert.equal(has(first), undefined, 'not before it serves');
    await first.nodes.serve(null);
    await second.nodes.serve(null);
    assert.ok(has(first) && has(first, 'waking'));
    assert.equal(has(second), undefined);
    assert.deepEqual(
      second.nodes.all().map(each => each.jobs.toSorted()),
      [JOBS, []],
    );
    assert.equal(await first.ledger.submit(first.nodes.lease('settling').acquire()!(put(1))), 1);
    const gone = second.nodes.goneSignal(1);
    await first.nodes.leave();
    await until('the other has it', () => has(second));
    assert.deepEqual(
      second.nodes.all().map(each => each.number),
      [2],
    );
    assert.equal(has(first), undefined);
    await until('whoever asked it something is told', () => (gone.aborted ? true : undefined));
  });

  test('a node that is not heard of - is dead by the ledger’s time, and what it still does changes nothing', async t => {
    const start = await openHouse(t);
    const [first, second] = [await start(), await start()];
    await first.nodes.serve('http://127.0.0.1:1');
    await second.nodes.serve('http://127.0.0.1:2');
    const disowned: string[] = [];
    first.nodes.onDisowned(() => disowned.push('first'));
    const fence = first.nodes.lease('settling').acquire()!;
    assert.equal(await first.ledger.submit(fence(put(1))), 1);
    const wakeUp = first.sleep();
    second.clock.aheadMs = 5_500;
    await until('the other has it', () => has(second));
    assert.deepEqual(second.nodes.all()[1]!.jobs.toSorted(), JOBS);
    await assert.rejects(first.ledger.submit(fence(put(2))), LeaseLost);
    assert.equal(await stored(first), 1);
    assert.equal(await second.ledger.submit(second.nodes.lease('settling').acquire()!(put(3))), 3);
    assert.equal(await stored(first), 3);
    await until('the other takes it for dead', () => second.nodes.urlOf(1) === null || undefined);
    wakeUp();
    // It lives, and says so: it is one of them again, without the work.
    await until('it is back', () => (second.nodes.all()[0]!.isAlive ? true : undefined));
    assert.equal(has(first), undefined);
    await until('it knows that the others had given it up', () => disowned.includes('first') || undefined);
  });

  test('nodes that could store nothing for a while - do not take each other for dead', async t => {
    const start = await openHouse(t);
    const houses = [await start(), await start()];
    await Promise.all(houses.map(({ nodes }, n) => nodes.serve(`http://127.0.0.1:${n + 1}`)));
    const [first, second] = houses as [House, House];
    for (const { nodes } of houses) await until('all are seen', () => nodes.others().length === 1 || undefined);
    let disowned = 0;
    for (const { nodes } of houses) nodes.onDisowned(() => disowned++);
    const [wakeFirst, wakeSecond] = houses.map(each => each.sleep()) as [() => void, () => void];
    // As on a database that was away so long.
    for (const { clock } of houses) clock.aheadMs = 61_000;
    const heartbeats = async (times: number) => {
      for (let n = 0; n < times; n++) {
        const { now } = first.nodes;
        await until('another heartbeat', () => first.nodes.now > now || undefined);
      }
    };
    wakeFirst();
    await heartbeats(2);
    wakeSecond();
    await heartbeats(2);
    assert.deepEqual([first.nodes.others().length, second.nodes.others().length, disowned], [1, 1, 0]);
  });

  for (const [what, happens] of [
    [
      'was late itself since then',
      async ({ clock }: House) => {
        clock.aheadMs += 7_000;
      },
    ],
    ['has left since then', ({ nodes }: House) => nodes.leave()],
  ] as const) {
    test(`a node that was taken for dead by one that ${what} - learns of it all the same`, async t => {
      const start = await openHouse(t);
      const [judge, asleep] = [await start(), await start()];
      await judge.nodes.serve('http://127.0.0.1:1');
      await asleep.nodes.serve('http://127.0.0.1:2');
      let isDisowned = false;
      asleep.nodes.onDisowned(() => {
        isDisowned = true;
      });
      await until('the other knows it', () => judge.nodes.urlOf(2) ?? undefined);
      const wakeUp = asleep.sleep();
      await until('the other takes it for dead', () => judge.nodes.urlOf(2) === null || undefined);
      await happens(judge);
      wakeUp();
      await until('it knows', () => isDisowned || undefined);
    });
  }

  test('a server that was killed and is back at its address - does its work at once, and its other life is forgotten', async t => {
    const start = await openHouse(t);
    const before = await start();
    await before.nodes.serve('http://127.0.0.1:1');
    const fence = before.nodes.lease('settling').acquire()!;
    const wakeUp = before.sleep();
    const after = await start();
    await after.nodes.serve('http://127.0.0.1:1');
    assert.ok(has(after));
    assert.deepEqual(
      after.nodes.all().map(each => each.number),
      [2],
    );
    await assert.rejects(before.ledger.submit(fence(put(1))), LeaseLost);
    assert.deepEqual(after.twins, []);
    // If it lives after all, somebody has to be told.
    wakeUp();
    for (const { twins } of [before, after]) {
      await until('both say so', () => (twins[0] === 'http://127.0.0.1:1' ? true : undefined));
    }
  });

  test('a lease that came back to the same node - does not make what was begun before valid again', async t => {
    const start = await openHouse(t);
    const [first, second] = [await start(), await start()];
    await first.nodes.serve(null);
    const before = first.nodes.lease('settling').acquire()!;
    await second.nodes.serve(null);
    await first.ledger.submit({
      name: 'give back',
      bytes: 100,
      apply: state => {
        for (const each of state.all(lease)) state.put(lease, { ...each, node: null, token: each.token + 1 });
      },
    });
    await until('one of them has it', () => has(first) ?? has(second));
    await assert.rejects(first.ledger.submit(before(put(1))), LeaseLost);
    await assert.rejects(second.ledger.submit(before(put(1))), LeaseLost);
    assert.equal(await stored(first), undefined);
  });

  test('what one does alone - the others wait for, also when it fails', async t => {
    const start = await openHouse(t);
    const houses = await Promise.all([start(), start(), start()]);
    let inside = 0;
    let waiting = 0;
    const order: number[] = [];
    const outcomes = await Promise.allSettled(
      houses.map(({ nodes, ledger }) =>
        nodes.alone(
          async () => {
            assert.equal(++inside, 1);
            order.push(nodes.number);
            if (order.length === 1) await until('the others wait', () => (waiting === 2 ? true : undefined));
            await ledger.submit(put(nodes.number));
            inside--;
            if (order.length === 1) throw new Error('could not start');
          },
          () => waiting++,
        ),
      ),
    );
    assert.deepEqual(order.toSorted(), [1, 2, 3]);
    assert.deepEqual(outcomes.map(each => each.status).toSorted(), ['fulfilled', 'fulfilled', 'rejected']);
    assert.deepEqual(
      houses[0]!.nodes.all().flatMap(each => each.jobs),
      [],
    );
  });

  test('nothing to do - costs each node one small batch every two seconds', async t => {
    const start = await openHouse(t);
    const [first, second] = [await start(), await start()];
    await first.nodes.serve(null);
    await second.nodes.serve(null);
    const seen = new Map<number, number[]>();
    await until('both have said four times that they live', () => {
      for (const { number, seenAt } of first.nodes.all()) {
        const times = seen.get(number) ?? [];
        if (times.at(-1) !== seenAt) seen.set(number, [...times, seenAt]);
      }
      return [...seen.values()].every(times => times.length >= 4) ? true : undefined;
    });
    // The first says that it serves, and the second comes when it is due.
    const gaps = [...seen.values()].flatMap(([, ...times]) => times.slice(1).map((at, n) => at - times[n]!));
    assert.ok(
      gaps.every(gap => gap >= 1_990),
      `${gaps} ms apart, by the ledger`,
    );
    assert.equal(first.ledger.position, 0, 'and no entries');
  });
});
