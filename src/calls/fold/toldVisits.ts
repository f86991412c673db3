/** The queues a call was in, by all that is told of it: legs before programs, a person's correction before both. */
import { outcomeInDirection } from '../../values/outcome.ts';
import type { CallFields } from './fold.ts';
import { type Stay, statedVisits, type Visit } from './queueVisits.ts';

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

/** Who did not answer a part that another one follows, in another queue or with an answer, gave the caller on. */
function staysOf(parts: readonly StatedPart[], whole: CallFields): readonly Stay[] {
  return parts.flatMap(({ sourceId, fields }, place): Stay[] => {
    const { queue, queueWaitSeconds: waitSeconds, startedAt, endedAt: sameUntil } = fields;
    if (queue === null) return [];
    const later = parts.slice(place + 1).map(each => each.fields);
    const isLeft = later.some(each => each.outcome === 'answered' || (each.queue !== null && each.queue !== queue));
    const isAnswered = fields.outcome === 'answered' && whole.outcome === 'answered';
    const outcome = isAnswered || !isLeft ? fields.outcome : 'overflowed';
    const told = outcomeInDirection(outcome, whole.direction);
    return [{ sourceId, queue, waitSeconds, outcome: told, endsWait: told === 'answered', startedAt, sameUntil }];
  });
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
