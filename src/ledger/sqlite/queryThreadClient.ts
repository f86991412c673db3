import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { AnyEntity, Row } from '../entity.ts';
import { type Aggregate, type AggregateRow, type Reader, type Select, SNAPSHOTS } from '../query.ts';
import { Turns } from '../turns.ts';
import { decodeAll } from '../unreadable.ts';
import { type CompiledQuestion, compileAggregate, compileHalves, compileSelect, joinHalves } from './compile.ts';
import type { QueryAnswer, QueryThreadSetup, Question, SnapshotEnd } from './queryThread.ts';
import { decoder } from './rows.ts';

/** The query thread, seen from the ledger's. */
export class QueryThreadClient implements Reader {
  private readonly worker: Worker;
  private readonly questions = new Map<number, { resolve: (rows: unknown[][]) => void; reject: (e: Error) => void }>();
  private readonly isSnapshot: boolean;
  private readonly turns = new Turns(SNAPSHOTS);
  private lastId = 0;
  private lastSnapshot = 0;

  private constructor(setup: QueryThreadSetup, onCrash: (error: Error) => void) {
    this.isSnapshot = setup.snapshot;
    this.worker = new Worker(new URL('./queryThread.ts', import.meta.url), { workerData: setup, name: 'questions' });
    this.worker.on('error', error => onCrash(error as Error));
    this.worker.on('message', (answer: QueryAnswer) => {
      const question = this.questions.get(answer.id);
      this.questions.delete(answer.id);
      if ('error' in answer) question?.reject(new Error(answer.error));
      else question?.resolve(answer.rows);
    });
  }

  static async start(setup: QueryThreadSetup, onCrash: (error: Error) => void): Promise<QueryThreadClient> {
    const client = new QueryThreadClient(setup, onCrash);
    await new Promise((resolve, reject) => client.worker.once('message', resolve).once('error', reject));
    return client;
  }

  select<R extends object>(query: Select<R>): Promise<R[]> {
    return this.answering(null).select(query);
  }

  aggregate<R extends object>(query: Aggregate<R>): Promise<AggregateRow[]> {
    return this.answering(null).aggregate(query);
  }

  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    if (this.isSnapshot) return work(this);
    return this.turns.run(async () => {
      const snapshot = ++this.lastSnapshot;
      try {
        return await work(this.answering(snapshot));
      } finally {
        this.worker.postMessage({ endOf: snapshot } satisfies SnapshotEnd);
      }
    });
  }

  private answering(snapshot: number | null): Reader {
    const reader: Reader = {
      select: async <R extends object>(query: Select<R>) =>
        (await this.query(compileSelect(query), query.from, snapshot)) as R[],
      aggregate: async <R extends object>(query: Aggregate<R>) => {
        try {
          return (await this.query(compileAggregate(query), query.from, snapshot)) as AggregateRow[];
        } catch (error) {
          if (!(error as Error).message.includes('integer overflow')) throw error;
        }
        const rows = (await this.query(compileHalves(query), query.from, snapshot)) as AggregateRow[];
        return rows.map(row => joinHalves(row, query.sum));
      },
      snapshot: work => work(reader),
    };
    return reader;
  }

  async close(): Promise<void> {
    const ended = new Promise(resolve => this.worker.once('exit', resolve));
    this.worker.postMessage('close');
    await ended;
  }

  private async query(
    { sql, parameters, names }: CompiledQuestion,
    entity: AnyEntity,
    snapshot: number | null,
  ): Promise<Row[]> {
    const id = ++this.lastId;
    const rows = await new Promise<unknown[][]>((resolve, reject) => {
      this.questions.set(id, { resolve, reject });
      this.worker.postMessage({ id, snapshot, sql, parameters: parameters as SQLInputValue[] } satisfies Question);
    });
    return decodeAll(entity, names, rows, decoder(entity, names));
  }
}
