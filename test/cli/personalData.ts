/** The tables of docs/personal-data.md, made of what the rooms declare. */

import { entities } from '../../src/app/entities.ts';
import type { AnyEntity, Personal } from '../../src/ledger/entity.ts';
import { journal } from '../../src/ledger/journal.ts';

const KINDS: readonly Personal[] = ['number', 'name', 'content'];

const inCode = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |\n`).join('');

/** Columns that can hold what somebody said, sent or is called. */
function openColumns({ columnNames, columns }: AnyEntity): readonly { name: string; personal: Personal | null }[] {
  return columnNames
    .map(name => ({ name, ...columns[name]! }))
    .filter(({ type }) => type === 'text' || type === 'json' || type === 'bytes');
}

export function personalTable(): string {
  const rows = entities.flatMap(entity => {
    const cells = KINDS.map(kind =>
      inCode(openColumns(entity).flatMap(each => (each.personal === kind ? [each.name] : []))),
    );
    return cells.every(cell => cell === '') ? [] : [[inCode([entity.name]), ...cells]];
  });
  return table(['Row', 'Numbers', 'Names', 'Content'], rows);
}

export function otherTable(): string {
  const rows = [...entities, journal].flatMap(entity => {
    const others = openColumns(entity).flatMap(each => (each.personal === null ? [each.name] : []));
    return others.length === 0 ? [] : [[inCode([entity.name]), inCode(others)]];
  });
  return table(['Row', 'Columns'], rows);
}
