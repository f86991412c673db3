/**
 * What a PBX does with a call beside ringing a person: ring groups, paging, parking. Their numbers are those a P-Series is
 * delivered with (docs/yeastar.md, section 1.4). No public capture shows their rows: they are built as a queue's are, a row of the
 * number itself and one of each extension that it reached.
 */
import type { Flow } from './flow.ts';
import { answered, played, unanswered } from './pbx.ts';
import { ANNA, BERT, CARL, CUSTOMER, DORA } from './people.ts';

export const ringGroup: Flow = {
  name: 'ring group',
  calls: [
    {
      name: 'answered',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      // 1005 is nobody's: an extension all the same.
      legs: [
        answered(0, '6300', 10, 40),
        answered(0, '1003', 10, 40),
        unanswered(0, '1004', 10),
        unanswered(0, '1005', 10),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 50,
        ring: 10,
        talk: 40,
        wait: null,
        queue: null,
        user: CARL,
        parts: [
          { who: CARL, role: 'answered', ring: 10, talk: 40 },
          { who: DORA, role: 'rang', ring: 10, talk: 0 },
        ],
        reached: [
          ['6300', 'ringGroup'],
          ['1003', 'extension'],
          ['1004', 'extension'],
          ['1005', 'extension'],
        ],
      },
    },
    {
      name: 'nobody there',
      at: '09:10:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '6300', 25), unanswered(0, '1003', 25), unanswered(0, '1004', 25)],
      truth: {
        direction: 'inbound',
        outcome: 'missed',
        duration: 25,
        ring: 25,
        talk: 0,
        wait: null,
        queue: null,
        user: null,
        parts: [
          { who: CARL, role: 'rang', ring: 25, talk: 0 },
          { who: DORA, role: 'rang', ring: 25, talk: 0 },
        ],
        reached: [
          ['6300', 'ringGroup'],
          ['1003', 'extension'],
          ['1004', 'extension'],
        ],
      },
    },
  ],
};

export const paging: Flow = {
  name: 'paging',
  calls: [
    {
      // Loudspeakers pick up, and nobody talks back.
      name: 'to everybody',
      at: '09:00:00',
      from: '1001',
      type: 'Internal',
      legs: [answered(0, '6600', 0, 20)],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 20,
        ring: 0,
        talk: 0,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'caller', ring: 0, talk: 0 }],
        reached: [['6600', 'paging']],
      },
    },
    {
      name: 'with a row for each loudspeaker',
      at: '09:30:00',
      from: '1001',
      type: 'Internal',
      legs: [answered(0, '6600', 0, 20), answered(0, '1002', 0, 20), answered(0, '1003', 0, 20)],
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 20,
        ring: 0,
        talk: 0,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 0 },
          { who: BERT, role: 'rang', ring: 0, talk: 0 },
          { who: CARL, role: 'rang', ring: 0, talk: 0 },
        ],
        reached: [
          ['6600', 'paging'],
          ['1002', 'extension'],
          ['1003', 'extension'],
        ],
      },
    },
  ],
};

export const parking: Flow = {
  name: 'parking',
  calls: [
    {
      // Forty seconds of music between the two.
      name: 'parked by one, taken by another',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, '1001', 6, 30),
        answered(36, '6001', 0, 40),
        played(36, 'Music on Hold', 40),
        answered(76, '1002', 0, 50),
      ],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 126,
        ring: 6,
        talk: 80,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 30 },
          { who: BERT, role: 'answered', ring: 0, talk: 50 },
        ],
        reached: [
          ['1001', 'extension'],
          ['6001', 'parking'],
          ['Music on Hold', 'service'],
          ['1002', 'extension'],
        ],
      },
    },
    {
      name: 'parked and left',
      at: '09:10:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 30), answered(36, '6001', 0, 90)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 126,
        ring: 6,
        talk: 30,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'answered', ring: 6, talk: 30 }],
        reached: [
          ['1001', 'extension'],
          ['6001', 'parking'],
        ],
      },
    },
  ],
};
