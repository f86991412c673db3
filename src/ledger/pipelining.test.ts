/** Batches that are applied while those before them are being committed: what they see, and what becomes of them. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createScratch } from '../../test/kit/scratch.ts';
import { EngineFault, type Want } from './engine.ts';
import { journal } from './journal.ts';
import { CommandFailed, StorageUnavailable } from './refusals.ts';
import { Refusal, type State } from './state.ts';
import { bareEvent, item, itemMade, itemRow, member, tally, testEntities, ticket } from './testing/testEntities.ts';
import { type HeldCommit, HeldEngine } from './testing/testHeldEngine.ts';
import { command, TestLedger } from './testing/testLedger.ts';
import { MEMORY, SQLITE } from './testing/testStores.ts';

const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(row => row.id);

/** What may be told of the state when it is looked at. */
const look = (state: State) => ({
  one: idsOf(state.find(item, 'byOwner', 1)),
  two: idsOf(state.find(item, 'byOwner', 2)),
  x: idsOf(state.find(item, 'byGroup', 'x')),
  xOfOne: idsOf(state.find(item, 'byGroupAndOwner', 'x', 1)),
  labelled: idsOf(state.find(item, 'byLabel', 'l')),
  names: [1, 2, 3, 4, 5].map(id => state.get(item, id)?.name),
  members: state.all(member).map(row => `${row.id} ${row.name}`),
  team: idsOf(state.find(member, 'byTeam', 1)),
});

class Pipeline {
  readonly on: TestLedger;
  readonly held: HeldEngine;

  constructor(on: TestLedger) {
    this.on = on;
    this.held = on.engine as HeldEngine;
  }

  /** Submits as one batch that is handed over and waits there. */
  async handOver<Result>(...applies: ((state: State) => Result)[]): Promise<Handed<Result>> {
    const arrival = this.held.arrival();
    const answers = Promise.allSettled(applies.map(apply => this.on.submit(apply)));
    return { commit: await arrival, answers };
  }

  /** Submits what is applied now and handed over only when one of those before it is answered. */
  async apply<Result>(apply: (state: State) => Result): Promise<{ applied: Result; answer: Promise<Result> }> {
    const applied = Promise.withResolvers<Result>();
    const answer = this.on.submit(state => {
      const result = apply(state);
      applied.resolve(result);
      return result;
    });
    answer.catch(() => {});
    return { applied: await applied.promise, answer };
  }
}

interface Handed<Result> {
  readonly commit: HeldCommit;
  readonly answers: Promise<PromiseSettledResult<Result>[]>;
}

const words = async (answers: Promise<PromiseSettledResult<unknown>[]>): Promise<unknown[]> =>
  (await answers).map(each => (each.status === 'fulfilled' ? each.value : (each.reason as Error).name));

const take = (state: State) => {
  const id = state.next('item');
  state.insert(item, itemRow(id));
  state.journal(itemMade, { callId: id });
  return id;
};

const takePoisoned = (state: State) => {
  const id = state.next('item');
  state.insert(item, itemRow(id, { name: null as never }));
  return id;
};

const FULL = new EngineFault('full', 'the disk is full');
const POISON = new EngineFault('poison', 'not this one');
const ABORTED = new EngineFault('aborted', 'the batch before was not stored');
const FATAL = new EngineFault('fatal', 'the disk could not confirm what was written');

interface Options {
  /** The store fails for good. */
  readonly dies?: boolean;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Everything that was scheduled has had its turn. */
const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise(resolve => setImmediate(resolve));
};

for (const kind of [MEMORY, SQLITE]) {
  const check = (title: string, body: (pipeline: Pipeline, t: TestContext) => Promise<void>, options: Options = {}) => {
    test(title, { timeout: 300_000 }, async t => {
      const store = await kind.make(testEntities, createScratch('pipelining').path);
      const on = await TestLedger.open(store, { wrap: engine => new HeldEngine(engine) });
      let closed = false;
      // A ledger that waits for ever cannot be closed, the threads of its engine can.
      t.after(() => (closed ? undefined : on.engine.close()));
      await body(new Pipeline(on), t);
      await on.close();
      closed = true;
      assert.equal(on.fatal.length, options.dies === true ? 1 : 0);
    });
  };

  describe(`pipelining on ${kind.name}`, () => {
    for (const [written, early] of [
      [false, true],
      [true, true],
      [true, false],
    ]) {
      const when = written ? 'written and not answered' : 'handed over and not written';
      const what = early ? 'the batches before' : 'the batch before, once the one before that is answered';

      check(`${what}, ${when} - is seen in rows, indexes and residents`, async ({ on, held }) => {
        const pipeline = new Pipeline(on);
        await on.submit(state => {
          state.insert(item, itemRow(1, { name: 'moves away', ownerId: 1, label: 'l' }));
          state.insert(item, itemRow(2, { name: 'is deleted', ownerId: 1 }));
          state.insert(item, itemRow(3, { name: 'moves here', ownerId: 2 }));
          state.insert(item, itemRow(4, { name: 'stays', ownerId: 1 }));
          state.put(member, { id: 1, name: 'a', team: 1 });
          state.put(member, { id: 2, name: 'b', team: 1 });
        });
        held.hold();
        const first = await pipeline.handOver(state => {
          state.put(item, { ...state.get(item, 1)!, ownerId: 2, group: 'y', label: null });
          state.delete(item, 2);
          state.put(item, { ...state.get(item, 3)!, ownerId: 1, label: 'l', name: 'moved' });
          state.insert(item, itemRow(5, { name: 'is new', ownerId: 1 }));
          state.delete(member, 1);
          state.put(member, { id: 2, name: 'c', team: 2 });
          state.put(member, { id: 3, name: 'd', team: 1 });
          state.add(tally, { day: 1, label: 'a' }, { calls: 1 });
        });
        if (written) await first.commit.write();
        const afterFirst = {
          one: [3, 4, 5],
          two: [1],
          x: [3, 4, 5],
          xOfOne: [3, 4, 5],
          labelled: [3],
          names: ['moves away', undefined, 'moved', 'stays', 'is new'],
          members: ['2 c', '3 d'],
          team: [3],
        };
        const second = await pipeline.handOver(state => {
          const seen = look(state);
          state.put(item, { ...state.get(item, 5)!, ownerId: null, name: 'left alone' });
          state.put(item, itemRow(2, { name: 'is back', ownerId: 2, group: 'y' }));
          state.delete(item, 3);
          state.put(item, { ...state.get(item, 1)!, ownerId: 1, group: 'x', label: 'l' });
          state.put(member, { id: 1, name: 'e', team: 1 });
          state.delete(member, 3);
          state.add(tally, { day: 1, label: 'a' }, { calls: 10 });
          return seen;
        });
        const afterSecond = {
          one: [1, 4],
          two: [2],
          x: [1, 4, 5],
          xOfOne: [1, 4],
          labelled: [1],
          names: ['moves away', 'is back', undefined, 'stays', 'left alone'],
          members: ['1 e', '2 c'],
          team: [1],
        };
        // What is looked at once is known: the second look must ask for what the first one did not.
        const third = await pipeline.apply<unknown>(early ? look : (state: State) => state.now);
        if (early) assert.deepEqual(third.applied, afterSecond);
        assert.deepEqual(idsOf(on.ledger.directory.all(member)), [1, 2], 'doors see what is durable');

        if (written) first.commit.answer();
        else await first.commit.release();
        await first.answers;
        assert.deepEqual(idsOf(on.ledger.directory.all(member)), [2, 3]);
        const fourth = await pipeline.apply(look);
        assert.deepEqual(fourth.applied, afterSecond);
        await second.commit.release();
        assert.deepEqual(await words(second.answers), [afterFirst]);
        held.letGo();
        assert.deepEqual(await third.answer, third.applied);
        assert.deepEqual(await fourth.answer, afterSecond);
        assert.deepEqual(await on.submit(look), afterSecond);
        await on.reopen();
        assert.deepEqual(await on.submit(look), afterSecond);
        assert.equal((await on.sums(tally))[0]?.['calls'], 11);
      });
    }

    check('numbers - are looked for in the store once they are given, and not before', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      const asked: string[] = [];
      const { readNow } = held;
      Object.assign(held, {
        readNow: (want: Want) => {
          asked.push(`${want.index ?? 'id'} ${want.values}`);
          return readNow!(want);
        },
      });
      const open = (state: State, answers: number | null) => {
        const id = state.next('ticket');
        state.insert(ticket, { id, answers, text: `ticket ${id}` });
        return id;
      };
      const read = (state: State, id: number) => ({
        text: state.get(ticket, id)?.text,
        answers: idsOf(state.find(ticket, 'byAnswered', id)),
      });
      await on.submit(state => open(state, null));
      held.hold();
      const first = await pipeline.handOver(state => [open(state, 1), open(state, 2)]);
      await first.commit.write();
      const second = await pipeline.handOver(state => {
        const before = read(state, 2);
        const id = open(state, 2);
        open(state, id);
        return [before, read(state, id), read(state, 2)];
      });
      assert.deepEqual(asked, [], 'what is with the store is known here');
      first.commit.answer();
      await first.answers;
      const third = await pipeline.apply(state => [read(state, 1), read(state, 2), read(state, 3)]);
      const known = [
        { text: 'ticket 1', answers: [2] },
        { text: 'ticket 2', answers: [3, 4] },
        { text: 'ticket 3', answers: [] },
      ];
      assert.deepEqual(third.applied, known);
      assert.deepEqual(new Set(asked), new Set(['id 1', 'byAnswered 1', 'byAnswered 2', 'byAnswered 3']));
      await second.commit.release();
      held.letGo();
      assert.deepEqual(await words(second.answers), [
        [
          { text: 'ticket 2', answers: [3] },
          { text: 'ticket 4', answers: [5] },
          { text: 'ticket 2', answers: [3, 4] },
        ],
      ]);
      assert.deepEqual(await third.answer, known);
      await on.reopen();
      assert.deepEqual(await on.submit(state => [read(state, 1), read(state, 2), read(state, 3)]), known);
    });

    check('a number that was not given - cannot be stored', async ({ on }) => {
      await on.submit(state => state.next('ticket'));
      const refused = on.submit(state =>
        state.put(ticket, { id: 1, answers: 9, text: 'to one that is not there yet' }),
      );
      await assert.rejects(refused, /testTicket\.answers is 9, which ticket has not handed out/);
      assert.deepEqual(await on.rows(ticket), []);
    });

    check('sequences, positions and time - go on from the batch before', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      held.hold();
      on.time.now = 2_000;
      const first = await pipeline.handOver(take, take);
      on.time.now = 1_500;
      const second = await pipeline.handOver(take);
      assert.deepEqual(
        second.commit.changes.head,
        { ...first.commit.changes.head, position: 3, sequences: { item: 3 } },
        'and it is still 2000',
      );
      await first.commit.release();
      await second.commit.release();
      assert.deepEqual(await words(first.answers), [1, 2]);
      assert.deepEqual(await words(second.answers), [3]);
      held.letGo();
      assert.deepEqual(
        (await on.rows(journal)).map(row => [row.position, row.at, row.callId]),
        [
          [1, 2_000, 1],
          [2, 2_000, 2],
          [3, 2_000, 3],
        ],
      );
    });

    check('answers - leave in order, each only when its batch is durable', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      held.hold();
      const answered: string[] = [];
      const note = (word: string) => () => answered.push(word);
      const first = await pipeline.handOver(take);
      void first.answers.then(note('first'));
      const second = await pipeline.handOver(take);
      void second.answers.then(note('second'));
      // What writes nothing still saw what the batches before it wrote.
      const reading = await pipeline.apply(state => idsOf([state.get(item, 1)!, state.get(item, 2)!]));
      void reading.answer.then(note('reading'));
      const refused = on.submit(() => {
        throw new Refusal('no');
      });
      refused.catch(note('refused'));
      assert.deepEqual(reading.applied, [1, 2]);
      assert.equal(held.handedOver, 2, 'the third waits with the ledger');
      await first.commit.release();
      await first.answers;
      assert.deepEqual(answered, ['first']);
      assert.deepEqual(idsOf(on.told.map(entry => ({ id: entry.position }))), [1]);
      await second.commit.release();
      await reading.answer;
      await assert.rejects(refused, Refusal);
      assert.deepEqual(answered, ['first', 'second', 'reading', 'refused']);
      held.letGo();
    });

    check('refusals and reads - cost the store nothing', async ({ on, held }) => {
      await on.submit(take);
      const outcomes = await on.outcomes([
        state => {
          state.put(item, { ...state.get(item, 1)!, name: 'never' });
          state.insert(item, itemRow(state.next('item')));
          state.add(tally, { day: 1, label: 'a' }, { calls: 1 });
          state.journal(bareEvent('never.told'), {});
          throw new Refusal('no');
        },
        state => state.get(item, 1)?.name,
        // What is taken back at once was never there.
        state => {
          state.add(tally, { day: 1, label: 'a' }, { calls: 1 });
          state.add(tally, { day: 1, label: 'a' }, { calls: -1 });
        },
      ]);
      assert.deepEqual([(outcomes[0] as Error).name, ...outcomes.slice(1)], ['Refusal', 'item 1', undefined]);
      assert.equal(held.handedOver, 1);
    });

    check('a poisoned batch - what was applied on top of it is applied again', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      await on.submit(state => state.insert(item, itemRow(100, { ownerId: 1 })));
      held.hold();
      const move = (state: State) => {
        state.put(item, { ...state.get(item, 100)!, ownerId: 2 });
        state.insert(item, itemRow(101, { name: null as never }));
      };
      const first = await pipeline.handOver<unknown>(take, takePoisoned, move, take);
      const seen = (state: State) => [
        take(state),
        idsOf(state.find(item, 'byOwner', 1)),
        state.get(item, 100)?.ownerId,
      ];
      const second = await pipeline.handOver<unknown>(seen, takePoisoned);
      const third = await pipeline.apply(seen);
      assert.deepEqual(third.applied, [6, [], 2], 'it sees what will not be there');
      held.letGo();
      await first.commit.release();
      await second.commit.release();
      assert.deepEqual(await words(first.answers), [1, 'CommandFailed', 'CommandFailed', 2]);
      assert.deepEqual(await words(second.answers), [[3, [100], 1], 'CommandFailed']);
      assert.deepEqual(await third.answer, [4, [100], 1]);
      assert.deepEqual(idsOf(await on.rows(item)), [1, 2, 3, 4, 100]);
      assert.deepEqual(
        (await on.rows(journal)).map(row => [row.position, row.callId]),
        [1, 2, 3, 4].map(n => [n, n]),
      );
      assert.deepEqual(on.told, await on.rows(journal));
    });

    check('a poisoned batch on top of a good one - the good one is kept', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      held.hold();
      const first = await pipeline.handOver(take);
      const second = await pipeline.handOver(takePoisoned, take);
      const third = await pipeline.apply(take);
      await first.commit.release();
      held.letGo();
      await second.commit.release();
      assert.deepEqual(await words(first.answers), [1]);
      assert.deepEqual(await words(second.answers), ['CommandFailed', 2]);
      assert.equal(await third.answer, 3);
      assert.deepEqual(on.faults, ['poison', 'poison']);
    });

    check('a full disk - refuses what was applied on top as well, and the ledger resumes', async ({ on, held }, t) => {
      let now = 1_000;
      t.mock.method(performance, 'now', () => now);
      const pipeline = new Pipeline(on);
      held.hold();
      const first = await pipeline.handOver(take, take);
      const second = await pipeline.handOver(take);
      const third = await pipeline.apply(take);
      first.commit.fail(FULL);
      second.commit.fail(ABORTED);
      held.letGo();
      assert.deepEqual(await words(first.answers), ['StorageUnavailable', 'StorageUnavailable']);
      assert.deepEqual(await words(second.answers), ['StorageUnavailable']);
      await assert.rejects(third.answer, StorageUnavailable);
      assert.ok(on.ledger.storageFault);
      // Nobody touches the disk for a moment.
      now += 199;
      await assert.rejects(on.submit(take), StorageUnavailable);
      assert.equal(held.handedOver, 2);
      now += 1;
      assert.equal(await on.submit(take), 1);
      assert.ok(!on.ledger.storageFault);
      assert.deepEqual(idsOf(await on.rows(item)), [1]);
      assert.equal(on.ledger.position, 1);
    });

    check('a disk that has room again at once - what was applied on top is applied again', async ({ on, held }, t) => {
      // Long enough between any two looks at the clock that the moment of refusing is over.
      let now = 0;
      t.mock.method(performance, 'now', () => {
        now += 1_000;
        return now;
      });
      const pipeline = new Pipeline(on);
      held.hold();
      const first = await pipeline.handOver(take);
      const second = await pipeline.handOver((state: State) => [state.get(item, 1)?.name, take(state)]);
      first.commit.fail(FULL);
      held.letGo();
      second.commit.fail(ABORTED);
      assert.deepEqual(await words(first.answers), ['StorageUnavailable']);
      assert.deepEqual(await words(second.answers), [[undefined, 1]]);
    });

    check(
      'a failed sync - refuses everything from then on, what waited included',
      async ({ on, held }) => {
        const pipeline = new Pipeline(on);
        held.hold();
        const first = await pipeline.handOver(take);
        const second = await pipeline.handOver(take);
        const third = await pipeline.apply(take);
        held.letGo();
        const late = on.submit(take);
        late.catch(() => {});
        first.commit.fail(FATAL);
        second.commit.fail(ABORTED);
        const outcomes = [...(await words(first.answers)), ...(await words(second.answers))];
        for (const answer of [third.answer, late, on.submit(take)]) {
          outcomes.push(await answer.catch((error: Error) => error.name));
        }
        assert.deepEqual(outcomes, Array(5).fill('StorageUnavailable'));
        assert.equal(held.handedOver, 2, 'nothing is handed to a store that cannot be trusted');
        assert.deepEqual(await on.rows(item), []);
      },
      { dies: true },
    );

    check('what is submitted while a batch fails - waits until that is sorted out', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      held.hold();
      const first = await pipeline.handOver(take, takePoisoned, take);
      const onTop = await pipeline.handOver(take);
      const recovering = held.arrival();
      onTop.commit.fail(ABORTED);
      first.commit.fail(POISON);
      // The turn of the loop this asks for comes while the batch is being run by halves.
      const late = on.submit(take);
      const commit = await recovering;
      await turns(2);
      assert.equal(held.waiting.length, 1);
      held.letGo();
      await commit.release();
      assert.deepEqual(await words(first.answers), [1, 'CommandFailed', 2]);
      assert.deepEqual(await words(onTop.answers), [3], 'it came before');
      assert.equal(await late, 4);
      assert.deepEqual(
        (await on.rows(journal)).map(row => row.position),
        [1, 2, 3, 4],
      );
    });

    check('draining - waits for a batch that is run by halves', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      held.hold();
      const first = await pipeline.handOver(take, takePoisoned, take);
      const recovering = held.arrival();
      const late = on.submit(take);
      let answered = 0;
      void first.answers.then(() => answered++);
      late.finally(() => answered++);
      first.commit.fail(POISON);
      const drained = on.ledger.drain().then(() => answered);
      const commit = await recovering;
      held.letGo();
      await commit.release();
      assert.equal(await drained, 2);
    });

    check('draining - waits for the other half, though nothing can be stored at the moment', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      held.hold();
      const first = await pipeline.handOver(take, takePoisoned);
      const half = held.arrival();
      const late = on.submit(take);
      let answered = 0;
      void first.answers.then(() => answered++);
      late.catch(() => answered++);
      const drained = on.ledger.drain().then(() => answered);
      first.commit.fail(POISON);
      const otherHalf = half.then(commit => {
        const arrival = held.arrival();
        commit.fail(FULL);
        return arrival;
      });
      const commit = await otherHalf;
      // Those who wait are refused in this turn, and then nobody waits any more.
      await turns(2);
      held.letGo();
      await commit.release();
      assert.equal(await drained, 2);
      assert.deepEqual(await words(first.answers), ['StorageUnavailable', 'CommandFailed']);
      await assert.rejects(late, StorageUnavailable);
    });

    check('a batch that waits for its turn - is bounded however often it is added to', async ({ on, held }, t) => {
      // It is bounded in time, too, which would end it early on a machine that is busy.
      t.mock.method(performance, 'now', () => 0);
      const pipeline = new Pipeline(on);
      const bump = (state: State) => state.add(tally, { day: 1, label: 'a' }, { calls: 1 });
      const fill = async (times: number, bytes: number) => {
        held.hold();
        const handed = [await pipeline.handOver(bump), await pipeline.handOver(bump)];
        const answers: Promise<void>[] = [];
        for (let turn = 0; turn < 4; turn++) {
          for (let n = 0; n < times; n++) answers.push(on.ledger.submit(command(bump, undefined, bytes)));
          await turns(1);
        }
        held.letGo();
        for (const { commit } of handed) await commit.release();
        await Promise.all(answers);
        return on.batches.splice(0);
      };
      assert.deepEqual(await fill(3, 1024 * 1024), [1, 1, 4, 4, 4]);
      assert.deepEqual(await fill(300, 10), [1, 1, 512, 512, 176]);
      assert.equal((await on.sums(tally))[0]?.['calls'], 4 + 12 + 1_200);
    });

    check('a failure that is told before the batch before is answered - waits its turn', async ({ on, held }) => {
      const pipeline = new Pipeline(on);
      held.hold();
      const first = await pipeline.handOver(take);
      const second = await pipeline.handOver(takePoisoned, take);
      const third = await pipeline.apply(take);
      held.letGo();
      second.commit.fail(POISON);
      await turns(2);
      assert.equal(held.handedOver, 2);
      await first.commit.release();
      assert.deepEqual(await words(first.answers), [1]);
      assert.deepEqual(await words(second.answers), ['CommandFailed', 2]);
      assert.equal(await third.answer, 3);
    });

    if (kind === SQLITE) {
      check('batches that are durable - are let go, though there is always one on top', async ({ on, held }) => {
        const witness = (): WeakRef<Uint8Array> => {
          const raw = new Uint8Array(100);
          void on.submit(state => state.insert(item, itemRow(state.next('item'), { raw })));
          return new WeakRef(raw);
        };
        held.hold();
        let arrival = held.arrival();
        const first = witness();
        let newest = await arrival;
        for (let n = 0; n < 5; n++) {
          arrival = held.arrival();
          void on.submit(take);
          const next = await arrival;
          await newest.release();
          newest = next;
          await turns(2);
        }
        collectGarbage();
        await turns(1);
        collectGarbage();
        assert.equal(first.deref(), undefined);
        held.letGo();
        await newest.release();
      });
    }

    for (const [what, value] of [
      ['a text where bytes belong', { raw: 'bytes' as never }],
      ['a function', { name: (() => 'name') as never }],
    ] as const) {
      check(`a value that cannot even be handed over, ${what} - fails alone`, async ({ on }) => {
        const good = on.submit(take);
        await turns(1);
        const bad = on.submit(state => state.insert(item, itemRow(50, value)));
        bad.catch(() => {});
        assert.equal(await good, 1);
        await assert.rejects(bad, CommandFailed);
        assert.equal(await on.submit(take), 2);
      });
    }
  });
}
