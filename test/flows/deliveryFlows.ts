/** What becomes of the rows of other flows on their way: told again late, in reverse, by two PBXs under one id, in an autumn night. */
import type { Flow, FlowCall } from './flow.ts';
import { answered } from './pbx.ts';
import { ANNA, BERT, CUSTOMER, JANA } from './people.ts';
import { menuAndRingAllQueue } from './queueFlows.ts';
import { attendedTransfer, blindTransfer } from './transferFlows.ts';

const calls: readonly FlowCall[] = [
  ...[menuAndRingAllQueue, attendedTransfer, blindTransfer].map(({ name, calls: [first] }, i) => ({
    ...first!,
    name,
    at: `1${i}:00:00`,
  })),
];

/** After the call has settled all its rows come again, and then with the names of recordings. */
export const lateRepeats: Flow = {
  name: 'late repeats',
  calls: calls.map(each => ({ ...each, arrives: 'again, late' })),
};

export const lastFirst: Flow = {
  name: 'legs last first',
  calls: [...calls, { ...blindTransfer.calls[2]!, at: '15:00:00' }].map(each => ({ ...each, arrives: 'last first' })),
};

/** The counter in `call_id` starts anew at each PBX. */
export const twoPbxs: Flow = {
  name: 'two PBXs with one call id',
  calls: [
    {
      name: 'at the first',
      at: '09:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '1001', 6, 60)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 66,
        ring: 6,
        talk: 60,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'answered', ring: 6, talk: 60 }],
        reached: [['1001', 'extension']],
      },
    },
    {
      name: 'at the second',
      at: '09:00:00',
      elsewhere: true,
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '3001', 8, 25)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 33,
        ring: 8,
        talk: 25,
        wait: null,
        queue: null,
        user: JANA,
        parts: [{ who: JANA, role: 'answered', ring: 8, talk: 25 }],
        reached: [['3001', 'extension']],
      },
    },
  ],
};

const nightCall = (name: string, at: string, secondTime: boolean): FlowCall => ({
  name,
  at,
  ...(secondTime ? { secondTime: true as const } : {}),
  from: CUSTOMER,
  type: 'Inbound',
  legs: [answered(0, '1001', 6, 60)],
  truth: {
    direction: 'inbound',
    outcome: 'answered',
    duration: 66,
    ring: 6,
    talk: 60,
    wait: null,
    queue: null,
    user: ANNA,
    parts: [{ who: ANNA, role: 'answered', ring: 6, talk: 60 }],
    reached: [['1001', 'extension']],
  },
});

/** The hour from two to three comes twice. */
export const autumnNight: Flow = {
  name: 'the night in which clocks are turned back',
  inAutumn: true,
  calls: [
    nightCall('half past two', '02:30:00', false),
    nightCall('half past two, an hour later', '02:30:00', true),
    {
      ...nightCall('across the change', '02:50:00', false),
      // Transferred at 02:10 by the clock, twenty minutes after 02:50.
      legs: [answered(0, '1001', 6, 1194), answered(1200, '1002', 5, 50)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 1255,
        ring: 6,
        talk: 1244,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 6, talk: 1194 },
          { who: BERT, role: 'answered', ring: 5, talk: 50 },
        ],
        reached: [
          ['1001', 'extension'],
          ['1002', 'extension'],
        ],
      },
    },
  ],
};
