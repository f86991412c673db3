import type { State } from '../ledger/state.ts';
import { type Source, source } from './entities.ts';
import { type SourceKind, uniqueText } from './sourceKind.ts';

/** Two active sources of one kind whose settings say that they are the same thing, such as one PBX by its serial. */
export interface SharedSetting {
  readonly name: string;
  readonly value: string;
  /** In the order they were made. */
  readonly sources: readonly [Readonly<Source>, Readonly<Source>];
}

/** The first there is; null when every source has its own. */
export function sharedSetting(state: Pick<State, 'find'>, kinds: readonly SourceKind[]): SharedSetting | null {
  for (const { kind, fields } of kinds) {
    for (const field of fields) {
      if (field.form !== 'text' || field.unique !== true) continue;
      const holders = new Map<string, Readonly<Source>>();
      for (const each of state.find(source, 'byKind', kind).toSorted((a, b) => a.id - b.id)) {
        const value = each.settings[field.name];
        if (!each.active || typeof value !== 'string' || value.trim() === '') continue;
        const other = holders.get(uniqueText(value));
        if (other !== undefined) return { name: field.name, value, sources: [other, each] };
        holders.set(uniqueText(value), each);
      }
    }
  }
  return null;
}
