/**
 * Which records can be handed out. Those that only wait for their hours stand in lanes, in their turn; those that are not
 * due yet have a due time (`waker.ts`); those whose chain is busy, whose number nobody is to call, or which are finished
 * have neither, so that looking for the next one never passes over them.
 */
import type { State } from '../ledger/state.ts';
import { type CallRecord, doNotCall, type Lane, lane, record } from './entities.ts';
import { addPlaces, removePlace } from './places.ts';
import { isPersonal, STATUS, TYPE } from './recordState.ts';

type Row = Readonly<CallRecord>;

export const isWaiting = ({ laneId, dueAt }: Row): boolean => laneId !== null || dueAt !== null;

/** Whether a record of the chain is with an agent. */
export const isBusy = (chain: readonly Row[]): boolean => chain.some(each => each.recordStatus === STATUS.retrieved);

/** All records of a record's chain. */
export const chainOf = (state: Pick<State, 'find'>, { listId, chainId }: Row): readonly Row[] =>
  state.find(record, 'byChain', listId, chainId);

export const isForbidden = (state: Pick<State, 'get'>, { numberKey }: Pick<Row, 'numberKey'>): boolean =>
  numberKey !== null && state.get(doNotCall, numberKey) !== undefined;

/**
 * The rows as they are to be stored, waiting where they can. They must not wait yet, nor may a record of their chains be with an
 * agent. Ascending by place; their list has given out no place from `freshFrom` on before.
 */
export function letWait(state: State, rows: readonly Row[], freshFrom = Number.MAX_SAFE_INTEGER): CallRecord[] {
  const waiting = rows.map(row => ({ row, laneId: null as number | null, dueAt: dueTime(state, row) }));
  const entering = waiting.filter(each => each.dueAt !== null && each.dueAt <= state.now);
  for (const together of Map.groupBy(entering, each => laneKey(each.row)).values()) {
    const places = together.map(each => each.row.place);
    const laneId = enterLane(state, together[0]!.row, places, freshFrom);
    for (const each of together) Object.assign(each, { laneId, dueAt: null });
  }
  return waiting.map(({ row, laneId, dueAt }) => ({ ...row, laneId, dueAt }));
}

/** When the row may be handed out, hours of the day aside; null when it may not be at all. */
function dueTime(state: State, row: Row): number | null {
  if (row.recordStatus !== STATUS.ready || row.recordType === TYPE.noCall || isForbidden(state, row)) return null;
  return row.dialSchedTime ?? state.now;
}

const laneKey = (row: Row): string =>
  JSON.stringify([row.listId, ownerOf(row), row.timeZone, row.dailyFrom, row.dailyTill]);

/** The row as it is to be stored, waiting no more. */
export function stopWaiting(state: State, row: Row): CallRecord {
  if (row.laneId !== null) leaveLane(state, row.laneId, row.place);
  return { ...row, laneId: null, dueAt: null };
}

/** Personal callbacks are for the agent they name; without a name they are anybody's. */
const ownerOf = ({ recordType, agentId }: Row): string => (isPersonal(recordType) ? (agentId ?? '') : '');

function enterLane(state: State, row: Row, places: readonly number[], freshFrom: number): number {
  const { listId, timeZone, dailyFrom, dailyTill } = row;
  const agentId = ownerOf(row);
  const first = places[0]!;
  const same = (each: Readonly<Lane>) =>
    each.timeZone === timeZone && each.dailyFrom === dailyFrom && each.dailyTill === dailyTill;
  const known = state.find(lane, 'byAgent', listId, agentId).find(same);
  if (known === undefined) {
    const id = state.next('lane');
    state.insert(lane, { id, listId, agentId, timeZone, dailyFrom, dailyTill, first });
    addPlaces(state, id, places, 0);
    return id;
  }
  if (first < known.first) state.put(lane, { ...known, first });
  addPlaces(state, known.id, places, freshFrom);
  return known.id;
}

function leaveLane(state: State, laneId: number, place: number): void {
  const known = state.get(lane, laneId);
  if (known === undefined) throw new Error(`there is no lane ${laneId} to leave`);
  const lowest = removePlace(state, laneId, place);
  if (known.first !== place) return;
  if (lowest === null) state.delete(lane, laneId);
  else state.put(lane, { ...known, first: lowest });
}
