/** What consumers of the journal promise on top of any engine (consumer.ts, journalFeed.ts). */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { until } from '../../../test/kit/until.ts';
import { type Consumer, type ConsumerOptions, consumer, startConsumer } from '../consumer.ts';
import type { JournalRow } from '../journal.ts';
import { type Fence, type Lease, LeaseLost } from '../lease.ts';
import type { Command } from '../state.ts';
import { bareEvent, code, member, memberMoves, membersMoved, testEntities } from './testEntities.ts';
import { TestLedger } from './testLedger.ts';
import type { StoreKind } from './testStores.ts';

const entities = [...testEntities, consumer];

const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, n) => from + n);

/** What a consumer was handed, and what went wrong. */
class Handled {
  readonly positions: number[] = [];
  readonly sizes: number[] = [];
  readonly errors: unknown[] = [];

  take(entries: readonly JournalRow[]): void {
    this.positions.push(...entries.map(each => each.position));
    this.sizes.push(entries.length);
  }

  reaches(count: number): Promise<unknown> {
    return until(`${count} entries are handled`, () => this.positions.length >= count || undefined);
  }
}

/** As a reader of events knows what it was handed. */
const idOf = ({ position, callId }: JournalRow): string => (callId === null ? `${position}` : `${position}.${callId}`);

/** A lease as several nodes have it: a row says under which number it is held, and each node believes what it last read. */
class TestLease {
  readonly #on: TestLedger;

  constructor(on: TestLedger) {
    this.#on = on;
  }

  /** From now on, commands under other numbers are refused. */
  give(token: number): Promise<void> {
    return this.#on.submit(state => state.put(code, { code: 'lease', value: token }));
  }

  /** A node that believes that it has the lease for as long as `believes` says so. */
  lease(token: number, believes: () => boolean = () => true): Lease {
    const fence: Fence = command => ({
      ...command,
      apply: state => {
        if (state.get(code, 'lease')?.value !== token) throw new LeaseLost('another node has the lease');
        return command.apply(state);
      },
    });
    return { acquire: () => (believes() ? fence : null) };
  }
}

/** `directory` makes an empty directory that is taken away after the test. */
const said = bareEvent('a.said');

export function describeConsumer(kind: StoreKind, directory: () => string): void {
  const check = (title: string, body: (on: TestLedger, t: TestContext) => Promise<void>) =>
    test(title, async t => {
      const on = await TestLedger.open(await kind.make(entities, directory()));
      try {
        await body(on, t);
      } finally {
        await on.close();
      }
      assert.deepEqual(on.fatal, []);
    });

  /** Commits so many entries, some at once and some one after the other. */
  const say = async (on: TestLedger, count: number) => {
    const one = () => on.submit(state => state.journal(said, {}));
    for (let committed = 0; committed < count; ) {
      const atOnce = Math.min(1 + (committed % 7), count - committed);
      await Promise.all(Array.from({ length: atOnce }, one));
      committed += atOnce;
    }
  };

  const start = (on: TestLedger, handled: Handled, options: Partial<ConsumerOptions> = {}): Consumer =>
    startConsumer(on.ledger, {
      name: 'reader',
      handle: entries => handled.take(entries),
      after: 0,
      onError: error => handled.errors.push(error),
      ...options,
    });

  /** A consumer whose process can die: nothing of it reaches the ledger any more. */
  const startMortal = (on: TestLedger, handled: Handled, options: Partial<ConsumerOptions> = {}) => {
    const { ledger } = on;
    const life = { isOver: false };
    const mortal = {
      get position() {
        return ledger.position;
      },
      workReader: ledger.workReader,
      onCommit: ledger.onCommit.bind(ledger),
      submit: <Result>(given: Command<Result>) =>
        life.isOver ? Promise.reject(new Error('the process is dead')) : ledger.submit(given),
    };
    const started = startConsumer(mortal, {
      name: 'reader',
      handle: entries => handled.take(entries),
      after: 0,
      onError: error => handled.errors.push(error),
      ...options,
    });
    return async () => {
      life.isOver = true;
      await started.stop();
      await on.crash();
    };
  };

  const storedIn = async (on: TestLedger, name = 'reader') =>
    (await on.rows(consumer)).find(each => each.name === name)?.position;

  describe(`consumer on ${kind.name}`, () => {
    check('entries - come in order, each once, none left out, few at a time', async on => {
      await say(on, 40);
      const handled = new Handled();
      const reader = start(on, handled, { batchEntries: 6 });
      await say(on, 60);
      await reader.caughtUp();
      assert.deepEqual(handled.positions, upTo(100));
      assert.ok(Math.max(...handled.sizes) <= 6);
      await say(on, 3);
      await reader.caughtUp();
      await reader.stop();
      assert.deepEqual(handled.positions, upTo(103));
      assert.deepEqual(handled.errors, []);
    });

    check('a beginning - is the newest entry, unless it is told another one', async on => {
      await say(on, 5);
      const [head, third] = [new Handled(), new Handled()];
      const atHead = startConsumer(on.ledger, {
        name: 'at head',
        handle: entries => head.take(entries),
        onError: error => head.errors.push(error),
      });
      const afterThird = start(on, third, { name: 'after the third', after: 3 });
      await Promise.all([atHead.caughtUp(), afterThird.caughtUp()]);
      await say(on, 2);
      await Promise.all([atHead.caughtUp(), afterThird.caughtUp()]);
      await Promise.all([atHead.stop(), afterThird.stop()]);
      assert.deepEqual([head.positions, third.positions], [upTo(2, 6), upTo(4, 4)]);
      assert.deepEqual([await storedIn(on, 'at head'), await storedIn(on, 'after the third')], [7, 7]);
    });

    check('a consumer that is stopped - goes on where it was, also in another process', async on => {
      const handled = new Handled();
      const first = start(on, handled);
      await say(on, 10);
      await first.caughtUp();
      await first.stop();
      assert.equal(await storedIn(on), 10);
      await say(on, 10);
      await on.reopen();
      // It has a checkpoint: where a new one would begin does not matter.
      const second = start(on, handled, { after: 15 });
      await second.caughtUp();
      await second.stop();
      assert.deepEqual(handled.positions, upTo(20));
    });

    check('a crash - repeats what came after the checkpoint, and leaves nothing out', async on => {
      const handled = new Handled();
      const crash = startMortal(on, handled, { checkpointEveryMs: 1 });
      await say(on, 10);
      await until('the checkpoint is stored', async () => (await storedIn(on)) === 10 || undefined);
      await crash();
      const before = new Handled();
      const crashAgain = startMortal(on, before, { checkpointEveryMs: 3_600_000 });
      await say(on, 10);
      await before.reaches(10);
      await crashAgain();
      const after = new Handled();
      const again = start(on, after);
      await again.caughtUp();
      await again.stop();
      assert.deepEqual([handled.positions, before.positions], [upTo(10), upTo(10, 11)]);
      assert.deepEqual(after.positions, upTo(10, 11));
      assert.equal(await storedIn(on), 20);
    });

    check('checkpoints - are many entries in one commit', async on => {
      const handled = new Handled();
      const reader = start(on, handled, { batchEntries: 1, checkpointEveryMs: 3_600_000 });
      await reader.caughtUp();
      await say(on, 50);
      const batches = on.batches.length;
      await reader.caughtUp();
      assert.equal(handled.sizes.length, 50);
      assert.equal(await storedIn(on), 0);
      await reader.stop();
      assert.equal(on.batches.length, batches + 1);
      assert.equal(await storedIn(on), 50);
    });

    check('a lost lease - the node that lost it changes nothing, the other one goes on', async on => {
      const lease = new TestLease(on);
      await lease.give(1);
      const [old, next] = [new Handled(), new Handled()];
      const held = Promise.withResolvers<void>();
      const first = start(on, old, {
        lease: lease.lease(1),
        checkpointEveryMs: 1,
        handle: async (entries, { fence }) => {
          old.take(entries);
          if (old.positions.length > 4) await held.promise;
          await on.ledger.submit(
            fence({ name: 'tell', bytes: 10, apply: state => state.put(code, { code: 'by', value: 1 }) }),
          );
        },
      });
      await say(on, 4);
      await first.caughtUp();
      await until('the checkpoint is stored', async () => (await storedIn(on)) === 4 || undefined);
      await say(on, 4);
      await old.reaches(5);
      // The first node sleeps in the middle of its work, and believes that it has the lease when it wakes.
      await lease.give(2);
      await on.submit(state => state.put(code, { code: 'by', value: 2 }));
      const second = start(on, next, { lease: lease.lease(2), checkpointEveryMs: 1 });
      await second.caughtUp();
      await until('the checkpoint is stored', async () => (await storedIn(on)) === 8 || undefined);
      const taken = old.positions.length;
      held.resolve();
      await say(on, 4);
      await second.caughtUp();
      await Promise.all([first.stop(), second.stop()]);
      assert.deepEqual(next.positions, upTo(8, 5));
      assert.deepEqual(old.positions, upTo(taken));
      assert.equal((await on.rows(code)).find(each => each.code === 'by')?.value, 2);
      assert.equal(await storedIn(on), 12);
      assert.deepEqual([...old.errors, ...next.errors], []);
    });

    check('a node without the lease - is caught up when the other one is, and takes over', async on => {
      const lease = new TestLease(on);
      await lease.give(1);
      const [holding, waiting] = [new Handled(), new Handled()];
      const mine = { first: true, second: false };
      const first = start(on, holding, { lease: lease.lease(1, () => mine.first), checkpointEveryMs: 1 });
      const second = start(on, waiting, { lease: lease.lease(2, () => mine.second) });
      await say(on, 9);
      await second.caughtUp();
      assert.deepEqual([holding.positions, waiting.positions], [upTo(9), []]);
      mine.first = false;
      await lease.give(2);
      mine.second = true;
      await say(on, 3);
      await second.caughtUp();
      // Given up by the first node, which had nothing left to do.
      await Promise.all([first.stop(), second.stop()]);
      assert.deepEqual([...new Set([...holding.positions, ...waiting.positions])], upTo(12));
      assert.equal(await storedIn(on), 12);
    });

    check('caughtUp - covers what was committed before it, and fails when the consumer stops first', async on => {
      const handled = new Handled();
      const gate = Promise.withResolvers<void>();
      const reader = start(on, handled, {
        batchEntries: 2,
        handle: async entries => {
          await gate.promise;
          handled.take(entries);
        },
      });
      await say(on, 6);
      let isCaughtUp = false;
      const caughtUp = reader.caughtUp().then(() => {
        isCaughtUp = true;
      });
      await say(on, 1);
      assert.equal(isCaughtUp, false);
      gate.resolve();
      await caughtUp;
      assert.ok(handled.positions.length >= 6);
      await reader.caughtUp();
      assert.deepEqual(handled.positions, upTo(7));
      await reader.stop();
      await say(on, 1);
      await assert.rejects(reader.caughtUp(), /the consumer reader is stopped/);
    });

    check('a slow handler - has one batch at a time, and gets the rest from the ledger', async on => {
      const handled = new Handled();
      let running = 0;
      const reader = start(on, handled, {
        batchEntries: 10,
        handle: async entries => {
          assert.equal(++running, 1);
          handled.take(entries);
          // As long as it takes to commit some more.
          await say(on, handled.positions.length < 60 ? 20 : 0);
          running--;
        },
      });
      await say(on, 20);
      await until('the handler has said enough', () => handled.positions.length >= 60 || undefined);
      await reader.caughtUp();
      await reader.stop();
      assert.deepEqual(handled.positions, upTo(on.ledger.position));
      assert.deepEqual(handled.errors, []);
    });

    check('a handler that throws - is given the same entries again, and stops when it is told to', async on => {
      await say(on, 6);
      const handled = new Handled();
      let failures = 0;
      const reader = start(on, handled, {
        batchEntries: 3,
        handle: entries => {
          if (entries[0]!.position === 4 && failures++ < 2) throw new Error('not now');
          handled.take(entries);
        },
      });
      await reader.caughtUp();
      await reader.stop();
      assert.deepEqual(handled.positions, upTo(6));
      assert.deepEqual(
        handled.errors.map(error => (error as Error).message),
        ['not now', 'not now'],
      );
      const never = start(on, handled, {
        name: 'never',
        handle: () => {
          throw new Error('never');
        },
      });
      await until('it has failed', () => handled.errors.length === 3 || undefined);
      await never.stop();
      assert.equal(await storedIn(on, 'never'), 0);
    });

    /** Members 1 to 7 of team 5, in the order 7, 6, … 1, and one of team 7; between two entries three moves, one of an empty team. */
    const moveMembers = async (on: TestLedger) => {
      await on.submit(state => {
        for (const id of upTo(7)) state.put(member, { id, name: `name ${9 - id}`, team: 5 });
        state.put(member, { id: 9, name: 'another', team: 7 });
      });
      await on.submit(state => state.journal(said, {}));
      for (const team of [5, 6, 7]) await on.submit(state => state.journal(membersMoved, { team }));
      await on.submit(state => state.journal(said, {}));
    };
    const MOVES = ['1', ...upTo(7).map(n => `2.${8 - n}`), '4.9', '5'];

    check('an entry that stands for many - is handed over as those, page by page', async on => {
      const asked: string[] = [];
      const [behind, live] = [[] as string[], [] as string[]];
      const sizes: number[] = [];
      const options = { after: 0, batchEntries: 3, onError: (error: unknown) => assert.fail(String(error)) };
      const following = startConsumer(on.ledger, {
        ...options,
        name: 'live',
        expansion: memberMoves(),
        handle: entries => void live.push(...entries.map(idOf)),
      });
      await following.caughtUp();
      await moveMembers(on);
      const late = startConsumer(on.ledger, {
        ...options,
        name: 'behind',
        expansion: memberMoves(asked),
        handle: entries => {
          sizes.push(entries.length);
          behind.push(...entries.map(idOf));
        },
      });
      for (const each of [following, late]) {
        await each.caughtUp();
        assert.equal(each.position, 5);
        await each.stop();
      }
      assert.deepEqual([behind, live], [MOVES, MOVES]);
      assert.ok(sizes.every(size => size <= 3));
      assert.deepEqual(asked, ['2 3 after null', '2 3 after 6', '2 3 after 3', '4 after null']);
    });

    check('a consumer that dies among those an entry stands for - goes on among them', async on => {
      await moveMembers(on);
      const handled: string[] = [];
      let mayGoOn = 5;
      const expansion = memberMoves();
      const handle = (entries: readonly JournalRow[]) => {
        if (mayGoOn-- <= 0) throw new Error('not now');
        handled.push(...entries.map(idOf));
      };
      const crash = startMortal(on, new Handled(), { batchEntries: 1, checkpointEveryMs: 1, expansion, handle });
      await until('some are handled, and stored', async () => {
        const row = (await on.rows(consumer)).find(each => each.name === 'reader');
        return (row?.position === 1 && row.within === 4) || undefined;
      });
      await crash();
      assert.deepEqual(handled, MOVES.slice(0, 5));
      mayGoOn = Number.POSITIVE_INFINITY;
      const again = start(on, new Handled(), { batchEntries: 2, expansion, handle });
      await again.caughtUp();
      await again.stop();
      assert.deepEqual(handled, MOVES);
      const { position, within } = (await on.rows(consumer)).find(each => each.name === 'reader')!;
      assert.deepEqual([position, within], [5, null]);
    });

    check('without an expansion - the entry itself is handed over', async on => {
      await moveMembers(on);
      const handled = new Handled();
      const reader = start(on, handled);
      await reader.caughtUp();
      await reader.stop();
      assert.deepEqual(handled.positions, upTo(5));
    });
  });
}
