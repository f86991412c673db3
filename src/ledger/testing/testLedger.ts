/** A ledger for tests: a clock that is set by hand, and everything it publishes written down. */
import type { Engine } from '../engine.ts';
import type { Counter, Entity } from '../entity.ts';
import type { JournalRow } from '../journal.ts';
import { Ledger, type LedgerOptions } from '../ledger.ts';
import type { AggregateRow } from '../query.ts';
import type { Command, State, Wants } from '../state.ts';
import type { Store } from './testStores.ts';

export class TestLedger {
  /** UTC milliseconds. */
  readonly time = { now: 1_000 };
  /** Commands of each durable batch. */
  readonly batches: number[] = [];
  readonly faults: string[] = [];
  readonly fatal: Error[] = [];
  /** What was published to listeners. */
  readonly told: JournalRow[] = [];
  private readonly store: Store;
  private readonly wrap: (engine: Engine) => Engine;
  private readonly batchCommands: number | undefined;
  private opened!: { readonly ledger: Ledger; readonly engine: Engine };

  private constructor(store: Store, wrap: (engine: Engine) => Engine, batchCommands: number | undefined) {
    this.store = store;
    this.wrap = wrap;
    this.batchCommands = batchCommands;
  }

  static async open(
    store: Store,
    options: {
      readonly wrap?: (engine: Engine) => Engine;
      readonly batchCommands?: number;
      /** How many numbers of each sequence have been given, so that a test may store rows under those it chooses. */
      readonly given?: Readonly<Record<string, number>>;
    } = {},
  ): Promise<TestLedger> {
    const opened = new TestLedger(store, options.wrap ?? (engine => engine), options.batchCommands);
    await opened.start();
    const { given } = options;
    if (given !== undefined) {
      await opened.submit(state => {
        for (const [sequence, count] of Object.entries(given)) while (state.next(sequence) < count);
      });
    }
    return opened;
  }

  get ledger(): Ledger {
    return this.opened.ledger;
  }

  get engine(): Engine {
    return this.opened.engine;
  }

  submit<Result>(apply: (state: State) => Result, wants?: (wants: Wants) => void): Promise<Result> {
    return this.ledger.submit(command(apply, wants));
  }

  /** Submits all at once, one batch where there is room; each wants the same. */
  batch<Result>(applies: readonly ((state: State) => Result)[], wants?: (wants: Wants) => void): Promise<Result[]> {
    return Promise.all(applies.map(apply => this.submit(apply, wants)));
  }

  /** As `batch`; what became of each: its result, or the error it was refused with. */
  async outcomes(applies: readonly ((state: State) => unknown)[], wants?: (wants: Wants) => void): Promise<unknown[]> {
    const settled = await Promise.allSettled(applies.map(apply => this.submit(apply, wants)));
    return settled.map(each => (each.status === 'fulfilled' ? each.value : each.reason));
  }

  /** All rows as they are stored, by key. */
  rows<R extends object>(from: Entity<R>): Promise<R[]> {
    return this.ledger.reader.select<R>({ from, limit: 100_000 });
  }

  /** All rows of a counter, by key. */
  sums(from: Counter): Promise<AggregateRow[]> {
    return this.ledger.reader.aggregate({ from, groupBy: from.key, sum: from.sums });
  }

  /** Stops in order and starts again. */
  async reopen(): Promise<void> {
    await this.ledger.close();
    await this.start();
  }

  /** The process dies and another one starts. */
  async crash(): Promise<void> {
    await this.start(this.engine);
  }

  async close(): Promise<void> {
    await this.ledger.close();
  }

  private async start(lost?: Engine): Promise<void> {
    const engine = this.wrap(await this.store.open(lost));
    const options: LedgerOptions = {
      engine,
      clock: () => this.time.now,
      onFatal: error => this.fatal.push(error),
      meter: { batch: commands => this.batches.push(commands), fault: kind => this.faults.push(kind) },
      ...(this.batchCommands === undefined ? {} : { batchCommands: this.batchCommands }),
    };
    const ledger = await Ledger.open(options);
    ledger.onCommit(entries => this.told.push(...entries));
    this.opened = { ledger, engine };
  }
}

export function command<Result>(
  apply: (state: State) => Result,
  wants?: (wants: Wants) => void,
  bytes = 100,
): Command<Result> {
  return { name: 'test', bytes, apply, ...(wants === undefined ? {} : { wants }) };
}
