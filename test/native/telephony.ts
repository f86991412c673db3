/** A PBX and a telephony application that tell of the same calls of the house's people. */
import assert from 'node:assert/strict';
import { PBX_OFFSET_SECONDS } from '../kit/organisation.ts';
import { push } from '../kit/pbxWebhook.ts';
import type { RunningServer } from '../kit/server.ts';
import { ANNA, CARLA, HOUSE } from './house.ts';

const CODE = 'k4t9w2h7m1x8q5zr';
/** The application comes in as a supervisor, who sees everybody's calls. */
export const TELEPHONY = { ...HOUSE, bitrix24: { webhooks: [{ user: CARLA.id, code: CODE }] } } as const;

type Params = Readonly<Record<string, unknown>>;
type Answer = Readonly<Record<string, string | number | null>>;

export interface Application {
  /** An incoming call to Anna unless said otherwise; answers with its CALL_ID. */
  register(number: string, changes?: Params): Promise<string>;
  /** By Anna, after ten seconds, unless said otherwise. */
  finish(callId: string, changes?: Params): Promise<Answer>;
  /** Hands a record over for the line that has this CALL_ID; answers with its id. */
  attach(callId: string, audio: Uint8Array): Promise<number>;
  /** Its lines in the portal's list. */
  lines(number: string): Promise<readonly Answer[]>;
}

export function applicationOf(server: Pick<RunningServer, 'url'>): Application {
  const ask = async <T>(method: string, params: Params): Promise<T> => {
    const response = await fetch(`${server.url}/rest/${CARLA.id}/${CODE}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    const { result, ...rest } = (await response.json()) as { readonly result: T };
    assert.equal(response.status, 200, `${method}: ${JSON.stringify(rest)}`);
    return result;
  };
  return {
    register: async (number, changes = {}) => {
      const said = { USER_ID: ANNA.id, PHONE_NUMBER: number, TYPE: 2, SHOW: 0, ...changes };
      return (await ask<{ readonly CALL_ID: string }>('telephony.externalcall.register', said)).CALL_ID;
    },
    finish: (callId, changes = {}) =>
      ask('telephony.externalcall.finish', { CALL_ID: callId, USER_ID: ANNA.id, DURATION: 10, ...changes }),
    attach: async (callId, audio) => {
      const said = { CALL_ID: callId, FILENAME: 'record.mp3', FILE_CONTENT: Buffer.from(audio).toString('base64') };
      return (await ask<{ readonly FILE_ID: number }>('telephony.externalcall.attachrecord', said)).FILE_ID;
    },
    lines: number => ask('voximplant.statistic.get', { FILTER: { PHONE_NUMBER: number } }),
  };
}

export interface ReportedLeg {
  readonly number: string;
  /** The PBX's id of the call; a new one unless it is said. */
  readonly callId?: string;
  readonly extension?: string;
  /** UTC milliseconds; the PBX tells whole seconds of it. */
  readonly startedAt?: number;
  readonly durationSeconds?: number;
  /** 0: nobody answered. */
  readonly talkSeconds?: number;
}

let legs = 0;
/** The PBX pushes a stage of an incoming call; answers with its id of the call. */
export async function pbxTells(server: Pick<RunningServer, 'url'>, leg: ReportedLeg): Promise<string> {
  const { number, extension = ANNA.extension, startedAt = Date.now(), durationSeconds = 0, talkSeconds = 0 } = leg;
  const callId = leg.callId ?? `${Math.floor(startedAt / 1000)}.${++legs}`;
  const local = new Date(startedAt + PBX_OFFSET_SECONDS * 1000).toISOString();
  const msg = {
    call_id: callId,
    time_start: local.slice(0, 19).replace('T', ' '),
    call_from: number,
    call_to: extension,
    call_duration: durationSeconds,
    talk_duration: talkSeconds,
    status: talkSeconds > 0 ? 'ANSWERED' : 'NO ANSWER',
    type: 'Inbound',
  };
  const body = JSON.stringify({ sn: '3651X0000001', type: 30012, msg: JSON.stringify(msg) });
  const { status, errcode } = await push(server, body);
  assert.deepEqual([status, errcode], [200, 0]);
  return callId;
}

let numbers = 0;
/** A number nobody has and no other test of this file; 100 of them. */
export const freshNumber = (): string => `+44207946${String(100 + numbers++).padStart(4, '0')}`;
