/** Runs commands on what a reader sees, and keeps nothing of what they do: beside a server that goes on writing. */
import { emptyResidents, replaceResidents } from './directory.ts';
import type { Engine, Head, ResidentRows, Want } from './engine.ts';
import { type AnyEntity, type EntityShape, type KeyValue, mapKey, type Row } from './entity.ts';
import { journal } from './journal.ts';
import type { Condition, Reader } from './query.ts';
import { applyLoading } from './serial.ts';
import type { Command } from './state.ts';

/** SQLite binds no more than 32,766 values in a statement; a key has four columns at most. */
const WANTS_AT_ONCE = 5_000;

export interface Preview {
  /** What the command would return now. No command sees what another one did. */
  run<Result>(command: Command<Result>): Promise<Result>;
}

/** `clock` in UTC milliseconds. */
export async function openPreview(
  reader: Reader,
  entities: readonly AnyEntity[],
  clock: () => number,
): Promise<Preview> {
  const residents = emptyResidents(entities);
  replaceResidents(residents, await readResidentRows(entities, reader));
  const head = await headOf(entities, reader);
  const engine = engineOn(reader, entities, head);
  return {
    async run<Result>(command: Command<Result>) {
      const pending = { command, resolve() {}, reject() {} };
      const { verdicts } = await applyLoading(engine, head, [pending], residents, clock);
      const verdict = verdicts.get(pending)!;
      if ('error' in verdict) throw verdict.error;
      return verdict.result as Result;
    },
  };
}

async function readResidentRows(entities: readonly AnyEntity[], reader: Reader): Promise<ResidentRows[]> {
  const found: ResidentRows[] = [];
  for (const entity of entities) {
    if (entity.kind !== 'rows' || !entity.resident) continue;
    found.push({ entity, rows: await reader.select<Row>({ from: entity, limit: Number.MAX_SAFE_INTEGER }) });
  }
  return found;
}

async function headOf(entities: readonly AnyEntity[], reader: Reader): Promise<Head> {
  const [newest] = await reader.select({
    from: journal,
    columns: ['position', 'at'],
    orderBy: [{ column: 'position', descending: true }],
    limit: 1,
  });
  const sequences = await numbersGiven(entities, reader);
  return { schemaVersion: 0, position: newest?.position ?? 0, now: newest?.at ?? 0, sequences };
}

/** The newest number of each sequence, as far as rows have it: what commands take here comes after it, and is kept nowhere. */
async function numbersGiven(entities: readonly AnyEntity[], reader: Reader): Promise<Record<string, number>> {
  const given: Record<string, number> = {};
  for (const entity of entities) {
    const [key, ...others] = entity.key;
    const { sequence } = entity.columns[key!]!;
    if (entity.kind !== 'rows' || sequence === null || others.length > 0) continue;
    const orderBy = [{ column: key!, descending: true }];
    const [newest] = await reader.select<Row>({ from: entity, columns: [key!], orderBy, limit: 1 });
    given[sequence] = Math.max(given[sequence] ?? 0, (newest?.[key!] as number | undefined) ?? 0);
  }
  return given;
}

/** Reads only; a commit is a mistake. */
function engineOn(reader: Reader, entities: readonly AnyEntity[], head: Head): Engine {
  return {
    reader,
    entities,
    begin: async () => head,
    load: wants => loadBy(reader, wants),
    commit: async () => {
      throw new Error('a preview keeps nothing');
    },
    abandon: async () => {},
    close: async () => {},
  };
}

/** Rows of each want, in the order of the wants: one question per kind, or a few. */
async function loadBy(reader: Reader, wants: readonly Want[]): Promise<Row[][]> {
  const loaded: Row[][] = wants.map(() => []);
  const kinds = Map.groupBy(wants.keys(), place => `${wants[place]!.entity.name} ${wants[place]!.index}`);
  for (const places of kinds.values()) {
    const { entity, index } = wants[places[0]!]!;
    const columns = index === null ? entity.key : entity.indexes[index]!.columns;
    for (let i = 0; i < places.length; i += WANTS_AT_ONCE) {
      const some = places.slice(i, i + WANTS_AT_ONCE);
      const rows = await rowsOf(
        reader,
        entity,
        columns,
        some.map(place => wants[place]!.values),
      );
      const found = Map.groupBy(rows, row => mapKey(columns.map(name => row[name] as KeyValue)));
      for (const place of some) loaded[place] = found.get(mapKey(wants[place]!.values)) ?? [];
    }
  }
  return loaded;
}

/** All rows that are wanted, and others whose columns are wanted one by one. */
function rowsOf(
  reader: Reader,
  entity: EntityShape,
  columns: readonly string[],
  wanted: readonly (readonly KeyValue[])[],
): Promise<Row[]> {
  const where: Condition[] = columns.map((column, place) => ({
    column,
    in: [...new Set(wanted.map(values => values[place]!))],
  }));
  return reader.select<Row>({ from: entity, where, limit: Number.MAX_SAFE_INTEGER });
}
