/**
 * The reference engine: everything in memory, with a disk that can be set to fail. What was committed is durable and
 * survives `crash()`; nothing else does.
 */
import { type ChangeSet, type Engine, EngineFault, type Head, type SoleWriter, type Want } from '../engine.ts';
import type { AnyEntity, Row } from '../entity.ts';
import { journal } from '../journal.ts';
import type { Reader } from '../query.ts';
import { MemoryRows } from './memoryRows.ts';

/** What the disk does with the next commit. `lostAnswer`: it becomes durable, but the answer does not arrive. */
export type DiskBehaviour = 'works' | 'full' | 'failedSync' | 'lostAnswer';

export interface MemoryOptions {
  readonly entities: readonly AnyEntity[];
  /** False makes every miss go through `load`, as in an engine that is far away. */
  readonly readsOnTheSpot?: boolean;
  readonly disk?: () => DiskBehaviour;
}

export class MemoryEngine implements Engine {
  readonly entities: readonly AnyEntity[];
  readonly reader: Reader;
  readonly readNow?: (want: Want) => Row[];
  readonly soleWriter?: SoleWriter;
  private readonly disk: () => DiskBehaviour;
  private readonly rows: MemoryRows;
  private begun = false;
  /** Number of the newest batch stored in this life. */
  private durable = 0;
  private lives = 0;

  constructor(options: MemoryOptions) {
    this.entities = [...options.entities, journal];
    this.disk = options.disk ?? (() => 'works');
    this.rows = new MemoryRows(this.entities);
    this.reader = this.rows.reader;
    if (options.readsOnTheSpot ?? true) {
      this.readNow = want => this.rows.read(want);
      this.soleWriter = { reading: work => work() };
    }
  }

  /** What is durable. */
  get head(): Head {
    return this.rows.head;
  }

  async begin(): Promise<Head> {
    if (this.begun) throw new Error('a batch is running already');
    this.begun = true;
    return this.rows.head;
  }

  async load(wants: readonly Want[]): Promise<Row[][]> {
    return wants.map(want => this.rows.read(want));
  }

  async commit(changes: ChangeSet): Promise<void> {
    this.begun = false;
    const { lives } = this;
    // What is handed over is stored a little later, one after the other.
    await Promise.resolve();
    if (lives !== this.lives) throw new EngineFault('unavailable', 'the process has died');
    if (changes.after !== this.durable) throw new EngineFault('aborted', 'the batch before was not stored');
    const behaviour = this.disk();
    if (behaviour === 'full') throw new EngineFault('full', 'the disk is full');
    if (behaviour === 'failedSync') throw new EngineFault('fatal', 'the disk could not confirm what was written');
    this.rows.store(changes);
    this.durable = changes.number;
    // A lost answer is looked up before any caller gets an answer: the head shows whether the batch is there
    // (ARCHITECTURE.md, section 4).
    if (behaviour === 'lostAnswer' && this.rows.head.position !== changes.head.position) {
      throw new EngineFault('fatal', 'the batch is neither there nor not there');
    }
  }

  async abandon(): Promise<void> {
    this.begun = false;
  }

  async close(): Promise<void> {}

  /** The process dies: what was being done is gone, what was committed stays. */
  crash(): void {
    this.begun = false;
    this.durable = 0;
    this.lives++;
  }
}
