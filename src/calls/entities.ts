/** What this room keeps. Instants are UTC milliseconds, durations seconds, money integer millionths. */
import { boolean, bytes, defineEntity, type EntityRow, integer, json, nullable, text } from '../ledger/entity.ts';
import type { Direction } from '../values/direction.ts';
import type { Outcome } from '../values/outcome.ts';
import type { Party } from './party.ts';
import type { Fact } from './report.ts';

/** Where reports come from. What the organisation file no longer names is inactive, never deleted. */
export const source = defineEntity({
  name: 'source',
  columns: {
    id: integer(),
    key: text(),
    kind: text<'yeastar' | 'native'>(),
    serial: nullable(text()),
    timeZone: text(),
    country: text(),
    areaCode: nullable(text()),
    outsidePrefix: nullable(text()),
    /** Sealed with the key file; null when the source has none. */
    secret: nullable(text()),
    /** Whether reports without a signature are taken. */
    unsigned: boolean(),
    /** Take the zone a call id implies instead of the configured one. */
    autoZone: boolean(),
    /** The PBX's display format for date and time, when it uses it in events. */
    displayFormat: nullable(text()),
    numbers: json<NumberRanges>(),
    /** A caller who leaves a queue sooner than this has abandoned; later, we missed the call. */
    abandonSeconds: integer(),
    active: boolean(),
  },
  key: ['id'],
  indexes: { byKey: { columns: ['key'], unique: true } },
  resident: true,
});
export type Source = EntityRow<typeof source>;

/** Patterns as in `62xx` or `[2-4]xxx`. */
export interface NumberRanges {
  readonly ivr: readonly string[];
  readonly queue: readonly string[];
  readonly internal: readonly string[];
}

/** One message from outside that says something about a call; immutable but for the count of its deliveries. */
export const report = defineEntity({
  name: 'report',
  columns: {
    id: integer(),
    /** 0 for what people say over `/v1`. */
    sourceId: integer(),
    group: text(),
    key: text(),
    kind: text(),
    callId: integer(),
    receivedAt: integer(),
    /** How often it arrived; repeats change nothing else. */
    deliveries: integer(),
    fact: json<Fact>(),
    warnings: nullable(json<readonly string[]>()),
    contentType: nullable(text()),
    /** The bytes as they arrived, credentials stripped. */
    raw: bytes(),
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
  /** The id of the first report that told of it. */
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
    from: nullable(text()),
    to: nullable(text()),
    fromE164: nullable(text()),
    toE164: nullable(text()),
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
    cause: nullable(text()),
    disposition: nullable(text()),
    userId: nullable(integer()),
    extension: nullable(text()),
    queue: nullable(text()),
    line: nullable(text()),
    trunkIn: nullable(text()),
    trunkOut: nullable(text()),
    did: nullable(text()),
    didName: nullable(text()),
    recording: nullable(text()),
    costMicros: nullable(integer()),
    currency: nullable(text()),
    vote: nullable(integer()),
    failedReason: nullable(text()),
    note: nullable(text()),
    links: nullable(json<readonly string[]>()),
    /** Read with one call, left out of lists. */
    legs: json<readonly LegMeaning[]>(),
  },
  key: ['id'],
  indexes: {
    byStart: { columns: ['startedAt'] },
    byUser: { columns: ['userId', 'startedAt'], sparse: true },
  },
});
export type Call = EntityRow<typeof call>;

/** When a call that has ended counts as settled (design section 2). A narrow row beside the wide one: it changes twice. */
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
    problem: text(),
    state: text<'waiting' | 'replayed'>(),
    callId: nullable(integer()),
    contentType: nullable(text()),
    /** SHA-256 of the bytes: the same thing again is kept once. */
    digest: text(),
    /** Empty once replayed: the report has them then. */
    raw: bytes(),
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

export const callEntities = [source, report, call, settling, quarantine, quarantineTally];
