import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createScratch } from '../../test/kit/scratch.ts';
import { until } from '../../test/kit/until.ts';
import type { Engine } from '../ledger/engine.ts';
import { journal } from '../ledger/journal.ts';
import { type Lease, LeaseLost } from '../ledger/lease.ts';
import { itemMade } from '../ledger/testing/testEntities.ts';
import { HeldEngine } from '../ledger/testing/testHeldEngine.ts';
import { TestLedger } from '../ledger/testing/testLedger.ts';
import { MEMORY, memoryStore, SQLITE, STORE_KINDS, type Store, type StoreKind } from '../ledger/testing/testStores.ts';
import { MACHINE_TIMERS, type Timers } from '../ledger/timers.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { type Answer, type Site, startSite } from '../outbound/testing/testSite.ts';
import { openAudioStore } from './audioStore.ts';
import { DownloadFailed, download } from './download.ts';
import { type FetchJob, fetchJob, type Recording, recording, recordingEntities } from './entities.ts';
import { type FetcherOptions, startFetcher } from './fetcher.ts';
import { requestRecording } from './jobs.ts';
import { readRecording, recordingOfCall } from './readRecording.ts';
import { mp3, wav } from './testing/testAudio.ts';

const RETRY_MS = 5_000;

interface House {
  readonly on: TestLedger;
  /** Where the audio lies. */
  readonly directory: string;
  readonly errors: unknown[];
  /** A job for each path, all for call 7. */
  ask(site: Site, ...paths: string[]): Promise<void>;
  /** The worker looks every few milliseconds; when something is due says the ledger's clock, which stands still. */
  start(options?: Partial<FetcherOptions>): Promise<() => Promise<void>>;
  job(id?: number): Promise<FetchJob>;
  /** When the ledger holds a job like this. */
  reaches(is: (job: FetchJob) => boolean, id?: number): Promise<FetchJob>;
  kinds(): Promise<string[]>;
  /** What is below the directory. */
  files(): string[];
}

async function setUp(
  t: TestContext,
  kind: StoreKind | Store = MEMORY,
  options: { readonly wrap?: (engine: Engine) => Engine; readonly allow?: readonly string[] } = {},
): Promise<House> {
  const steps: (() => Promise<void>)[] = [];
  // Before the directory goes, which is the next thing that is to be done after the test.
  t.after(async () => {
    for (const step of steps.reverse()) await step();
  });
  const scratch = createScratch('recordings').path;
  const directory = join(scratch, 'recordings');
  const store = 'make' in kind ? await kind.make(recordingEntities, scratch) : kind;
  const on = await TestLedger.open(store, {
    given: { call: 7 },
    ...(options.wrap === undefined ? {} : { wrap: options.wrap }),
  });
  steps.push(() => on.close());
  on.time.now = 100_000;
  const errors: unknown[] = [];
  const job = async (id = 1) => (await on.rows(fetchJob)).find(each => each.id === id)!;
  return {
    on,
    directory,
    errors,
    job,
    async ask(site, ...paths) {
      await on.submit(state => {
        for (const path of paths) {
          requestRecording(state, { sourceCallId: 7, reportId: 12, url: `${site.origin}${path}`, name: null });
        }
      });
    },
    async start(fetcher = {}) {
      const outbound = createOutbound({ allow: () => options.allow ?? ['127.0.0.1'] });
      const worker = startFetcher({
        ledger: on.ledger,
        outbound,
        store: await openAudioStore(directory),
        clock: () => on.time.now,
        onError: error => errors.push(error),
        retryMs: RETRY_MS,
        everyMs: 5,
        ...fetcher,
      });
      let stopped: Promise<void> | null = null;
      const stop = () => {
        stopped ??= worker.stop().then(() => outbound.close());
        return stopped;
      };
      steps.push(stop);
      return stop;
    },
    reaches: (is, id = 1) =>
      until(`job ${id} to get there`, async () => {
        const now = await job(id);
        return is(now) ? now : undefined;
      }),
    kinds: async () => (await on.rows(journal)).map(each => each.kind),
    files: () =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter(each => each.isFile())
        .map(each => join(each.parentPath, each.name).slice(directory.length + 1))
        .sort(),
  };
}

/** Answers in this order, the last one again and again. */
function inTurn(...answers: readonly (number | Uint8Array)[]): Answer {
  let n = 0;
  return (_, response) => {
    const answer = answers[Math.min(n++, answers.length - 1)]!;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(answer);
  };
}

for (const kind of STORE_KINDS) {
  describe(`the fetcher on ${kind.name}`, () => {
    test('404 twice - has failed after exactly two fetches, and nobody hears of it', async t => {
      const { on, ask, start, reaches, kinds, errors, files, job } = await setUp(t, kind);
      const site = await startSite(t, inTurn(404));
      await ask(site, '/gone.mp3');
      const stop = await start();
      const waiting = await reaches(each => each.attempts === 1);
      assert.deepEqual(
        [waiting.state, waiting.dueAt, waiting.lastProblem],
        ['waiting', 105_000, 'The server answered 404.'],
      );
      // Not before it is due: what came later is fetched, and this is not.
      const good = await startSite(t, inTurn(mp3()));
      await ask(good, '/good.mp3');
      await reaches(each => each.state === 'done', 2);
      assert.equal(site.requests.length, 1);
      on.time.now = 105_000;
      await reaches(each => each.state === 'failed');
      await ask(good, '/good.mp3');
      await reaches(each => each.state === 'done', 3);
      await stop();
      assert.equal(site.requests.length, 2);
      assert.deepEqual([(await job()).attempts, (await job()).dueAt], [2, null]);
      assert.deepEqual(await kinds(), [
        'recording.requested',
        'recording.requested',
        'recording.attached',
        'recording.failed',
        'recording.requested',
        'recording.attached',
      ]);
      assert.deepEqual(errors, []);
      assert.equal(files().length, 1);
    });

    test('500, then audio - is attached, with its file and its name', async t => {
      const { on, directory, ask, start, reaches, kinds } = await setUp(t, kind);
      const audio = wav(200_000);
      const site = await startSite(t, inTurn(500, audio));
      await ask(site, '/rec/one.wav?token=hunter2');
      const reacted: Recording[] = [];
      const stop = await start({
        onAttached: (state, attached) => {
          reacted.push(attached);
          state.journal(itemMade, { callId: attached.sourceCallId });
        },
      });
      await reaches(each => each.attempts === 1);
      on.time.now = 105_000;
      await reaches(each => each.state === 'done');
      await stop();
      assert.deepEqual(await kinds(), ['recording.requested', 'recording.attached', 'item.made']);
      const attached = (await recordingOfCall(on.ledger.reader, 7))!;
      assert.deepEqual(reacted.at(-1), attached);
      assert.deepEqual(
        [attached.name, attached.contentType, attached.bytes, attached.requestedAt, attached.at],
        ['one.wav', 'audio/wav', audio.byteLength, 100_000, 105_000],
      );
      assert.deepEqual(readFileSync(join(directory, attached.file)), audio);
      assert.equal(await recordingOfCall(on.ledger.reader, 8), null);
      const store = await openAudioStore(directory);
      const readable = (await readRecording(on.ledger.reader, store, attached.id))!;
      assert.deepEqual(readable.recording, attached);
      assert.deepEqual(Buffer.concat(await Array.fromAsync(readable.stream())), audio);
      assert.equal(await readRecording(on.ledger.reader, store, 99), null);
      rmSync(join(directory, attached.file));
      assert.equal(await readRecording(on.ledger.reader, store, attached.id), null);
    });

    test('a job - survives a restart between its attempts', async t => {
      const { on, ask, start, reaches } = await setUp(t, kind);
      const site = await startSite(t, inTurn(503, mp3()));
      await ask(site, '/one.mp3');
      const stop = await start();
      await reaches(each => each.attempts === 1);
      await stop();
      await on.reopen();
      on.time.now = 200_000;
      await start();
      assert.equal((await reaches(each => each.state === 'done')).attempts, 2);
      assert.equal(site.requests.length, 2);
    });
  });
}

describe('a worker that dies', () => {
  for (const kind of [MEMORY, SQLITE]) {
    test(`between the file and the commit, on ${kind.name} - is followed by one that fetches again`, async t => {
      let held!: HeldEngine;
      const { on, ask, start, reaches, job, files, kinds } = await setUp(t, kind, {
        wrap: engine => {
          held = new HeldEngine(engine);
          return held;
        },
      });
      const site = await startSite(t, inTurn(mp3()));
      await ask(site, '/one.mp3');
      held.hold();
      const arrival = held.arrival();
      // With its one place taken the worker asks nothing more of a ledger that will be dead and cannot answer.
      const stop = await start({ atOnce: 1 });
      const commit = await arrival;
      const orphans = files();
      assert.equal(orphans.length, 1);
      await on.crash();
      assert.deepEqual([(await job()).state, (await job()).attempts], ['waiting', 0]);
      assert.deepEqual(await kinds(), ['recording.requested']);
      await start();
      await reaches(each => each.state === 'done');
      assert.equal(site.requests.length, 2);
      assert.deepEqual(files(), orphans);
      assert.equal((await on.rows(recording)).length, 1);
      // For the dead one it is over now, too.
      commit.answer();
      await stop();
    });
  }

  test('in the middle of a download - leaves nothing, and the attempt does not count', async t => {
    const { ask, start, reaches, job, files, errors } = await setUp(t);
    const begun = Promise.withResolvers<void>();
    const audio = wav(100_000);
    const site = await startSite(t, (_, response) => {
      if (site.requests.length > 1) return response.end(audio);
      response.write(audio.subarray(0, 50_000));
      return begun.resolve();
    });
    await ask(site, '/one.wav');
    const stop = await start();
    await begun.promise;
    await until('the draft', () => (files().length === 1 ? true : undefined));
    await stop();
    await site.closed(0);
    assert.deepEqual(files(), []);
    assert.deepEqual([(await job()).state, (await job()).attempts, errors], ['waiting', 0, []]);
    await start();
    assert.equal((await reaches(each => each.state === 'done')).attempts, 1);
    assert.equal(site.requests.length, 2);
  });
});

describe('a worker that is one of several', () => {
  test('another node has the lease - fetches nothing; the lease lost while it fetches - changes nothing, and begins anew', async t => {
    const { on, ask, start, reaches, errors } = await setUp(t);
    let has: 'the first' | 'another' | 'the first again' = 'another';
    const lease: Lease = {
      acquire: () => {
        if (has === 'another') return null;
        const had = has;
        return command => ({
          ...command,
          apply: state => {
            if (has !== had) throw new LeaseLost('another node does this job');
            return command.apply(state);
          },
        });
      },
    };
    const answers: (() => void)[] = [];
    const site = await startSite(t, (_, response) => answers.push(() => response.end(mp3())));
    await ask(site, '/one.mp3');
    await start({ lease });
    const idle = await setUp(t);
    // As many rounds as it takes another worker to fetch something of its own.
    const other = await startSite(t, inTurn(mp3()));
    await idle.ask(other, '/other.mp3');
    await idle.start();
    await idle.reaches(each => each.state === 'done');
    assert.equal(site.requests.length, 0);
    has = 'the first';
    const first = await until('it fetches', () => answers[0]);
    has = 'another';
    first();
    await site.closed(0);
    has = 'the first again';
    (await until('it fetches again', () => answers[1]))();
    assert.equal((await reaches(each => each.state === 'done')).attempts, 1);
    assert.deepEqual([await on.rows(recording).then(rows => rows.length), errors], [1, []]);
  });
});

describe('what is not a recording', () => {
  const problemOf = async (t: TestContext, answer: Answer, options: Partial<FetcherOptions> = {}) => {
    const house = await setUp(t);
    const site = await startSite(t, answer);
    await house.ask(site, '/one.mp3');
    const stop = await house.start(options);
    await house.reaches(each => each.attempts === 1);
    house.on.time.now += RETRY_MS;
    const { lastProblem } = await house.reaches(each => each.state === 'failed');
    await stop();
    assert.deepEqual([house.files(), await house.on.rows(recording), house.errors], [[], [], []]);
    assert.equal(site.requests.length, 2);
    return lastProblem;
  };

  test('a page - is not audio', async t => {
    const page: Answer = (_, response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('<html>Log in');
    assert.equal(await problemOf(t, page), 'It is not audio.');
  });

  test('nothing - is not audio', async t => {
    assert.equal(await problemOf(t, inTurn(204)), 'There is nothing in it.');
  });

  test('too much, announced or not - is not taken', async t => {
    const audio = wav(100_000);
    assert.match((await problemOf(t, inTurn(audio), { maxBytes: 100_000 }))!, /too large/);
    const chunked: Answer = (_, response) => {
      response.write(audio.subarray(0, 50_000));
      response.end(audio.subarray(50_000));
    };
    assert.match((await problemOf(t, chunked, { maxBytes: 100_000 }))!, /too large/);
  });

  test('a file cut short - is not taken', async t => {
    const cut: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': 100_000 }).write(wav(50_000));
      setImmediate(() => response.destroy());
    };
    assert.match((await problemOf(t, cut))!, /broke/);
  });

  test('a server that says nothing - is not waited for', async t => {
    assert.match((await problemOf(t, () => {}, { timeoutMs: 100 }))!, /too long/);
  });

  test('a private address - fails without a connection', async t => {
    const { on, ask, start, reaches, kinds, errors } = await setUp(t, MEMORY, { allow: [] });
    const site = await startSite(t, inTurn(mp3()));
    await ask(site, '/one.mp3');
    await start();
    assert.match((await reaches(each => each.attempts === 1)).lastProblem!, /this machine/);
    on.time.now += RETRY_MS;
    await reaches(each => each.state === 'failed');
    assert.equal(site.connections.length, 0);
    assert.deepEqual(await kinds(), ['recording.requested', 'recording.failed']);
    assert.deepEqual(errors, []);
  });
});

/** The worker's waits are steady, whatever becomes of the clocks. */
function steadyTimers() {
  let passedMs = 0;
  const timers: Timers = { ...MACHINE_TIMERS, monotonicMs: () => passedMs };
  return {
    timers,
    pass(ms: number) {
      passedMs += ms;
    },
  };
}

describe('bounds and trouble', () => {
  test('no more downloads at once than there are places, and a free place is taken', async t => {
    const { ask, start, reaches } = await setUp(t);
    const waiting: (() => void)[] = [];
    let most = 0;
    const site = await startSite(t, (_, response) => {
      waiting.push(() => response.end(mp3()));
      most = Math.max(most, waiting.length);
    });
    const paths = Array.from({ length: 10 }, (_, n) => `/${n}.mp3`);
    await ask(site, ...paths);
    await start({ atOnce: 3 });
    for (let n = 0; n < 10; n++) (await until('a request', () => waiting.shift()))();
    for (let n = 1; n <= 10; n++) await reaches(each => each.state === 'done', n);
    assert.ok(most <= 3, String(most));
    assert.deepEqual(site.requests.map(each => each.url).sort(), paths);
  });

  test('many jobs that fail and succeed - are each fetched as often as they should be', async t => {
    const { on, ask, start, reaches } = await setUp(t);
    const fetched = new Map<string, number>();
    const site = await startSite(t, ({ url = '' }, response) => {
      const times = (fetched.get(url) ?? 0) + 1;
      fetched.set(url, times);
      if (Number(url.slice(1)) % 3 < times) response.end(mp3());
      else response.writeHead(503).end();
    });
    await ask(site, ...Array.from({ length: 60 }, (_, n) => `/${n}`));
    const stop = await start();
    for (let n = 1; n <= 60; n++) await reaches(each => each.attempts === 1, n);
    on.time.now += RETRY_MS;
    for (let n = 1; n <= 60; n++) await reaches(each => each.state !== 'waiting', n);
    await stop();
    for (let n = 0; n < 60; n++) {
      assert.equal(fetched.get(`/${n}`), n % 3 === 0 ? 1 : 2);
      assert.equal((await reaches(() => true, n + 1)).state, n % 3 === 2 ? 'failed' : 'done');
    }
  });

  test('a job that ends while the worker asks what is due - is not begun again', async t => {
    const { on, ask, start, reaches } = await setUp(t);
    const waiting: (() => void)[] = [];
    const site = await startSite(t, (_, response) => waiting.push(() => response.end(mp3())));
    await ask(site, '/one.mp3');
    const { reader } = on.ledger;
    // From the time the job is being fetched, the first question is answered late: with what was so when it was asked.
    const late = Promise.withResolvers<void>();
    const requested = Promise.withResolvers<void>();
    let questions = 0;
    const select: typeof reader.select = async question => {
      const rows = await reader.select(question);
      if (waiting.length > 0) {
        questions++;
        requested.resolve();
        await late.promise;
      }
      return rows;
    };
    const submit: typeof on.ledger.submit = each => on.ledger.submit(each);
    await start({ ledger: { workReader: { ...reader, select }, submit } });
    await requested.promise;
    waiting[0]!();
    await reaches(each => each.state === 'done');
    late.resolve();
    await until('the next question', () => (questions > 2 ? true : undefined));
    assert.equal(site.requests.length, 1);
  });

  test('a disk without room - is told, does not count, and is tried again later', async t => {
    const { on, directory, ask, start, reaches, job, errors } = await setUp(t);
    const site = await startSite(t, inTurn(mp3()));
    await ask(site, '/one.mp3');
    const { timers, pass } = steadyTimers();
    // One place, which the job in trouble must not keep from the next.
    await start({ atOnce: 1, timers });
    rmSync(join(directory, 'incoming'), { recursive: true });
    await until('the trouble', () => errors[0]);
    const gone = await startSite(t, inTurn(404));
    await ask(gone, '/gone.mp3');
    await reaches(each => each.attempts === 1, 2);
    assert.equal(site.requests.length, 1);
    assert.deepEqual([(await job()).state, (await job()).attempts, errors.length], ['waiting', 0, 1]);
    await openAudioStore(directory);
    pass(60_000);
    assert.equal((await reaches(each => each.state === 'done')).attempts, 1);
    assert.equal(site.requests.length, 2);
    assert.ok(existsSync(join(directory, (await on.rows(recording))[0]!.file)));
  });

  test('a ledger without room - is told, and the recording is fetched again', async t => {
    let isFull = false;
    const store = memoryStore(recordingEntities, { disk: () => (isFull ? 'full' : 'works') });
    const { on, ask, start, reaches, errors } = await setUp(t, store);
    const site = await startSite(t, inTurn(mp3()));
    await ask(site, '/one.mp3');
    isFull = true;
    const { timers, pass } = steadyTimers();
    await start({ timers });
    await until('the trouble', () => errors[0]);
    isFull = false;
    // For a moment the ledger refuses without trying.
    await until('room', () => on.submit(() => true).catch(() => undefined));
    pass(60_000);
    await reaches(each => each.state === 'done');
    assert.equal(site.requests.length, 2);
    assert.equal((await on.rows(recording)).length, 1);
  });
});

describe('download', () => {
  test('an answer that is an error - says which, no answer is 0', async t => {
    const store = await openAudioStore(join(createScratch('recordings').path, 'recordings'));
    const site = await startSite(t, inTurn(503, 302, mp3()));
    const outbound = createOutbound({ allow: () => ['127.0.0.1'] });
    t.after(() => outbound.close());
    const status = async (url: string) => {
      const error = await download(outbound, store, url).catch((failure: unknown) => failure);
      assert.ok(error instanceof DownloadFailed);
      return error.status;
    };
    assert.equal(await status(site.origin), 503);
    assert.equal(await status(site.origin), 302);
    assert.equal(await status('http://10.0.0.1/'), 0);
    assert.equal(await status('not a URL'), 0);
    assert.equal((await download(outbound, store, site.origin)).format, 'mp3');
  });
});
