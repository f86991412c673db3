/** Records from the rows of a calling list: new ones are made, known ones follow the file as long as they are Ready. */
import { isDeepStrictEqual } from 'node:util';
import { type Command, Refusal, type State } from '../ledger/state.ts';
import { contactKey } from './contactKey.ts';
import { type CallRecord, callingList, campaign, doNotCall, type Lane, record } from './entities.ts';
import { MAX_CHAIN_ID } from './listColumns.ts';
import type { ListRow } from './listRows.ts';
import { MAX_PLACES, wantPlace } from './places.ts';
import { STATUS } from './recordState.ts';
import { chainOf, isBusy, isWaiting, letWait, stopWaiting } from './waiting.ts';

export interface KeyedRow extends ListRow {
  readonly numberKey: string | null;
}

/** Finding out what a number is takes longer than all the rest of a row, so it is not done within a command. */
export function withKeys(rows: readonly ListRow[], country: string): readonly KeyedRow[] {
  return rows.map(row => ({ ...row, numberKey: contactKey(row.contactInfo, row.contactInfoType, country) }));
}

export interface ImportCounts {
  readonly rows: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
}

export const NO_ROWS: ImportCounts = { rows: 0, new: 0, changed: 0, unchanged: 0 };

export const sumOf = (a: ImportCounts, b: ImportCounts): ImportCounts => ({
  rows: a.rows + b.rows,
  new: a.new + b.new,
  changed: a.changed + b.changed,
  unchanged: a.unchanged + b.unchanged,
});

/** Only years of ever other files come near it. */
export class ListFull extends Refusal {
  override readonly name = 'ListFull';
}

export interface ImportContext {
  /** Nothing of this list was imported before this file: there is no need to look whether its records are there. */
  readonly isFirst: boolean;
  /** Lanes of the list and where its new records begin, as far as that is known beforehand. */
  readonly lanes: readonly Readonly<Lane>[];
  readonly places: number;
}

const ROW_BYTES = 800;

/** A portion of a file, in its order. Rejects with `ListFull`; nothing of the portion is imported then. */
export function importRows(
  listId: number,
  rows: readonly KeyedRow[],
  { isFirst, lanes, places }: ImportContext,
): Command<ImportCounts> {
  return {
    name: 'import records',
    bytes: rows.length * ROW_BYTES,
    wants: wants => {
      for (const { identity, numberKey, chainId } of rows) {
        if (!isFirst) wants.find(record, 'byIdentity', listId, identity);
        if (!isFirst && chainId !== null) wants.find(record, 'byChain', listId, chainId);
        if (numberKey !== null) wants.get(doNotCall, numberKey);
      }
      for (const { id } of lanes) wantPlace(wants, id, places);
    },
    apply: state => {
      const list = state.get(callingList, listId)!;
      const { applicationId } = state.get(campaign, list.campaignId)!;
      if (list.places + rows.length > MAX_PLACES) throw new ListFull(`a list has room for ${MAX_PLACES} records`);
      const made: CallRecord[] = [];
      let changed = 0;
      for (const row of rows) {
        const known = isFirst ? undefined : state.find(record, 'byIdentity', listId, row.identity)[0];
        if (known === undefined) {
          const id = state.next('record');
          made.push(newRecord(row, { id, listId, applicationId, place: list.places + made.length }));
        } else if (follow(state, known, row)) changed++;
      }
      const isFree = (each: CallRecord) => isFirst || each.chainId > MAX_CHAIN_ID || !isBusy(chainOf(state, each));
      const free = made.filter(isFree);
      for (const each of letWait(state, free, list.places)) state.insert(record, each);
      if (free.length < made.length) {
        for (const each of made.filter(one => !free.includes(one))) state.insert(record, each);
      }
      if (made.length > 0) state.put(callingList, { ...list, places: list.places + made.length });
      return { rows: rows.length, new: made.length, changed, unchanged: rows.length - made.length - changed };
    },
  };
}

/** Columns that follow the file while a record is Ready; those that say how far it got never do. */
const FOLLOWING = [
  'contactInfo',
  'contactInfoType',
  'numberKey',
  'dailyFrom',
  'dailyTill',
  'timeZone',
  'custom',
] as const;

/** Whether the file says something else of a record that is there. */
export function differs(known: Readonly<CallRecord>, row: KeyedRow): boolean {
  if (known.recordStatus !== STATUS.ready) return false;
  return FOLLOWING.some(name => known[name] !== row[name] && !isDeepStrictEqual(known[name], row[name]));
}

function follow(state: State, known: Readonly<CallRecord>, row: KeyedRow): boolean {
  if (!differs(known, row)) return false;
  const { contactInfo, contactInfoType, numberKey, dailyFrom, dailyTill, timeZone, custom } = row;
  const after = { ...known, contactInfo, contactInfoType, numberKey, dailyFrom, dailyTill, timeZone, custom };
  // What does not wait for its number's sake may wait now, what does not for its chain's may not.
  const mayWait = isWaiting(known) || !isBusy(chainOf(state, known));
  const stopped = stopWaiting(state, after);
  state.put(record, mayWait ? letWait(state, [stopped])[0]! : stopped);
  return true;
}

interface NewRecord {
  readonly id: number;
  readonly listId: number;
  readonly applicationId: number;
  readonly place: number;
}

function newRecord(row: KeyedRow, { id, listId, applicationId, place }: NewRecord): CallRecord {
  return {
    ...row,
    id,
    listId,
    applicationId,
    chainId: row.chainId ?? MAX_CHAIN_ID + 1 + id,
    place,
    laneId: null,
    dueAt: null,
    handle: null,
    heldBy: null,
    heldDevice: null,
    retrievedAt: null,
    completedAt: null,
    completedKey: null,
    joinKey: null,
    resultFrom: null,
    callResultBefore: row.callResult,
    attemptBefore: row.attempt,
    callTimeBefore: row.callTime,
    callId: null,
    attemptGuid: null,
  };
}
