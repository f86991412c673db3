/** Which calls users took part in. */
import type { Condition, Reader } from '../../ledger/query.ts';
import type { Outcome } from '../../values/outcome.ts';
import { type Participation, participation } from '../entities.ts';
import { tookPart } from './access.ts';
import type { CallCondition } from './callFilter.ts';
import type { CallCursor } from './listCalls.ts';
import { nextParts } from './partWindows.ts';

/** More people than have a part in any call. */
const PEOPLE_PER_CALL = 1_000;

export interface CallsOfUsers {
  readonly where: readonly CallCondition[];
  /** Up to which call this reaches; null: to the last. */
  readonly edge: CallCursor | null;
  /** Participations that were read. */
  readonly rows: number;
}

/** The next calls of these users from a position on; `bounds` are of the start. */
export async function nextOfUsers(
  reader: Reader,
  users: readonly number[],
  bounds: readonly Condition<'startedAt'>[],
  position: CallCursor | null,
  { rangOnly, rowsWanted }: { readonly rangOnly: boolean; readonly rowsWanted: number },
): Promise<CallsOfUsers> {
  const { parts, edge } = await nextParts(
    reader,
    { from: participation, column: 'userId', values: users, bounds },
    position,
    rowsWanted,
  );
  const took = new Set(parts.filter(each => each.role !== 'rang').map(each => each.callId));
  const rang = [...new Set(parts.map(each => each.callId))].filter(id => !took.has(id));
  return {
    where: conditionsOf([...took], rang, rangOnly),
    edge,
    rows: parts.length,
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
