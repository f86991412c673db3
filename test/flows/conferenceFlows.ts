/**
 * Conferences, by the numbers a P-Series is delivered with (docs/yeastar.md, section 1.4). No public capture shows their rows: they are
 * built as a queue's are, a row of the conference itself and one of each extension that it calls.
 */
import type { Flow } from './flow.ts';
import { answered, unanswered } from './pbx.ts';
import { ANNA, BERT, CARL, CUSTOMER, DORA } from './people.ts';

export const conference: Flow = {
  name: 'conference',
  calls: [
    {
      name: 'Anna dials in',
      at: '09:00:00',
      from: '1001',
      type: 'Internal',
      legs: [answered(0, '6500', 0, 600)],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 600,
        ring: 0,
        talk: 0,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'caller', ring: 0, talk: 0 }],
        reached: [['6500', 'conference']],
      },
    },
    {
      name: 'a customer is put through into it',
      at: '09:01:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1002', 5, 30), answered(35, '6500', 0, 500)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 535,
        ring: 5,
        talk: 30,
        wait: null,
        queue: null,
        user: BERT,
        parts: [{ who: BERT, role: 'answered', ring: 5, talk: 30 }],
        reached: [
          ['1002', 'extension'],
          ['6500', 'conference'],
        ],
      },
    },
  ],
};

/** Extensions that a conference calls have a row each, from the conference. */
export const callingConference: Flow = {
  name: 'conference that calls others in',
  calls: [
    {
      // Bert is called in and leaves, Carl stays longest, Dora is not there: nobody takes anything over.
      name: 'Anna dials in, and it calls others in',
      at: '09:30:00',
      from: '1001',
      type: 'Internal',
      legs: [
        answered(0, '6500', 0, 600),
        answered(0, '1002', 5, 295, { from: '6500' }),
        answered(60, '1003', 10, 540, { from: '6500' }),
        unanswered(60, '1004', 20, { from: '6500' }),
      ],
      truth: {
        direction: 'internal',
        outcome: 'answered',
        duration: 610,
        ring: 5,
        talk: 605,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 595 },
          { who: BERT, role: 'answered', ring: 5, talk: 295 },
          { who: CARL, role: 'answered', ring: 10, talk: 540 },
          { who: DORA, role: 'rang', ring: 20, talk: 0 },
        ],
        reached: [
          ['6500', 'conference'],
          ['1002', 'extension'],
          ['1003', 'extension'],
          ['1004', 'extension'],
        ],
      },
    },
    {
      name: 'Anna dials in, and whom it calls is not there',
      at: '10:00:00',
      from: '1001',
      type: 'Internal',
      legs: [answered(0, '6500', 0, 120), unanswered(10, '1002', 20, { from: '6500' })],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 120,
        ring: 20,
        talk: 0,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 0 },
          { who: BERT, role: 'rang', ring: 20, talk: 0 },
        ],
        reached: [
          ['6500', 'conference'],
          ['1002', 'extension'],
        ],
      },
    },
    {
      name: 'a customer dials in, and it calls two in',
      at: '10:30:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '6500', 0, 300),
        answered(10, '1002', 5, 285, { from: '6500' }),
        answered(20, '1003', 5, 275, { from: '6500' }),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 300,
        ring: 5,
        talk: 285,
        wait: null,
        queue: null,
        user: CARL,
        parts: [
          { who: BERT, role: 'answered', ring: 5, talk: 285 },
          { who: CARL, role: 'answered', ring: 5, talk: 275 },
        ],
        reached: [
          ['6500', 'conference'],
          ['1002', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
  ],
};
