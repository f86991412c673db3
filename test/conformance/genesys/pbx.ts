import assert from 'node:assert/strict';
import { PBX_OFFSET_SECONDS, SERIAL, SOURCE_KEY } from '../../kit/organisation.ts';
import { push } from '../../kit/pbxWebhook.ts';
import type { CallDetail } from '../../kit/v1Views.ts';
import { AGENT1, type Agent, type Node } from './node.ts';

let counter = 0;

export interface Dialling {
  readonly to: string;
  readonly agent?: Agent;
  readonly status?: 'ANSWERED' | 'NO ANSWER' | 'BUSY' | 'FAILED' | 'VOICEMAIL';
  /** UTC milliseconds; the PBX tells whole seconds of it. */
  readonly startedAt?: number;
}

/**
 * Has the PBX tell the end of a call that an agent's extension made now. It is over in a second, because a PBX that told
 * of an end to come would have a wrong clock, and be believed to.
 */
export async function dialled(node: Node, dialling: Dialling): Promise<CallDetail> {
  const { to, agent = AGENT1, status = 'ANSWERED', startedAt = Date.now() } = dialling;
  const startedAtSeconds = Math.floor(startedAt / 1000);
  const timeStart = new Date((startedAtSeconds + PBX_OFFSET_SECONDS) * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  const callId = `${startedAtSeconds}.${++counter}`;
  const msg = {
    call_id: callId,
    time_start: timeStart,
    call_from: agent.extension,
    call_to: to,
    call_duration: status === 'ANSWERED' ? 1 : 0,
    talk_duration: status === 'ANSWERED' ? 1 : 0,
    src_trunk_name: '',
    dst_trunk_name: 'Trunk',
    pin_code: '',
    status,
    type: 'Outbound',
    recording: '',
    did_number: '',
    agent_ring_time: 0,
    uid: `${timeStart.replaceAll(/[-: ]/g, '')}${String(counter).padStart(5, '0')}`,
    call_note_id: '',
    enb_call_note: 0,
  };
  const { status: answered, errcode } = await push(
    node.server,
    JSON.stringify({ type: 30012, sn: SERIAL, msg: JSON.stringify(msg) }),
  );
  assert.deepEqual([answered, errcode], [200, 0]);
  return node.v1.callOf(callId, SOURCE_KEY);
}
