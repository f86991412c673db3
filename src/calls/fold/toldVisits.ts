/** The queues a call was in, by all that is told of it: legs before programs, a person's correction before both. */
import { outcomeInDirection } from '../../values/outcome.ts';
import { contentText } from '../../values/sameContent.ts';
import type { CallFields } from './fold.ts';
import { type Stay, statedVisits, type Visit, visitsOfParts } from './queueVisits.ts';

/** What a program states of one part of a call. */
export interface StatedPart {
  readonly sourceId: number;
  readonly fields: Pick<CallFields, 'queue' | 'queueWaitSeconds' | 'outcome' | 'startedAt' | 'endedAt'>;
}

interface ToldVisits {
  readonly fields: CallFields;
  /** The one that decides last: its queue and wait are the call's. */
  readonly visits: readonly Visit[];
}

interface Reported {
  readonly legs: { readonly visits: readonly Visit[]; readonly fields: CallFields } | null;
  /** In the order in which they ended. */
  readonly parts: readonly StatedPart[];
  /** Of the whole call. */
  readonly fields: CallFields;
}

/** Before corrections. Where the legs name no queue, a program may. */
export function reportedVisits({ legs, parts, fields }: Reported): ToldVisits {
  const ofLegs = legs?.visits ?? [];
  const visits = ofLegs.length > 0 ? ofLegs : statedVisits(staysOf(parts, fields));
  const last = visits.at(-1);
  if (last === undefined) return { fields, visits };
  const isWhole = ofLegs.length === 0 && (legs !== null || parts.length === 1);
  const known = ofLegs.length > 0 ? null : (legs?.fields.queueWaitSeconds ?? null);
  const rest = visits.length === 1 ? fields.queueWaitSeconds : null;
  const decisive = {
    ...last,
    outcome: isWhole ? fields.outcome : last.outcome,
    waitSeconds: known ?? last.waitSeconds ?? rest,
  };
  return {
    fields: { ...fields, queue: decisive.queue, queueWaitSeconds: decisive.waitSeconds },
    visits: [...visits.slice(0, -1), decisive],
  };
}

function staysOf(parts: readonly StatedPart[], whole: CallFields): readonly Stay[] {
  return goneOnFrom(
    parts.map(({ sourceId, fields }) => {
      const { queue, queueWaitSeconds: waitSeconds, outcome } = fields;
      return { fields, visits: queue === null ? [] : [{ sourceId, queue, waitSeconds, outcome }] };
    }),
    whole,
  );
}

/** A part of a call, or a whole one, in its queues. */
export interface InQueues {
  readonly fields: Pick<CallFields, 'queue' | 'outcome' | 'startedAt' | 'endedAt'>;
  readonly visits: readonly Visit[];
}

/** Who did not answer a part that another one follows, in another queue or with an answer, gave the caller on. */
function goneOnFrom(parts: readonly InQueues[], whole: Pick<CallFields, 'outcome' | 'direction'>): readonly Stay[] {
  return parts.flatMap(({ fields: { startedAt, endedAt: sameUntil }, visits }, place) => {
    const later = parts.slice(place + 1).map(each => each.fields);
    return visits.map((visit): Stay => {
      const { queue } = visit;
      const isLeft = later.some(each => each.outcome === 'answered' || (each.queue !== null && each.queue !== queue));
      const isAnswered = visit.outcome === 'answered' && whole.outcome === 'answered';
      const outcome = isAnswered || !isLeft ? visit.outcome : 'overflowed';
      const told = outcomeInDirection(outcome, whole.direction);
      return { ...visit, outcome: told, endsWait: told === 'answered', startedAt, sameUntil };
    });
  });
}

interface OfParts {
  /** As its sources alone tell it. */
  readonly told: InQueues;
  /** In the order in which they ended; `told` are the visits as its sources alone tell them. */
  readonly parts: readonly (InQueues & { readonly told: readonly Visit[] })[];
  readonly whole: Pick<CallFields, 'outcome' | 'direction'>;
  readonly isOfLegs: boolean;
}

/**
 * Of parts that people corrected. Programs that tell the same wait tell it twice, of legs what was waited in each is waited in all. Where
 * the corrections leave the queues as they were, the legs of the whole tell best who gave the call on.
 */
export function visitsOfCorrected({ told, parts, whole, isOfLegs }: OfParts): readonly Visit[] {
  const isAsTold = parts.every(each => contentText(each.visits) === contentText(each.told));
  const isSame = (told.fields.outcome === 'answered') === (whole.outcome === 'answered');
  if (isOfLegs && isAsTold && isSame) return told.visits;
  const stays = goneOnFrom(parts, whole);
  if (stays.length === 0) return told.visits;
  return isOfLegs ? visitsOfParts(stays) : statedVisits(stays);
}

interface Corrected {
  readonly before: CallFields;
  readonly after: CallFields;
  /** Whose call it is: a queue that only a person names is of this source. */
  readonly sourceId: number;
}

/** The queue that decides is the one a person names, with the wait and, unless it gave the call on, what became of the call. */
export function correctedVisits(visits: readonly Visit[], { before, after, sourceId }: Corrected): readonly Visit[] {
  const { queue, queueWaitSeconds: waitSeconds, outcome, direction } = after;
  if (queue === null) return [];
  const last: Visit = visits.at(-1) ?? { sourceId, queue, outcome, waitSeconds };
  const followed = last.outcome === before.outcome ? outcome : last.outcome;
  const decisive = { ...last, queue, waitSeconds, outcome: outcomeInDirection(followed, direction) };
  const others = visits.slice(0, -1).filter(each => each.queue !== queue || each.sourceId !== last.sourceId);
  const isAnswered = outcome === 'answered';
  return [
    ...others.map(each => {
      const given = each.outcome === 'answered' && !isAnswered ? outcome : each.outcome;
      return { ...each, outcome: outcomeInDirection(given, direction) };
    }),
    decisive,
  ];
}
