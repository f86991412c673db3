import { type CounterShape, type KeyValue, keyOf, type Row } from '../entity.ts';
import { addExactly, type ExactSum } from '../exactSum.ts';

/** Rows of one counter in memory. A row whose sums are all zero does not exist. */
export class CounterTable {
  readonly counter: CounterShape;
  readonly rows = new Map<KeyValue, Row>();

  constructor(counter: CounterShape) {
    this.counter = counter;
  }

  copy(): CounterTable {
    const copied = new CounterTable(this.counter);
    for (const [key, row] of this.rows) copied.rows.set(key, row);
    return copied;
  }

  add(delta: Row): void {
    const key = keyOf(this.counter, delta);
    const row: Row = { ...(this.rows.get(key) ?? delta) };
    if (this.rows.has(key)) {
      for (const sum of this.counter.sums) row[sum] = addExactly(row[sum] as ExactSum, delta[sum] as ExactSum);
    }
    if (this.counter.sums.every(sum => row[sum] === 0)) this.rows.delete(key);
    else this.rows.set(key, row);
  }
}
