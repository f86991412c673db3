/** Threads that simulate, as many as there are cores; each takes the next seed when it is done with one. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedRequest } from './seeds.worker.ts';
import type { Verdict } from './twice.ts';

export class Fleet implements AsyncDisposable {
  private readonly workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.workers = workers;
  }

  static async open(threads = availableParallelism()): Promise<Fleet> {
    const workers = await Promise.all(
      Array.from({ length: threads }, async () => {
        const worker = new Worker(new URL('./seeds.worker.ts', import.meta.url));
        await answerOf(worker);
        return worker;
      }),
    );
    return new Fleet(workers);
  }

  /** Runs them until `onVerdict` says that it is enough; verdicts come in any order. */
  async run(
    requested: Iterable<SeedRequest>,
    onVerdict: (verdict: Verdict, requested: SeedRequest) => boolean,
  ): Promise<void> {
    const waiting = requested[Symbol.iterator]();
    let isEnough = false;
    await Promise.all(
      this.workers.map(async worker => {
        while (!isEnough) {
          const next = waiting.next();
          if (next.done === true) return;
          worker.postMessage(next.value);
          const verdict = await answerOf<Verdict>(worker);
          if (onVerdict(verdict, next.value)) isEnough = true;
        }
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map(each => each.terminate()));
  }
}

function answerOf<T>(worker: Worker): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const done = () => worker.off('message', take).off('error', fail);
  const take = (message: T) => {
    done();
    resolve(message);
  };
  const fail = (error: Error) => {
    done();
    reject(error);
  };
  worker.on('message', take).on('error', fail);
  return promise;
}
