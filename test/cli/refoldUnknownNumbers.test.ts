/** Numbers of a PBX that nothing named when they were reported: a run of `aftercall refold` counts them no more once something does. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, startServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import { ANNA, HOUSE } from '../native/house.ts';
import { freshNumber, pbxTells } from '../native/telephony.ts';

const [{ key: KEY, numbers, ...PBX }] = HOUSE.sources;
const houseWith = (queue: readonly string[]) => ({
  ...HOUSE,
  sources: [{ ...PBX, key: KEY, numbers: { ...numbers, queue } }],
});

/** Legs by what they reached: one number twice, one that stays unknown, one that Anna holds. */
const REACHED = ['7001', '7001', '7801', ANNA.extension];

interface Unknown {
  readonly seen: number;
  readonly latest: readonly { readonly number: string; readonly times: number; readonly seenAt: string }[];
}

async function unknownOf(server: RunningServer): Promise<Unknown & { readonly warned: readonly string[] }> {
  const v1 = createV1Client(server);
  const { unknownNumbers } = await v1.get<{ readonly unknownNumbers: Unknown }>(`/v1/sources/${KEY}`);
  const calls = await Promise.all((await v1.list()).map(each => v1.call(each.id)));
  const warned = calls.flatMap(each => each.reports.flatMap(({ warnings }) => warnings)).toSorted();
  return { ...unknownNumbers, warned };
}

test('refold after a number plan that lacked numbers - counts and warns of them no more, and does again when taken back', async () => {
  using scratch = createScratch('refold-unknown');
  const dataDir = join(scratch.path, 'data');
  const serve = (queue: readonly string[]) => startServer({ config: houseWith(queue), dataDir, sqlite: true });
  const refold = async (...options: string[]): Promise<void> => {
    const { exitCode, output } = await runCommand(['refold', ...options], { dataDir, sqlite: true });
    assert.equal(exitCode, 0, output);
  };
  const range = ['--source', KEY, '--from', '2026-01-01', '--to', '2100-01-01'];
  let before: Awaited<ReturnType<typeof unknownOf>>;
  {
    await using server = await serve(['64xx']);
    for (const extension of REACHED) await pbxTells(server, { number: freshNumber(), extension });
    before = await unknownOf(server);
    assert.deepEqual(
      [before.seen, before.latest.map(each => [each.number, each.times]), before.warned.length],
      [
        3,
        [
          ['7801', 1],
          ['7001', 2],
        ],
        3,
      ],
    );
  }
  {
    await using server = await serve(['64xx', '70xx']);
    assert.deepEqual(await unknownOf(server), before, 'what was told stays until it is folded anew');
  }
  await refold(...range);
  {
    await using server = await serve(['64xx', '70xx']);
    const { seen, latest, warned } = await unknownOf(server);
    assert.deepEqual([seen, latest], [1, before.latest.filter(each => each.number === '7801')]);
    assert.deepEqual(warned, ['number 7801 is unknown: no user holds it, and no number plan names it']);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(metrics, new RegExp(`^aftercall_unknown_numbers\\{source="${KEY}"\\} 1$`, 'm'));
  }
  await refold('--take-back', '1');
  await using server = await serve(['64xx']);
  assert.deepEqual(await unknownOf(server), before);
});
