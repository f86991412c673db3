/** Who takes part, and what is looked at the moment somebody is answered: nothing is said that the store does not hold. */
import { sourceCall } from '../../src/calls/entities.ts';
import { messagesIn } from '../../src/campaigns/agentOutbox.ts';
import { agentOutbox } from '../../src/campaigns/entities.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { portalCall } from '../../src/portal/entities.ts';
import { Clerk } from './clerk.ts';
import type { Client, Surroundings } from './client.ts';
import { Desktop } from './desktop.ts';
import { EventReader } from './eventReader.ts';
import { registrationOf } from './everything.ts';
import { AGENTS } from './organisation.ts';
import { Pbx, SERIAL } from './pbx.ts';
import { TelephonyApp } from './telephonyApp.ts';

export interface Cast {
  readonly pbx: Pbx;
  readonly app: TelephonyApp;
  readonly clerk: Clerk;
  readonly reader: EventReader;
  readonly desktops: readonly Desktop[];
  readonly everybody: readonly Client[];
}

/** `stored` is what is durable; `mayLose`: answers are lost that a server has written. */
export function gather(around: Surroundings, stored: Reader, mayLose: boolean): Cast {
  const early = (what: string) => around.wrong('answers', `${what} was answered before it was stored`);
  const isReported = async (name: string): Promise<boolean> => {
    const where = [{ column: 'name' as const, is: '=' as const, value: name }];
    return (await stored.select({ from: sourceCall, where, limit: 1 })).length > 0;
  };
  const byToken = async (token: string) => {
    const named = [{ column: 'name' as const, is: '=' as const, value: token }];
    const [registered] = await stored.select({ from: sourceCall, where: named, limit: 1 });
    if (registered === undefined) return undefined;
    const where = [{ column: 'id' as const, is: '=' as const, value: registered.id }];
    const [row] = await stored.select({ from: portalCall, where, limit: 1 });
    return row === undefined ? undefined : registrationOf(row);
  };
  const isKept = async (reference: string): Promise<boolean> => {
    const kept = await stored.select({ from: agentOutbox, limit: 1_000 });
    return kept.some(each => messagesIn(each).some(({ data }) => referenceIn(data) === reference));
  };
  const pbx = new Pbx(around, async ({ callId, leg }) => {
    if (!(await isReported(`${SERIAL}|${callId}`))) early(`leg ${callId}/${leg}`);
  });
  const app = new TelephonyApp(around, {
    registered: async ({ externalId }, token) => {
      if ((await byToken(token)) === undefined) early(externalId);
    },
    finished: async ({ externalId, tokens }) => {
      if ((await byToken([...tokens][0]!))?.isFinished !== true) early(`the finish of ${externalId}`);
    },
  });
  const clerk = new Clerk(around, async ({ externalId }) => {
    if (!(await isReported(`id|${externalId}`))) early(externalId);
  });
  const reader = new EventReader('reader', around);
  const desktops = AGENTS.map(agent => {
    return new Desktop(agent, around, mayLose, async ({ reference, read }) => {
      // Told and confirmed meanwhile, the desktop would have read it.
      if (read === 0 && !(await isKept(reference))) early(reference);
    });
  });
  return { pbx, app, clerk, reader, desktops, everybody: [pbx, app, clerk, reader, ...desktops] };
}

const referenceIn = (data: unknown): unknown => (data as { referenceId?: unknown }).referenceId;
