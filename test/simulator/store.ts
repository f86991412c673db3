/** Where the simulated servers keep things: a memory engine whose operations take time and whose disk has its moods. */
import type { ChangeSet, Engine, Head, Want } from '../../src/ledger/engine.ts';
import type { Row } from '../../src/ledger/entity.ts';
import { type DiskBehaviour, MemoryEngine } from '../../src/ledger/memory/memoryEngine.ts';
import type { Aggregate, AggregateRow, Reader, Select } from '../../src/ledger/query.ts';
import { ENTITIES } from './organisation.ts';
import { Process, type World } from './world.ts';

export interface StoreWeather {
  /** Of a commit, from being handed over to being durable. */
  readonly commitMs: number;
  /** Of a question, where it takes time at all. */
  readonly readMs: number;
  /** Of questions that take time. */
  readonly slowReads: number;
  /** What the disk does with the next commit. */
  disk(): DiskBehaviour;
  /** Of the words that there is something new, where several nodes share a store. */
  readonly lostNotifications: number;
  /** Of ways from a store that is elsewhere: the node is stopped for seconds just then, perhaps with the lock. */
  readonly stumbles: number;
  /** Whether a node has no way to a store that is elsewhere. */
  isCutOff(nodeName: string): boolean;
}

/** One store, and a way to it for each life of each node. */
export interface Store {
  /** Everything that is durable, at once and without asking the weather. */
  readonly reader: Reader;
  /** UTC milliseconds of the newest batch. */
  readonly now: number;
  /** Whose clock is the ledger's; null: that of the node which writes. */
  readonly clockOf: Process | null;
  /** The way to it of a process that has just begun. */
  open(process: Process): Engine;
  /** What was being done in its name is gone. */
  lost(process: Process): void;
}

export interface StoreOptions {
  readonly world: World;
  readonly weather: StoreWeather;
  readonly founding: ChangeSet;
  /** Called with each batch when it has just become durable. */
  readonly onStored: (by: Process, changes: ChangeSet) => void;
}

/** For one node that writes alone: like SQLite, or, `far`, like a store whose every answer takes a while. */
export async function soleStore(options: StoreOptions, far: boolean): Promise<Store> {
  let isFounded = false;
  const disk = () => (isFounded ? options.weather.disk() : 'works');
  const engine = new MemoryEngine({ entities: ENTITIES, readsOnTheSpot: !far, disk });
  await engine.begin();
  await engine.commit(options.founding);
  isFounded = true;
  return {
    reader: engine.reader,
    get now() {
      return engine.head.now;
    },
    clockOf: null,
    open(process) {
      engine.crash();
      return new SlowEngine(engine, process, options);
    },
    lost: () => {},
  };
}

/** The engine of one process: everything takes a while, and what the process does not live to see is not answered. */
class SlowEngine implements Engine {
  readonly entities: Engine['entities'];
  readonly reader: Reader;
  readonly readNow?: NonNullable<Engine['readNow']>;
  readonly soleWriter?: NonNullable<Engine['soleWriter']>;
  private readonly engine: MemoryEngine;
  private readonly process: Process;
  private readonly world: World;
  private readonly weather: StoreWeather;
  private readonly onStored: StoreOptions['onStored'];
  private readonly disk = new Process('disk');
  /** When what was handed over last is durable: nothing overtakes it. */
  private durableAt = 0;
  private answeredAt = 0;

  constructor(engine: MemoryEngine, process: Process, { world, weather, onStored }: StoreOptions) {
    this.engine = engine;
    this.process = process;
    this.world = world;
    this.weather = weather;
    this.onStored = onStored;
    this.entities = engine.entities;
    this.reader = slowReader(engine.reader, () => this.readPause());
    if (engine.readNow !== undefined) this.readNow = engine.readNow;
    if (engine.soleWriter !== undefined) this.soleWriter = engine.soleWriter;
  }

  async begin(): Promise<Head> {
    if (this.soleWriter === undefined) await this.readPause();
    return this.engine.begin();
  }

  async load(wants: readonly Want[]): Promise<Row[][]> {
    await this.readPause();
    return this.engine.load(wants);
  }

  commit(changes: ChangeSet): Promise<void> {
    const { world, process, disk } = this;
    return new Promise((resolve, reject) => {
      this.durableAt = Math.max(this.durableAt, world.now + world.random.next() * this.weather.commitMs);
      world.in(this.durableAt - world.now, disk, () => {
        // What a process has handed over and does not live to see written is not written.
        if (process.hasEnded) return;
        const answer = (conclude: () => void) => {
          this.answeredAt = Math.max(this.answeredAt, world.now + world.random.next() * this.weather.commitMs * 0.3);
          world.in(this.answeredAt - world.now, process, conclude);
        };
        this.engine.commit(changes).then(
          () => {
            this.onStored(process, changes);
            answer(resolve);
          },
          error => answer(() => reject(error)),
        );
      });
    });
  }

  async abandon(): Promise<void> {
    return this.engine.abandon();
  }

  async close(): Promise<void> {}

  private async readPause(): Promise<void> {
    const { random } = this.world;
    await this.world.ask();
    if (random.chance(this.weather.slowReads)) await this.world.sleep(random.next() * this.weather.readMs);
  }
}

export function slowReader(reader: Reader, pause: () => Promise<void>): Reader {
  return {
    async select<R extends object>(query: Select<R>): Promise<R[]> {
      await pause();
      return reader.select(query);
    },
    async aggregate<R extends object>(query: Aggregate<R>): Promise<AggregateRow[]> {
      await pause();
      return reader.aggregate(query);
    },
    snapshot: work => reader.snapshot(inside => work(slowReader(inside, pause))),
  };
}
