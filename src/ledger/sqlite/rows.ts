import type { Column, Row } from '../entity.ts';
import { readJson, type Shape } from '../storedJson.ts';

type Columns = Readonly<Record<string, Column<unknown>>>;

/** Makes rows out of the value arrays a statement answers with, in the order of `names`. */
export function decoder(columns: Columns, names: readonly string[]): (values: readonly unknown[]) => Row {
  const kinds = names.map(name => columns[name]?.type ?? 'integer');
  const shapes = names.map(name => columns[name]?.shape ?? null);
  const plain = kinds.every(kind => kind !== 'json' && kind !== 'boolean' && kind !== 'bytes');
  return values => {
    const row: Row = {};
    for (let i = 0; i < names.length; i++) {
      const value = values[i];
      row[names[i]!] = plain || value === null ? value : decode(kinds[i]!, value, shapes[i]!);
    }
    return row;
  };
}

function decode(kind: Column<unknown>['type'], value: unknown, shape: Shape | null): unknown {
  if (kind === 'json') return readJson(value as string, shape);
  if (kind === 'boolean') return value === 1;
  return value;
}
