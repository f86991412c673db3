import type { Column, Row } from '../entity.ts';
import { readJson } from '../storedJson.ts';
import type { Values } from './connection.ts';

type Columns = Readonly<Record<string, Column<unknown>>>;

/** Makes rows out of the values a statement answers with, in the order of `names` from place `from` on. */
export function decoder(columns: Columns, names: readonly string[], from = 0): (values: Values) => Row {
  const isJson = names.map(name => columns[name]?.type === 'json');
  const shapes = names.map(name => columns[name]?.shape ?? null);
  return values => {
    const row: Row = {};
    for (let i = 0; i < names.length; i++) {
      const value = values[from + i];
      row[names[i]!] = isJson[i] && value !== null ? readJson(value as string, shapes[i]!) : value;
    }
    return row;
  };
}
