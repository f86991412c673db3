/**
 * Calls that reach a queue. Rows of menus, queue, agent and survey as a PBX was seen to write them (docs/yeastar.md, section
 * 1.4): the agent's row starts when the agent answers and repeats the seconds of the queue's. No public capture shows the rows of
 * agents that rang in vain: they are built as the one row of an unanswered extension is, one for each agent and round.
 */
import type { Flow } from './flow.ts';
import { answered, played, unanswered } from './pbx.ts';
import { CARL, CUSTOMER, DORA, FRED, GINA, HUGO, OTHER_CUSTOMER } from './people.ts';

export const menuAndRingAllQueue: Flow = {
  name: 'menu and ring-all queue',
  calls: [
    {
      name: 'answered',
      at: '09:15:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        played(0, '6200', 13),
        played(13, '6201', 5),
        answered(18, '6400', 11, 74, { agentRing: 11 }),
        unanswered(18, '4006', 11),
        unanswered(18, '4007', 11),
        answered(29, '4005', 11, 74, { agentRing: 11 }),
        played(103, 'Satisfaction Survey', 4),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 107,
        ring: 11,
        talk: 74,
        wait: 11,
        queue: '6400',
        user: FRED,
        parts: [
          { who: FRED, role: 'answered', ring: 11, talk: 74 },
          { who: GINA, role: 'rang', ring: 11, talk: 0 },
          { who: HUGO, role: 'rang', ring: 11, talk: 0 },
        ],
        reached: [
          ['6200', 'ivr'],
          ['6201', 'ivr'],
          ['6400', 'queue'],
          ['4006', 'extension'],
          ['4007', 'extension'],
          ['4005', 'extension'],
          ['Satisfaction Survey', 'service'],
        ],
      },
    },
    {
      // The queue itself picks up, to play its music: its ANSWERED says no more than a menu's.
      name: 'given up while every phone rang',
      at: '10:02:00',
      from: OTHER_CUSTOMER,
      type: 'Inbound',
      legs: [
        played(0, '6200', 13),
        answered(13, '6400', 0, 40),
        unanswered(13, '4005', 15),
        unanswered(13, '4006', 15),
        unanswered(13, '4007', 15),
        unanswered(33, '4005', 15),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'abandoned',
        duration: 53,
        ring: 15,
        talk: 0,
        wait: 40,
        queue: '6400',
        user: null,
        parts: [
          { who: FRED, role: 'rang', ring: 30, talk: 0 },
          { who: GINA, role: 'rang', ring: 15, talk: 0 },
          { who: HUGO, role: 'rang', ring: 15, talk: 0 },
        ],
        reached: [
          ['6200', 'ivr'],
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['4006', 'extension'],
          ['4007', 'extension'],
          ['4005', 'extension'],
        ],
      },
    },
  ],
};

/** An agent's row that starts at the answer, though its ring is that of the agent's own phone. */
export const secondAgent: Flow = {
  name: 'second agent of a queue',
  calls: [
    {
      name: 'the first in vain',
      at: '10:20:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '6400', 40, 60, { agentRing: 40 }), unanswered(0, '4005', 25), answered(40, '4006', 15, 60)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 100,
        ring: 15,
        talk: 60,
        wait: 40,
        queue: '6400',
        user: GINA,
        parts: [
          { who: FRED, role: 'rang', ring: 25, talk: 0 },
          { who: GINA, role: 'answered', ring: 15, talk: 60 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['4006', 'extension'],
        ],
      },
    },
    {
      name: 'who hands it on while the queue’s row goes on',
      at: '10:30:00',
      from: OTHER_CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '6400', 40, 600, { agentRing: 40 }),
        unanswered(0, '4005', 25),
        answered(40, '4006', 15, 60),
        answered(100, '1003', 0, 540),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 640,
        ring: 15,
        talk: 600,
        wait: 40,
        queue: '6400',
        user: CARL,
        parts: [
          { who: CARL, role: 'answered', ring: 0, talk: 540 },
          { who: FRED, role: 'rang', ring: 25, talk: 0 },
          { who: GINA, role: 'transferred', ring: 15, talk: 60 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['4006', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
  ],
};

/** The queue picks up to play its music, and tells beside how long the answer of its agent took. */
export const musicBeforeAgent: Flow = {
  name: 'music before the agent',
  calls: ([0, 1, 5] as const).map(ring => ({
    name: `after ${ring} s`,
    at: `09:0${ring}:00`,
    from: CUSTOMER,
    type: 'Inbound' as const,
    legs: [
      answered(0, '6400', ring, 100 - ring, { agentRing: 40 }),
      unanswered(0, '4005', 25),
      answered(25, '4006', 15, 60),
    ],
    truth: {
      direction: 'inbound' as const,
      outcome: 'answered' as const,
      duration: 100,
      ring: 15,
      talk: 60,
      wait: 40,
      queue: '6400',
      user: GINA,
      parts: [
        { who: FRED, role: 'rang' as const, ring: 25, talk: 0 },
        { who: GINA, role: 'answered' as const, ring: 15, talk: 60 },
      ],
      reached: [['6400', 'queue'] as const, ['4005', 'extension'] as const, ['4006', 'extension'] as const],
    },
  })),
};

export const overflow: Flow = {
  name: 'overflow between queues',
  calls: [
    {
      name: 'answered in the second queue',
      at: '11:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        unanswered(0, '6400', 30),
        unanswered(0, '4005', 30),
        answered(30, '6401', 12, 40, { agentRing: 12 }),
        answered(42, '4007', 12, 40, { agentRing: 12 }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 82,
        ring: 12,
        talk: 40,
        wait: 12,
        queue: '6401',
        queues: [
          { queue: '6400', ended: 'overflowed', wait: 30 },
          { queue: '6401', ended: 'answered', wait: 12 },
        ],
        user: HUGO,
        parts: [
          { who: FRED, role: 'rang', ring: 30, talk: 0 },
          { who: HUGO, role: 'answered', ring: 12, talk: 40 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['6401', 'queue'],
          ['4007', 'extension'],
        ],
      },
    },
    {
      // The queue gave it on: the caller was no longer waiting in it.
      name: 'given on to a ring group, nobody there',
      at: '11:30:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        unanswered(0, '6400', 30),
        unanswered(0, '4005', 30),
        unanswered(30, '6300', 20),
        unanswered(30, '1003', 20),
        unanswered(30, '1004', 20),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'missed',
        duration: 50,
        ring: 30,
        talk: 0,
        wait: 30,
        queue: '6400',
        queues: [{ queue: '6400', ended: 'overflowed', wait: 30 }],
        user: null,
        parts: [
          { who: CARL, role: 'rang', ring: 20, talk: 0 },
          { who: DORA, role: 'rang', ring: 20, talk: 0 },
          { who: FRED, role: 'rang', ring: 30, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['6300', 'ringGroup'],
          ['1003', 'extension'],
          ['1004', 'extension'],
        ],
      },
    },
    {
      // The queue's own music counts as its answer: the caller waited all the same.
      name: 'given on after its music, answered there',
      at: '11:45:00',
      from: OTHER_CUSTOMER,
      type: 'Inbound',
      legs: [played(0, '6400', 60), unanswered(0, '4005', 20), answered(60, '1003', 5, 40)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 105,
        ring: 5,
        talk: 40,
        wait: 60,
        queue: '6400',
        queues: [{ queue: '6400', ended: 'overflowed', wait: 60 }],
        user: CARL,
        parts: [
          { who: CARL, role: 'answered', ring: 5, talk: 40 },
          { who: FRED, role: 'rang', ring: 20, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
    {
      name: 'handed on into the second queue, left there',
      at: '11:50:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '6400', 5, 50, { agentRing: 5 }),
        answered(5, '4005', 5, 50, { agentRing: 5 }),
        unanswered(55, '6401', 10),
        unanswered(55, '4007', 10),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 65,
        ring: 5,
        talk: 50,
        wait: 5,
        queue: '6400',
        queues: [
          { queue: '6401', ended: 'abandoned', wait: 10 },
          { queue: '6400', ended: 'answered', wait: 5 },
        ],
        user: FRED,
        parts: [
          { who: FRED, role: 'answered', ring: 5, talk: 50 },
          { who: HUGO, role: 'rang', ring: 10, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['6401', 'queue'],
          ['4007', 'extension'],
        ],
      },
    },
  ],
};

/**
 * The queue calls back a customer who did not want to wait: the agent first, then the customer. Built from the vendor's description
 * of the feature; no public capture shows its rows.
 */
export const queueCallBack: Flow = {
  name: 'queue call-back',
  calls: [
    {
      name: 'customer reached',
      at: '12:00:00',
      from: '6400',
      type: 'Outbound',
      legs: [answered(0, '4005', 5, 60), answered(5, CUSTOMER, 0, 60, { out: true })],
      truth: {
        direction: 'outbound',
        outcome: 'answered',
        duration: 65,
        ring: 5,
        talk: 60,
        wait: null,
        queue: null,
        user: FRED,
        parts: [{ who: FRED, role: 'answered', ring: 5, talk: 60 }],
        reached: [
          ['4005', 'extension'],
          [CUSTOMER, 'external'],
        ],
      },
    },
    {
      name: 'customer not reached',
      at: '12:10:00',
      from: '6400',
      type: 'Outbound',
      legs: [answered(0, '4006', 5, 20), unanswered(5, CUSTOMER, 20, { out: true })],
      truth: {
        direction: 'outbound',
        outcome: 'unanswered',
        duration: 25,
        ring: 20,
        talk: 0,
        wait: null,
        queue: null,
        user: GINA,
        parts: [{ who: GINA, role: 'caller', ring: 5, talk: 0 }],
        reached: [
          ['4006', 'extension'],
          [CUSTOMER, 'external'],
        ],
      },
    },
  ],
};

/** Not in the day of the supervisor, which is counted by hand. */
export const queueCallBackTwice: Flow = {
  name: 'queue call-back by the second agent',
  calls: [
    {
      name: 'customer reached',
      at: '12:00:00',
      from: '6400',
      type: 'Outbound',
      legs: [unanswered(0, '4005', 15), answered(15, '4006', 5, 70), answered(20, CUSTOMER, 10, 60, { out: true })],
      truth: {
        direction: 'outbound',
        outcome: 'answered',
        duration: 90,
        ring: 5,
        talk: 60,
        wait: null,
        queue: null,
        user: GINA,
        parts: [
          { who: FRED, role: 'rang', ring: 15, talk: 0 },
          { who: GINA, role: 'answered', ring: 5, talk: 60 },
        ],
        reached: [
          ['4005', 'extension'],
          ['4006', 'extension'],
          [CUSTOMER, 'external'],
        ],
      },
    },
  ],
};
