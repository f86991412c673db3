/**
 * What Node keeps of the files whose types it takes away. A thread that takes them away itself holds on to the compiler, some 10 MB,
 * and a start that does takes twice as long.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

/** Node tells of each file what it found. */
const start = (cache: string): Promise<RunningServer> =>
  startServer({ sqlite: true, env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE', NODE_COMPILE_CACHE: cache } });

const STRIPPED_ANEW = /no transpile cache for StrippedTypeScript \S+/g;

test('threads - look where the program keeps what it has compiled', async () => {
  await using server = await start('');
  for (const thread of ['writer', 'queryThread', 'checkpointer']) {
    const looked = new RegExp(`cache.* StrippedTypeScript \\S+/sqlite/${thread}\\.ts`);
    await until(`the ${thread} looked there`, () => looked.test(server.output) || undefined);
  }
});

test('a start after one that was killed - compiles nothing again, in no thread', async () => {
  const cache = join(createScratch('compiled').path, 'cache');
  const first = await start(cache);
  assert.notEqual(first.output.match(STRIPPED_ANEW), null);
  // It has kept what it compiled before it answers.
  assert.equal((await first.get('/v1/calls')).status, 200);
  await first.kill();
  await using second = await start(cache);
  assert.deepEqual(second.output.match(STRIPPED_ANEW) ?? [], []);
});
