/** Sources and reports for the tests of this room. Numbers are those that regulators keep for fiction. */
import { NO_NUMBERS, type Source } from '../../sources/entities.ts';
import {
  type IncomingReport,
  type LegFact,
  type LegStatus,
  NOTHING_STATED,
  type StatedCall,
} from '../reports/report.ts';

export const PBX: Source = {
  id: 1,
  key: 'hq',
  kind: 'yeastar',
  timeZone: 'Europe/London',
  country: 'GB',
  areaCode: null,
  outsidePrefix: '9',
  numbers: { ...NO_NUMBERS, ivr: ['62xx'], queue: ['64xx'], internal: ['[2-4]xxx'] },
  shortSeconds: 5,
  active: true,
  managedBy: 'file',
  answerWithinSeconds: 20,
  queueThresholds: {},
  settings: {},
};

export const SERIAL = '3651X0000001';

export const NATIVE: Source = {
  ...PBX,
  id: 2,
  key: 'native',
  kind: 'native',
  outsidePrefix: null,
  numbers: { ...NO_NUMBERS, internal: ['[2-4]xxx'] },
};

export const CALLER = '02079460123';
export const CALLER_E164 = '+442079460123';
export const DID = '+442079460200';

/** 2026-03-02 09:00:00 UTC. */
export const START = Date.UTC(2026, 2, 2, 9);

const SILENT: LegFact = {
  form: 'leg',
  startedAt: START,
  startedAtLocal: null,
  from: CALLER,
  to: null,
  direction: 'inbound',
  status: 'unknown',
  cause: null,
  durationSeconds: null,
  talkSeconds: null,
  ringSeconds: null,
  agentRingSeconds: null,
  trunkIn: null,
  trunkOut: null,
  did: null,
  didName: null,
  recording: null,
  noteId: null,
  noteEditable: null,
  uid: null,
};

/** What the wire calls each status (docs/yeastar.md, section 1.2). */
const CAUSES: Readonly<Record<LegStatus, string>> = {
  answered: 'ANSWERED',
  no_answer: 'NO ANSWER',
  busy: 'BUSY',
  voicemail: 'VOICEMAIL',
  failed: 'FAILED',
  abandoned: 'ABANDONED',
  unknown: 'TELEPORTED',
};

/** A leg as a PBX reports it: who was reached, when after the call's start, how it went and how long it took. */
export function legFact(
  to: string | null,
  offsetSeconds: number,
  status: LegStatus,
  [durationSeconds, talkSeconds]: readonly [duration: number | null, talk: number | null],
  more: Partial<LegFact> = {},
): LegFact {
  const ringSeconds =
    durationSeconds === null ? null : status === 'answered' ? durationSeconds - (talkSeconds ?? 0) : durationSeconds;
  return {
    ...SILENT,
    startedAt: START + offsetSeconds * 1000,
    to,
    status,
    cause: CAUSES[status],
    durationSeconds,
    talkSeconds,
    ringSeconds,
    ...more,
  };
}

/**
 * What a leg is recognised by: all it tells but for what a fuller copy may add (docs/yeastar.md, section 1.4, case D05).
 */
export function keyOfLeg(fact: LegFact): string {
  const { startedAt, from, to, direction, cause, durationSeconds, talkSeconds, trunkIn, trunkOut, uid } = fact;
  return JSON.stringify([startedAt, from, to, direction, cause, durationSeconds, talkSeconds, trunkIn, trunkOut, uid]);
}

export function legReport(externalId: string, fact: LegFact): IncomingReport {
  return {
    sourceId: PBX.id,
    kind: 'yeastar.30012',
    name: `${SERIAL}|${externalId}`,
    key: keyOfLeg(fact),
    fact,
    contentType: 'application/json',
    raw: new TextEncoder().encode(JSON.stringify(fact)),
    warnings: [],
  };
}

const UNSTATED: Omit<StatedCall, 'externalId'> = {
  ...NOTHING_STATED,
  direction: 'inbound',
  from: CALLER_E164,
  to: DID,
  startedAt: START,
};

export const statedCall = (externalId: string | null, fields: Partial<StatedCall> = {}): StatedCall => ({
  ...UNSTATED,
  externalId,
  ...fields,
});

export function statedReport(fact: StatedCall): IncomingReport {
  const text = JSON.stringify(fact);
  return {
    sourceId: NATIVE.id,
    kind: 'native.call',
    name: `external:${fact.externalId}`,
    key: text,
    fact,
    contentType: 'application/json',
    raw: new TextEncoder().encode(text),
    warnings: [],
  };
}
