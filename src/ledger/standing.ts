/** Where the ledger stands: only a durable batch moves it, of this process or of another one. */
import type { BatchState } from './batch.ts';
import { isEmpty } from './changeSet.ts';
import { replaceResidents } from './directory.ts';
import type { ChangeSet, Head, ResidentRows } from './engine.ts';
import { keyOf } from './entity.ts';
import { JournalPublisher } from './journalPublisher.ts';
import type { LedgerClock } from './ledgerClock.ts';
import type { Verdicts } from './pending.ts';
import type { Reader } from './query.ts';
import type { Table } from './table.ts';

export interface DurableBatch {
  readonly state: BatchState;
  readonly changes: ChangeSet;
  readonly verdicts: Verdicts;
}

interface Sequence {
  readonly name: string;
  newest: number;
  readonly listener: (newest: number, before: number) => void;
}

export class Standing {
  /** After the newest durable batch. */
  head: Head;
  /** Number of the newest batch of this process that is stored, 0 before the first. */
  durable = 0;
  /** Rows of the resident entities, by the entity's name. */
  readonly residents: Map<string, Table>;
  readonly publisher: JournalPublisher;
  private readonly clock: LedgerClock;
  private readonly sequences: Sequence[] = [];

  constructor(head: Head, residents: Map<string, Table>, clock: LedgerClock, reader: Reader) {
    this.head = head;
    this.residents = residents;
    this.clock = clock;
    this.publisher = new JournalPublisher(reader, head.position);
  }

  onNumbers(name: string, listener: (newest: number, before: number) => void): void {
    this.sequences.push({ name, newest: this.head.sequences[name] ?? 0, listener });
  }

  /** The batch is durable: it is answered and published. */
  settle({ state, changes, verdicts }: DurableBatch): void {
    this.moveHead(changes.head);
    if (!isEmpty(changes)) this.durable = changes.number;
    this.moveResidents(changes);
    for (const [{ resolve, reject }, verdict] of verdicts) {
      if ('error' in verdict) reject(verdict.error);
      else resolve(verdict.result);
    }
    this.publisher.advance(state.entries, changes.head.position);
    this.tellNumbers();
  }

  /** Takes in, between two batches, what others have stored. */
  takeIn(head: Head, residents: readonly ResidentRows[]): void {
    replaceResidents(this.residents, residents);
    this.moveHead(head);
    this.publisher.advance([], head.position);
    this.tellNumbers();
  }

  private moveHead(head: Head): void {
    this.clock.moveTo(head);
    this.head = head;
  }

  private moveResidents({ rows }: ChangeSet): void {
    for (const { entity, inserts, updates, deletes } of rows) {
      const resident = this.residents.get(entity.name);
      if (resident === undefined) continue;
      for (const row of inserts) resident.set(keyOf(entity, row), row);
      for (const { row } of updates) resident.set(keyOf(entity, row), row);
      for (const row of deletes) resident.remove(keyOf(entity, row));
    }
  }

  private tellNumbers(): void {
    for (const each of this.sequences) {
      const newest = this.head.sequences[each.name] ?? 0;
      const before = each.newest;
      if (newest === before) continue;
      each.newest = newest;
      each.listener(newest, before);
    }
  }
}
