/** What this room keeps: where reports come from. */
import { boolean, defineEntity, type EntityRow, integer, type Json, json, nullable, text } from '../ledger/entity.ts';
import type { ManagedBy } from '../values/managedBy.ts';
import type { QueueThresholds } from './queueThresholds.ts';
import type { NUMBER_CLASSES } from './rules.ts';

/** What is nobody's any more is inactive, never deleted: calls name it. */
export const source = defineEntity({
  name: 'source',
  columns: {
    id: integer(),
    key: text(),
    /** The dialect it speaks, which alone reads `settings`. */
    kind: text(),
    timeZone: text(),
    country: text(),
    areaCode: nullable(text()),
    outsidePrefix: nullable(text()),
    numbers: json<NumberRanges>(),
    /** A call shorter than this is marked so. */
    shortSeconds: integer(),
    /** Within how many seconds its queues are to be answered; some of them within others. */
    answerWithinSeconds: integer(),
    queueThresholds: json<QueueThresholds>(),
    active: boolean(),
    managedBy: text<ManagedBy>(),
    settings: json<SourceSettings>(),
  },
  key: ['id'],
  indexes: { byKey: { columns: ['key'], unique: true }, byKind: { columns: ['kind'] } },
  resident: true,
});
export type Source = EntityRow<typeof source>;

/** Patterns as in `62xx` or `[2-4]xxx`. */
export type NumberRanges = Readonly<Record<(typeof NUMBER_CLASSES)[number], readonly string[]>>;

export const NO_NUMBERS: NumberRanges = {
  ivr: [],
  queue: [],
  ringGroup: [],
  conference: [],
  paging: [],
  parking: [],
  voicemail: [],
  internal: [],
};

/** What is one dialect's alone. Secrets among it are sealed with the key file. */
export type SourceSettings = Readonly<Record<string, Json>>;

export const sourceEntities = [source];
