import { fits } from '../columnValue.ts';
import { type ChangeSet, EngineFault, type RowChanges } from '../engine.ts';
import type { AnyEntity, EntityShape, Row } from '../entity.ts';
import { packBytes } from '../packedBytes.ts';
import { encodeArray } from './arrays.ts';
import { addToCounter, deleteRows, insertRows, updateRows } from './statements.ts';

/** One statement of a batch. */
export interface Step {
  readonly sql: string;
  readonly parameters: readonly Buffer[];
}

/** The statements of a batch, at most three for an entity and one for a counter. Throws an `EngineFault`, a poison. */
export function stepsOf(changes: ChangeSet): Step[] {
  const steps = changes.rows.flatMap(each => stepsOfEntity(each));
  for (const { counter, deltas } of changes.counters) {
    steps.push({ sql: addToCounter(counter), parameters: columnsOf(counter, counter.columnNames, deltas) });
  }
  return steps;
}

function stepsOfEntity({ entity, inserts, updates, deletes }: RowChanges): Step[] {
  const unique = new Set(Object.values(entity.indexes).flatMap(index => (index.unique ? index.columns : [])));
  // A unique index is checked row by row: rows that swap their values leave first and come back afterwards.
  const moved = updates.filter(({ changed }) => changed.some(name => unique.has(name))).map(({ row }) => row);
  const stay = updates.filter(({ changed }) => !changed.some(name => unique.has(name)));
  const gone = [...moved, ...deletes];
  const come = [...moved, ...inserts];
  const steps: Step[] = [];
  if (gone.length > 0) {
    steps.push({ sql: deleteRows(entity), parameters: columnsOf(entity, entity.key, gone) });
  }
  if (stay.length > 0) steps.push(updateStep(entity, stay));
  if (come.length > 0) {
    steps.push({ sql: insertRows(entity), parameters: columnsOf(entity, entity.columnNames, come) });
  }
  return steps;
}

/** One statement for all, which sets every column that any of the rows has changed. */
function updateStep(entity: EntityShape, updates: RowChanges['updates']): Step {
  const any = new Set(updates.flatMap(({ changed }) => changed));
  const changed = entity.columnNames.filter(name => any.has(name));
  const rows = updates.map(({ row }) => row);
  const parameters = columnsOf(entity, [...changed, ...entity.key], rows);
  return { sql: updateRows(entity, changed), parameters };
}

function columnsOf(entity: AnyEntity, names: readonly string[], rows: readonly Row[]): Buffer[] {
  return names.map(name => {
    const column = entity.columns[name]!;
    const values = rows.map(row => row[name]);
    if (!values.every(value => fits(column, value))) {
      throw new EngineFault('poison', `${entity.name}.${name} is no ${column.type}`);
    }
    const { words } = column;
    const stored =
      words === null ? values : values.map(value => (value === null ? null : packBytes(value as Uint8Array, words)));
    return encodeArray(column.type, stored, `${entity.name}.${name}`, column.shape);
  });
}
