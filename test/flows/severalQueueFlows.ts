/**
 * Calls in more than one queue, or answered elsewhere than in theirs. Rows are built as those of queueFlows.ts; that the row of a queue
 * whose time is up ends with NO ANSWER where the next one begins, no public capture shows.
 */
import type { Flow } from './flow.ts';
import { answered, played, unanswered } from './pbx.ts';
import { ANNA, BERT, CUSTOMER, FRED, GINA, HUGO, OTHER_CUSTOMER } from './people.ts';

const INBOUND = { from: CUSTOMER, type: 'Inbound' as const };

export const severalQueues: Flow = {
  name: 'several queues',
  calls: [
    {
      ...INBOUND,
      name: 'went on, left in the second',
      at: '09:00:00',
      legs: [
        unanswered(0, '6400', 30),
        unanswered(0, '4005', 30),
        unanswered(30, '6401', 25),
        unanswered(30, '4007', 25),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'abandoned',
        duration: 55,
        ring: 30,
        talk: 0,
        wait: 25,
        queue: '6401',
        queues: [
          { queue: '6400', ended: 'overflowed', wait: 30 },
          { queue: '6401', ended: 'abandoned', wait: 25 },
        ],
        user: null,
        parts: [
          { who: FRED, role: 'rang', ring: 30, talk: 0 },
          { who: HUGO, role: 'rang', ring: 25, talk: 0 },
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
      ...INBOUND,
      name: 'there and back, left in the first',
      at: '09:10:00',
      legs: [
        unanswered(0, '6400', 20),
        unanswered(20, '6401', 30),
        unanswered(50, '6400', 15),
        unanswered(50, '4005', 15),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'abandoned',
        duration: 65,
        ring: 15,
        talk: 0,
        wait: 35,
        queue: '6400',
        queues: [
          { queue: '6401', ended: 'overflowed', wait: 30 },
          { queue: '6400', ended: 'abandoned', wait: 35 },
        ],
        user: FRED,
        parts: [{ who: FRED, role: 'rang', ring: 15, talk: 0 }],
        reached: [
          ['6400', 'queue'],
          ['6401', 'queue'],
          ['6400', 'queue'],
          ['4005', 'extension'],
        ],
      },
    },
    {
      ...INBOUND,
      name: 'there and back, answered in the first',
      at: '09:20:00',
      legs: [
        unanswered(0, '6400', 20),
        unanswered(20, '6401', 30),
        answered(50, '6400', 6, 90, { agentRing: 6 }),
        answered(56, '4005', 6, 90, { agentRing: 6 }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 146,
        ring: 6,
        talk: 90,
        wait: 26,
        queue: '6400',
        queues: [
          { queue: '6401', ended: 'overflowed', wait: 30 },
          { queue: '6400', ended: 'answered', wait: 26 },
        ],
        user: FRED,
        parts: [{ who: FRED, role: 'answered', ring: 6, talk: 90 }],
        reached: [
          ['6400', 'queue'],
          ['6401', 'queue'],
          ['6400', 'queue'],
          ['4005', 'extension'],
        ],
      },
    },
    {
      ...INBOUND,
      name: 'answered in both',
      at: '09:30:00',
      legs: [
        answered(0, '6400', 7, 60, { agentRing: 7 }),
        answered(7, '4005', 7, 60, { agentRing: 7 }),
        answered(67, '6401', 9, 40, { agentRing: 9 }),
        answered(76, '4007', 9, 40, { agentRing: 9 }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 116,
        ring: 7,
        talk: 100,
        wait: 9,
        queue: '6401',
        queues: [
          { queue: '6400', ended: 'answered', wait: 7 },
          { queue: '6401', ended: 'answered', wait: 9 },
        ],
        user: HUGO,
        parts: [
          { who: FRED, role: 'transferred', ring: 7, talk: 60 },
          { who: HUGO, role: 'answered', ring: 9, talk: 40 },
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
      ...INBOUND,
      name: 'two agents ring at once, the second queue’s one answers',
      at: '09:40:00',
      legs: [
        unanswered(0, '6400', 20),
        unanswered(0, '4005', 20),
        unanswered(0, '4006', 20),
        answered(20, '6401', 5, 30, { agentRing: 5 }),
        unanswered(20, '4006', 5),
        answered(25, '4007', 5, 30, { agentRing: 5 }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 55,
        ring: 5,
        talk: 30,
        wait: 5,
        queue: '6401',
        queues: [
          { queue: '6400', ended: 'overflowed', wait: 20 },
          { queue: '6401', ended: 'answered', wait: 5 },
        ],
        user: HUGO,
        parts: [
          { who: FRED, role: 'rang', ring: 20, talk: 0 },
          { who: GINA, role: 'rang', ring: 25, talk: 0 },
          { who: HUGO, role: 'answered', ring: 5, talk: 30 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['4006', 'extension'],
          ['6401', 'queue'],
          ['4006', 'extension'],
          ['4007', 'extension'],
        ],
      },
    },
  ],
};

export const besidesTheQueue: Flow = {
  name: 'besides the queue',
  calls: [
    {
      ...INBOUND,
      name: 'from a desk into a queue, on into another, left there',
      at: '09:00:00',
      legs: [answered(0, '1001', 6, 60), unanswered(66, '6400', 20), unanswered(86, '6401', 12)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 98,
        ring: 6,
        talk: 60,
        wait: 12,
        queue: '6401',
        queues: [
          { queue: '6400', ended: 'overflowed', wait: 20 },
          { queue: '6401', ended: 'abandoned', wait: 12 },
        ],
        user: ANNA,
        parts: [{ who: ANNA, role: 'answered', ring: 6, talk: 60 }],
        reached: [
          ['1001', 'extension'],
          ['6400', 'queue'],
          ['6401', 'queue'],
        ],
      },
    },
    {
      ...INBOUND,
      name: 'from the queue to a desk, answered there',
      at: '09:10:00',
      legs: [unanswered(0, '6400', 18), unanswered(0, '4005', 18), answered(18, '1002', 4, 70)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 92,
        ring: 4,
        talk: 70,
        wait: 18,
        queue: '6400',
        queues: [{ queue: '6400', ended: 'overflowed', wait: 18 }],
        user: BERT,
        parts: [
          { who: BERT, role: 'answered', ring: 4, talk: 70 },
          { who: FRED, role: 'rang', ring: 18, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
    {
      ...INBOUND,
      name: 'a message in the mailbox of the queue',
      at: '09:20:00',
      legs: [{ at: 0, to: '6400', status: 'VOICEMAIL', ring: 25, talk: 12 }],
      truth: {
        direction: 'inbound',
        outcome: 'voicemail',
        duration: 37,
        ring: 25,
        talk: 12,
        wait: 25,
        queue: '6400',
        user: null,
        parts: [],
        reached: [['6400', 'queue']],
      },
    },
    {
      // The music of the queue counts from its first second on: what the agent's row tells is how long the caller heard it.
      name: 'music from the first second on, then answered',
      at: '09:30:00',
      from: OTHER_CUSTOMER,
      type: 'Inbound',
      legs: [played(0, '6400', 100), unanswered(0, '4005', 25), answered(25, '4006', 15, 60)],
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
      name: 'the queue calls back: no wait in it',
      at: '09:40:00',
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
  ],
};
