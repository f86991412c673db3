/**
 * Calls that end on a mobile, further ways. The rows are built as those of awayFlows.ts are; that two telephones ring together, of
 * which the mobile is picked up, no public capture shows either.
 */
import type { Flow } from './flow.ts';
import { answered, unanswered } from './pbx.ts';
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
