/**
 * An organisation under a clock of the test's. Nobody can move the clock of a running server, so this one runs in the test's
 * process: every door, the rooms behind them and a ledger. What `src/app/httpServer.ts` adds to them is tried by the other files.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Fastify, { type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { entities } from '../../../src/app/entities.ts';
import { keysIn } from '../../../src/app/keys.ts';
import { onlyNode } from '../../../src/app/nodes.ts';
import { openOrganisation } from '../../../src/app/organisation.ts';
import { parseOrganisation } from '../../../src/app/organisationFile.ts';
import { runStartup } from '../../../src/app/startup.ts';
import { TestLedger } from '../../../src/ledger/testing/testLedger.ts';
import { memoryStore } from '../../../src/ledger/testing/testStores.ts';
import { MACHINE_TIMERS } from '../../../src/ledger/timers.ts';
import { openAudioStore } from '../../../src/recordings/audioStore.ts';
import { createScratch } from '../../kit/scratch.ts';
import { type Hook, methodPath, type Params, PORTAL, type PortalBody } from './cases.ts';

/** When every timed portal opens. */
export const NOON = Date.UTC(2026, 2, 2, 12);

const LOG = {
  info: () => {},
  warn: () => {},
  error: (_details: object, message: string) => assert.fail(message),
};

export interface TimedPortal {
  /** The clock of the door and of the ledger. */
  readonly time: { now: number };
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** A method by POST with JSON; the answer must be 200. */
  ask<T>(method: string, params: Params, hook?: Hook): Promise<PortalBody<T>>;
}

export async function openTimedPortal(t: TestContext, publicUrl: string | null = null): Promise<TimedPortal> {
  const scratch = createScratch('timed-portal').path;
  const { ledger, time } = await TestLedger.open(memoryStore(entities));
  time.now = NOON;
  const file = parseOrganisation(JSON.stringify(PORTAL), { directory: scratch, variables: {} }, 'organisation.json');
  const environment = { dataDir: scratch };
  const keys = keysIn(scratch);
  const parts = { environment, ledger, keys, log: LOG, random: randomBytes, membership: null, file, forgetKey: false };
  await runStartup(parts, () => {});
  const organisation = openOrganisation({
    ledger,
    timers: MACHINE_TIMERS,
    random: randomBytes,
    log: LOG,
    audio: await openAudioStore(join(scratch, 'recordings')),
    outbound: { fetchBytes: () => assert.fail('no recording was named') },
    keys: keys.file,
    nodes: onlyNode(ledger, publicUrl),
    meters: { countReport: () => {}, watchDesktops: () => {} },
    publicUrl,
  });
  const app = Fastify();
  for (const { open, prefix } of organisation.doors) await app.register(open, { prefix });
  t.after(async () => {
    organisation.endHeld();
    await app.close();
    await organisation.stop();
    await ledger.close();
  });
  return {
    time,
    inject: request => app.inject(request),
    ask: async (method, params, hook) => {
      const answer = await app.inject({ method: 'POST', url: methodPath(method, hook), payload: params });
      assert.equal(answer.statusCode, 200, answer.body);
      return answer.json();
    },
  };
}
