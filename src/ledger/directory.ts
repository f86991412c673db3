import type { ResidentRows } from './engine.ts';
import type { AnyEntity, Entity, EntityShape, KeyValue, Row } from './entity.ts';
import type { Reader } from './query.ts';
import { readTable, Table } from './table.ts';

/** Rows of the resident entities as the newest durable batch left them, for doors that must not wait. */
export interface Directory {
  get<R extends object>(entity: Entity<R>, ...key: KeyValue[]): Readonly<R> | undefined;
  find<R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]): readonly Readonly<R>[];
  all<R extends object>(entity: Entity<R>): readonly Readonly<R>[];
}

export async function readResidents(entities: readonly AnyEntity[], reader: Reader): Promise<Map<string, Table>> {
  const residents = new Map<string, Table>();
  for (const entity of entities) {
    if (entity.kind !== 'rows' || !entity.resident) continue;
    const rows = await reader.select<Row>({ from: entity, limit: Number.MAX_SAFE_INTEGER });
    residents.set(entity.name, Table.of(entity, rows));
  }
  return residents;
}

/** Resident entities without rows: an engine that others write to loads them when the first batch begins. */
export function emptyResidents(entities: readonly AnyEntity[]): Map<string, Table> {
  const residents = new Map<string, Table>();
  for (const entity of entities) {
    if (entity.kind === 'rows' && entity.resident) residents.set(entity.name, new Table(entity));
  }
  return residents;
}

/** Puts what others have changed in place of what was known. */
export function replaceResidents(residents: Map<string, Table>, changed: readonly ResidentRows[]): void {
  for (const { entity, rows } of changed) residents.set(entity.name, Table.of(entity, rows));
}

export function directoryOf(residents: ReadonlyMap<string, Table>): Directory {
  const table = (entity: EntityShape) => {
    const resident = residents.get(entity.name);
    if (resident === undefined) throw new Error(`${entity.name} is not resident`);
    return resident;
  };
  return {
    get: <R extends object>(entity: Entity<R>, ...values: KeyValue[]) =>
      readTable(table(entity), null, values)[0] as R | undefined,
    find: <R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]) =>
      table(entity).find(index, values) as R[],
    all: <R extends object>(entity: Entity<R>) => [...table(entity).rows.values()] as R[],
  };
}
