/** A call of parts that people corrected: times, outcome and talk are those of its parts, once each is corrected. */
import { outcomeInDirection } from '../../values/outcome.ts';
import { contentText } from '../../values/sameContent.ts';
import type { CallFields } from './fold.ts';
import { type Participant, type ParticipantRole, strongest } from './participants.ts';
import { waitedBesideTalk } from './possible.ts';
import type { Visit } from './queueVisits.ts';
import { wholeOf } from './statedCalls.ts';
import { visitsOfCorrected } from './toldVisits.ts';

/** Part of a call, or a whole one, as its sources tell it and people correct it. */
export interface Account {
  readonly fields: CallFields;
  /** Ascending by user. */
  readonly participants: readonly Participant[];
  /** The queues it was in, the one that decides last. */
  readonly visits: readonly Visit[];
}

export interface PartAccount extends Account {
  /** Who took part in it as its sources alone tell it. */
  readonly named: ReadonlySet<number>;
  /** The queues it was in as its sources alone tell it. */
  readonly told: readonly Visit[];
}

/** What else is told of the whole. */
export interface Beside {
  /** Who completed its dialling records. */
  readonly completedBy: readonly number[];
  /** Its parts are of PBXs. */
  readonly isOfLegs: boolean;
}
/** Of legs by which the call left for another of its parts: how long they lasted, and nothing else. */
export const leftOnly = ({ fields }: Account): Account => ({
  fields: {
    ...fields,
    answeredAt: null,
    talkSeconds: null,
    outcome: 'unknown',
    cause: null,
    userId: null,
    extension: null,
  },
  participants: [],
  visits: [],
});

/** `told` is the whole as its sources alone tell it. */
export function ofParts(told: Account, parts: readonly PartAccount[], { completedBy, isOfLegs }: Beside): Account {
  const ordered = parts.toSorted((a, b) => inOrder(a.fields, b.fields));
  const whole = wholeOf(ordered.map(each => each.fields));
  const { startedAt, endedAt, answeredAt, durationSeconds, talkSeconds, cause } = whole;
  const last = ordered.findLast(each => each.fields.outcome === 'answered');
  const owner = last ?? ordered.findLast(each => each.fields.userId !== null) ?? told;
  const { userId, extension } = owner.fields;
  const outcome = outcomeInDirection(whole.outcome, told.fields.direction);
  const times = { startedAt, endedAt, answeredAt, durationSeconds, talkSeconds };
  const ended = { outcome, direction: told.fields.direction };
  const visits = visitsOfCorrected({ told, parts: ordered, whole: ended, isOfLegs });
  const decisive = visits.at(-1);
  const { queue, waitSeconds: queueWaitSeconds } = decisive ?? {
    queue: told.fields.queue,
    waitSeconds: told.fields.queueWaitSeconds,
  };
  const fields = waitedBesideTalk({
    ...told.fields,
    ...times,
    outcome,
    cause,
    userId,
    extension,
    queue,
    queueWaitSeconds,
  });
  return { fields, participants: participantsOfParts({ told, ordered, completedBy, talkSeconds }), visits };
}

interface OfParts {
  readonly told: Account;
  readonly ordered: readonly PartAccount[];
  readonly completedBy: readonly number[];
  /** Of the whole. */
  readonly talkSeconds: number | null;
}

/** Whom no part names takes part as the whole has it: that of a registration, or who completed the record. */
function participantsOfParts({ told, ordered, completedBy, talkSeconds }: OfParts): readonly Participant[] {
  const last = ordered.findLast(each => each.fields.outcome === 'answered');
  const found = new Map<number, Participant>();
  for (const part of ordered) {
    for (const each of part.participants) add(found, each, roleIn(each.role, part === last));
  }
  for (const each of told.participants) {
    const { userId } = each;
    if (found.has(userId)) continue;
    const talkedAll = each.talkSeconds !== 0 && each.talkSeconds === told.fields.talkSeconds;
    if (!ordered.some(part => part.named.has(userId))) found.set(userId, talkedAll ? { ...each, talkSeconds } : each);
    else if (completedBy.includes(userId)) {
      found.set(userId, { userId, role: 'caller', ringSeconds: null, talkSeconds: null });
    }
  }
  return [...found.values()].sort((a, b) => a.userId - b.userId);
}

/** The one that ended last is the later word; ties by content. */
function inOrder(a: CallFields, b: CallFields): number {
  const end = (each: CallFields) => each.endedAt ?? Number.NEGATIVE_INFINITY;
  const [one, other] = [end(a), end(b)];
  if (one !== other) return one - other;
  return a.startedAt - b.startedAt || (contentText(a) < contentText(b) ? -1 : 1);
}

/** Who answered a part that another one followed has handed the call on. */
const roleIn = (role: ParticipantRole, isLast: boolean): ParticipantRole =>
  role === 'answered' && !isLast ? 'transferred' : role;

function add(found: Map<number, Participant>, each: Participant, role: ParticipantRole): void {
  const before = found.get(each.userId);
  found.set(each.userId, {
    userId: each.userId,
    role: before === undefined ? role : strongest(before.role, role),
    ringSeconds: sum(before?.ringSeconds ?? null, each.ringSeconds),
    talkSeconds: sum(before?.talkSeconds ?? null, each.talkSeconds),
  });
}

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : a + b);
