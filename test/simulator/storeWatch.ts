/** Looks at each batch as it is stored: when that was in true time, and whether its node had the right to what it did. */

import { JOBS } from '../../src/app/organisation.ts';
import { report } from '../../src/calls/entities.ts';
import type { ChangeSet, RowChanges } from '../../src/ledger/engine.ts';
import { type JournalRow, journal } from '../../src/ledger/journal.ts';
import { type LeaseRow, lease, type Node, node } from '../../src/nodes/entities.ts';
import type { Wrong } from './everything.ts';
import type { Process, World } from './world.ts';

const [SETTLING, , FETCHING] = JOBS as readonly [string, string, string];

/** Entries that only the node which has the lease of a job makes. */
const JOB_OF: Readonly<Record<string, string>> = {
  'calls.settled': SETTLING,
  'recording.attached': FETCHING,
  'recording.failed': FETCHING,
};

export class StoreWatch {
  /** When each report and each entry was stored, in milliseconds since the beginning, by id and by position. */
  readonly reportedAt = new Map<number, number>();
  readonly enteredAt = new Map<number, number>();
  private readonly numbers = new Map<Process, number>();
  private readonly holders = new Map<string, number | null>();
  private readonly world: World;
  private readonly wrong: Wrong;

  constructor(world: World, wrong: Wrong) {
    this.world = world;
    this.wrong = wrong;
  }

  /** By a node of `process`. */
  stored(process: Process, { rows }: ChangeSet): void {
    const before = new Map(this.holders);
    for (const changes of rows) {
      if (changes.entity.name === report.name) this.note(this.reportedAt, insertsOf<{ id: number }>(changes), 'id');
      // Only a node itself says that it is one.
      if (changes.entity.name === node.name)
        for (const { number } of insertsOf<Node>(changes)) this.numbers.set(process, number);
      if (changes.entity.name === lease.name) for (const each of writtenOf<LeaseRow>(changes)) this.hand(each);
    }
    const entries = rows.flatMap(each => (each.entity.name === journal.name ? insertsOf<JournalRow>(each) : []));
    this.note(this.enteredAt, entries, 'position');
    for (const { kind, position } of entries) this.checkLease(process, JOB_OF[kind], before, position);
  }

  private hand({ job, node: to }: LeaseRow): void {
    const from = this.holders.get(job) ?? null;
    this.holders.set(job, to);
    if (from !== null && to !== null && from !== to) {
      this.world.note('store', `takes ${job} from node ${from} for node ${to}`);
    }
  }

  /** What is done by a node that has lost the lease is done by two. */
  private checkLease(
    process: Process,
    job: string | undefined,
    before: ReadonlyMap<string, number | null>,
    position: number,
  ): void {
    const number = this.numbers.get(process);
    if (job === undefined || number === undefined) return;
    const holders = [before.get(job), this.holders.get(job)];
    if (holders.includes(number)) return;
    this.wrong('lease', `entry ${position} is of node ${number}, and the lease of ${job} is node ${holders.at(-1)}'s`);
  }

  private note<K extends string>(times: Map<number, number>, rows: readonly Record<K, number>[], key: K): void {
    for (const row of rows) times.set(row[key], this.world.now);
  }
}

const insertsOf = <R>({ inserts }: RowChanges): readonly R[] => inserts as unknown as readonly R[];
const writtenOf = <R>({ inserts, updates }: RowChanges): readonly R[] =>
  [...inserts, ...updates.map(each => each.row)] as unknown as readonly R[];
