/**
 * A store of several nodes, like a database server: each way to it takes time, may not be there, and loses what is on it. Its clock
 * may be the ledger's, as PostgreSQL's is.
 */
import { type ChangeSet, EngineFault, type Head } from '../../src/ledger/engine.ts';
import { SharedMemory, type Transaction } from '../../src/ledger/memory/testing/sharedMemory.ts';
import {
  type CommitFate,
  SharedMemoryEngine,
  type SharedMemoryOptions,
  type Wire,
} from '../../src/ledger/memory/testing/sharedMemoryEngine.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { StorageUnavailable } from '../../src/ledger/refusals.ts';
import { ENTITIES } from './organisation.ts';
import { type Store, type StoreOptions, slowReader } from './store.ts';
import { Process, type World } from './world.ts';

/** As in the session settings of PostgreSQL: a transaction whose node says nothing for so long is ended. */
const SILENT_MS = 3_000;

class TimedSharedMemory extends SharedMemory {
  private readonly world: World;
  private readonly server: Process;
  private readonly tellsTime: boolean;
  private readonly onStored: (nodeId: string, changes: ChangeSet) => void;

  constructor(
    world: World,
    server: Process,
    { tellsTime, onStored }: { tellsTime: boolean; onStored: (nodeId: string, changes: ChangeSet) => void },
  ) {
    super(ENTITIES);
    this.world = world;
    this.server = server;
    this.tellsTime = tellsTime;
    this.onStored = onStored;
  }

  override get head(): Head {
    const { head } = this.rows;
    return this.tellsTime ? { ...head, clock: this.world.clockOf(this.server) } : head;
  }

  override store(transaction: Transaction, changes: ChangeSet): number {
    const batch = super.store(transaction, changes);
    this.onStored(transaction.nodeId, changes);
    return batch;
  }

  override async lock(transaction: Transaction): Promise<void> {
    await super.lock(transaction);
    this.world.in(SILENT_MS, this.server, () => {
      if (this.holder !== transaction) return;
      this.world.note('store', `ends a batch of ${transaction.nodeId}`);
      this.end(transaction);
    });
  }
}

export async function sharedStore(options: StoreOptions): Promise<Store> {
  const { world, weather } = options;
  const { random } = world;
  const server = new Process('store');
  const engines = new Map<Process, SharedMemoryEngine>();
  const processes = new Map<string, Process>();
  const tellsTime = random.chance(0.6);
  const memory = new TimedSharedMemory(world, server, {
    tellsTime,
    onStored: (nodeId, changes) => options.onStored(processes.get(nodeId)!, changes),
  });
  memory.rows.store(options.founding);
  let lives = 0;
  return {
    reader: memory.reader,
    get now() {
      return memory.rows.head.now;
    },
    clockOf: tellsTime ? server : null,
    open(process) {
      const nodeId = `${process.name} ${++lives}`;
      processes.set(nodeId, process);
      const pause = async () => {
        await world.ask();
        if (random.chance(weather.slowReads)) await sleepAs(world, process, random.next() * weather.readMs);
        if (weather.isCutOff(process.name)) throw new StorageUnavailable('there is no connection');
      };
      const engine = new SlowSharedEngine(
        { store: memory, nodeId, wire: new SlowWire(options, server, process) },
        slowReader(memory.reader, pause),
      );
      engines.set(process, engine);
      return engine;
    },
    lost(process) {
      // What was sent before may arrive before it is noticed that the sender is gone.
      world.in(random.next() * weather.commitMs, server, () => engines.get(process)?.die());
    },
  };
}

class SlowSharedEngine extends SharedMemoryEngine {
  override readonly reader: Reader;

  constructor(options: SharedMemoryOptions, reader: Reader) {
    super(options);
    this.reader = reader;
  }
}

const sleepAs = (world: World, process: Process, delayMs: number): Promise<void> =>
  new Promise(resolve => world.in(delayMs, process, resolve));

class SlowWire implements Wire {
  private readonly options: StoreOptions;
  private readonly server: Process;
  private readonly node: Process;

  constructor(options: StoreOptions, server: Process, node: Process) {
    this.options = options;
    this.server = server;
    this.node = node;
  }

  there(): Promise<void> {
    return this.way(this.server);
  }

  back(): Promise<void> {
    const { world, weather } = this.options;
    if (world.random.chance(weather.stumbles)) {
      const forMs = world.random.chance(0.2) ? world.random.integer(5_600, 9_000) : world.random.integer(2_500, 4_500);
      world.note(this.node.name, `is stopped for ${forMs} ms, with a batch`);
      this.node.stoppedUntil = world.now + forMs;
    }
    return this.way(this.node);
  }

  commit(): CommitFate {
    const { world, weather } = this.options;
    const behaviour = weather.disk();
    if (behaviour === 'full') return 'full';
    if (behaviour === 'works') return 'works';
    return world.random.chance(0.5) ? 'lostAnswer' : 'cut';
  }

  notify(deliver: () => void): void {
    const { world, weather } = this.options;
    if (!world.random.chance(weather.lostNotifications)) world.in(this.wayMs(), this.node, deliver);
  }

  private wayMs(): number {
    const { world, weather } = this.options;
    return world.random.next() * weather.commitMs * 0.4;
  }

  /** What fails is noticed by the node, wherever it failed. */
  private way(to: Process): Promise<void> {
    const { world, weather } = this.options;
    return new Promise((resolve, reject) => {
      if (!weather.isCutOff(this.node.name)) return void world.in(this.wayMs(), to, resolve);
      world.in(this.wayMs(), this.node, () => reject(new EngineFault('unavailable', 'there is no connection')));
    });
  }
}
