import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { journal } from '../ledger/journal.ts';
import { TestLedger } from '../ledger/testing/testLedger.ts';
import { FAR_MEMORY, MEMORY } from '../ledger/testing/testStores.ts';
import type { FetchReactors } from './attach.ts';
import { attachRecording, latestRecording } from './attach.ts';
import type { StoredAudio } from './audioStore.ts';
import { fetchJob, recording, recordingEntities } from './entities.ts';
import { type Attempt, endAttempt, requestRecording } from './jobs.ts';

const DIGEST = 'ab'.repeat(32);
const AUDIO: StoredAudio = { file: `ab/${DIGEST}.mp3`, bytes: 417, digest: DIGEST, format: 'mp3' };
const REQUESTED = { sourceCallId: 7, reportId: 12, url: 'https://pbx.example/rec/one.mp3?token=hunter2', name: null };

for (const kind of [MEMORY, FAR_MEMORY]) {
  describe(`jobs on ${kind.name}`, () => {
    const setUp = async () => {
      const on = await TestLedger.open(await kind.make(recordingEntities, ''), { given: { call: 10 } });
      return {
        on,
        end: (id: number, attempts: number, attempt: Attempt, reactors: FetchReactors = {}) =>
          on.ledger.submit(
            endAttempt({ id, sourceCallId: REQUESTED.sourceCallId, attempts }, attempt, 5_000, reactors),
          ),
        job: async (id = 1) => (await on.rows(fetchJob)).find(each => each.id === id),
        kinds: async () => (await on.rows(journal)).map(each => each.kind),
      };
    };

    test('a recording that is asked for - is due at once', async () => {
      const { on, job } = await setUp();
      on.time.now = 100_000;
      await on.submit(state => requestRecording(state, REQUESTED));
      assert.deepEqual(await job(), {
        ...REQUESTED,
        id: 1,
        requestedAt: 100_000,
        attempts: 0,
        dueAt: 100_000,
        state: 'waiting',
        lastProblem: null,
      });
    });

    test('the first failure - makes it wait, the second one ends it and tells only the journal', async () => {
      const { on, end, job, kinds } = await setUp();
      on.time.now = 100_000;
      await on.submit(state => requestRecording(state, REQUESTED));
      const failed: number[] = [];
      const reactors: FetchReactors = { onFailed: (_, { id }) => failed.push(id) };
      on.time.now = 101_000;
      await end(1, 0, { problem: 'The server answered 404.' }, reactors);
      assert.deepEqual(await job(), {
        ...REQUESTED,
        id: 1,
        requestedAt: 100_000,
        attempts: 1,
        dueAt: 106_000,
        state: 'waiting',
        lastProblem: 'The server answered 404.',
      });
      assert.deepEqual(failed, []);
      on.time.now = 106_000;
      await end(1, 1, { problem: 'a\0b' }, reactors);
      const { attempts, dueAt, state, lastProblem } = (await job())!;
      assert.deepEqual(
        { attempts, dueAt, state, lastProblem },
        {
          attempts: 2,
          dueAt: null,
          state: 'failed',
          lastProblem: 'a\ufffdb',
        },
      );
      assert.deepEqual(failed, [1]);
      assert.deepEqual(await kinds(), ['recording.requested', 'recording.failed']);
    });

    test('audio - is attached under the name the URL gives it, and counts from when it was asked for', async () => {
      const { on, end, job } = await setUp();
      on.time.now = 100_000;
      await on.submit(state => requestRecording(state, REQUESTED));
      on.time.now = 103_000;
      const attached: number[] = [];
      await end(1, 0, { audio: AUDIO }, { onAttached: (state, { id }) => attached.push(id, state.now) });
      assert.deepEqual(await on.rows(recording), [
        {
          id: 1,
          sourceCallId: 7,
          name: 'one.mp3',
          contentType: 'audio/mpeg',
          bytes: 417,
          digest: DIGEST,
          file: AUDIO.file,
          requestedAt: 100_000,
          at: 103_000,
        },
      ]);
      assert.deepEqual(attached, [1, 103_000]);
      assert.deepEqual([(await job())?.state, (await job())?.dueAt, (await job())?.attempts], ['done', null, 1]);
    });

    test('an outcome that comes twice, or of an attempt before - changes nothing', async () => {
      const { on, end, job, kinds } = await setUp();
      await on.submit(state => requestRecording(state, REQUESTED));
      await end(1, 0, { problem: 'one' });
      const waiting = await job();
      await end(1, 0, { problem: 'one' });
      await end(1, 0, { audio: AUDIO });
      assert.deepEqual(await job(), waiting);
      await end(1, 1, { audio: AUDIO });
      const done = await job();
      await end(1, 1, { audio: AUDIO });
      await end(1, 2, { problem: 'late' });
      assert.deepEqual(await job(), done);
      await end(99, 0, { audio: AUDIO });
      assert.deepEqual(await kinds(), ['recording.requested', 'recording.attached']);
      assert.equal((await on.rows(recording)).length, 1);
    });

    test('the journal - names ids and nothing else', async () => {
      const { on, end } = await setUp();
      await on.submit(state => requestRecording(state, REQUESTED));
      await on.submit(state => requestRecording(state, { ...REQUESTED, name: '+14155550123.mp3' }));
      await end(1, 0, { problem: 'one' });
      await end(1, 1, { problem: 'two' });
      await end(2, 0, { audio: AUDIO });
      assert.deepEqual(
        (await on.rows(journal)).map(({ kind, callId, data }) => ({ kind, callId, data })),
        [
          { kind: 'recording.requested', callId: 7, data: { fetchJobId: 1, reportId: 12 } },
          { kind: 'recording.requested', callId: 7, data: { fetchJobId: 2, reportId: 12 } },
          { kind: 'recording.failed', callId: 7, data: { fetchJobId: 1, reportId: 12 } },
          { kind: 'recording.attached', callId: 7, data: { recordingId: 1 } },
        ],
      );
    });

    test('text no engine could store - is stored as what can be', async () => {
      const { on, end, job } = await setUp();
      await on.submit(state => requestRecording(state, { ...REQUESTED, url: 'http://a/\0\ud800', name: 'a\0' }));
      assert.deepEqual([(await job())?.url, (await job())?.name], ['http://a/\ufffd\ufffd', 'a\ufffd']);
      await end(1, 0, { problem: `${'x'.repeat(299)}😀` });
      assert.equal((await job())?.lastProblem, `${'x'.repeat(299)}\ufffd`);
    });
  });
}

describe('the recording of a call', () => {
  test('is the one that was asked for last, however long another one took', async () => {
    const on = await TestLedger.open(await MEMORY.make(recordingEntities, ''), { given: { call: 10 } });
    const end = (id: number) =>
      on.ledger.submit(
        endAttempt({ id, sourceCallId: REQUESTED.sourceCallId, attempts: 0 }, { audio: AUDIO }, 5_000, {}),
      );
    on.time.now = 100_000;
    await on.submit(state => requestRecording(state, REQUESTED));
    on.time.now = 101_000;
    await on.submit(state => attachRecording(state, { sourceCallId: 7, name: 'handed over.mp3', audio: AUDIO }, {}));
    on.time.now = 102_000;
    await end(1);
    assert.equal(latestRecording(await on.rows(recording))?.name, 'handed over.mp3');
    await on.submit(state => attachRecording(state, { sourceCallId: 7, name: 'again.mp3', audio: AUDIO }, {}));
    await on.submit(state => attachRecording(state, { sourceCallId: 7, name: 'and again.mp3', audio: AUDIO }, {}));
    assert.equal(latestRecording(await on.rows(recording))?.name, 'and again.mp3');
    assert.equal(latestRecording([]), undefined);
  });
});
