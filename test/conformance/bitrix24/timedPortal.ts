/**
 * A portal under a clock of the test's. Nobody can move the clock of a running server, so this stands one level below the
 * front door: the door, the rooms behind it and a ledger in this process.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Fastify, { type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { applyOrganisation } from '../../../src/config/apply.ts';
import { ensureFoundations } from '../../../src/config/firstStart.ts';
import { openKeyFile } from '../../../src/config/keyFile.ts';
import { parseOrganisation } from '../../../src/config/organisationFile.ts';
import { readSetting } from '../../../src/config/setting.ts';
import { bitrix24Door } from '../../../src/dialects/bitrix24/door.ts';
import { TestLedger } from '../../../src/ledger/testing/testLedger.ts';
import { memoryStore } from '../../../src/ledger/testing/testStores.ts';
import { callsContext, fetchReactors } from '../../../src/neighbours.ts';
import { openAudioStore } from '../../../src/recordings/audioStore.ts';
import { entities } from '../../../src/schema.ts';
import { createScratch } from '../../kit/scratch.ts';
import { type Hook, methodPath, type Params, PORTAL, type PortalBody } from './cases.ts';

/** When every timed portal opens. */
export const NOON = Date.UTC(2026, 2, 2, 12);

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
  await ensureFoundations(ledger, { random: randomBytes });
  const keyFile = openKeyFile(scratch);
  await applyOrganisation(ledger, file, { clock: () => time.now, keyFile, random: randomBytes });
  const store = await openAudioStore(join(scratch, 'recordings'));
  const app = Fastify();
  await app.register(
    async scope => {
      await bitrix24Door(scope, {
        ledger,
        calls: callsContext,
        clock: () => time.now,
        random: randomBytes,
        timeZone: () => readSetting(ledger.directory, 'timeZone'),
        askForRecording: () => assert.fail('no recording was named'),
        records: {
          store,
          outbound: { fetchBytes: () => assert.fail('no recording was named') },
          onAttached: (state, attached) => fetchReactors.onAttached?.(state, attached),
          uploadKey: keyFile.derive('a test'),
        },
        publicUrl: () => publicUrl,
        count: () => {},
      });
    },
    { prefix: '/rest' },
  );
  t.after(async () => {
    await app.close();
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
