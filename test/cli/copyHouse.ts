/** A ledger that all three doors have told of, and what its server answers about it. */
import assert from 'node:assert/strict';
import { HOOKS, type PortalAnswer, portalOf, STATISTIC } from '../conformance/bitrix24/cases.ts';
import { Desktop } from '../conformance/genesys/desktop.ts';
import { CONFIG, LIST_FILE, listOf, nodeOf } from '../conformance/genesys/node.ts';
import { dialled } from '../conformance/genesys/pbx.ts';
import { push, signatureOf } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import type { RunningServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import type { CallView } from '../kit/v1Views.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { statedCall } from '../native/house.ts';

const [user, code] = HOOKS.administrator.split('/');

export const HOUSE = {
  config: {
    ...CONFIG,
    users: CONFIG.users.map(each => (each.id === Number(user) ? { ...each, roles: ['administrator'] } : each)),
    bitrix24: { webhooks: [{ user: Number(user), code }] },
  },
  files: { [LIST_FILE]: listOf(60) },
} as const;

const PBX_CALLS = 30;

/** Every door is used, and nearly every table has rows. */
export async function tell(server: RunningServer): Promise<void> {
  const v1 = createV1Client(server);
  const node = nodeOf(server);
  const portal = portalOf(server);
  const random = createRandom(4);
  const calls = createCalls(random, {
    startedAtSeconds: Date.UTC(2026, 1, 3, 9) / 1000,
    callsPerSecond: 0.05,
    queueShare: 0.3,
    amendedShare: 0.3,
    firmware: 'mixed',
  });
  for (let n = 0; n < PBX_CALLS; n++) {
    for (const { body } of calls.next().events) assert.equal((await push(server, body)).errcode, 0);
  }
  const unreadable = JSON.stringify({ type: 30012, sn: CONFIG.sources[0]!.serial, msg: '{"call_id":' });
  await push(server, unreadable, { signature: signatureOf(unreadable) });
  assert.equal((await v1.quarantined()).length, 1);

  await v1.ask('PUT', '/v1/clients/contacts/10', { body: { name: 'Ä \u{1f4de} contact', phones: ['+442079460777'] } });
  for (const duration of [0, 12, 300]) await portal.call({ DURATION: duration, COST: '0.5', COST_CURRENCY: 'EUR' });
  await portal.register({ PHONE_NUMBER: '+442079460777', CRM_CREATE: 1 });

  const desktop = await Desktop.open(node);
  await node.preview('StartPreviewSession');
  await desktop.connect();
  const { handle, number } = await desktop.retrieve();
  await dialled(node, { to: number, status: 'BUSY' });
  await desktop.complete(handle);
  await desktop.retrieve();
  await desktop.disconnect();

  const made = await v1.post<CallView>('/v1/calls', statedCall({ note: "it's ‘so’ \u0007" }), 201);
  await v1.settled(made.id);
}

/** What people and programs read, all of it; calls settle in their own time, whichever server runs. */
export async function answersOf(server: RunningServer): Promise<unknown> {
  const v1 = createV1Client(server);
  const portal = portalOf(server);
  const rows: unknown[] = [];
  for (let start: number | undefined = 0; start !== undefined; ) {
    const { body }: PortalAnswer<unknown[]> = await portal.ask(STATISTIC, { start });
    rows.push(...body.result);
    start = body.next;
  }
  const calls = await v1.list();
  const details = await Promise.all(calls.map(({ id }) => v1.call(id)));
  return {
    calls: calls.map(each => ({ ...each, settledAt: null })),
    details: details.map(each => ({
      ...each,
      settledAt: null,
      journal: each.journal.filter(({ kind }) => kind !== 'call.settled'),
    })),
    statistics: await Promise.all(
      ['day', 'user', 'line', 'source', 'outcome'].map(by => v1.get(`/v1/statistics/summary?by=${by}`)),
    ),
    queues: await v1.get('/v1/statistics/queues'),
    quarantined: await v1.quarantined(),
    records: await Promise.all([1, 2, 3].map(id => v1.get(`/v1/records/${id}`))),
    rows,
  };
}
