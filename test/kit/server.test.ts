import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ORGANISATION } from './organisation.ts';
import { createScratch } from './scratch.ts';
import { ServerEndedEarly, startServer } from './server.ts';
import { signedEvent } from './yeastarEvents.ts';

/** The event of docs/yeastar.md, case C02. */
const C02 =
  '{"sn":"3651X0000001","type":30012,"msg":"{\\"call_id\\":\\"1790197458.5215\\",\\"time_start\\":\\"2026-09-24 00:04:18\\",\\"call_from\\":\\"0711000001\\",\\"call_to\\":\\"1002\\",\\"call_duration\\":11,\\"talk_duration\\":11,\\"src_trunk_name\\":\\"Saf\\",\\"dst_trunk_name\\":\\"\\",\\"pin_code\\":\\"\\",\\"status\\":\\"VOICEMAIL\\",\\"type\\":\\"Inbound\\",\\"recording\\":\\"\\",\\"did_number\\":\\"\\",\\"did_name\\":\\"\\",\\"agent_ring_time\\":0,\\"uid\\":\\"2026092400041852EE8\\",\\"call_note_id\\":\\"20260924000418-0FA8E\\",\\"enb_call_note\\":4,\\"is_display\\":1,\\"realclidnum\\":\\"\\"}"}';

test('started server - a pushed call is there, after a kill and a restart too, and SIGTERM ends it with 0', async () => {
  using scratch = createScratch('restart');
  const dataDir = join(scratch.path, 'data');
  const { signature } = signedEvent('1790197458.5215', C02);
  assert.equal(signature, 'ziVIDnUckqQYWfYxblR2qYnmx0YtTXYxAe+U0+ow9YY=', 'the third known vector');
  for (const round of ['first', 'after a kill']) {
    await using server = await startServer({ dataDir });
    const pushed = await fetch(`${server.url}/yeastar/hq`, {
      method: 'POST',
      headers: { 'x-signature': signature },
      body: C02,
    });
    assert.equal(pushed.status, 200, round);
    const { items } = (await (await server.get('/v1/calls')).json()) as { items: { externalId: string }[] };
    assert.deepEqual(
      items.map(({ externalId }) => externalId),
      ['1790197458.5215'],
    );
    if (round === 'first') await server.kill();
    else await server.stop();
    assert.equal(server.running, false);
  }
});

test('started server - one that cannot start rejects with what it printed', async () => {
  await assert.rejects(startServer({ config: { ...ORGANISATION, sauces: [] } }), error => {
    assert.ok(error instanceof ServerEndedEarly);
    assert.equal(error.exitCode, 1);
    assert.match(error.output, /sauces/);
    return true;
  });
});

test('started server - on the memory engine, disposing stops it', async () => {
  const server = await startServer({ memory: true });
  const scratch = join(server.dataDir, '..');
  assert.ok(existsSync(scratch));
  assert.match(server.stderr, /Aftercall listens on/);
  await server[Symbol.asyncDispose]();
  assert.equal(server.running, false);
});
