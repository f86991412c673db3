/**
 * Calls for people who are not there: forwarded to a mobile, to a mailbox, and after hours. The single row of a mailbox is as a PBX was
 * seen to write it (docs/yeastar.md, case C02), and so is a prompt without a number; that the ringing before a mailbox is a
 * row of its own, and how a forwarded call is written, no public capture shows. Both ways of writing that are known from the vendor's
 * event 30014 are here: in the caller's name, and in the extension's.
 */
import type { Flow } from './flow.ts';
import { answered, played, unanswered } from './pbx.ts';
import { ANNA, CUSTOMER, MOBILE, OTHER_CUSTOMER } from './people.ts';

export const forwardToMobile: Flow = {
  name: 'forward to a mobile',
  calls: [
    ...(['the caller', 'the extension'] as const).map(whose => ({
      name: `answered there, in the name of ${whose}`,
      at: whose === 'the caller' ? '09:00:00' : '09:10:00',
      from: CUSTOMER,
      type: 'Inbound' as const,
      // Marked Inbound, though it goes out: it is the call that came in.
      legs: [
        unanswered(0, '1001', 15),
        answered(15, MOBILE, 12, 30, { out: true, ...(whose === 'the extension' ? { from: '1001' } : {}) }),
      ],
      truth: {
        direction: 'inbound' as const,
        outcome: 'answered' as const,
        duration: 57,
        ring: 12,
        talk: 30,
        wait: null,
        queue: null,
        parts: [{ who: ANNA, role: 'forwarded' as const, ring: 15, talk: 0 }],
        reached: [['1001', 'extension'] as const, [MOBILE, 'external'] as const],
      },
    })),
    {
      name: 'not answered there either',
      at: '09:20:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 15), unanswered(15, MOBILE, 20, { out: true })],
      truth: {
        direction: 'inbound',
        outcome: 'missed',
        duration: 35,
        ring: 20,
        talk: 0,
        wait: null,
        queue: null,
        parts: [{ who: ANNA, role: 'forwarded', ring: 15, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          [MOBILE, 'external'],
        ],
      },
    },
  ],
};

export const voicemail: Flow = {
  name: 'voicemail',
  calls: [
    {
      name: 'after ringing',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 20), { at: 20, to: '1001', status: 'VOICEMAIL', ring: 0, talk: 11 }],
      truth: {
        direction: 'inbound',
        outcome: 'voicemail',
        duration: 31,
        ring: 20,
        talk: 11,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'forwarded', ring: 20, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          ['1001', 'extension'],
        ],
      },
    },
    {
      // Whether it rang before, the row does not tell.
      name: 'in a single row',
      at: '09:10:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [{ at: 0, to: '1001', status: 'VOICEMAIL', ring: 0, talk: 11 }],
      truth: {
        direction: 'inbound',
        outcome: 'voicemail',
        duration: 11,
        ring: null,
        talk: 11,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'forwarded', ring: 0, talk: 0 }],
        reached: [['1001', 'extension']],
      },
    },
    {
      name: 'out of a queue',
      at: '09:20:00',
      from: OTHER_CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '6400', 30), { at: 30, to: '1001', status: 'VOICEMAIL', ring: 0, talk: 14 }],
      truth: {
        direction: 'inbound',
        outcome: 'voicemail',
        duration: 44,
        ring: 30,
        talk: 14,
        wait: 30,
        queue: '6400',
        queues: [{ queue: '6400', ended: 'overflowed', wait: 30 }],
        user: ANNA,
        parts: [{ who: ANNA, role: 'forwarded', ring: 0, talk: 0 }],
        reached: [
          ['6400', 'queue'],
          ['1001', 'extension'],
        ],
      },
    },
  ],
};

export const afterHours: Flow = {
  name: 'after hours',
  calls: [
    {
      name: 'heard the prompt',
      at: '19:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [played(0, '', 8)],
      truth: {
        direction: 'inbound',
        outcome: 'ivr_only',
        duration: 8,
        ring: null,
        talk: 0,
        wait: null,
        queue: null,
        user: null,
        parts: [],
        reached: [['', 'service']],
      },
    },
    {
      name: 'hung up at once',
      at: '19:10:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [played(0, '', 3)],
      truth: {
        direction: 'inbound',
        outcome: 'ivr_only',
        short: true,
        duration: 3,
        ring: null,
        talk: 0,
        wait: null,
        queue: null,
        user: null,
        parts: [],
        reached: [['', 'service']],
      },
    },
    {
      name: 'went through the menu in vain',
      at: '19:20:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [played(0, '6200', 12), played(12, 'Play Prompt', 8)],
      truth: {
        direction: 'inbound',
        outcome: 'ivr_only',
        duration: 20,
        ring: null,
        talk: 0,
        wait: null,
        queue: null,
        user: null,
        parts: [],
        reached: [
          ['6200', 'ivr'],
          ['Play Prompt', 'service'],
        ],
      },
    },
  ],
};
