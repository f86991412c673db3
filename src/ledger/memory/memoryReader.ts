import { compareRows } from '../compareRows.ts';
import { holds } from '../condition.ts';
import type { EntityShape, KeyValue, Row } from '../entity.ts';
import { addExactly, type ExactSum } from '../exactSum.ts';
import type { Aggregate, AggregateRow, Condition, Reader, Scalar, Select } from '../query.ts';
import { compareValues, type Table } from '../table.ts';
import type { CounterTable } from './counterTable.ts';

/** The plain meaning of every question, against which the other engines are compared. */
export function memoryReader(tables: ReadonlyMap<string, Table>, counters: ReadonlyMap<string, CounterTable>): Reader {
  const rowsOf = (name: string): ReadonlyMap<KeyValue, Row> => {
    const rows = tables.get(name)?.rows ?? counters.get(name)?.rows;
    if (rows === undefined) throw new Error(`no entity ${name}`);
    return rows;
  };
  /** All rows, or those of a sparse index where the question is about rows that are in it. */
  const candidates = (entity: EntityShape, where: readonly Condition[]): Iterable<Row> => {
    for (const { name, columns, sparse } of Object.values(entity.indexes)) {
      const requested = where.some(each => 'null' in each && !each.null && each.column === columns[0]);
      if (sparse && requested && columns.length === 1) return tables.get(entity.name)!.inIndex(name);
    }
    return rowsOf(entity.name).values();
  };
  return {
    snapshot: work => work(memoryReader(copiesOf(tables), copiesOf(counters))),
    async select<R extends object>(query: Select<R>): Promise<R[]> {
      const found: Row[] = [];
      for (const row of candidates(query.from, query.where ?? [])) if (holds(query.where ?? [], row)) found.push(row);
      found.sort((a, b) => compareRows(query.from, query.orderBy ?? [], a, b));
      const offset = query.offset ?? 0;
      const { columns } = query;
      const page = found.slice(offset, offset + query.limit);
      if (columns === undefined) return page as R[];
      return page.map(row => Object.fromEntries(columns.map(name => [name, row[name]]))) as R[];
    },
    async aggregate<R extends object>(query: Aggregate<R>): Promise<AggregateRow[]> {
      const groups = new Map<string, AggregateRow>();
      for (const row of rowsOf(query.from.name).values()) {
        if (!holds(query.where ?? [], row)) continue;
        const values = query.groupBy.map(name => row[name] as Scalar | null);
        const key = JSON.stringify(values);
        let group = groups.get(key);
        if (group === undefined) {
          group = { count: 0 };
          for (let i = 0; i < values.length; i++) group[query.groupBy[i]!] = values[i]!;
          for (const sum of query.sum) group[sum] = 0;
          groups.set(key, group);
        }
        group['count'] = (group['count'] as number) + 1;
        for (const sum of query.sum)
          group[sum] = addExactly(group[sum] as ExactSum, (row[sum] as ExactSum | null) ?? 0);
      }
      const by = query.groupBy as readonly string[];
      return [...groups.values()].sort((a, b) => {
        for (const name of by) {
          const order = compareValues(a[name], b[name]);
          if (order !== 0) return order;
        }
        return 0;
      });
    },
  };
}

/** Rows are replaced and never changed: who has another map of them has another moment. */
const copiesOf = <T extends { copy(): T }>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map([...all].map(([name, each]) => [name, each.copy()]));
