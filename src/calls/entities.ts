/** What this room keeps. Instants are UTC milliseconds, durations seconds, money integer millionths. */
import { boolean, bytes, defineEntity, type EntityRow, integer, json, nullable, text } from '../ledger/entity.ts';
import type { Direction } from '../values/direction.ts';
import type { Outcome } from '../values/outcome.ts';
import type { ParticipantRole } from './fold/participants.ts';
import type { Party } from './fold/party.ts';
import { FACT_SHAPE, type Fact } from './reports/report.ts';

/** One message from outside that states something about a call; immutable but for the count of its deliveries. */
export const report = defineEntity({
  name: 'report',
  columns: {
    id: integer(),
    /** 0 for what people say over `/v1`. */
    sourceId: integer(),
    group: text(),
    key: text(),
    kind: text(),
    /**
     * The strand it belongs to: the id its group's first report gave a call. A call that was joined into an older one keeps
     * its reports under this id. 0 while a completed record knows of no call.
     */
    callId: integer(),
    receivedAt: integer(),
    /** How often it arrived; repeats change nothing else. */
    deliveries: integer(),
    fact: json<Fact>({ personal: 'content', shape: FACT_SHAPE }),
    warnings: nullable(json<readonly string[]>({ personal: 'content' })),
    contentType: nullable(text()),
    /** The bytes as they arrived, credentials stripped. */
    raw: bytes({ personal: 'content' }),
  },
  key: ['id'],
  indexes: {
    byGroup: { columns: ['sourceId', 'group'] },
    byCall: { columns: ['callId'] },
  },
});
export type Report = EntityRow<typeof report>;

/** What the number plan and the people made of one stage of a call; what its source told is in its reports. */
export interface LegMeaning {
  /** The id of its first report. */
  readonly id: number;
  readonly party: Party;
  readonly userId: number | null;
}

/** One attempt of two parties to talk: the fold of its reports. */
export const call = defineEntity({
  name: 'call',
  columns: {
    id: integer(),
    sourceId: integer(),
    externalId: nullable(text()),
    direction: text<Direction>(),
    from: nullable(text({ personal: 'number' })),
    to: nullable(text({ personal: 'number' })),
    fromE164: nullable(text({ personal: 'number' })),
    toE164: nullable(text({ personal: 'number' })),
    startedAt: integer(),
    /** Days since 1970-01-01 of the local date in the organisation's zone at the start: the day it is counted in. */
    day: integer(),
    answeredAt: nullable(integer()),
    endedAt: nullable(integer()),
    durationSeconds: nullable(integer()),
    ringSeconds: nullable(integer()),
    talkSeconds: nullable(integer()),
    queueWaitSeconds: nullable(integer()),
    outcome: text<Outcome>(),
    /** Shorter than what its source takes for a call (`shortSeconds`): counted apart. */
    short: boolean(),
    cause: nullable(text()),
    disposition: nullable(text({ personal: 'content' })),
    userId: nullable(integer()),
    extension: nullable(text({ personal: 'number' })),
    queue: nullable(text()),
    line: nullable(text()),
    trunkIn: nullable(text()),
    trunkOut: nullable(text()),
    did: nullable(text()),
    didName: nullable(text()),
    recording: nullable(text({ personal: 'content' })),
    costMicros: nullable(integer()),
    currency: nullable(text()),
    vote: nullable(integer()),
    failedReason: nullable(text({ personal: 'content' })),
    note: nullable(text({ personal: 'content' })),
    links: nullable(json<readonly string[]>({ personal: 'content' })),
    /** Read with one call, left out of lists. */
    legs: json<readonly LegMeaning[]>({ personal: 'number' }),
    /** The ids of the younger strands that were joined into this call; null when one source told all of it. */
    strands: nullable(json<readonly number[]>()),
  },
  key: ['id'],
  indexes: {
    byStart: { columns: ['startedAt'] },
    byUser: { columns: ['userId', 'startedAt'], sparse: true },
  },
});
export type Call = EntityRow<typeof call>;

/**
 * A person's part in a call. Seconds are of that person's legs alone; of a call that several people had each has a row.
 */
export const participation = defineEntity({
  name: 'participation',
  columns: {
    callId: integer(),
    userId: integer(),
    role: text<ParticipantRole>(),
    /** Of the call. */
    startedAt: integer(),
    ringSeconds: nullable(integer()),
    talkSeconds: nullable(integer()),
  },
  key: ['callId', 'userId'],
  indexes: {
    byCall: { columns: ['callId'] },
    byUser: { columns: ['userId', 'startedAt'] },
  },
});
export type Participation = EntityRow<typeof participation>;

/** A strand that is part of an older call; its id goes on leading there. */
export const alias = defineEntity({
  name: 'alias',
  columns: { id: integer(), into: integer() },
  key: ['id'],
});

/**
 * What two sources may tell of the same call can be found by: an agent, a number and a time. A leg of a PBX, or a
 * registration of a telephony application.
 */
export const pairable = defineEntity({
  name: 'pairable',
  columns: {
    /** The report that told of it first. */
    id: integer(),
    strandId: integer(),
    sourceId: integer(),
    role: text<PairableRole>(),
    userId: integer(),
    /** values/numberKey.ts */
    numberKey: text({ personal: 'number' }),
    /** UTC day of the start, days since 1970-01-01: so that a block is read without the years before it. */
    day: integer(),
    /** By the source's clock, where `clocked`; else it is ours that told. */
    startedAt: integer(),
    /** Null while a registration is not finished. */
    endedAt: nullable(integer()),
    clocked: boolean(),
    direction: text<Direction>(),
    /** The PBX's id of the call, as it tells it, or as an application names it. */
    name: nullable(text()),
    /** Decides between two that are equally near, whatever came first. */
    tie: text(),
  },
  key: ['id'],
  indexes: {
    byParties: { columns: ['userId', 'numberKey', 'day'] },
    byStrand: { columns: ['strandId'] },
    byName: { columns: ['name'], sparse: true },
  },
});
export type PairableRole = 'leg' | 'registration';
export type Pairable = EntityRow<typeof pairable>;

/** A registration's strand and the leg it was found to be. */
export const pairing = defineEntity({
  name: 'pairing',
  columns: {
    /** The registration's strand. */
    id: integer(),
    /** The leg's strand. */
    withId: integer(),
    legId: integer(),
    /** When it was found. What is found after the call has settled was told to nobody yet, and may be found to be otherwise. */
    at: integer(),
  },
  key: ['id'],
  indexes: { byWith: { columns: ['withId'] } },
});

/** Two strands that look like one call, found when both of their calls had settled: for a person to decide. */
export const doubt = defineEntity({
  name: 'doubt',
  columns: { id: integer(), withId: integer(), at: integer() },
  key: ['id', 'withId'],
  indexes: { byWith: { columns: ['withId'] }, byId: { columns: ['id'] } },
});

/** A person's word on whether two strands are one call. It wins over what pairing finds. */
export const judgement = defineEntity({
  name: 'judgement',
  columns: {
    /** The older strand. */
    id: integer(),
    withId: integer(),
    verdict: text<'together' | 'apart'>(),
  },
  key: ['id', 'withId'],
  indexes: { byId: { columns: ['id'] }, byWith: { columns: ['withId'] } },
});

/** How far a source's clock is from ours, as its reports show (clocks.ts). */
export const sourceClock = defineEntity({
  name: 'sourceClock',
  columns: { sourceId: integer(), hours: json<readonly ClockHour[]>() },
  key: ['sourceId'],
});

/** The least time that passed from what a source's clock said to our receiving it, within one hour of ours. */
export interface ClockHour {
  /** Hours since 1970-01-01 UTC. */
  readonly hour: number;
  readonly leastMs: number;
  readonly samples: number;
}

/**
 * When a call that has ended counts as settled (ARCHITECTURE.md, section 2). A narrow row beside the wide one: it changes
 * twice.
 */
export const settling = defineEntity({
  name: 'settling',
  columns: {
    callId: integer(),
    /** Server time at which the first report of an end was taken. */
    endedSeenAt: integer(),
    dueAt: nullable(integer()),
    settledAt: nullable(integer()),
  },
  key: ['callId'],
  indexes: { due: { columns: ['dueAt'], sparse: true } },
});
export type Settling = EntityRow<typeof settling>;

/** What arrived and could not be understood, or is not about a call: kept, visible, replayable. */
export const quarantine = defineEntity({
  name: 'quarantine',
  columns: {
    id: integer(),
    sourceId: integer(),
    receivedAt: integer(),
    /** `unreadable` waits for a person; `other_event` is understood but not about a call's end. */
    reason: text<QuarantineReason>(),
    problem: text({ personal: 'content' }),
    state: text<'waiting' | 'replayed'>(),
    callId: nullable(integer()),
    contentType: nullable(text()),
    /** SHA-256 of the bytes: the same thing again is kept once. */
    digest: text(),
    /** Empty once replayed: the report has them then. */
    raw: bytes({ personal: 'content' }),
  },
  key: ['id'],
  indexes: { byDigest: { columns: ['sourceId', 'digest'] } },
});
export type QuarantineReason = 'unreadable' | 'other_event';
export type Quarantined = EntityRow<typeof quarantine>;

/** How much of a source is waiting in quarantine, so that its bound is known without counting. */
export const quarantineTally = defineEntity({
  name: 'quarantineTally',
  columns: {
    sourceId: integer(),
    reason: text<QuarantineReason>(),
    waiting: integer(),
    waitingBytes: integer(),
    /** Oldest first; kept for `other_event` only, whose oldest make room. */
    ids: json<readonly number[]>(),
  },
  key: ['sourceId', 'reason'],
});

export const callEntities = [
  report,
  call,
  participation,
  alias,
  pairable,
  pairing,
  doubt,
  judgement,
  sourceClock,
  settling,
  quarantine,
  quarantineTally,
];
