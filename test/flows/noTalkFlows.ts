/**
 * Calls that were picked up, and nobody talked in. That the row of a queue which nobody is logged in to says ANSWERED is built from
 * docs/yeastar.md, case C17, where it does so beside agents who rang.
 */
import type { Flow } from './flow.ts';
import { answered, played, unanswered } from './pbx.ts';
import { ANNA, BERT, CUSTOMER, FRED, GINA } from './people.ts';

const LEFT = { direction: 'inbound', outcome: 'abandoned', talk: 0, user: null, parts: [] } as const;
const INBOUND = { from: CUSTOMER, type: 'Inbound' } as const;

export const nobodyTalked: Flow = {
  name: 'picked up by a machine, and nobody talked',
  calls: [
    {
      ...INBOUND,
      name: 'a queue nobody is logged in to',
      at: '09:00:00',
      legs: [answered(0, '6400', 62, 0)],
      truth: { ...LEFT, duration: 62, ring: 62, wait: 62, queue: '6400', reached: [['6400', 'queue']] },
    },
    {
      ...INBOUND,
      name: 'the same, behind a menu',
      at: '09:10:00',
      legs: [played(0, '6200', 9), answered(9, '6400', 12, 0)],
      truth: {
        ...LEFT,
        duration: 21,
        ring: 12,
        wait: 12,
        queue: '6400',
        reached: [
          ['6200', 'ivr'],
          ['6400', 'queue'],
        ],
      },
    },
    {
      ...INBOUND,
      name: 'two of them',
      at: '09:20:00',
      legs: [answered(0, '6400', 30, 0), answered(30, '6401', 20, 0)],
      truth: {
        ...LEFT,
        duration: 50,
        ring: 30,
        wait: 20,
        queue: '6401',
        queues: [
          { queue: '6400', ended: 'overflowed', wait: 30 },
          { queue: '6401', ended: 'abandoned', wait: 20 },
        ],
        reached: [
          ['6400', 'queue'],
          ['6401', 'queue'],
        ],
      },
    },
    {
      ...INBOUND,
      name: 'after a desk that did not answer',
      at: '09:30:00',
      legs: [unanswered(0, '1001', 15), answered(15, '6400', 40, 0)],
      truth: {
        ...LEFT,
        duration: 55,
        ring: 15,
        wait: 40,
        queue: '6400',
        user: ANNA,
        parts: [{ who: ANNA, role: 'rang', ring: 15, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          ['6400', 'queue'],
        ],
      },
    },
    {
      ...INBOUND,
      name: 'a pick-up of what had stopped ringing',
      at: '09:40:00',
      legs: [unanswered(0, '1001', 8), answered(8, '*041001', 0, 0, { from: BERT.extension, type: 'Internal' })],
      truth: {
        ...LEFT,
        outcome: 'missed',
        duration: 8,
        ring: 8,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'rang', ring: 8, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          ['*041001', 'featureCode'],
        ],
      },
    },
  ],
};

export const answeredTooLate: Flow = {
  name: 'answered as the caller hung up',
  calls: [
    {
      ...INBOUND,
      name: 'by an agent, whose row repeats the queue’s',
      at: '09:00:00',
      legs: [
        unanswered(0, '4006', 11),
        answered(0, '6400', 11, 0, { agentRing: 11 }),
        answered(11, '4005', 11, 0, { agentRing: 11 }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 11,
        ring: 11,
        talk: 0,
        wait: 11,
        queue: '6400',
        user: FRED,
        parts: [
          { who: FRED, role: 'answered', ring: 11, talk: 0 },
          { who: GINA, role: 'rang', ring: 11, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4006', 'extension'],
          ['4005', 'extension'],
        ],
      },
    },
  ],
};
