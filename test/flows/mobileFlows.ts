/**
 * Calls that end on a mobile, further ways. The rows are built as those of awayFlows.ts are; that two telephones ring together, of
 * which the mobile is picked up, no public capture shows either.
 */
import type { Flow, FlowCall } from './flow.ts';
import { answered, played, unanswered } from './pbx.ts';
import { ANNA, BERT, CUSTOMER, MOBILE } from './people.ts';

export const mobiles: Flow = {
  name: 'mobiles of people',
  calls: [
    {
      // Anna's calls go to Bert, and Bert's to his mobile.
      name: 'through a colleague',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 15), unanswered(15, '1002', 15), answered(30, MOBILE, 6, 44, { out: true })],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 80,
        ring: 6,
        talk: 44,
        wait: null,
        queue: null,
        parts: [
          { who: ANNA, role: 'rang', ring: 15, talk: 0 },
          { who: BERT, role: 'forwarded', ring: 15, talk: 0 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
          [MOBILE, 'external'],
        ],
      },
    },
    {
      name: 'rings beside the desk',
      at: '09:10:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 8), answered(0, MOBILE, 8, 100, { out: true })],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 108,
        ring: 8,
        talk: 100,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'forwarded', ring: 8, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          [MOBILE, 'external'],
        ],
      },
    },
    ...(['Inbound', 'Outbound'] as const).map(
      (type, place): FlowCall => ({
        // Who calls has Anna's number at a PBX of their own.
        name: `called from another PBX, ${type}`,
        at: `09:1${place + 1}:30`,
        from: ANNA.extension,
        type: 'Inbound',
        legs: [unanswered(0, '1002', 15), answered(15, MOBILE, 5, 40, { type, out: true })],
        truth: {
          direction: 'inbound',
          outcome: 'answered',
          duration: 60,
          ring: 5,
          talk: 40,
          wait: null,
          queue: null,
          user: BERT,
          parts: [{ who: BERT, role: 'forwarded', ring: 15, talk: 0 }],
          reached: [
            ['1002', 'extension'],
            [MOBILE, 'external'],
          ],
        },
      }),
    ),
    {
      name: 'called by a colleague',
      at: '09:20:00',
      from: '1001',
      type: 'Internal',
      legs: [unanswered(0, '1002', 15), answered(15, MOBILE, 6, 40, { from: '1002', type: 'Outbound', out: true })],
      truth: {
        direction: 'internal',
        outcome: 'answered',
        duration: 61,
        ring: 6,
        talk: 40,
        wait: null,
        queue: null,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 40 },
          { who: BERT, role: 'forwarded', ring: 15, talk: 0 },
        ],
        reached: [
          ['1002', 'extension'],
          [MOBILE, 'external'],
        ],
      },
    },
  ],
};

const TALKED = { direction: 'inbound', outcome: 'answered', user: null } as const;

/** Whose telephone rang before has not answered: the mobile, or whoever the queue rang, is not known to be theirs. */
export const answeredByOthersOutside: Flow = {
  name: 'answered outside by others than whose telephone rang',
  calls: [
    {
      name: 'the mobile of another agent',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '6400', 30, 50), unanswered(2, '1001', 15), answered(20, MOBILE, 10, 50, { out: true })],
      truth: {
        ...TALKED,
        duration: 80,
        ring: 10,
        talk: 50,
        wait: 30,
        queue: '6400',
        parts: [{ who: ANNA, role: 'rang', ring: 15, talk: 0 }],
        reached: [
          ['6400', 'queue'],
          ['1001', 'extension'],
          [MOBILE, 'external'],
        ],
      },
    },
    {
      name: 'the mobile of another agent, rung together',
      at: '09:10:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '6400', 10, 50), unanswered(0, '1001', 10), answered(0, MOBILE, 10, 50, { out: true })],
      truth: {
        ...TALKED,
        duration: 60,
        ring: 10,
        talk: 50,
        wait: 10,
        queue: '6400',
        parts: [{ who: ANNA, role: 'rang', ring: 10, talk: 0 }],
        reached: [
          ['6400', 'queue'],
          ['1001', 'extension'],
          [MOBILE, 'external'],
        ],
      },
    },
    {
      // The queue gives the caller on to who is on call: the telephone that it rang last had nothing to send on.
      name: 'a mobile to which the queue gave the caller on',
      at: '09:15:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        unanswered(0, '6400', 30),
        unanswered(0, '1001', 15),
        unanswered(15, '1002', 15),
        answered(30, MOBILE, 10, 60, { out: true }),
      ],
      truth: {
        ...TALKED,
        duration: 100,
        ring: 10,
        talk: 60,
        wait: 30,
        queue: '6400',
        queues: [{ queue: '6400', ended: 'overflowed', wait: 30 }],
        parts: [
          { who: ANNA, role: 'rang', ring: 15, talk: 0 },
          { who: BERT, role: 'rang', ring: 15, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'],
          ['1001', 'extension'],
          ['1002', 'extension'],
          [MOBILE, 'external'],
        ],
      },
    },
    {
      name: 'a queue that tells of no agent',
      at: '09:20:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 15), answered(15, '6400', 20, 60)],
      truth: {
        ...TALKED,
        duration: 95,
        ring: 20,
        talk: 60,
        wait: 20,
        queue: '6400',
        parts: [{ who: ANNA, role: 'rang', ring: 15, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          ['6400', 'queue'],
        ],
      },
    },
    {
      name: 'a service outside, chosen in a menu',
      at: '09:30:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 15), played(15, '6200', 10), answered(25, MOBILE, 10, 50, { out: true })],
      truth: {
        ...TALKED,
        duration: 85,
        ring: 10,
        talk: 50,
        wait: null,
        queue: null,
        parts: [{ who: ANNA, role: 'rang', ring: 15, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          ['6200', 'ivr'],
          [MOBILE, 'external'],
        ],
      },
    },
  ],
};
