import { isDeepStrictEqual } from 'node:util';
import type { Directory } from '../../ledger/directory.ts';
import type { Entity, Row } from '../../ledger/entity.ts';

/** A row to write: `before` null is a new one, `after` null takes it away. */
export interface Step {
  readonly entity: Entity;
  readonly before: Readonly<Row> | null;
  readonly after: Readonly<Row> | null;
  /** The sequence that gives a new row its `id`; null when it has one. */
  readonly numberedBy: string | null;
  /** Columns that name a row which an earlier step may have made. */
  readonly refer?: (directory: Pick<Directory, 'find'>) => Readonly<Row>;
}

/** What changes about one thing that people have a name for. */
export interface Draft {
  /** `user 1 (anna)`, `token ops`, `source hq`, `settings`. */
  readonly what: string;
  readonly steps: readonly Step[];
  /** What changes beyond the columns of the thing's own row. */
  readonly fields: readonly string[];
}

/** No step when nothing differs. */
export function stepTo(
  entity: Entity,
  before: Readonly<Row> | null,
  after: Readonly<Row>,
  numberedBy: string | null = null,
): readonly Step[] {
  const step: Step = { entity, before, after, numberedBy };
  return before !== null && changedColumns(step).length === 0 ? [] : [step];
}

/** Of a row that is there before and after. */
export function changedColumns({ entity, before, after }: Step): readonly string[] {
  return entity.columnNames.filter(name => !isDeepStrictEqual(before![name], after![name]));
}
