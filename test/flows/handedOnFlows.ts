/** Calls that are handed on otherwise than from desk to desk; their rows are built as those of transferFlows.ts are. */
import type { Flow } from './flow.ts';
import { answered, unanswered } from './pbx.ts';
import { ANNA, BERT, CARL, CUSTOMER, FRED } from './people.ts';

export const transferIntoQueue: Flow = {
  name: 'transfer into a queue',
  calls: [
    {
      name: 'taken',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '1001', 6, 60),
        answered(66, '6400', 8, 50, { agentRing: 8 }),
        answered(74, '4005', 8, 50, { agentRing: 8 }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 124,
        ring: 6,
        talk: 110,
        wait: 8,
        queue: '6400',
        user: FRED,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 60 },
          { who: FRED, role: 'answered', ring: 8, talk: 50 },
        ],
        reached: [
          ['1001', 'extension'],
          ['6400', 'queue'],
          ['4005', 'extension'],
        ],
      },
    },
    {
      name: 'left there',
      at: '10:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 60), unanswered(66, '6400', 40), unanswered(66, '4005', 40)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 106,
        ring: 6,
        talk: 60,
        wait: 40,
        queue: '6400',
        // Anna answered at her desk: in the queue nobody did.
        queues: [{ queue: '6400', ended: 'abandoned', wait: 40 }],
        user: ANNA,
        parts: [
          { who: ANNA, role: 'answered', ring: 6, talk: 60 },
          { who: FRED, role: 'rang', ring: 40, talk: 0 },
        ],
        reached: [
          ['1001', 'extension'],
          ['6400', 'queue'],
          ['4005', 'extension'],
        ],
      },
    },
  ],
};

export const outboundHandedOn: Flow = {
  name: 'a call to the outside is handed on',
  calls: [
    {
      name: 'to a colleague',
      at: '09:00:00',
      from: '1001',
      type: 'Outbound',
      legs: [
        answered(0, CUSTOMER, 9, 91, { out: true }),
        answered(100, '1002', 4, 60, { from: '1001', type: 'Internal' }),
      ],
      truth: {
        direction: 'outbound',
        outcome: 'answered',
        duration: 164,
        ring: 9,
        talk: 151,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 0, talk: 91 },
          { who: BERT, role: 'answered', ring: 4, talk: 60 },
        ],
        reached: [
          [CUSTOMER, 'external'],
          ['1002', 'extension'],
        ],
      },
    },
  ],
};

/** Every call to 1001 goes to 1002: whether 1001 has a row of its own depends on the firmware, and changes nothing but that row. */
export const alwaysForwarded: Flow = {
  name: 'forward to a colleague',
  calls: [
    {
      name: 'with a row of both',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 0), answered(0, '1002', 5, 40)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 45,
        ring: 5,
        talk: 40,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'rang', ring: 0, talk: 0 },
          { who: BERT, role: 'answered', ring: 5, talk: 40 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
  ],
};

/**
 * Handed on twice, where the row of the first lasts as long as the call: that of a call out does, and that of a queue and its agent may
 * (transferOutOfQueue).
 */
export const handedOnTwice: Flow = {
  name: 'handed on twice',
  calls: [
    {
      name: 'a call out',
      at: '09:00:00',
      from: '1001',
      type: 'Outbound',
      legs: [
        answered(0, CUSTOMER, 10, 300, { out: true }),
        answered(110, '1002', 4, 96, { from: CUSTOMER, type: 'Internal' }),
        answered(210, '1003', 4, 96, { from: CUSTOMER, type: 'Internal' }),
      ],
      truth: {
        direction: 'outbound',
        outcome: 'answered',
        duration: 310,
        ring: 10,
        talk: 292,
        wait: null,
        queue: null,
        user: CARL,
        parts: [
          { who: ANNA, role: 'transferred', ring: 0, talk: 100 },
          { who: BERT, role: 'transferred', ring: 4, talk: 96 },
          { who: CARL, role: 'answered', ring: 4, talk: 96 },
        ],
        reached: [
          [CUSTOMER, 'external'],
          ['1002', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
    {
      name: 'a call out, in the name of who hands it on',
      at: '09:30:00',
      from: '1001',
      type: 'Outbound',
      legs: [
        answered(0, CUSTOMER, 10, 300, { out: true }),
        answered(110, '1002', 4, 96, { from: '1001', type: 'Internal' }),
        answered(210, '1003', 4, 96, { from: '1002', type: 'Internal' }),
      ],
      truth: {
        direction: 'outbound',
        outcome: 'answered',
        duration: 310,
        ring: 10,
        talk: 292,
        wait: null,
        queue: null,
        user: CARL,
        parts: [
          { who: ANNA, role: 'transferred', ring: 0, talk: 100 },
          { who: BERT, role: 'transferred', ring: 4, talk: 96 },
          { who: CARL, role: 'answered', ring: 4, talk: 96 },
        ],
        reached: [
          [CUSTOMER, 'external'],
          ['1002', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
    {
      name: 'out of a queue',
      at: '10:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '6400', 11, 1401, { agentRing: 11 }),
        answered(11, '4005', 11, 1401, { agentRing: 11 }),
        answered(611, '1002', 5, 389),
        answered(1005, '1003', 5, 402),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 1412,
        ring: 11,
        talk: 1391,
        wait: 11,
        queue: '6400',
        user: CARL,
        parts: [
          { who: BERT, role: 'transferred', ring: 5, talk: 389 },
          { who: CARL, role: 'answered', ring: 5, talk: 402 },
          { who: FRED, role: 'transferred', ring: 11, talk: 600 },
        ],
        reached: [
          ['6400', 'queue'],
          ['4005', 'extension'],
          ['1002', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
    {
      // After Bert the caller waits in a queue before Fred has them.
      name: 'by way of a queue',
      at: '11:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '1001', 6, 394),
        answered(100, '1002', 0, 100),
        answered(200, '6400', 50, 150, { agentRing: 50 }),
        answered(250, '4005', 50, 150, { agentRing: 50 }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 400,
        ring: 6,
        talk: 344,
        wait: 50,
        queue: '6400',
        user: FRED,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 94 },
          { who: BERT, role: 'transferred', ring: 0, talk: 100 },
          { who: FRED, role: 'answered', ring: 50, talk: 150 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
          ['6400', 'queue'],
          ['4005', 'extension'],
        ],
      },
    },
    {
      // Bert is asked, and Anna has the caller again: she ends nothing.
      name: 'asked in between, then handed on',
      at: '12:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 144), answered(60, '1002', 4, 30), answered(150, '1003', 5, 95)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 250,
        ring: 6,
        talk: 239,
        wait: null,
        queue: null,
        user: CARL,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 144 },
          { who: BERT, role: 'transferred', ring: 4, talk: 30 },
          { who: CARL, role: 'answered', ring: 5, talk: 95 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
  ],
};
