import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createScratch } from '../../test/kit/scratch.ts';
import { openAudioStore } from './audioStore.ts';
import { mp3, wav } from './testing/testAudio.ts';

const LIMIT = 10_000_000;

/** Files below a directory, its own drafts' folder left out when it is empty. */
const files = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => join(each.parentPath, each.name).slice(directory.length + 1))
    .sort();

async function* pieces(whole: Uint8Array, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.byteLength; at += bytes) yield whole.subarray(at, at + bytes);
}

describe('the audio store', () => {
  test('audio - is a file named by its content, that only its owner can read', async () => {
    const directory = join(createScratch('audio').path, 'recordings');
    const store = await openAudioStore(directory);
    const audio = wav(20_000);
    const kept = await store.keep(pieces(audio, 1_000), LIMIT);
    const digest = createHash('sha256').update(audio).digest('hex');
    assert.deepEqual(kept, {
      file: `${digest.slice(0, 2)}/${digest}.wav`,
      bytes: audio.byteLength,
      digest,
      format: 'wav',
    });
    assert.deepEqual(files(directory), [kept.file]);
    assert.deepEqual(readFileSync(join(directory, kept.file)), audio);
    assert.equal(statSync(join(directory, kept.file)).mode & 0o777, 0o600);
    assert.equal(await store.size(kept.file), audio.byteLength);
    assert.deepEqual(Buffer.concat(await Array.fromAsync(store.read(kept.file))), audio);
    assert.deepEqual(
      Buffer.concat(await Array.fromAsync(store.read(kept.file, { start: 8, end: 11 }))).toString(),
      'WAVE',
    );
  });

  test('however it arrives - it is the same file', async () => {
    const directory = createScratch('audio').path;
    const store = await openAudioStore(directory);
    for (const [whole, sizes] of [
      [mp3(30), [1, 7, 4_095, 4_096, 4_097, 100_000]],
      [wav(3_000_000), [65_536, 5_000_000]],
      [mp3(1), [1, 417]],
    ] as const) {
      const digest = createHash('sha256').update(whole).digest('hex');
      for (const size of sizes) assert.equal((await store.keep(pieces(whole, size), LIMIT)).digest, digest);
      assert.equal((await store.keep([whole], LIMIT)).digest, digest, 'all at once');
    }
    assert.equal(files(directory).length, 3);
  });

  test('the same audio at the same time - is one file', async () => {
    const directory = createScratch('audio').path;
    const store = await openAudioStore(directory);
    const kept = await Promise.all(Array.from({ length: 5 }, () => store.keep(pieces(wav(50_000), 999), LIMIT)));
    assert.equal(new Set(kept.map(each => each.file)).size, 1);
    assert.deepEqual(files(directory), [kept[0]!.file]);
  });

  test('what is not audio, nothing, or too much - leaves nothing', async () => {
    const directory = createScratch('audio').path;
    const store = await openAudioStore(directory);
    const audio = wav(10_000);
    const refused = (source: AsyncIterable<Uint8Array>, message: RegExp, limit = LIMIT) =>
      assert.rejects(store.keep(source, limit), { name: 'UnfitAudio', message });
    await refused(pieces(Buffer.from('<html>'), 3), /not audio/);
    await refused(pieces(Buffer.alloc(20_000, 'x'), 1_000), /not audio/);
    await refused(pieces(new Uint8Array(0), 1), /nothing/);
    await refused(pieces(audio, 1_000), /larger/, audio.byteLength - 1);
    await refused(pieces(audio, audio.byteLength), /larger/, 100);
    assert.deepEqual(files(directory), []);
    assert.equal((await store.keep(pieces(audio, 1_000), audio.byteLength)).bytes, audio.byteLength);
  });

  test('a source that breaks - leaves nothing, and its error is what is thrown', async () => {
    const directory = createScratch('audio').path;
    const store = await openAudioStore(directory);
    const broken = async function* () {
      yield* pieces(wav(50_000), 10_000);
      throw new Error('the line went dead');
    };
    await assert.rejects(store.keep(broken(), LIMIT), /the line went dead/);
    assert.deepEqual(files(directory), []);
  });

  test('what a crash left half written - is thrown away at the next start, what is whole stays', async () => {
    const directory = createScratch('audio').path;
    const { file } = await (await openAudioStore(directory)).keep([wav()], LIMIT);
    writeFileSync(join(directory, 'incoming', 'half'), 'RIFF');
    mkdirSync(join(directory, 'incoming', 'folder'));
    const store = await openAudioStore(directory);
    assert.deepEqual(files(directory), [file]);
    // An orphan, or a damaged file, is replaced by the same content.
    writeFileSync(join(directory, file), 'damaged');
    assert.equal((await store.keep([wav()], LIMIT)).file, file);
    assert.deepEqual(readFileSync(join(directory, file)), wav());
  });

  test('what another server is writing - stays, and what nobody has touched for long is thrown away', async () => {
    const directory = createScratch('audio').path;
    const other = await openAudioStore(directory);
    const whole = wav(50_000);
    const begun = Promise.withResolvers<void>();
    const resume = Promise.withResolvers<void>();
    const keeping = other.keep(
      (async function* () {
        yield* pieces(whole.subarray(0, 30_000), 10_000);
        begun.resolve();
        await resume.promise;
        yield whole.subarray(30_000);
      })(),
      LIMIT,
    );
    await begun.promise;
    const left = join(directory, 'incoming', 'left');
    writeFileSync(left, 'RIFF');
    utimesSync(left, 1_000, 1_000);
    await openAudioStore(directory, { abandonedBefore: 2_000_000 });
    assert.equal(readdirSync(join(directory, 'incoming')).length, 1);
    resume.resolve();
    const { file } = await keeping;
    assert.deepEqual(files(directory), [file]);
  });

  test('a disk that refuses - says so', async () => {
    const directory = createScratch('audio').path;
    const store = await openAudioStore(directory);
    rmSync(join(directory, 'incoming'), { recursive: true });
    await assert.rejects(store.keep([wav()], LIMIT), { code: 'ENOENT' });
  });

  test('a name that is not one of the store - is not looked for', async () => {
    const directory = createScratch('audio').path;
    const store = await openAudioStore(directory);
    assert.equal(await store.size(`ab/${'a'.repeat(64)}.wav`), null);
    for (const file of ['../ledger.db', 'incoming/x', `ab/../../${'a'.repeat(64)}.wav`, '/etc/passwd', '']) {
      await assert.rejects(store.size(file), /not the name/);
      assert.throws(() => store.read(file), /not the name/);
    }
  });
});
