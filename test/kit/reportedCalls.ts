/** Calls as a PBX tells them: read back from what it pushes, and told of one that was dialled just now. */
import { PBX_OFFSET_SECONDS, SERIAL } from './organisation.ts';
import { type GeneratedCall, signedEvent, type YeastarEvent } from './yeastarEvents.ts';

/** One leg as its event tells it. */
export interface ReportedLeg {
  readonly from: string;
  readonly to: string;
  readonly direction: 'Internal' | 'Inbound' | 'Outbound';
  readonly status: string;
  readonly startedAtSeconds: number;
  readonly talkSeconds: number;
}

export function readLeg({ body }: YeastarEvent): ReportedLeg {
  const msg = JSON.parse((JSON.parse(body) as { msg: string }).msg) as Record<string, string> & {
    talk_duration: number;
  };
  return {
    from: msg['call_from']!,
    to: msg['call_to']!,
    direction: msg['type'] as ReportedLeg['direction'],
    status: msg['status']!,
    startedAtSeconds: Date.parse(`${msg['time_start']!.replace(' ', 'T')}Z`) / 1000 - PBX_OFFSET_SECONDS,
    talkSeconds: msg.talk_duration,
  };
}

/** What an extension dialled. */
export interface DialledCall {
  /** Beside the second of its start, what makes the PBX's id of the call. */
  readonly counter: number;
  readonly extension: string;
  readonly number: string;
  readonly startedAtSeconds: number;
  readonly status: 'ANSWERED' | 'NO ANSWER' | 'BUSY';
  readonly durationSeconds: number;
}

/** A call out of a single leg; who answered talked all the time. */
export function tellDialled(call: DialledCall): GeneratedCall {
  const { counter, extension, number, startedAtSeconds, status, durationSeconds } = call;
  const callId = `${startedAtSeconds}.${counter}`;
  const local = new Date((startedAtSeconds + PBX_OFFSET_SECONDS) * 1000).toISOString();
  const msg = JSON.stringify({
    call_id: callId,
    time_start: local.slice(0, 19).replace('T', ' '),
    call_from: extension,
    call_to: number,
    call_duration: durationSeconds,
    talk_duration: status === 'ANSWERED' ? durationSeconds : 0,
    src_trunk_name: '',
    dst_trunk_name: 'SIP-Main',
    pin_code: '',
    status,
    type: 'Outbound',
    recording: '',
    did_number: '',
    did_name: '',
    agent_ring_time: 0,
    uid: `${callId.replace('.', '')}A`,
    call_note_id: '',
    enb_call_note: 0,
    is_display: 1,
    realclidnum: '',
  });
  const event = signedEvent(callId, JSON.stringify({ sn: SERIAL, type: 30012, msg }));
  return { callId, shape: 'outbound', startedAtSeconds, events: [event], amendments: [] };
}
