/** The office of the flows: one server, each PBX once with a full number plan and once with nothing configured. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { ORGANISATION } from '../kit/organisation.ts';
import { push } from '../kit/pbxWebhook.ts';
import { type RunningServer, startServer } from '../kit/server.ts';
import { basic, createV1Client, type V1Client } from '../kit/v1Client.ts';
import { figuresOfCall, figuresOfTruth, type ReadCall } from './callFigures.ts';
import { type Day, figuresOfTrueDay, figuresOfTruePerson, listedFigure, readDay, type TrueCall } from './dayFigures.ts';
import { differences, type Figures, prefixed, together } from './figures.ts';
import type { FlowCall } from './flow.ts';
import { eventsOf, instantOf, PBX_TIME_ZONE, type Placed } from './pbx.ts';
import { PEOPLE, type Person } from './people.ts';

const FULL_PLAN = {
  internal: ['[1-5]xxx'],
  parking: ['60xx'],
  ivr: ['62xx'],
  ringGroup: ['63xx'],
  queue: ['64xx'],
  conference: ['65xx'],
  paging: ['66xx'],
};

/** Serials of the first and the second PBX. */
const SERIALS = { planned: ['3651X0000011', '3651X0000012'], bare: ['3651X0000021', '3651X0000022'] } as const;
export type Plan = keyof typeof SERIALS;
export const PLANS: readonly Plan[] = ['planned', 'bare'];

const ROLES = ['agent'];
const CONFIG = {
  timeZone: PBX_TIME_ZONE,
  country: 'DE',
  users: PEOPLE.map(({ id, login, password, extension }) => ({ id, login, password, extension, roles: ROLES })),
  tokens: ORGANISATION.tokens,
  sources: [
    ...['planned-1', 'planned-2'].map((key, place) => ({
      key,
      kind: 'yeastar',
      unsigned: true,
      serial: SERIALS.planned[place],
      numbers: FULL_PLAN,
    })),
    ...['bare-1', 'bare-2'].map(key => ({ key, kind: 'yeastar', unsigned: true })),
  ],
};

export interface Office {
  /** Lets PBXs tell these calls, on a day of their own, and returns every figure that differs from the truth. */
  judge(calls: readonly FlowCall[], plan: Plan, date: string): Promise<readonly string[]>;
}

/** A server for the tests of one file; it ends with them. */
export async function openOffice(): Promise<Office> {
  const server = await startServer({ config: CONFIG });
  after(() => server[Symbol.asyncDispose]());
  const supervisor = createV1Client(server);
  const agents = new Map(PEOPLE.map(each => [each, createV1Client(server, basic(each.login, each.password))]));
  let counter = 100;
  return {
    async judge(calls, plan, date) {
      const placed: (Placed & { readonly place: 0 | 1 })[] = [];
      for (const call of calls) {
        const startedAt = instantOf(date, call.at, call.secondTime);
        const before = placed.at(-1);
        const callId = call.elsewhere && before !== undefined ? before.callId : `${startedAt / 1000}.${++counter}`;
        placed.push({ call, startedAt, callId, place: call.elsewhere ? 1 : 0 });
      }
      await Promise.all(placed.map(each => tell(server, supervisor, each, plan, each.place)));
      for (const each of placed) await join(server, supervisor, each, plan);
      const trueCalls = calls.map((call, i) => ({
        name: call.name,
        startedAt: placed[i]!.startedAt,
        truth: call.truth,
      }));
      const day = dayOf(date);
      const read: Figures[] = [];
      const truth: Figures[] = [];
      const names = new Map<number, string>();
      for (const { call, callId, place } of placed) {
        const found = (await supervisor.callOf(callId, sourceOf(plan, place))) as ReadCall;
        names.set(found.id, call.name);
        truth.push(prefixed(call.name, figuresOfTruth(call.truth)));
        read.push(prefixed(call.name, figuresOfCall(found, call.truth.warning)));
      }
      truth.push(new Map([['calls of the day', listedFigure(calls.map(each => each.name))]]));
      read.push(new Map([['calls of the day', await listed(supervisor, day, names)]]));
      truth.push(figuresOfTrueDay(trueCalls));
      read.push(await readDay(supervisor, day));
      for (const [person, client] of concerned(agents, trueCalls)) {
        truth.push(figuresOfTruePerson(trueCalls, person));
        read.push(await readPerson(person, client, day, names));
      }
      return differences(together(truth), together(read));
    },
  };
}

const sourceOf = (plan: Plan, place: 0 | 1): string => `${plan}-${place + 1}`;

function dayOf(date: string): Day {
  const next = Temporal.PlainDate.from(date).add({ days: 1 }).toString();
  const at = (of: string) => new Date(instantOf(of, '00:00:00')).toISOString();
  return { startedFrom: at(date), startedTo: at(next) };
}

/** Everybody who took part, and one who did not. */
function concerned(agents: ReadonlyMap<Person, V1Client>, calls: readonly TrueCall[]): (readonly [Person, V1Client])[] {
  const parts = new Set(calls.flatMap(each => each.truth.parts.map(part => part.who)));
  const outsider = PEOPLE.find(each => !parts.has(each));
  return [...agents].filter(([person]) => parts.has(person) || person === outsider);
}

async function tell(server: RunningServer, v1: V1Client, told: Placed, plan: Plan, place: 0 | 1): Promise<void> {
  const source = sourceOf(plan, place);
  const serial = SERIALS[plan][place];
  const send = async (bodies: readonly string[]) => {
    for (const body of bodies) {
      const { status, errcode } = await push(server, body, { source, signature: null });
      assert.deepEqual({ status, errcode }, { status: 200, errcode: 0 });
    }
  };
  const events = eventsOf(told, serial);
  await send(told.call.arrives === 'last first' ? events.toReversed() : events);
  if (told.call.arrives !== 'again, late') return;
  await v1.settled((await v1.callOf(told.callId, source)).id);
  await send(events);
  await send(eventsOf(told, serial, true).toReversed());
}

/** The other PBX has an id of its own for the call. */
async function join(server: RunningServer, v1: V1Client, told: Placed, plan: Plan): Promise<void> {
  const { call, callId, startedAt } = told;
  if (call.joined === undefined) return;
  const other = {
    call: { ...call, ...call.joined },
    startedAt: startedAt + (call.joined.ahead ?? 0) * 1000,
    callId: `${callId}0`,
  };
  await tell(server, v1, other, plan, 1);
  const found = await Promise.all([v1.callOf(callId, sourceOf(plan, 0)), v1.callOf(other.callId, sourceOf(plan, 1))]);
  const { corrected } = call.joined;
  if (corrected !== undefined) await v1.post(`/v1/calls/${found[1].id}/corrections`, { fields: corrected }, 201);
  await v1.post(`/v1/calls/${found[0].id}/join`, { with: found[1].id }, 200);
}

const listed = async (client: V1Client, day: Day, names: ReadonlyMap<number, string>): Promise<string> =>
  listedFigure((await client.list(new URLSearchParams({ ...day }).toString())).map(each => names.get(each.id) ?? '?'));

async function readPerson(
  { login }: Person,
  client: V1Client,
  day: Day,
  names: ReadonlyMap<number, string>,
): Promise<Figures> {
  const opened: string[] = [];
  for (const [id, name] of names) if ((await client.ask('GET', `/v1/calls/${id}`)).status === 200) opened.push(name);
  return new Map([
    [`calls of ${login}`, await listed(client, day, names)],
    [`opened by ${login}`, listedFigure(opened)],
  ]);
}
