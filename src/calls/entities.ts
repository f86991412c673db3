/** What this room keeps. Instants are UTC milliseconds, durations seconds, money integer millionths. */
import {
  boolean,
  bytes,
  defineEntity,
  type EntityRow,
  integer,
  json,
  nullable,
  numbered,
  text,
} from '../ledger/entity.ts';
import type { Direction } from '../values/direction.ts';
import type { Outcome, QueueOutcome } from '../values/outcome.ts';
import type { ParticipantRole } from './fold/participants.ts';
import type { Party } from './fold/party.ts';
import { RAW_WORDS } from './reports/rawWords.ts';
import type { Fact } from './reports/report.ts';
import { FACT_SHAPE } from './reports/storedFact.ts';

/**
 * What one source reports of one call under one name of its own: a PBX's call id, a registration, a dialling record. Its id is
 * the call id its first report was given.
 */
export const sourceCall = defineEntity({
  name: 'sourceCall',
  columns: {
    id: numbered('call'),
    sourceId: integer(),
    name: text(),
    kind: text<SourceCallKind>(),
    /** What its source calls the call, as people know it: `name` without what scopes it. Null where it has only our name. */
    externalId: nullable(text()),
    /** The call it is part of; null while a completed record knows of no call. */
    callId: nullable(numbered('call')),
  },
  key: ['id'],
  indexes: {
    byName: { columns: ['sourceId', 'name'], unique: true },
    byExternalId: { columns: ['externalId'], sparse: true },
  },
});
export type SourceCall = EntityRow<typeof sourceCall>;

/** `legs`: stages, as a PBX reports them. `record`: that an agent is done with it; it has no call of its own. */
export type SourceCallKind = 'legs' | 'registration' | 'call' | 'record';

/**
 * One message from outside that states something about a call; immutable but for the count of its deliveries, and for what it tells
 * where its bytes were read again (refolding/).
 */
export const report = defineEntity({
  name: 'report',
  columns: {
    id: numbered('report'),
    /** 0 for what people say over `/v1`. */
    sourceId: integer(),
    sourceCallId: numbered('call'),
    /** Within the source call: the same key is the same report again. */
    key: text(),
    kind: text(),
    receivedAt: integer(),
    /** How often it arrived; repeats change nothing else. */
    deliveries: integer(),
    fact: json<Fact>({ personal: 'content', shape: FACT_SHAPE }),
    warnings: nullable(json<readonly string[]>({ personal: 'content' })),
    contentType: nullable(text()),
    /** The bytes as they arrived, credentials stripped. */
    raw: bytes({ personal: 'content', words: RAW_WORDS }),
    /** It was loaded from elsewhere, after the fact: what it changes is no news. */
    historical: boolean(),
  },
  key: ['id'],
  indexes: { bySourceCall: { columns: ['sourceCallId'] } },
});
export type Report = EntityRow<typeof report>;

/** What the number plan and the people made of one stage of a call; what its source told is in its reports. */
export interface LegMeaning {
  /** The id of its first report. */
  readonly id: number;
  readonly party: Party;
  readonly userId: number | null;
  /** Where its numbers say another than its source does. */
  readonly direction?: Direction;
}

/** One attempt of two parties to talk: the fold of its reports. */
export const call = defineEntity({
  name: 'call',
  columns: {
    id: numbered('call'),
    sourceId: integer(),
    /** Of the source call that leads; the call is found under those of all its source calls. */
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
    /** In `queue`. */
    queueWaitSeconds: nullable(integer()),
    outcome: text<Outcome>(),
    /** Shorter than its source has for short. */
    short: boolean(),
    cause: nullable(text()),
    disposition: nullable(text({ personal: 'content' })),
    userId: nullable(integer()),
    extension: nullable(text({ personal: 'number' })),
    /** Of the queues it was in, the one whose agent answered last, else the last one. */
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
    /** The ids of the younger source calls that were joined into this call; null when one source told all of it. */
    sourceCalls: nullable(json<readonly number[]>()),
    /** The source calls of the dialling records it was completed for; null when there is none. */
    records: nullable(json<readonly number[]>()),
    /** Server time at which the first report of an end was taken; null while there is none. */
    endedSeenAt: nullable(integer()),
    /** When the call is due to settle. Once the settling line has passed it, it is when the call settled, and stays. */
    settlesAt: nullable(integer()),
    /** When it was split off a call that had settled: it counts as settled since, and does not settle by itself. */
    splitAt: nullable(integer()),
    /** Every report that came before it settled was historical. */
    historical: boolean(),
  },
  key: ['id'],
  indexes: {
    byStart: { columns: ['startedAt'] },
    bySettling: { columns: ['settlesAt', 'id'], sparse: true },
  },
  /** Few, wherever they are among all calls: an entry is made when a call is registered and goes with its end. */
  searches: { unended: { columns: ['startedAt'], whileNull: 'endedAt' } },
});
export type Call = EntityRow<typeof call>;

/**
 * A person's part in a call. Seconds are of that person's legs alone; of a call that several people had each has a row.
 */
export const participation = defineEntity({
  name: 'participation',
  columns: {
    callId: numbered('call'),
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

/** A call in a queue of a source: how long it waited there, and what became of it there, however often it came. */
export const queueVisit = defineEntity({
  name: 'queueVisit',
  columns: {
    callId: numbered('call'),
    sourceId: integer(),
    queue: text(),
    /** In the order of the call's queues, from 0; the one that decides for the call is the last (values/decidingVisit.ts). */
    place: integer(),
    /** Of the call. */
    startedAt: integer(),
    outcome: text<QueueOutcome>(),
    waitSeconds: nullable(integer()),
  },
  key: ['callId', 'sourceId', 'queue'],
  indexes: {
    byCall: { columns: ['callId'] },
    byQueue: { columns: ['queue', 'startedAt'] },
  },
});
export type QueueVisit = EntityRow<typeof queueVisit>;

/**
 * What two sources may tell of the same call can be found by: an agent, a number and a time. A leg of a PBX, or a
 * registration of a telephony application.
 */
export const candidate = defineEntity({
  name: 'candidate',
  columns: {
    /** The report that told of it first. */
    id: numbered('report'),
    sourceCallId: numbered('call'),
    sourceId: integer(),
    role: text<CandidateRole>(),
    userId: integer(),
    /** values/numberKey.ts */
    numberKey: text({ personal: 'number' }),
    /** UTC day of the start, days since 1970-01-01. */
    day: integer(),
    /** By the source's clock, where `clocked`; else it is ours that told. */
    startedAt: integer(),
    /** Null while a registration is not finished. */
    endedAt: nullable(integer()),
    clocked: boolean(),
    direction: text<Direction>(),
    /** Of a registration: the PBX's id of the call, where the application names it. Of a leg its source call has it. */
    name: nullable(text()),
    /** Decides between two that are equally near, whatever came first. */
    tie: text(),
  },
  key: ['id'],
  indexes: {
    /** By day first: what is added lies together, however many years are before it. */
    byParties: { columns: ['day', 'userId', 'numberKey'] },
    bySourceCall: { columns: ['sourceCallId'] },
    byName: { columns: ['name'], sparse: true },
  },
});
export type CandidateRole = 'leg' | 'registration';
export type Candidate = EntityRow<typeof candidate>;

/**
 * That two source calls are one call, may be, or are not: what matching found, and what a person decided, which wins. A call is
 * what is connected by `matched` and `joined` (matching/clusters.ts).
 */
export const link = defineEntity({
  name: 'link',
  columns: {
    /** The older source call. */
    a: numbered('call'),
    b: numbered('call'),
    by: text<'matcher' | 'person'>(),
    verdict: text<Verdict>(),
    at: integer(),
    /** The leg that a registration was found to be, by the id of its first report; 0: all of the call, which it names. */
    legId: nullable(integer()),
    /** Of a suspicion: what a person has to look at is listed by it. */
    suspicionId: nullable(integer()),
  },
  key: ['a', 'b', 'by'],
  indexes: {
    byA: { columns: ['a'] },
    byB: { columns: ['b'] },
    bySuspicion: { columns: ['suspicionId'], sparse: true },
  },
});
export type Link = EntityRow<typeof link>;

/**
 * Of matching: `matched`, or `suspected` where both calls had settled before it was found. Of a person: `joined` or `separated`.
 */
export type Verdict = 'matched' | 'suspected' | 'joined' | 'separated';

/** How many numbers of a source nothing says anything about, and which were seen last. */
export const unknownNumbers = defineEntity({
  name: 'unknownNumbers',
  columns: {
    sourceId: integer(),
    /** How often, over all of them. */
    seen: integer(),
    /** Latest first, each once. */
    latest: json<readonly UnknownNumber[]>({ personal: 'number' }),
  },
  key: ['sourceId'],
  resident: true,
});
export type UnknownNumbers = EntityRow<typeof unknownNumbers>;
export interface UnknownNumber {
  readonly number: string;
  readonly times: number;
  /** UTC milliseconds. */
  readonly seenAt: number;
}

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

/** The line up to which calls have settled (ARCHITECTURE.md, section 2): one row. */
export const settlingLine = defineEntity({
  name: 'settlingLine',
  columns: {
    id: integer(),
    /** UTC milliseconds: calls that were due by then have settled. */
    at: integer(),
  },
  key: ['id'],
  resident: true,
});

/**
 * When a call settled that became part of another one later. The row stays when the call is split off again: a reader of calls
 * first and of these rows after them misses none.
 */
export const formerCall = defineEntity({
  name: 'formerCall',
  columns: { id: numbered('call'), settledAt: integer(), historical: boolean() },
  key: ['id'],
  indexes: { bySettling: { columns: ['settledAt', 'id'] } },
});
export type FormerCall = EntityRow<typeof formerCall>;

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

/** One time that calls of a source were folded anew after its zone, its number plan or a rule had changed (refolding/). */
export const refoldRun = defineEntity({
  name: 'refoldRun',
  columns: {
    id: integer(),
    at: integer(),
    /** Who ran the command, by the name the system has for them. */
    author: text({ personal: 'name' }),
    sourceId: integer(),
    /** Calls that had started at or after this instant, and before that one. */
    from: integer(),
    until: integer(),
    state: text<RefoldState>(),
    /** So far: calls that changed, and reports that were read otherwise. */
    calls: integer(),
    reports: integer(),
  },
  key: ['id'],
  indexes: { bySource: { columns: ['sourceId'] } },
});
/**
 * A run that was interrupted stays `applying` until another one over its calls ends, or `takingBack`; it can be taken back, or taken back
 * again.
 */
export type RefoldState = 'applying' | 'applied' | 'takingBack' | 'takenBack';
export type RefoldRun = EntityRow<typeof refoldRun>;

/** What a report had told before a run read its bytes again: what taking the run back restores. */
export const supersededFact = defineEntity({
  name: 'supersededFact',
  columns: {
    runId: integer(),
    reportId: integer(),
    fact: json<Fact>({ personal: 'content', shape: FACT_SHAPE }),
    warnings: nullable(json<readonly string[]>({ personal: 'content' })),
  },
  key: ['runId', 'reportId'],
});

/** A leg that can be found by something else since it was folded anew: its matches are still to be looked for. */
export const movedLeg = defineEntity({
  name: 'movedLeg',
  columns: {
    sourceId: integer(),
    /** The leg's first report. */
    reportId: integer(),
    sourceCallId: integer(),
  },
  key: ['sourceId', 'reportId'],
});
export type MovedLeg = EntityRow<typeof movedLeg>;

export const callEntities = [
  sourceCall,
  report,
  call,
  participation,
  queueVisit,
  candidate,
  link,
  unknownNumbers,
  sourceClock,
  settlingLine,
  formerCall,
  quarantine,
  quarantineTally,
  refoldRun,
  supersededFact,
  movedLeg,
];
