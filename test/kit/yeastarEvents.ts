import { createHmac } from 'node:crypto';
import { PBX_OFFSET_SECONDS, SECRET, SERIAL } from './organisation.ts';
import type { Random } from './random.ts';

/** One 30012 as a P-Series PBX pushes it (docs/yeastar.md, sections 1 and 4). */
export interface YeastarEvent {
  readonly callId: string;
  readonly body: string;
  /** The value of `X-Signature`. */
  readonly signature: string;
}

export type CallShape = 'internal' | 'inbound' | 'outbound' | 'voicemail' | 'busy' | 'queue';

/** One call with everything its PBX says about it, in the order in which the stages were reached. */
export interface GeneratedCall {
  readonly callId: string;
  readonly shape: CallShape;
  readonly startedAtSeconds: number;
  /** Single-leg calls have one; a queue call has one per stage. */
  readonly events: readonly YeastarEvent[];
  /** Fuller copies of some of the events: the same leg again, now with its recording (docs/yeastar.md, case D05). */
  readonly amendments: readonly YeastarEvent[];
}

export interface CallSettings {
  /** Epoch seconds of the first call. */
  readonly startedAtSeconds: number;
  /** How fast the clock of the fake PBX runs. */
  readonly callsPerSecond: number;
  /** Share of calls that came through IVR and queue. */
  readonly queueShare: number;
  /** Share of recorded legs that are told twice, the first time without the recording's name. */
  readonly amendedShare?: number;
  /** The first counter in `call_id`; two generators for one PBX must not overlap. */
  readonly firstCounter?: number;
  readonly serial?: string;
  readonly secret?: string;
  /** Which sets of fields occur: G4 is today's firmware, the mixture is every firmware since 2023. */
  readonly firmware?: 'newest' | 'mixed';
}

export interface CallGenerator {
  next(): GeneratedCall;
}

interface Leg {
  readonly offsetSeconds: number;
  readonly from: string;
  readonly to: string;
  readonly duration: number;
  readonly talk: number;
  readonly agentRing: number;
  readonly status: string;
  readonly recorded: boolean;
}

interface Common {
  readonly callId: string;
  readonly uid: string;
  readonly noteId: string;
  readonly startedAtSeconds: number;
  readonly direction: 'Internal' | 'Inbound' | 'Outbound';
  readonly trunkIn: string;
  readonly trunkOut: string;
  readonly did: string;
  readonly didName: string;
  readonly generation: 1 | 2 | 3 | 4;
}

const three = (n: number): string => String(n).padStart(3, '0');
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Numbers that regulators keep for fiction, and the ones of the reference's cases: nobody can be meant. */
const KENYAN = range(1000).map(n => `0711000${three(n)}`);
const LONDON = range(1000).map(n => `+4420794${String(60_000 + n)}`);
const AMERICAN = ['202', '212', '303', '312', '415', '512', '617', '702', '808', '907'].flatMap(area =>
  range(100).map(n => `+1${area}55501${String(n).padStart(2, '0')}`),
);
const OUTSIDE = [...KENYAN, ...LONDON, ...AMERICAN];
/** A third of the calls comes from a tenth of the numbers. */
const REGULARS = OUTSIDE.filter((_, n) => n % 10 === 0);
const EXTENSIONS = range(120).map(n => String(1001 + n));
const AGENTS = range(24).map(n => String(4001 + n));
const QUEUES = ['6400', '6401', '6402'];
const DIDS = [
  ['+254200000000', 'Sales line'],
  ['+254200000001', 'Support'],
  ['', ''],
] as const;

/** Not a natural mixture of any one site: each shape often enough that a run of a second meets all. */
const SINGLE_LEG: readonly (readonly [CallShape, number])[] = [
  ['inbound', 0.4],
  ['outbound', 0.3],
  ['internal', 0.18],
  ['voicemail', 0.07],
  ['busy', 0.05],
];

/** Calls one after another, with increasing `call_id`, as one PBX would tell them. */
export function createCalls(random: Random, settings: CallSettings): CallGenerator {
  const {
    callsPerSecond,
    queueShare,
    serial = SERIAL,
    secret = SECRET,
    firmware = 'newest',
    amendedShare = 0,
  } = settings;
  const firstCounter = settings.firstCounter ?? 1;
  let made = 0;
  const outside = (): string => random.pick(random.chance(0.33) ? REGULARS : OUTSIDE);
  const shapeOf = (): CallShape => {
    if (random.chance(queueShare)) return 'queue';
    let left = random.next();
    for (const [shape, share] of SINGLE_LEG) {
      left -= share;
      if (left < 0) return shape;
    }
    return 'inbound';
  };
  return {
    next: () => {
      const startedAtSeconds = settings.startedAtSeconds + Math.floor(made / callsPerSecond);
      const callId = `${startedAtSeconds}.${firstCounter + made}`;
      made++;
      const shape = shapeOf();
      const stamp = compact(localText(startedAtSeconds));
      const [did, didName] = random.pick(DIDS);
      const fromOutside = shape !== 'internal' && shape !== 'outbound' && shape !== 'busy';
      const common: Common = {
        callId,
        uid: `${stamp}${random.hex(5)}`,
        noteId: `${stamp}-${random.hex(5)}`,
        startedAtSeconds,
        direction: shape === 'outbound' ? 'Outbound' : fromOutside ? 'Inbound' : 'Internal',
        trunkIn: fromOutside ? 'Saf' : '',
        trunkOut: shape === 'outbound' ? 'SIP-Main' : '',
        did: fromOutside ? did : '',
        didName: fromOutside ? didName : '',
        generation: firmware === 'mixed' && random.chance(0.3) ? random.pick([1, 2, 3] as const) : 4,
      };
      const legs = legsOf(shape, random, outside);
      const amended = legs.filter(leg => leg.recorded && random.chance(amendedShare));
      const tell = (leg: Leg): YeastarEvent => eventOf(common, leg, serial, secret);
      return {
        callId,
        shape,
        startedAtSeconds,
        events: legs.map(leg => tell(amended.includes(leg) ? { ...leg, recorded: false } : leg)),
        amendments: amended.map(tell),
      };
    },
  };
}

function legsOf(shape: CallShape, random: Random, outside: () => string): Leg[] {
  const ring = random.integer(2, 25);
  const talk = random.integer(5, 600);
  const single = (from: string, to: string, status: string, rang: number, talked: number): Leg[] => [
    {
      offsetSeconds: 0,
      from,
      to,
      status,
      duration: rang + talked,
      talk: talked,
      agentRing: 0,
      recorded: status === 'ANSWERED' && random.chance(0.3),
    },
  ];
  const extension = random.pick(EXTENSIONS);
  switch (shape) {
    case 'internal': {
      const other = otherThan(extension, random);
      return random.chance(0.75)
        ? single(extension, other, 'ANSWERED', ring, talk)
        : single(extension, other, 'NO ANSWER', ring, 0);
    }
    case 'inbound':
      return random.chance(0.8)
        ? single(outside(), extension, 'ANSWERED', ring, talk)
        : single(outside(), extension, 'NO ANSWER', ring, 0);
    case 'outbound':
      return random.chance(0.7)
        ? single(extension, outside(), 'ANSWERED', ring, talk)
        : single(extension, outside(), random.pick(['NO ANSWER', 'BUSY', 'FAILED']), ring, 0);
    case 'voicemail':
      return single(outside(), extension, 'VOICEMAIL', 0, random.integer(3, 60));
    case 'busy':
      return single(extension, otherThan(extension, random), 'BUSY', 0, 0);
    case 'queue':
      return queueLegs(outside(), ring, talk, random);
  }
}

function otherThan(extension: string, random: Random): string {
  const step = random.integer(1, EXTENSIONS.length - 1);
  return EXTENSIONS[(EXTENSIONS.indexOf(extension) + step) % EXTENSIONS.length]!;
}

/** docs/yeastar.md, section 1.4: IVR, sometimes a second menu, the queue, agents that did not pick up, the one who did. */
function queueLegs(from: string, ring: number, talk: number, random: Random): Leg[] {
  const legs: Leg[] = [];
  let offsetSeconds = 0;
  const prompt = (to: string): void => {
    const duration = random.integer(3, 20);
    legs.push(leg(to, 'ANSWERED', duration, duration, 0, false));
    offsetSeconds += duration;
  };
  const leg = (to: string, status: string, duration: number, talked: number, agentRing: number, recorded: boolean) => ({
    offsetSeconds,
    from,
    to,
    status,
    duration,
    talk: talked,
    agentRing,
    recorded,
  });
  prompt('6200');
  if (random.chance(0.4)) prompt('6201');
  const queue = random.pick(QUEUES);
  if (random.chance(0.18)) {
    const waited = random.integer(2, 120);
    legs.push(leg(queue, 'NO ANSWER', waited, 0, waited, false));
    return legs;
  }
  const first = random.integer(0, AGENTS.length - 1);
  const missedFirst = random.chance(0.12);
  const waited = missedFirst ? ring + 15 : ring;
  legs.push(leg(queue, 'ANSWERED', waited + talk, talk, waited, false));
  if (missedFirst) {
    legs.push(leg(AGENTS[first]!, 'NO ANSWER', 15, 0, 0, false));
    offsetSeconds += 15;
  }
  legs.push(leg(AGENTS[(first + 1) % AGENTS.length]!, 'ANSWERED', ring + talk, talk, waited, random.chance(0.5)));
  if (random.chance(0.1)) {
    offsetSeconds += ring + talk;
    legs.push(leg('Satisfaction Survey', 'ANSWERED', 4, 4, 0, false));
  }
  return legs;
}

function eventOf(common: Common, leg: Leg, serial: string, secret: string): YeastarEvent {
  const { callId, generation } = common;
  const timeStart = localText(common.startedAtSeconds + leg.offsetSeconds);
  const recording = leg.recorded ? `${compact(timeStart)}-${callId}-${leg.from}-${leg.to}-${common.direction}.wav` : '';
  const msg = JSON.stringify({
    call_id: callId,
    time_start: timeStart,
    call_from: leg.from,
    call_to: leg.to,
    call_duration: leg.duration,
    talk_duration: leg.talk,
    src_trunk_name: common.trunkIn,
    dst_trunk_name: common.trunkOut,
    pin_code: '',
    status: leg.status,
    type: common.direction,
    recording,
    did_number: common.did,
    ...(generation >= 4 ? { did_name: common.didName } : {}),
    agent_ring_time: leg.agentRing,
    ...(generation >= 2 ? { uid: common.uid } : {}),
    ...(generation >= 3 ? { call_note_id: common.noteId, enb_call_note: 4 } : {}),
    ...(generation >= 4 ? { is_display: 1, realclidnum: '' } : {}),
  });
  return signedEvent(callId, JSON.stringify({ sn: serial, type: 30012, msg }), secret);
}

export function signedEvent(callId: string, body: string, secret: string = SECRET): YeastarEvent {
  return { callId, body, signature: createHmac('sha256', secret).update(body).digest('base64') };
}

let knownDay = Number.NaN;
let knownDayText = '';

/** The wall clock of the PBX: `YYYY-MM-DD HH:mm:ss`. */
function localText(epochSeconds: number): string {
  const local = epochSeconds + PBX_OFFSET_SECONDS;
  const day = Math.floor(local / 86_400);
  if (day !== knownDay) {
    knownDay = day;
    knownDayText = new Date(day * 86_400_000).toISOString().slice(0, 10);
  }
  const second = local - day * 86_400;
  const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
  return `${knownDayText} ${two(Math.floor(second / 3_600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}

function compact(localTime: string): string {
  return localTime.replaceAll(/[-: ]/g, '');
}
