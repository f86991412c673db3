/**
 * What the cases of docs/yeastar.md, section 9 have in common: the PBX, its events, and the way to push and look. Titles
 * begin with the number of the case; where that section has none, with the section and its rule (4.3) or the trap (T2).
 */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { assertFewLoads } from '../../kit/loadRounds.ts';
import { ORGANISATION, SECRET, SOURCE_KEY } from '../../kit/organisation.ts';
import { push, signatureOf, type WebhookAnswer, type WebhookOptions } from '../../kit/pbxWebhook.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../kit/server.ts';
import { createV1Client, type V1Client } from '../../kit/v1Client.ts';
import type { CallDetail, LegView } from '../../kit/v1Views.ts';

export type Message = Readonly<Record<string, unknown>>;

/** docs/yeastar.md, case C02 to the byte: 533 bytes, whose signature is known. */
export const C02_BODY = String.raw`{"sn":"3651X0000001","type":30012,"msg":"{\"call_id\":\"1790197458.5215\",\"time_start\":\"2026-09-24 00:04:18\",\"call_from\":\"0711000001\",\"call_to\":\"1002\",\"call_duration\":11,\"talk_duration\":11,\"src_trunk_name\":\"Saf\",\"dst_trunk_name\":\"\",\"pin_code\":\"\",\"status\":\"VOICEMAIL\",\"type\":\"Inbound\",\"recording\":\"\",\"did_number\":\"\",\"did_name\":\"\",\"agent_ring_time\":0,\"uid\":\"2026092400041852EE8\",\"call_note_id\":\"20260924000418-0FA8E\",\"enb_call_note\":4,\"is_display\":1,\"realclidnum\":\"\"}"}`;

export const C02: Message = JSON.parse(JSON.parse(C02_BODY).msg);
const SERIAL = '3651X0000001';

/** The instant in the ids of C02 and of everything derived from it; in Nairobi 2026-09-24 00:04:18. */
const EPOCH_SECONDS = 1790197458;
let counter = 10_000;

/** An id that no other case has, of a call that began when C02 did. */
export const freshCallId = (epochSeconds: number = EPOCH_SECONDS): string => `${epochSeconds}.${counter++}`;

/** C02 with other values under an id of its own; undefined takes a field away. */
export const variant = (changes: Message): Message => ({ ...C02, call_id: freshCallId(), ...changes });

/** One event as a live PBX writes it: `msg` a string. */
export const eventOf = (msg: unknown, sn: string = SERIAL): string =>
  JSON.stringify({ sn, type: 30012, msg: JSON.stringify(msg) });

/** The sources beside the common PBX; none of them signs unless it says so. */
const unsigned = { kind: 'yeastar', unsigned: true, numbers: ORGANISATION.sources[0].numbers } as const;
export const SOURCES = {
  shanghai: { ...unsigned, key: 'shanghai', serial: '3631A2124XXX', timeZone: 'Asia/Shanghai' },
  guide: { ...unsigned, key: 'guide', timeZone: 'Asia/Shanghai' },
  berlin: { ...unsigned, key: 'berlin', timeZone: 'Europe/Berlin' },
  /** Displays dates as MM/DD/YYYY, and sends them so. */
  american: { ...unsigned, key: 'american', timeZone: 'Africa/Nairobi', displayFormat: 'MM/DD/YYYY HH:mm:ss' },
  /** Told to be at +00:00 although its events imply +03:00. */
  wrongZone: { ...unsigned, key: 'wrong-zone', timeZone: 'Etc/UTC' },
  oldFirmware: { ...unsigned, key: 'old-firmware', timeZone: 'Etc/UTC' },
  autoZone: { ...unsigned, key: 'auto-zone', timeZone: 'Etc/UTC', autoZone: true },
  /** Has a secret and takes unsigned events nevertheless. */
  lenient: { ...unsigned, key: 'lenient', timeZone: 'Africa/Nairobi', secret: SECRET },
  open: { ...unsigned, key: 'open', timeZone: 'Africa/Nairobi' },
} as const;

export interface Pbx {
  readonly server: RunningServer;
  readonly v1: V1Client;
  push(body: string | Uint8Array, options?: WebhookOptions): Promise<WebhookAnswer>;
  /** Pushes a message of 30012, which must be taken, and returns its call. */
  tell(msg: Message, source?: string): Promise<CallDetail>;
  /** As `tell`, for a call of one leg. */
  tellLeg(msg: Message, source?: string): Promise<{ readonly call: CallDetail; readonly leg: LegView }>;
}

/** A server for the tests of one file; it ends with them. */
export async function startPbx(options: Omit<ServerOptions, 'config'> = {}): Promise<Pbx> {
  const config = { ...ORGANISATION, sources: [...ORGANISATION.sources, ...Object.values(SOURCES)] };
  const server = await startServer({ ...options, config });
  after(async () => {
    await using _ = server;
    await assertFewLoads(server);
  });
  const v1 = createV1Client(server);
  const tell = async (msg: Message, source: string = SOURCE_KEY): Promise<CallDetail> => {
    const body = eventOf(msg);
    const { status, errcode } = await push(server, body, { source, signature: signatureFor(source, body) });
    assert.deepEqual({ status, errcode }, { status: 200, errcode: 0 });
    const { call_id: callId, uid } = msg;
    return v1.callOf(typeof callId === 'string' && callId !== '' ? callId : `uid:${uid}`, source);
  };
  return {
    server,
    v1,
    push: (body, given) => push(server, body, given),
    tell,
    tellLeg: async (msg, source) => {
      const call = await tell(msg, source);
      assert.equal(call.legs.length, 1);
      return { call, leg: call.legs[0]! };
    },
  };
}

const signatureFor = (source: string, body: string): string | null =>
  source === SOURCE_KEY ? signatureOf(body) : null;
