/**
 * A ledger of any number of calls: a block of them again and again, each copy with its own ids and names and so many days later.
 * Written as `aftercall copy` writes, some hundred thousand rows a second.
 */
import { entities } from '../../src/app/entities.ts';
import type { CopyHead, CopyRow, CopySource, CopyTarget, CopyValue } from '../../src/ledger/copySides.ts';
import type { AnyEntity } from '../../src/ledger/entity.ts';
import { journal } from '../../src/ledger/journal.ts';

const DAY_MS = 86_400_000;
const QUARTERS_PER_DAY = 96;
const ROWS_AT_ONCE = 2_000;

/** What tells the copies of a value apart. */
type Kind = 'id' | 'ids' | 'legs' | 'instant' | 'day' | 'name' | 'token' | 'position' | 'rollupId';

/** The columns of what calls leave behind. Everything else, the organisation itself, is there once. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  sourceCall: { id: 'id', name: 'name', externalId: 'name', callId: 'id' },
  report: { id: 'id', sourceCallId: 'id', receivedAt: 'instant' },
  call: {
    id: 'id',
    externalId: 'name',
    startedAt: 'instant',
    day: 'day',
    answeredAt: 'instant',
    endedAt: 'instant',
    legs: 'legs',
    sourceCalls: 'ids',
    endedSeenAt: 'instant',
    settlesAt: 'instant',
  },
  participation: { callId: 'id', startedAt: 'instant' },
  queueVisit: { callId: 'id', startedAt: 'instant' },
  candidate: {
    id: 'id',
    sourceCallId: 'id',
    day: 'day',
    startedAt: 'instant',
    endedAt: 'instant',
    name: 'name',
    tie: 'name',
  },
  link: { a: 'id', b: 'id', at: 'instant', legId: 'id', suspicionId: 'id' },
  portalCall: { id: 'id', token: 'token', externalCallId: 'name', startedAt: 'instant' },
  rollup: { day: 'day', id: 'rollupId' },
  journal: { position: 'position', at: 'instant', callId: 'id' },
};

export interface Multiplying {
  readonly times: number;
  /** Of a block. */
  readonly days: number;
  /** Leaves every call but those of the first block waiting to settle. */
  readonly unsettled?: boolean;
  /** After each block. */
  readonly onBlock?: (blocks: number) => void;
}

interface Copying {
  readonly n: number;
  readonly days: number;
  readonly ids: number;
  readonly positions: number;
}

/** Both sides stay open. */
export async function multiply(from: CopySource, to: CopyTarget, options: Multiplying): Promise<void> {
  const { times, days, unsettled = false, onBlock } = options;
  const all = [...entities, journal];
  const ids = Math.max(...Object.values(from.head.sequences)) + 1;
  const head: CopyHead = {
    position: from.head.position * times,
    now: from.head.now + (times - 1) * days * DAY_MS,
    sequences: Object.fromEntries(
      Object.entries(from.head.sequences).map(([name, newest]) => [name, newest + (times - 1) * ids]),
    ),
  };
  const mark = { source: from.place, head, tables: {}, refused: [] };
  await to.begin(mark);
  const block = new Map<AnyEntity, readonly CopyRow[]>();
  for (const entity of all) block.set(entity, await rowsOf(from, entity));
  for (let n = 0; n < times; n++) {
    const copying = { n, days, ids, positions: from.head.position };
    for (const [entity, rows] of block) {
      if (n > 0 && KINDS[entity.name] === undefined) continue;
      const shift = shiftOf(entity, copying);
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        await to.add(
          entity,
          rows.slice(at, at + ROWS_AT_ONCE).map(lineMoved(entity, unsettled ? null : head.now, shift)),
          mark,
        );
      }
    }
    onBlock?.(n + 1);
  }
  await to.finish(head);
}

async function rowsOf(from: CopySource, entity: AnyEntity): Promise<readonly CopyRow[]> {
  const rows: CopyRow[] = [];
  for (;;) {
    const last = rows.at(-1);
    const after =
      last === undefined ? null : entity.key.map(name => last[entity.columnNames.indexOf(name)] as number | string);
    const page = await from.page(entity, after, ROWS_AT_ONCE);
    if (page.length === 0) return rows;
    for (const row of page) rows.push(row);
  }
}

type Shift = (row: CopyRow) => CopyRow;

/** The settling line has passed every call, unless `at` is null. */
function lineMoved(entity: AnyEntity, at: number | null, shift: Shift): Shift {
  if (entity.name !== 'settlingLine' || at === null) return shift;
  return row => row.map((value, place) => (entity.columnNames[place] === 'at' ? at : value));
}

function shiftOf(entity: AnyEntity, copying: Copying): Shift {
  const kinds = entity.columnNames.map(name => KINDS[entity.name]?.[name]);
  if (copying.n === 0) return row => row;
  const dimension = entity.columnNames.indexOf('dimension');
  return row =>
    row.map((value, place) => {
      const kind = kinds[place];
      if (kind === undefined || value === null) return value;
      if (kind !== 'rollupId') return shifted(value, kind, copying);
      return row[dimension] === 'quarter' ? (value as number) + copying.n * copying.days * QUARTERS_PER_DAY : value;
    });
}

function shifted(value: CopyValue, kind: Exclude<Kind, 'rollupId'>, { n, days, ids, positions }: Copying): CopyValue {
  switch (kind) {
    case 'id':
      return (value as number) + n * ids;
    case 'position':
      return (value as number) + n * positions;
    case 'instant':
      return (value as number) + n * days * DAY_MS;
    case 'day':
      return (value as number) + n * days;
    case 'name':
      return `${value}-${n}`;
    case 'token': {
      // Of a call that nobody registered it says the id.
      const id = /^call\.(\d+)$/.exec(value as string)?.[1];
      return id === undefined ? `${value}-${n}` : `call.${Number(id) + n * ids}`;
    }
    case 'ids':
      return JSON.stringify((JSON.parse(value as string) as number[]).map(each => each + n * ids));
    case 'legs':
      return JSON.stringify(
        (JSON.parse(value as string) as { id: number }[]).map(each => ({ ...each, id: each.id + n * ids })),
      );
  }
}
