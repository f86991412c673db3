/**
 * Calls that are taken by calling for them: a parked one by the number of its slot, a ringing one by a feature code. No public capture shows
 * their rows. They are built from the vendor's description of both features, in which the slot and the code are dialled like a number,
 * and as rows of extensions are: one of the dialled number in the name of who dials it, with and without one of the caller at the
 * telephone that took the call, and one of who parks.
 */
import type { Flow, FlowCall, FlowLeg, Part } from './flow.ts';
import { answered, unanswered } from './pbx.ts';
import { ANNA, BERT, CARL, CUSTOMER, FRED } from './people.ts';

const SLOT = '6001';
const dials = (who: { readonly extension: string }, at: number, to: string, talk: number): FlowLeg =>
  answered(at, to, 0, talk, { from: who.extension, type: 'Internal' });

const PARKED = [answered(0, ANNA.extension, 6, 30), answered(36, SLOT, 0, 40)];
const PARTS: readonly Part[] = [
  { who: ANNA, role: 'transferred', ring: 6, talk: 30 },
  { who: BERT, role: 'answered', ring: 0, talk: 50 },
];
const reachedBy = (legs: readonly FlowLeg[]): FlowCall['truth']['reached'] =>
  legs.map(({ to }) => [to, to === SLOT ? 'parking' : to.startsWith('*') ? 'featureCode' : 'extension'] as const);

const taken = (name: string, at: string, legs: readonly FlowLeg[]): FlowCall => ({
  name,
  at,
  from: CUSTOMER,
  type: 'Inbound',
  legs,
  truth: {
    direction: 'inbound',
    outcome: 'answered',
    duration: 126,
    ring: 6,
    talk: 80,
    wait: null,
    queue: null,
    user: BERT,
    parts: PARTS,
    reached: reachedBy(legs),
  },
});

const backAtHers = [...PARKED, dials(ANNA, 76, SLOT, 50)];

export const takenFromSlot: Flow = {
  name: 'parked, and taken by calling the slot',
  calls: [
    taken('by another', '09:00:00', [...PARKED, dials(BERT, 76, SLOT, 50)]),
    taken('with a row of who parks', '09:10:00', [PARKED[0]!, dials(ANNA, 36, SLOT, 40), dials(BERT, 76, SLOT, 50)]),
    taken('with a row of the telephone that takes it', '09:20:00', [
      ...PARKED,
      answered(76, BERT.extension, 0, 50),
      dials(BERT, 76, SLOT, 50),
    ]),
    taken('while the row of who parks goes on', '09:30:00', [
      answered(0, ANNA.extension, 6, 30),
      dials(ANNA, 35, SLOT, 41),
      dials(BERT, 76, SLOT, 50),
    ]),
    {
      name: 'by the one who parked it',
      at: '09:40:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: backAtHers,
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 126,
        ring: 6,
        talk: 80,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'answered', ring: 6, talk: 80 }],
        reached: reachedBy(backAtHers),
      },
    },
    {
      name: 'of a call out',
      at: '09:50:00',
      from: ANNA.extension,
      type: 'Outbound',
      legs: [answered(0, CUSTOMER, 6, 30, { out: true }), dials(ANNA, 36, SLOT, 40), dials(BERT, 76, SLOT, 50)],
      truth: {
        direction: 'outbound',
        outcome: 'answered',
        duration: 126,
        ring: 6,
        talk: 80,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 0, talk: 30 },
          { who: BERT, role: 'answered', ring: 0, talk: 50 },
        ],
        reached: [
          [CUSTOMER, 'external'],
          [SLOT, 'parking'],
          [SLOT, 'parking'],
        ],
      },
    },
    {
      name: 'of a call out, whose row lasts as long as the call',
      at: '09:55:00',
      from: ANNA.extension,
      type: 'Outbound',
      legs: [answered(0, CUSTOMER, 6, 120, { out: true }), answered(36, SLOT, 0, 40), dials(BERT, 76, SLOT, 50)],
      truth: {
        direction: 'outbound',
        outcome: 'answered',
        duration: 126,
        ring: 6,
        talk: 80,
        wait: null,
        queue: null,
        user: BERT,
        parts: [
          { who: ANNA, role: 'transferred', ring: 0, talk: 30 },
          { who: BERT, role: 'answered', ring: 0, talk: 50 },
        ],
        reached: [
          [CUSTOMER, 'external'],
          [SLOT, 'parking'],
          [SLOT, 'parking'],
        ],
      },
    },
    {
      // Anna calls Bert, who parks her.
      name: 'of a call inside',
      at: '10:00:00',
      from: ANNA.extension,
      type: 'Internal',
      legs: [answered(0, BERT.extension, 6, 30), dials(BERT, 36, SLOT, 40), dials(CARL, 76, SLOT, 50)],
      truth: {
        direction: 'internal',
        outcome: 'answered',
        duration: 126,
        ring: 6,
        talk: 80,
        wait: null,
        queue: null,
        user: CARL,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 80 },
          { who: BERT, role: 'transferred', ring: 6, talk: 30 },
          { who: CARL, role: 'answered', ring: 0, talk: 50 },
        ],
        reached: [
          [BERT.extension, 'extension'],
          [SLOT, 'parking'],
          [SLOT, 'parking'],
        ],
      },
    },
  ],
};

const pickUp = (name: string, at: string, legs: readonly FlowLeg[]): FlowCall => ({
  name,
  at,
  from: CUSTOMER,
  type: 'Inbound',
  legs,
  truth: {
    direction: 'inbound',
    outcome: 'answered',
    duration: 68,
    ring: 8,
    talk: 60,
    wait: null,
    queue: null,
    user: BERT,
    parts: [
      { who: ANNA, role: 'rang', ring: 8, talk: 0 },
      { who: BERT, role: 'answered', ring: 0, talk: 60 },
    ],
    reached: reachedBy(legs),
  },
});

export const pickedUp: Flow = {
  name: 'picked up by a feature code',
  calls: [
    pickUp('at another telephone', '09:00:00', [unanswered(0, ANNA.extension, 8), dials(BERT, 8, '*041001', 60)]),
    pickUp('that of the group', '09:10:00', [unanswered(0, ANNA.extension, 8), dials(BERT, 8, '*4', 60)]),
    {
      name: 'of an agent of the queue',
      at: '09:20:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, '6400', 8, 60), unanswered(0, FRED.extension, 8), dials(BERT, 8, '*044005', 60)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 68,
        ring: 8,
        talk: 60,
        wait: 8,
        queue: '6400',
        user: BERT,
        parts: [
          { who: BERT, role: 'answered', ring: 0, talk: 60 },
          { who: FRED, role: 'rang', ring: 8, talk: 0 },
        ],
        reached: [
          ['6400', 'queue'],
          [FRED.extension, 'extension'],
          ['*044005', 'featureCode'],
        ],
      },
    },
    {
      // A code that is dialled while Anna talks takes nothing from her.
      name: 'not what somebody else talks in',
      at: '09:30:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [answered(0, ANNA.extension, 8, 60), dials(CARL, 30, '*901001', 38)],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 68,
        ring: 8,
        talk: 60,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'answered', ring: 8, talk: 60 }],
        reached: [
          [ANNA.extension, 'extension'],
          ['*901001', 'featureCode'],
        ],
      },
    },
  ],
};
