/** The rows of a flow as event 30012 of a P-Series PBX (docs/yeastar.md, sections 1.1 to 1.4), every field as today's firmware has it. */
import type { FlowCall, FlowLeg } from './flow.ts';
import { MAIN_NUMBER, TRUNK_IN, TRUNK_OUT } from './people.ts';

export const PBX_TIME_ZONE = 'Europe/Berlin';

/** UTC milliseconds of a wall clock of the PBX. */
export const instantOf = (date: string, at: string, secondTime = false): number =>
  Temporal.PlainDateTime.from(`${date}T${at}`).toZonedDateTime(PBX_TIME_ZONE, {
    disambiguation: secondTime ? 'later' : 'earlier',
  }).epochMilliseconds;

const wallClock = (at: number): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(PBX_TIME_ZONE)
    .toPlainDateTime()
    .toString({ smallestUnit: 'second' })
    .replace('T', ' ');

const compact = (clock: string): string => clock.replaceAll(/[-: ]/g, '');

export interface Placed {
  readonly call: FlowCall;
  readonly startedAt: number;
  readonly callId: string;
}

/** The bodies of a call's events, in the order of its rows. `recorded` adds the name of a recording to what was answered. */
export function eventsOf({ call, startedAt, callId }: Placed, serial: string, recorded = false): string[] {
  const stamp = compact(wallClock(startedAt));
  const tail = callId.slice(callId.indexOf('.') + 1).padStart(5, '0');
  return call.legs.map(leg => {
    const { from = call.from, type = call.type, out = false } = leg;
    const started = wallClock(startedAt + leg.at * 1000);
    const isInbound = call.type === 'Inbound';
    const named = recorded && leg.status === 'ANSWERED';
    const msg = {
      call_id: callId,
      time_start: started,
      call_from: from,
      call_to: leg.to,
      call_duration: leg.ring + leg.talk,
      talk_duration: leg.talk,
      src_trunk_name: isInbound ? TRUNK_IN : '',
      dst_trunk_name: out ? TRUNK_OUT : '',
      pin_code: '',
      status: leg.status,
      type,
      recording: named ? `${compact(started)}-${callId}-${from}-${leg.to}-${type}.wav` : '',
      did_number: isInbound ? MAIN_NUMBER : '',
      did_name: '',
      agent_ring_time: leg.agentRing ?? 0,
      uid: `${stamp}${tail}`,
      call_note_id: `${stamp}-${tail}`,
      enb_call_note: 4,
      is_display: 1,
      realclidnum: '',
    };
    return JSON.stringify({ sn: serial, type: 30012, msg: JSON.stringify(msg) });
  });
}

/** A row that somebody picked up. */
export const answered = (at: number, to: string, ring: number, talk: number, more: Partial<FlowLeg> = {}): FlowLeg => ({
  at,
  to,
  ring,
  talk,
  status: 'ANSWERED',
  ...more,
});

/** A row that nobody picked up. */
export const unanswered = (at: number, to: string, ring: number, more: Partial<FlowLeg> = {}): FlowLeg => ({
  at,
  to,
  ring,
  talk: 0,
  status: 'NO ANSWER',
  ...more,
});

/** A menu or a prompt, which picks up at once. */
export const played = (at: number, to: string, seconds: number): FlowLeg => answered(at, to, 0, seconds);
