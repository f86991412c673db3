/**
 * Callers whom a queue gives on to a telephone that cannot be reached. No public capture shows such rows: they are built as those of
 * queueFlows.ts are, the refused one as that of a busy extension, without a length (docs/yeastar.md, case C07).
 */
import type { Flow } from './flow.ts';
import { unanswered } from './pbx.ts';
import { CARL, CUSTOMER, FRED } from './people.ts';

const REFUSALS = [
  ['BUSY', 30, 'busy'],
  ['BUSY', 29, 'busy'],
  ['FAILED', 30, 'failed'],
  ['NO ANSWER', 30, 'missed'],
] as const;

export const givenOnInVain: Flow = {
  name: 'given on by a queue to a telephone that cannot be reached',
  calls: [
    ...REFUSALS.map(([status, at, outcome], place) => ({
      name: `${status} after ${at} s`,
      at: `11:3${place}:00`,
      from: CUSTOMER,
      type: 'Inbound' as const,
      // Of whole seconds: the row may begin with the last one of the queue's.
      legs: [
        unanswered(0, '6400', 30),
        unanswered(0, '4005', 15),
        unanswered(15, '4005', 0, { status: 'BUSY' }),
        unanswered(at, '1003', 0, { status }),
      ],
      truth: {
        direction: 'inbound' as const,
        outcome,
        duration: 30,
        ring: 15,
        talk: 0,
        wait: 30,
        queue: '6400',
        // The queue lost the caller to another telephone, whatever that one answered.
        queues: [{ queue: '6400', ended: 'overflowed' as const, wait: 30 }],
        user: null,
        parts: [
          { who: CARL, role: 'rang' as const, ring: 0, talk: 0 },
          { who: FRED, role: 'rang' as const, ring: 15, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'] as const,
          ['4005', 'extension'] as const,
          ['4005', 'extension'] as const,
          ['1003', 'extension'] as const,
        ],
      },
    })),
    {
      name: 'given on to a queue that is full',
      at: '11:36:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '6400', 30), unanswered(0, '4005', 15), unanswered(30, '6401', 0, { status: 'BUSY' })],
      truth: {
        direction: 'inbound',
        outcome: 'busy',
        duration: 30,
        ring: 15,
        talk: 0,
        wait: 0,
        queue: '6401',
        queues: [
          { queue: '6400', ended: 'overflowed', wait: 30 },
          { queue: '6401', ended: 'busy', wait: 0 },
        ],
        user: FRED,
        parts: [{ who: FRED, role: 'rang', ring: 15, talk: 0 }],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['6401', 'queue'],
        ],
      },
    },
    {
      // The agent has picked up another telephone meanwhile: the caller is in the queue all the same.
      name: 'left while an agent is busy',
      at: '11:40:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '6400', 30), unanswered(0, '4005', 15), unanswered(30, '4005', 0, { status: 'BUSY' })],
      truth: {
        direction: 'inbound',
        outcome: 'abandoned',
        duration: 30,
        ring: 15,
        talk: 0,
        wait: 30,
        queue: '6400',
        user: FRED,
        parts: [{ who: FRED, role: 'rang', ring: 15, talk: 0 }],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['4005', 'extension'],
        ],
      },
    },
  ],
};
