/**
 * Calls that leave by a trunk to a number that is something here: the telephone of the other office, which has a PBX of its own, a short
 * number of the network that somebody has here as an extension, or that the plan has for a queue. The rows are built as those of a
 * call to the outside are (plainFlows.ts): that the call left by a trunk is the PBX's own word.
 */
import type { Flow, FlowCall } from './flow.ts';
import { answered, unanswered } from './pbx.ts';
import { ANNA, BERT, CUSTOMER, HUGO, JANA } from './people.ts';

const out = (name: string, at: string, to: string, type: 'Outbound' | 'Inbound' = 'Outbound'): FlowCall => ({
  name,
  at,
  from: ANNA.extension,
  type: 'Outbound',
  legs: [answered(0, to, 5, 120, { out: true, type })],
  truth: {
    direction: 'outbound',
    outcome: 'answered',
    duration: 125,
    ring: 5,
    talk: 120,
    wait: null,
    queue: null,
    user: ANNA,
    parts: [{ who: ANNA, role: 'answered', ring: 0, talk: 120 }],
    reached: [[to, 'external']],
  },
});

export const outByTrunk: Flow = {
  name: 'out by a trunk to a number that is something here',
  calls: [
    out('the extension of somebody at the other office', '09:00:00', JANA.extension),
    out('that of nobody', '09:10:00', '3999'),
    out('that of a colleague', '09:20:00', HUGO.extension),
    out('a queue’s', '09:30:00', '6400'),
    out('a feature code of the network', '09:40:00', '*31#'),
    out('marked Inbound', '09:50:00', JANA.extension, 'Inbound'),
    {
      name: 'sent on in the caller’s name',
      at: '10:00:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [unanswered(0, '1001', 15), answered(15, HUGO.extension, 5, 40, { out: true })],
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 60,
        ring: 5,
        talk: 40,
        wait: null,
        queue: null,
        user: ANNA,
        parts: [{ who: ANNA, role: 'forwarded', ring: 15, talk: 0 }],
        reached: [
          ['1001', 'extension'],
          [HUGO.extension, 'external'],
        ],
      },
    },
  ],
};

/** Each PBX tells its half, and a person says that they are one. */
export const betweenPbxs: Flow = {
  name: 'between two PBXs, joined',
  calls: [
    ...[0, 2, -2].map(ahead => ({
      name: `taken, the other clock ${ahead} s ahead`,
      at: ahead === 0 ? '09:00:00' : ahead > 0 ? '09:10:00' : '09:20:00',
      from: ANNA.extension,
      type: 'Outbound' as const,
      legs: [answered(0, JANA.extension, 5, 120, { out: true })],
      joined: { from: ANNA.extension, type: 'Inbound' as const, legs: [answered(0, JANA.extension, 5, 120)], ahead },
      truth: {
        direction: 'internal' as const,
        outcome: 'answered' as const,
        duration: 125 + Math.abs(ahead),
        ring: 5,
        talk: 120,
        wait: null,
        queue: null,
        user: JANA,
        parts: [
          { who: ANNA, role: 'caller' as const, ring: 0, talk: 120 },
          { who: JANA, role: 'answered' as const, ring: 5, talk: 120 },
        ],
        reached: [[JANA.extension, 'external'] as const, [JANA.extension, 'extension'] as const],
      },
    })),
    {
      // The first PBX takes the menu of the other for an answer.
      name: 'not taken',
      at: '09:30:00',
      from: ANNA.extension,
      type: 'Outbound',
      legs: [answered(0, JANA.extension, 5, 20, { out: true })],
      joined: {
        from: ANNA.extension,
        type: 'Inbound',
        legs: [answered(0, '6200', 0, 5), unanswered(5, JANA.extension, 20)],
      },
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 25,
        ring: 20,
        talk: 0,
        wait: null,
        queue: null,
        user: JANA,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 0 },
          { who: JANA, role: 'rang', ring: 20, talk: 0 },
        ],
        reached: [
          [JANA.extension, 'external'],
          ['6200', 'ivr'],
          [JANA.extension, 'extension'],
        ],
      },
    },
    {
      name: 'a customer put through',
      at: '09:40:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, BERT.extension, 6, 60),
        answered(66, JANA.extension, 5, 120, { from: BERT.extension, type: 'Outbound', out: true }),
      ],
      joined: {
        from: CUSTOMER,
        type: 'Inbound',
        legs: [answered(66, JANA.extension, 5, 120)],
      },
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 191,
        ring: 6,
        talk: 180,
        wait: null,
        queue: null,
        user: JANA,
        parts: [
          { who: BERT, role: 'transferred', ring: 6, talk: 60 },
          { who: JANA, role: 'answered', ring: 5, talk: 120 },
        ],
        reached: [
          [BERT.extension, 'extension'],
          [JANA.extension, 'external'],
          [JANA.extension, 'extension'],
        ],
      },
    },
  ],
};

const TAKEN = {
  from: ANNA.extension,
  type: 'Outbound',
  legs: [answered(0, JANA.extension, 5, 120, { out: true })],
} as const;
const HALF = { from: ANNA.extension, type: 'Inbound', legs: [answered(0, JANA.extension, 5, 120)], ahead: 2 } as const;
const HOLDS = { warning: /holds for that part of this one/ };
const REACHED = [[JANA.extension, 'external'] as const, [JANA.extension, 'extension'] as const];

/** A person has said of the half of the other PBX what became of it, before the two were joined. */
export const correctedBetweenPbxs: Flow = {
  name: 'between two PBXs, the half of the other one corrected',
  calls: [
    ...[20, 110].map(talk => ({
      ...TAKEN,
      name: `talked for ${talk} s`,
      at: talk === 20 ? '09:00:00' : '09:10:00',
      joined: { ...HALF, corrected: { talkSeconds: talk } },
      truth: {
        direction: 'internal' as const,
        outcome: 'answered' as const,
        duration: 127,
        ring: 5,
        talk,
        wait: null,
        queue: null,
        user: JANA,
        parts: [
          { who: ANNA, role: 'caller' as const, ring: 0, talk },
          { who: JANA, role: 'answered' as const, ring: 5, talk },
        ],
        reached: REACHED,
        ...HOLDS,
      },
    })),
    {
      ...TAKEN,
      name: 'not taken',
      at: '09:20:00',
      joined: { ...HALF, corrected: { outcome: 'missed' } },
      truth: {
        direction: 'internal',
        outcome: 'unanswered',
        duration: 127,
        ring: 5,
        talk: 0,
        wait: null,
        queue: null,
        user: JANA,
        parts: [
          { who: ANNA, role: 'caller', ring: 0, talk: 0 },
          { who: JANA, role: 'rang', ring: 5, talk: 0 },
        ],
        reached: REACHED,
        ...HOLDS,
      },
    },
    {
      name: 'a customer put through, talked for 20 s',
      at: '09:30:00',
      from: CUSTOMER,
      type: 'Inbound',
      legs: [
        answered(0, BERT.extension, 6, 60),
        answered(66, JANA.extension, 5, 120, { from: BERT.extension, type: 'Outbound', out: true }),
      ],
      joined: {
        from: CUSTOMER,
        type: 'Inbound',
        legs: [answered(66, JANA.extension, 5, 120)],
        corrected: { talkSeconds: 20 },
      },
      truth: {
        direction: 'inbound',
        outcome: 'answered',
        duration: 191,
        ring: 6,
        talk: 80,
        wait: null,
        queue: null,
        user: JANA,
        parts: [
          { who: BERT, role: 'transferred', ring: 6, talk: 60 },
          { who: JANA, role: 'answered', ring: 5, talk: 20 },
        ],
        reached: [[BERT.extension, 'extension'], ...REACHED],
        ...HOLDS,
      },
    },
  ],
};
