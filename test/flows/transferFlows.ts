/**
 * Calls that change hands. After a transfer the further rows share the call's `call_id`, and the row of who handed the call on
 * ends there (docs/yeastar.md, section 1.4; the vendor's event 30013). No public capture shows the rows of a transfer: they are
 * built as rows of extensions, one for each that was reached.
 */
import type { Flow } from './flow.ts';
import { answered, unanswered } from './pbx.ts';
import { ANNA, BERT, CUSTOMER, FRED } from './people.ts';

export const blindTransfer: Flow = {
  name: 'blind transfer',
  calls: [
    {
      name: 'taken',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 60), answered(66, '1002', 7, 120)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 193,
        ring: 6,
        talk: 180,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 60 },
          { who: BERT, role: 'answered', ring: 7, talk: 120 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
    {
      name: 'not taken',
      at: '09:10:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 60), unanswered(66, '1002', 20)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 86,
        ring: 6,
        talk: 60,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [
          { who: ANNA, role: 'answered', ring: 6, talk: 60 },
          { who: BERT, role: 'rang', ring: 20, talk: 0 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
    {
      // To the second: what a wrong time zone would look like.
      name: 'after an hour',
      at: '10:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 3594), answered(3600, '1002', 5, 796)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 4401,
        ring: 6,
        talk: 4390,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 3594 },
          { who: BERT, role: 'answered', ring: 5, talk: 796 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
  ],
};

export const attendedTransfer: Flow = {
  name: 'attended transfer',
  calls: [
    {
      // Anna holds the caller for 24 seconds, in which she asks Bert; a person talks once at a time.
      name: 'taken',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '1001', 6, 114),
        answered(96, '1002', 4, 20, { from: '1001', type: 'Internal' }),
        answered(120, '1002', 0, 180),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 300,
        ring: 6,
        talk: 294,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 114 },
          { who: BERT, role: 'answered', ring: 4, talk: 200 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
    {
      // Bert does not pick up: Anna takes the caller back, and her row goes on.
      name: 'taken back',
      at: '10:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 114), unanswered(60, '1002', 15, { from: '1001', type: 'Internal' })],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 120,
        ring: 6,
        talk: 114,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [
          { who: ANNA, role: 'answered', ring: 6, talk: 114 },
          { who: BERT, role: 'rang', ring: 15, talk: 0 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
  ],
};

/** Anna's row would have ended where she had handed the call on: she still had it. */
export const givenUpOnHold: Flow = {
  name: 'given up on hold',
  calls: [22, 21].map(talk => ({
    name: talk === 22 ? 'in the same second' : 'a second apart',
    at: talk === 22 ? '09:00:00' : '10:00:00',
    from: CUSTOMER,
    type: 'Inbound' as const,
    legs: [answered(0, '1001', 6, 100), answered(80, '1002', 4, talk, { from: '1001', type: 'Internal' })],
    truth: {
      direction: 'inbound' as const,
      outcome: 'answered' as const,
      duration: 106,
      ring: 6,
      talk: 100,
      wait: null,
      queue: null,
      user: ANNA,
      parts: [
        { who: ANNA, role: 'answered' as const, ring: 6, talk: 100 },
        { who: BERT, role: 'transferred' as const, ring: 4, talk },
      ],
      reached: [['1001', 'extension'] as const, ['1002', 'extension'] as const],
    },
  })),
};

/** Whether the queue's row ends when its agent hands the call on, or with the call, is not known: both are here. */
export const transferOutOfQueue: Flow = {
  name: 'transfer out of a queue',
  calls: ([600, 1401] as const).map(queueTalk => ({
    name: queueTalk === 600 ? 'the queue’s row ends with its agent’s' : 'the queue’s row ends with the call',
    at: queueTalk === 600 ? '09:00:00' : '10:00:00',
    from: CUSTOMER,
    type: 'Inbound' as const,
    legs: [
      answered(0, '6400', 11, queueTalk, { agentRing: 11 }),
      answered(11, '4005', 11, 600, { agentRing: 11 }),
      answered(611, '1002', 5, 796),
    ],
    truth: {
      direction: 'inbound' as const,
      outcome: 'answered' as const,
      duration: 1412,
      ring: 11,
      talk: 1396,
      wait: 11,
      queue: '6400',
      user: BERT,
      parts: [
        { who: BERT, role: 'answered' as const, ring: 5, talk: 796 },
        { who: FRED, role: 'transferred' as const, ring: 11, talk: 600 },
      ],
      reached: [['6400', 'queue'] as const, ['4005', 'extension'] as const, ['1002', 'extension'] as const],
    },
  })),
};
