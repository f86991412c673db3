/** A run of `aftercall refold` that was cut short is told of at each start and to monitoring, until it has come to its end. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { ORGANISATION, SOURCE_KEY } from '../kit/organisation.ts';
import { createScratch } from '../kit/scratch.ts';
import { runCommand, startServer } from '../kit/server.ts';

const RANGE = ['--source', SOURCE_KEY, '--from', '2026-03-01', '--to', '2026-03-05'];

test('an interrupted refold - in the log, in /readyz and in verify, until the same command has ended', async () => {
  using scratch = createScratch('interrupted');
  const dataDir = join(scratch.path, 'data');
  const serve = () => startServer({ config: ORGANISATION, dataDir, sqlite: true });
  const run = (...command: string[]) => runCommand(command, { dataDir, sqlite: true });
  const told = async () => {
    await using server = await serve();
    const ready = (await (await server.get('/readyz')).json()) as { readonly interruptedRefolds?: readonly number[] };
    const warned = server.logs.filter(each => each['msg'] === 'refold of calls interrupted');
    return { ready: ready.interruptedRefolds, warned: warned.map(each => [each['run'], each['state'], each['hint']]) };
  };
  assert.deepEqual(await told(), { ready: undefined, warned: [] });
  assert.equal((await run('refold', ...RANGE)).exitCode, 0);
  // What a process leaves that is killed before its last command.
  const db = new DatabaseSync(join(dataDir, 'aftercall.db'));
  db.exec(`UPDATE refold_run SET state = 'applying'`);
  db.close();

  const hint =
    'with all servers stopped, run "aftercall refold --source hq --from 2026-02-28T23:00:00.000Z --to 2026-03-04T23:00:00.000Z"';
  assert.deepEqual(await told(), { ready: [1], warned: [[1, 'applying', hint]] });
  assert.equal((await run('verify')).exitCode, 1);

  // Another range leaves its calls as they are.
  assert.equal((await run('refold', '--source', SOURCE_KEY, '--from', '2026-03-02', '--to', '2026-03-05')).exitCode, 0);
  assert.deepEqual((await told()).ready, [1]);
  assert.equal((await run('refold', ...RANGE)).exitCode, 0);
  assert.deepEqual(await told(), { ready: undefined, warned: [] });
  assert.deepEqual(await run('verify'), { exitCode: 0, output: 'Everything adds up.\n' });
});
