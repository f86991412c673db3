import { hash } from 'node:crypto';
import { readNumber } from '../../values/givenNumber.ts';
import { own } from './envelope.ts';

/** 22 characters of base64url hold the first 16 bytes of the digest: enough that two legs never meet by chance. */
const KEY_CHARS = 22;

/** A control character that no field carries, so that two adjacent fields cannot share a text. */
const BETWEEN = '\u001f';

/** Which call of which PBX a leg belongs to. The counter in `call_id` repeats across PBXs, hence the serial. */
export function legGroup(sn: string, callId: string | null, uid: string | null, key: string): string {
  if (callId !== null) return `${sn}|${callId}`;
  if (uid !== null) return `${sn}|uid:${uid}`;
  // Blank ids say nothing about which legs belong together: each leg is a call of its own, and a repeat still meets it.
  return `${sn}|leg:${key}`;
}

/**
 * The identity of a leg: docs/yeastar.md, section 1.4 without the recording, because a leg that is sent again once its
 * recording exists is the same leg (docs/yeastar.md, case D05). 30012 carries no row id, so identity is what was said.
 * Values count as trimmed text: a number and its digits are one value, a name around a number does not count, and how `msg`
 * was encoded does not matter (docs/yeastar.md, case C03). It tells legs apart and does not order them.
 */
export function legKey(sn: string, msg: Readonly<Record<string, unknown>>): string {
  const identity =
    sn +
    BETWEEN +
    fieldText(own(msg, 'call_id')) +
    BETWEEN +
    fieldText(own(msg, 'uid')) +
    BETWEEN +
    fieldText(own(msg, 'time_start')) +
    BETWEEN +
    partyText(own(msg, 'call_from')) +
    BETWEEN +
    partyText(own(msg, 'call_to')) +
    BETWEEN +
    fieldText(own(msg, 'type')) +
    BETWEEN +
    fieldText(own(msg, 'status')) +
    BETWEEN +
    fieldText(own(msg, 'call_duration')) +
    BETWEEN +
    fieldText(own(msg, 'talk_duration')) +
    BETWEEN +
    fieldText(own(msg, 'src_trunk_name')) +
    BETWEEN +
    fieldText(own(msg, 'dst_trunk_name'));
  return hash('sha256', identity, 'base64url').slice(0, KEY_CHARS);
}

const partyText = (value: unknown): string => readNumber(fieldText(value)).number ?? '';

function fieldText(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  // The wrong type still tells two legs apart.
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
