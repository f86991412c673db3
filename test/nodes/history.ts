/** What commands several ledgers have run, in the order in which they counted, and the same again on the memory engine. */
import assert from 'node:assert/strict';
import type { BatchState } from '../../src/ledger/batch.ts';
import type { AnyEntity, Entity } from '../../src/ledger/entity.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { MemoryEngine } from '../../src/ledger/memory/memoryEngine.ts';
import type { AggregateRow, Reader } from '../../src/ledger/query.ts';
import type { Command } from '../../src/ledger/state.ts';

/** A command's last run, which is the one that counted. */
export interface Ran {
  readonly node: string;
  readonly command: Command<unknown>;
  /** Grows with the batches of all ledgers of this process: each is made when the lock has been granted. */
  batch: number;
  /** Grows with every run of any command. */
  place: number;
  /** UTC milliseconds of the batch. */
  now: number;
  outcome: { readonly result: unknown } | { readonly error: Error } | null;
}

export class History {
  private readonly ran: Ran[] = [];
  private runs = 0;

  get length(): number {
    return this.ran.length;
  }

  /** Whether a command of this name has come to something. */
  has(name: string): boolean {
    return this.ran.some(({ command, outcome }) => command.name === name && outcome !== null);
  }

  /** From now on everything that is submitted to this ledger is written down. */
  record(ledger: Ledger, node: string): void {
    const submit = ledger.submit.bind(ledger) as Ledger['submit'];
    ledger.submit = <Result>(command: Command<Result>): Promise<Result> => {
      const ran: Ran = { node, command, batch: 0, place: 0, now: 0, outcome: null };
      this.ran.push(ran);
      const apply: Command<Result>['apply'] = state => {
        ran.batch = (state as BatchState).number;
        ran.place = ++this.runs;
        ran.now = state.now;
        return command.apply(state);
      };
      return submit({ ...command, apply }).then(
        result => {
          ran.outcome = { result };
          return result;
        },
        (error: Error) => {
          ran.outcome = { error };
          throw error;
        },
      );
    };
  }

  /** One after another. Batches do not overlap, so that within them and over all the place of the last run is the order. */
  inOrder(): readonly Ran[] {
    // What was refused before it ran, because the ledger was closing, is no part of it.
    const ordered = this.ran.filter(({ place }) => place > 0).toSorted((a, b) => a.place - b.place);
    for (const [n, { batch }] of ordered.entries()) {
      assert.ok(n === 0 || batch >= ordered[n - 1]!.batch, 'two batches ran at the same time');
    }
    return ordered;
  }
}

/** The ledger that these commands make when they are run one by one; each must come to what it came to before. */
export async function replay(history: readonly Ran[], entities: readonly AnyEntity[]): Promise<MemoryEngine> {
  const engine = new MemoryEngine({ entities });
  let now = 0;
  const ledger = await Ledger.open({
    engine,
    clock: () => now,
    batchCommands: 1,
    onFatal: error => {
      throw error;
    },
  });
  for (const [n, ran] of history.entries()) {
    ({ now } = ran);
    const said = await ledger.submit(ran.command).then(
      result => ({ result }),
      (error: Error) => ({ error }),
    );
    assert.deepEqual(shown(said), shown(ran.outcome), `${n}: ${ran.command.name} of ${ran.node}`);
  }
  return engine;
}

/** An error by what is told of it. */
function shown(outcome: Ran['outcome']): unknown {
  if (outcome === null || !('error' in outcome)) return outcome;
  const { name, message, cause: _cause, stack: _stack, ...rest } = outcome.error;
  return { name, message, ...rest };
}

/** All rows of an entity, by key, or all sums of a counter. */
export async function contentOf(reader: Reader, from: AnyEntity): Promise<readonly object[]> {
  if (from.kind === 'rows') {
    const rows = await reader.select({ from: from as Entity<object>, limit: 1_000_000 });
    return rows.map(withPlainBytes);
  }
  const sums = await reader.aggregate({ from: from as never, groupBy: from.key as never, sum: from.sums });
  const keyOf = (row: AggregateRow): string => JSON.stringify(from.key.map(name => row[name]));
  return sums.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Rows in memory keep the bytes as they came, in whatever kind of array. */
function withPlainBytes(row: object): object {
  const plain = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
}
