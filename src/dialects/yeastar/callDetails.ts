import type { IncomingReport, LegFact, LegStatus } from '../../calls/reports/report.ts';
import { uniqueText } from '../../sources/sourceKind.ts';
import type { Direction } from '../../values/direction.ts';
import { isDirection } from '../../values/direction.ts';
import type { Envelope } from './envelope.ts';
import { own } from './envelope.ts';
import { legGroup, legKey } from './legKey.ts';
import { readLegStart } from './legStart.ts';
import { legStatusOf } from './legStatus.ts';
import { bytesToKeep } from './pin.ts';
import type { YeastarSettings } from './settings.ts';
import { flagOf, numberOf, secondsOf, textOf } from './wireValues.ts';

export const CALL_DETAILS_EVENT = 30012;
export const CALL_DETAILS_KIND = 'yeastar.30012';

export interface CallDetails {
  readonly report: IncomingReport;
  /** What the report states. */
  readonly fact: LegFact;
  readonly callId: string | null;
}

/**
 * Event 30012 as a report of one leg (docs/yeastar.md, section 1). Every firmware's set of fields is read the same way:
 * what is missing or blank is null. What is odd is kept as far as it is understood, with a warning that begins with the
 * field's name; a problem, also beginning so, is returned only when nobody could say when the leg was or the message could
 * not be read. Never throws while the zone of the settings is a zone.
 */
export function readCallDetails(
  envelope: Envelope,
  settings: YeastarSettings,
  raw: Uint8Array,
  contentType: string | null,
): CallDetails | { readonly problem: string } {
  const { msg } = envelope;
  if (envelope.type !== CALL_DETAILS_EVENT) return { problem: `type: ${envelope.type} is not the end of a call` };
  if (msg === null) return { problem: envelope.problem ?? 'msg: missing' };

  const warnings: string[] = [];
  const sn = serialOf(envelope, settings, warnings);
  const callId = textOf(own(msg, 'call_id'), 'call_id', warnings);
  const uid = textOf(own(msg, 'uid'), 'uid', warnings);
  const timeStart = textOf(own(msg, 'time_start'), 'time_start', warnings);
  const start = readLegStart({ timeStart, callId, uid }, settings, warnings);
  if (typeof start === 'string') return { problem: start };

  const cause = textOf(own(msg, 'status'), 'status', warnings);
  const status = cause === null ? 'unknown' : legStatusOf(cause);
  if (status === 'unknown')
    warnings.push(cause === null ? 'status: missing' : `status: ${cause} is not a known status`);
  const durationSeconds = secondsOf(own(msg, 'call_duration'), 'call_duration', warnings);
  const talkSeconds = secondsOf(own(msg, 'talk_duration'), 'talk_duration', warnings);
  if (talkSeconds !== null && durationSeconds !== null && talkSeconds > durationSeconds) {
    warnings.push('talk_duration: longer than call_duration, kept as sent');
  }
  const fact: LegFact = {
    form: 'leg',
    startedAt: start.startedAt,
    startedAtLocal: start.startedAtLocal,
    from: numberOf(own(msg, 'call_from'), 'call_from', warnings),
    to: numberOf(own(msg, 'call_to'), 'call_to', warnings),
    direction: readDirection(own(msg, 'type'), warnings),
    status,
    cause,
    durationSeconds,
    talkSeconds,
    ringSeconds: ringOf(status, durationSeconds, talkSeconds),
    agentRingSeconds: secondsOf(own(msg, 'agent_ring_time'), 'agent_ring_time', warnings),
    trunkIn: textOf(own(msg, 'src_trunk_name'), 'src_trunk_name', warnings),
    trunkOut: textOf(own(msg, 'dst_trunk_name'), 'dst_trunk_name', warnings),
    did: numberOf(own(msg, 'did_number'), 'did_number', warnings),
    didName: textOf(own(msg, 'did_name'), 'did_name', warnings),
    recording: textOf(own(msg, 'recording'), 'recording', warnings),
    noteId: textOf(own(msg, 'call_note_id'), 'call_note_id', warnings),
    noteEditable: flagOf(own(msg, 'enb_call_note'), 'enb_call_note', warnings),
    uid,
  };
  const key = legKey(sn, msg);
  return {
    fact,
    callId,
    report: {
      sourceId: settings.sourceId,
      kind: CALL_DETAILS_KIND,
      name: legGroup(sn, callId, uid, key),
      key,
      fact,
      contentType,
      raw: bytesToKeep(raw, envelope),
      warnings,
    },
  };
}

/** What scopes the ids of this PBX: its serial, the configured one where an event came without, else nothing. */
function serialOf(envelope: Envelope, settings: YeastarSettings, warnings: string[]): string {
  const { sn } = envelope;
  const { serial } = settings;
  if (sn !== null && serial !== null && uniqueText(sn) !== uniqueText(serial)) {
    warnings.push(`PBX serial ${sn} does not match the configured ${serial}`);
  }
  return uniqueText(sn ?? serial ?? '');
}

/** The guide lists the words in lower case and prints them capitalised. */
function readDirection(value: unknown, warnings: string[]): Direction {
  const word = textOf(value, 'type', warnings);
  const direction = word?.toLowerCase();
  if (isDirection(direction)) return direction;
  warnings.push(word === null ? 'type: missing' : `type: ${word} is not a known call type`);
  return 'unknown';
}

/**
 * docs/yeastar.md, section 1.2: a call rings until it is answered, or to its end. Null when that is not known. The message
 * left in a mailbox is no ringing: what comes before it is, where the leg has that.
 */
function ringOf(status: LegStatus, durationSeconds: number | null, talkSeconds: number | null): number | null {
  if (durationSeconds === null) return null;
  // docs/yeastar.md, case C24, whatever the status: two spans that contradict each other leave no room for a third.
  if (talkSeconds !== null && talkSeconds > durationSeconds) return 0;
  if (status === 'voicemail') {
    return talkSeconds === null || talkSeconds === durationSeconds ? null : durationSeconds - talkSeconds;
  }
  if (status !== 'answered') return durationSeconds;
  return talkSeconds === null ? null : durationSeconds - talkSeconds;
}
