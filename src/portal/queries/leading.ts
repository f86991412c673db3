import { compareRows } from '../../ledger/compareRows.ts';
import type { Entity, Row } from '../../ledger/entity.ts';
import type { Sort } from '../../ledger/query.ts';

/** The first rows by an order, out of parts in which they come. */
export class Leading<R extends object> {
  rows: readonly R[] = [];
  private readonly entity: Entity<R>;
  private readonly orderBy: readonly Sort[];
  private readonly most: number;

  constructor(entity: Entity<R>, orderBy: readonly Sort[], most: number) {
    this.entity = entity;
    this.orderBy = orderBy;
    this.most = most;
  }

  add(part: readonly R[]): void {
    if (part.length === 0) return;
    const order = (a: R, b: R) => compareRows(this.entity, this.orderBy, a as Row, b as Row);
    this.rows = [...this.rows, ...part].sort(order).slice(0, this.most);
  }
}
