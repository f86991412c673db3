/** Events that the tests of this folder share. Numbers are those of docs/yeastar.md, section 9. */
import type { IncomingReport, LegFact } from '../../../calls/reports/report.ts';
import { readCallDetails } from '../callDetails.ts';
import { readEnvelope } from '../envelope.ts';
import type { YeastarSettings } from '../settings.ts';

export const SECRET = 'AftercallTestSecret0123456789abc';

/** The PBX of the conformance cases. */
export const PBX: YeastarSettings = {
  sourceId: 7,
  serial: '3651X0000001',
  timeZone: 'Africa/Nairobi',
  autoZone: false,
  displayFormat: null,
};

/** docs/yeastar.md, case C02 to the byte. */
export const C02_BODY = String.raw`{"sn":"3651X0000001","type":30012,"msg":"{\"call_id\":\"1790197458.5215\",\"time_start\":\"2026-09-24 00:04:18\",\"call_from\":\"0711000001\",\"call_to\":\"1002\",\"call_duration\":11,\"talk_duration\":11,\"src_trunk_name\":\"Saf\",\"dst_trunk_name\":\"\",\"pin_code\":\"\",\"status\":\"VOICEMAIL\",\"type\":\"Inbound\",\"recording\":\"\",\"did_number\":\"\",\"did_name\":\"\",\"agent_ring_time\":0,\"uid\":\"2026092400041852EE8\",\"call_note_id\":\"20260924000418-0FA8E\",\"enb_call_note\":4,\"is_display\":1,\"realclidnum\":\"\"}"}`;

export const C02_MESSAGE: Readonly<Record<string, unknown>> = JSON.parse(JSON.parse(C02_BODY).msg);

/** The vendor's printed example as it stands in seed 004: not JSON. */
export const GUIDE_EXAMPLE = `{
"type":30012,
"sn":"3631A2124XXX",
"msg":"{
"call_id":"1651057476.362",
"time_start":"2022-04-27 19:04:36",
"call_from":"2005",
"call_to":"2002",
"call_duration":24,
"talk_duration":21,
"src_trunk_name":" ",
"dst_trunk_name":" ",
"pin_code":" ",
"status":"ANSWERED",
"type":"Internal",
"recording":"20220427190445-1651057476.362-2005-2002-Internal.wav",
"did_number":" ",
"did_name": "",
"agent_ring_time": 0,
"uid": "2024111913594421D77",
"call_note_id":"20250307162604-15379",
"enb_call_note":1
}"
}`;

/** What the printed example means. */
export const GUIDE_MESSAGE: Readonly<Record<string, unknown>> = {
  call_id: '1651057476.362',
  time_start: '2022-04-27 19:04:36',
  call_from: '2005',
  call_to: '2002',
  call_duration: 24,
  talk_duration: 21,
  src_trunk_name: ' ',
  dst_trunk_name: ' ',
  pin_code: ' ',
  status: 'ANSWERED',
  type: 'Internal',
  recording: '20220427190445-1651057476.362-2005-2002-Internal.wav',
  did_number: ' ',
  did_name: '',
  agent_ring_time: 0,
  uid: '2024111913594421D77',
  call_note_id: '20250307162604-15379',
  enb_call_note: 1,
};

/** A body as a live PBX writes it, `msg` a string; `changes` over C02, where undefined takes a field away. */
export function bodyOf(changes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ sn: PBX.serial, type: 30012, msg: JSON.stringify({ ...C02_MESSAGE, ...changes }) });
}

/** The whole way from bytes to a report or the sentence that says why there is none. */
export function read(body: string, settings: YeastarSettings = PBX): IncomingReport | string {
  const envelope = readEnvelope(body);
  if ('fault' in envelope) return envelope.detail;
  const outcome = readCallDetails(envelope, settings, Buffer.from(body), 'application/json');
  return 'report' in outcome ? outcome.report : outcome.problem;
}

/** As `read`, for a body that must be readable. */
export function reportOf(body: string, settings: YeastarSettings = PBX): IncomingReport & { readonly fact: LegFact } {
  const report = read(body, settings);
  if (typeof report === 'string') throw new Error(report);
  if (report.fact.form !== 'leg') throw new Error('not a leg');
  return { ...report, fact: report.fact };
}

/** The leg that C02 with `changes` tells. */
export function legOf(changes: Readonly<Record<string, unknown>>, settings: YeastarSettings = PBX): LegFact {
  return reportOf(bodyOf(changes), settings).fact;
}

/** The warnings that C02 with `changes` raises. */
export function warningsOf(
  changes: Readonly<Record<string, unknown>>,
  settings: YeastarSettings = PBX,
): readonly string[] {
  return reportOf(bodyOf(changes), settings).warnings;
}
