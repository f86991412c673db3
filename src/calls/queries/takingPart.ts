/** Which calls users took part in. */
import type { Condition, Reader } from '../../ledger/query.ts';
import type { Outcome } from '../../values/outcome.ts';
import { type Participation, participation } from '../entities.ts';
import { tookPart } from './access.ts';
import type { CallCondition } from './callFilter.ts';
import type { CallCursor } from './listCalls.ts';

/**
 * Participations that one page reads, of one user and of all of them together: a statement about the calls names each of them
 * twice, and SQLite binds no more than 32,766 values.
 */
const WINDOW_ROWS = { ofOne: 1_000, ofAll: 10_000, least: 100 } as const;
/** More people than have a part in any call. */
const PEOPLE_PER_CALL = 1_000;

type Part = Pick<Participation, 'callId' | 'startedAt' | 'role'>;

export interface CallsOfUsers {
  readonly where: readonly CallCondition[];
  /** Up to which call this reaches; null: to the last. */
  readonly edge: CallCursor | null;
}

/** The next calls of these users from a position on; `bounds` are of the start. */
export async function nextOfUsers(
  reader: Reader,
  users: readonly number[],
  bounds: readonly Condition<'startedAt'>[],
  position: CallCursor | null,
  rangOnly: boolean,
): Promise<CallsOfUsers> {
  const rows = Math.max(WINDOW_ROWS.least, Math.min(WINDOW_ROWS.ofOne, Math.floor(WINDOW_ROWS.ofAll / users.length)));
  const window = { where: [...bounds, ...beyond(position)], limit: rows };
  const pages = await Promise.all(users.map(userId => partsOf(reader, userId, window)));
  // A user of whom there is more ends the window: what is further on of the others waits.
  const ends = pages.filter(each => each.length === rows).map(each => each.at(-1)!);
  const edge = ends.reduce<Part | null>((last, each) => (last === null || isNewer(each, last) ? each : last), null);
  const parts = pages.flat().filter(each => edge === null || !isNewer(edge, each));
  const took = new Set(parts.filter(each => each.role !== 'rang').map(each => each.callId));
  const rang = [...new Set(parts.map(each => each.callId))].filter(id => !took.has(id));
  return {
    where: conditionsOf([...took], rang, rangOnly),
    edge: edge === null ? null : { startedAt: edge.startedAt, id: edge.callId },
  };
}

function conditionsOf(took: readonly number[], rang: readonly number[], rangOnly: boolean): CallCondition[] {
  if (rangOnly)
    return [
      { column: 'id', in: rang },
      { column: 'outcome', is: '=', value: 'answered' },
    ];
  if (rang.length === 0) return [{ column: 'id', in: took }];
  const unanswered = { column: 'outcome', is: '!=', value: 'answered' } as const;
  return [{ column: 'id', in: [...took, ...rang] }, { any: [{ column: 'id', in: took }, unanswered] }];
}

interface Window {
  readonly where: readonly Condition<keyof Participation>[];
  readonly limit: number;
}

function partsOf(reader: Reader, userId: number, { where, limit }: Window): Promise<Part[]> {
  return reader.select<Participation>({
    from: participation,
    columns: ['callId', 'startedAt', 'role'],
    where: [{ column: 'userId', is: '=', value: userId }, ...where],
    orderBy: [
      { column: 'startedAt', descending: true },
      { column: 'callId', descending: true },
    ],
    limit,
  });
}

const isNewer = (a: Part, b: Part): boolean =>
  a.startedAt > b.startedAt || (a.startedAt === b.startedAt && a.callId > b.callId);

const beyond = (position: CallCursor | null): Condition<keyof Participation>[] =>
  position === null
    ? []
    : [
        { column: 'startedAt', is: '<=', value: position.startedAt },
        {
          any: [
            { column: 'startedAt', is: '<', value: position.startedAt },
            { column: 'callId', is: '<', value: position.id },
          ],
        },
      ];

interface Candidate {
  readonly id: number;
  readonly outcome: Outcome;
}

/** Of these calls, those in which no user took part, or one of some users did. */
export async function keptFor(
  reader: Reader,
  candidates: readonly Candidate[],
  users: readonly (number | null)[],
  rangOnly: boolean,
): Promise<number[]> {
  const rows = await reader.select<Participation>({
    from: participation,
    where: [{ column: 'callId', in: candidates.map(each => each.id) }],
    limit: candidates.length * PEOPLE_PER_CALL + 1,
  });
  const byCall = Map.groupBy(rows, each => each.callId);
  const isKept = ({ id, outcome }: Candidate): boolean => {
    const parts = byCall.get(id) ?? [];
    const takers = parts.filter(each => tookPart(each.role, outcome));
    const tookIt = takers.length === 0 ? users.includes(null) : takers.some(each => users.includes(each.userId));
    if (!rangOnly) return tookIt;
    return !tookIt && parts.some(each => users.includes(each.userId));
  };
  return candidates.filter(isKept).map(each => each.id);
}
