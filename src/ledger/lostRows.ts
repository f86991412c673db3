/** What is missing, by the numbers that were given out: a row that is gone leaves a hole that nothing else fills. */
import type { Entity, Row } from './entity.ts';
import type { StoredHead } from './head.ts';
import { journal } from './journal.ts';
import { pagesByKey } from './pagesByKey.ts';
import type { Condition, Reader } from './query.ts';

/** Rows of one kind that are numbered 1, 2, 3 … by a sequence, and are never taken away. */
export interface Numbered {
  // biome-ignore lint/suspicious/noExplicitAny: whatever its columns are
  readonly of: Entity<any>;
  readonly sequence: string;
  /** As people read it: `source call`. */
  readonly name: string;
}

/** A column that has the number of a row of another kind, or of its own. */
export interface Reference {
  // biome-ignore lint/suspicious/noExplicitAny: whatever its columns are
  readonly from: Entity<any>;
  readonly column: string;
  /** As people read a row of it: `report`. */
  readonly name: string;
}

/** The numbers that no row has, of those that rows may be referred to by. */
export interface Lost {
  readonly upTo: number;
  readonly missing: readonly number[];
}

const PAGE = 5_000;
/** Numbers that are kept to find what refers to them; SQLite binds no more than 32,766 in a statement. */
const KEPT = 10_000;
/** Rows that are named; the others are counted. */
const NAMED = 10;

/** Sentences for what is missing and for what nobody numbered; returns what references are held against. */
export async function* findLostRows(
  reader: Reader,
  { of, sequence, name }: Numbered,
  { sequences }: StoredHead,
): AsyncGenerator<string, Lost> {
  const givenOut = sequences[sequence] ?? 0;
  const [key] = of.key as readonly string[];
  const upTo = Math.max(givenOut, await newestOf(reader, of, key!));
  const isGivenOut: Condition[] = [
    { column: key!, is: '>=', value: 1 },
    { column: key!, is: '<=', value: givenOut },
  ];
  const counts = [await countOf(reader, of, []), await countOf(reader, of, isGivenOut)];
  if (counts.every(each => each === givenOut)) return { upTo, missing: [] };
  const missing: number[] = [];
  const beyond: number[] = [];
  let beyondCount = 0;
  let next = 1;
  const lost = function* (until: number): Generator<string> {
    if (next >= until) return;
    const last = until - 1;
    yield next === last
      ? `${name} ${next} is missing: it was stored, and is not there`
      : `${name}s ${next} to ${last} are missing: they were stored, and are not there`;
    for (let id = next; id <= last && missing.length < KEPT; id++) missing.push(id);
  };
  for await (const page of pagesByKey<Row>(reader, of, PAGE, [], [key!])) {
    for (const row of page) {
      const id = row[key!] as number;
      if (id < 1 || id > givenOut) {
        beyondCount++;
        if (beyond.length < NAMED) beyond.push(id);
        continue;
      }
      yield* lost(id);
      next = id + 1;
    }
  }
  yield* lost(givenOut + 1);
  if (beyondCount > 0) {
    yield `${listed(name, beyond, beyondCount)} of no number that was given out: the newest is ${givenOut}`;
  }
  return { upTo, missing };
}

/** Sentences for rows that refer to what is not there. */
export async function* findStrays(
  reader: Reader,
  { from, column, name }: Reference,
  target: string,
  { upTo, missing }: Lost,
): AsyncGenerator<string> {
  const [key] = from.key as readonly string[];
  const isStray: Condition[] = [
    { column, is: '>', value: upTo },
    { column, is: '<', value: 1 },
    { column, in: missing },
  ];
  const where: Condition[] = [{ column, null: false }, { any: isStray }];
  const count = await countOf(reader, from, where);
  if (count === 0) return;
  const rows = await reader.select<Row>({ from, columns: [key!, column], where, limit: NAMED });
  for (const row of rows) yield `${name} ${row[key!]} is of ${target} ${row[column]}, which is not there`;
  if (count > rows.length) yield `${count - rows.length} more ${name} rows are of ${target}s that are not there`;
}

/** The head says where the journal ends: entries after it, or none up to there, were lost or never stored. */
export async function* findLostEntries(reader: Reader, { position }: StoredHead): AsyncGenerator<string> {
  const newest = await newestOf(reader, journal, 'position');
  if (newest < position) {
    yield newest + 1 === position
      ? `journal entry ${position} is missing: it was told, and is not there`
      : `journal entries ${newest + 1} to ${position} are missing: they were told, and are not there`;
  } else if (newest > position) yield `the journal goes on to entry ${newest}, and its end was stored as ${position}`;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever its columns are
async function countOf(reader: Reader, from: Entity<any>, where: readonly Condition[]): Promise<number> {
  const [counted] = await reader.aggregate<Row>({ from, where, groupBy: [], sum: [] });
  return Number(counted?.['count'] ?? 0);
}

// biome-ignore lint/suspicious/noExplicitAny: whatever its columns are
async function newestOf(reader: Reader, of: Entity<any>, key: string): Promise<number> {
  const [newest] = await reader.select<Row>({
    from: of,
    columns: [key],
    orderBy: [{ column: key, descending: true }],
    limit: 1,
  });
  return (newest?.[key] as number | undefined) ?? 0;
}

/** `reports 3, 4 and 12 more are`. */
function listed(name: string, ids: readonly number[], count: number): string {
  if (count === 1) return `${name} ${ids[0]} is`;
  return `${name}s ${ids.join(', ')}${count > ids.length ? ` and ${count - ids.length} more` : ''} are`;
}
