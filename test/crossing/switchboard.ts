/** What really happens on a day at the telephone, and what three systems tell of it: the made-up world of the crossing's tests. */
import fc from 'fast-check';

export const AGENTS = [
  { id: 1, login: 'agent1', extension: '2001', deviceId: '42e3a1c6-fc5e-425b-9411-125f536fde00' },
  { id: 2, login: 'agent2', extension: '2002', deviceId: '2b00393c-9ad3-418f-8b3d-a06cbe8af395' },
  { id: 3, login: 'agent3', extension: '2003', deviceId: '68b39a39-dfb5-417d-9efe-93c03a1375af' },
] as const;
export type Agent = (typeof AGENTS)[number];

/** Few, so that agents talk to the same people again and again. */
export const NUMBERS = ['+12125550111', '+12125550122', '+442079460133'] as const;

export const RESULTS = ['ANSWERED', 'NO ANSWER', 'BUSY'] as const;

/**
 * How the PBX writes a leg: between the agent's extension and the number outside; as two, a queue's of the agent and of the customer it
 * calls back; in the name of the colleague who hands the call on; in the customer's, also going out; as the agent's of the slot it was
 * parked in.
 */
export type Written = 'own' | 'callBack' | 'byColleague' | 'byCustomer' | 'fromSlot';
const HANDED_ON = ['own', 'byColleague', 'byCustomer', 'fromSlot'] as const satisfies readonly Written[];

/** A stretch of one agent's telephone. Instants are true UTC milliseconds. */
export interface Leg {
  readonly agent: Agent;
  readonly startedAt: number;
  readonly ringSeconds: number;
  /** 0 unless somebody answered. */
  readonly talkSeconds: number;
  readonly status: (typeof RESULTS)[number];
  readonly written: Written;
  /** The telephony application knows of it, and registers it this long after its start. */
  readonly registered: {
    readonly lateMs: number;
    readonly statesStart: boolean;
    readonly statesCode: boolean;
    readonly namesCall: boolean;
  } | null;
}

/** One attempt of two parties to talk. */
export interface MadeCall {
  readonly no: number;
  readonly number: string;
  readonly direction: 'inbound' | 'outbound';
  readonly legs: readonly Leg[];
  /** The agent took the number from a calling list, and says so afterwards. */
  readonly record: { readonly saysResult: boolean } | null;
}

export interface Day {
  readonly calls: readonly MadeCall[];
  /** Milliseconds the clocks are ahead of the true time. */
  readonly pbxAheadMs: number;
  readonly appAheadMs: number;
}

const START = Date.UTC(2026, 2, 2, 15);
/** Shorter ones cannot be told apart by anybody: both systems tell whole seconds, and a second or two late. */
const REDIAL_SECONDS = { min: 10, max: 40 };

const clockAhead = fc.oneof(fc.constant(0), fc.integer({ min: -90_000, max: 90_000 }));

const attempt = fc.record({
  number: fc.constantFrom(...NUMBERS),
  direction: fc.constantFrom('inbound' as const, 'outbound' as const),
  status: fc.constantFrom(...RESULTS),
  ringSeconds: fc.integer({ min: 0, max: 25 }),
  talkSeconds: fc.integer({ min: 1, max: 200 }),
  /** Until the agent's next call. */
  pauseSeconds: fc.oneof(fc.integer(REDIAL_SECONDS), fc.integer({ min: 40, max: 3_000 })),
  registered: fc.option(
    fc.record({
      lateMs: fc.integer({ min: 0, max: 1_500 }),
      statesStart: fc.boolean(),
      statesCode: fc.boolean(),
      namesCall: fc.boolean(),
    }),
    { freq: 5 },
  ),
  /** Somebody else takes the call over, and the application registers that too. */
  transfer: fc.option(
    fc.record({
      talkSeconds: fc.integer({ min: 1, max: 100 }),
      registered: fc.boolean(),
      written: fc.constantFrom(...HANDED_ON),
    }),
    { freq: 2 },
  ),
  /** Of a call that goes out and is from no list. */
  isCallBack: fc.boolean(),
  record: fc.option(fc.record({ saysResult: fc.boolean() }), { freq: 2 }),
});

/** Each agent's calls follow one another; a transfer goes to an agent who takes no calls of his own, so that nobody is in two calls. */
export const days: fc.Arbitrary<Day> = fc
  .record({
    first: fc.array(attempt, { minLength: 1, maxLength: 6 }),
    second: fc.array(attempt, { maxLength: 6 }),
    pbxAheadMs: clockAhead,
    appAheadMs: clockAhead,
  })
  .map(({ first, second, pbxAheadMs, appAheadMs }) => {
    const calls: MadeCall[] = [];
    /** The one who takes over has one telephone. */
    let takerFreeAt = 0;
    for (const [place, attempts] of [first, second].entries()) {
      const agent = AGENTS[place]!;
      let at = START + place * 3_500;
      for (const made of attempts) {
        const { ringSeconds, status, number, direction } = made;
        const talkSeconds = status === 'ANSWERED' ? made.talkSeconds : 0;
        const record = direction === 'outbound' ? made.record : null;
        const written = direction === 'outbound' && record === null && made.isCallBack ? 'callBack' : 'own';
        const { registered } = made;
        const legs: Leg[] = [{ agent, startedAt: at, ringSeconds, talkSeconds, status, written, registered }];
        let endedAt = at + (ringSeconds + talkSeconds) * 1000;
        if (made.transfer !== null && talkSeconds > 0 && endedAt >= takerFreeAt) {
          const registeredToo = made.transfer.registered
            ? { lateMs: 400, statesStart: true, statesCode: true, namesCall: false }
            : null;
          legs.push({
            agent: AGENTS[2],
            startedAt: endedAt,
            ringSeconds: 2,
            talkSeconds: made.transfer.talkSeconds,
            status: 'ANSWERED',
            written: made.transfer.written,
            registered: registeredToo,
          });
          endedAt += (2 + made.transfer.talkSeconds) * 1000;
          takerFreeAt = endedAt + REDIAL_SECONDS.min * 1000;
        }
        calls.push({ no: calls.length + 1, number, direction, legs, record });
        at = endedAt + made.pauseSeconds * 1000;
      }
    }
    return { calls, pbxAheadMs, appAheadMs };
  });

export const endOf = ({ startedAt, ringSeconds, talkSeconds }: Leg): number =>
  startedAt + (ringSeconds + talkSeconds) * 1000;

export const beginningOf = (days: Day): number => Math.min(...days.calls.map(each => each.legs[0]!.startedAt));
