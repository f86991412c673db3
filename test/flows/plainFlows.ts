/** Calls of one row or two, as a PBX was seen to write them (docs/yeastar.md, sections 1.2 and 1.4, cases C06 to C18). */
import type { Outcome } from '../../src/values/outcome.ts';
import type { Flow, FlowCall, FlowLeg } from './flow.ts';
import { answered, played, unanswered } from './pbx.ts';
import { ANNA, BERT, CUSTOMER, DORA, OTHER_CUSTOMER } from './people.ts';

const outbound = (name: string, at: string, leg: FlowLeg, outcome: Outcome): FlowCall => ({
  name,
  at,
  from: '1001',
  type: 'Outbound',
  legs: [{ ...leg, out: true }],
  truth: {
    direction: 'outbound',
    outcome,
    duration: leg.ring + leg.talk,
    ring: leg.ring,
    talk: leg.talk,
    wait: null,
    queue: null,
    user: ANNA,
    parts: [{ who: ANNA, role: outcome === 'answered' ? 'answered' : 'caller', ring: 0, talk: leg.talk }],
    reached: [[leg.to, 'external']],
  },
});

export const outboundCalls: Flow = {
  name: 'calls to the outside',
  calls: [
    outbound('reached', '09:00:00', answered(0, CUSTOMER, 9, 200), 'answered'),
    outbound('not reached', '09:10:00', unanswered(0, CUSTOMER, 30), 'unanswered'),
    outbound('engaged', '09:20:00', unanswered(0, CUSTOMER, 7, { status: 'BUSY' }), 'busy'),
    outbound('no such line', '09:30:00', unanswered(0, CUSTOMER, 6, { status: 'FAILED' }), 'failed'),
  ],
};

export const internalCalls: Flow = {
  name: 'calls inside',
  calls: [
    {
      name: 'taken',
      at: '09:00:00',
      from: '1001',
      type: 'Internal',
      legs: [answered(0, '1002', 4, 30)],
      truth: {
        direction: 'internal',
        outcome: 'answered',
        duration: 34,
        ring: 4,
        talk: 30,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 30 },
          { who: BERT, role: 'answered', ring: 4, talk: 30 },
        ],
        reached: [['1002', 'extension']],
      },
    },
    {
      name: 'not taken',
      at: '09:10:00',
      from: '1001',
      type: 'Internal',
      legs: [unanswered(0, '1002', 18)],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 18,
        ring: 18,
        talk: 0,
        wait: null,
        queue: null,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 0 },
          { who: BERT, role: 'rang', ring: 18, talk: 0 },
        ],
        reached: [['1002', 'extension']],
      },
    },
    {
      name: 'to a feature code',
      at: '09:20:00',
      from: '1001',
      type: 'Internal',
      legs: [answered(0, '*4', 0, 12)],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 12,
        ring: 0,
        talk: 0,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'caller', ring: 0, talk: 0 }],
        reached: [['*4', 'featureCode']],
      },
    },
    {
      // Nothing says what 7777 is.
      name: 'to a number nobody knows',
      at: '09:30:00',
      from: '1001',
      type: 'Internal',
      legs: [unanswered(0, '7777', 14)],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 14,
        ring: 14,
        talk: 0,
        wait: null,
        queue: null,
        user: null,
        extension: '7777',
        parts: [{ who: ANNA, role: 'caller', ring: 0, talk: 0 }],
        reached: [['7777', 'unknown']],
        warning: /7777/,
      },
    },
  ],
};

/** As some PBXs mark them: each row Inbound, though no trunk brought the call in. */
export const markedInbound: Flow = {
  name: 'calls inside that are marked Inbound',
  calls: [
    ...internalCalls.calls,
    {
      name: 'left the queue',
      at: '09:40:00',
      from: '1001',
      type: 'Internal' as const,
      legs: [unanswered(0, '6400', 30, { status: 'ABANDONED' })],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 30,
        ring: 30,
        talk: 0,
        wait: 30,
        queue: '6400',
        queues: [{ queue: '6400', ended: 'unanswered', wait: 30 }],
        user: ANNA,
        parts: [{ who: ANNA, role: 'caller', ring: 0, talk: 0 }],
        reached: [['6400', 'queue']],
      },
    } satisfies FlowCall,
    {
      name: 'left in the menu',
      at: '09:50:00',
      from: '1001',
      type: 'Internal' as const,
      legs: [played(0, '6200', 13)],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 13,
        ring: null,
        talk: 0,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'caller', ring: 0, talk: 0 }],
        reached: [['6200', 'ivr']],
      },
    } satisfies FlowCall,
  ].map(call => ({ ...call, legs: call.legs.map(each => ({ ...each, type: 'Inbound' as const })) })),
};

const waited = (name: string, at: string, seconds: number): FlowCall => ({
  name,
  at,
  from: OTHER_CUSTOMER,
  type: 'Inbound',
  legs: [unanswered(0, '6400', seconds)],
  truth: {
    direction: 'inbound',
    outcome: 'abandoned',
    ...(seconds < 5 ? { short: true as const } : {}),
    duration: seconds,
    ring: seconds,
    talk: 0,
    wait: seconds,
    queue: '6400',
    user: null,
    parts: [],
    reached: [['6400', 'queue']],
  },
});

export const missedCalls: Flow = {
  name: 'calls that nobody took',
  calls: [
    {
      name: 'rang at a desk',
      at: '13:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1004', 22)],
      truth: {
        direction: 'inbound',
        outcome: 'missed',
        duration: 22,
        ring: 22,
        talk: 0,
        wait: null,
        queue: null,
        user: DORA,
        parts: [{ who: DORA, role: 'rang', ring: 22, talk: 0 }],
        reached: [['1004', 'extension']],
      },
    },
    waited('waited a minute', '13:10:00', 62),
    waited('waited three seconds', '13:20:00', 3),
    {
      name: 'left in the menu',
      at: '13:30:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [played(0, '6200', 13)],
      truth: {
        direction: 'inbound',
        outcome: 'ivr_only',
        duration: 13,
        ring: null,
        talk: 0,
        wait: null,
        queue: null,
        user: null,
        parts: [],
        reached: [['6200', 'ivr']],
      },
    },
  ],
};
