import { isDeepStrictEqual } from 'node:util';
import type { Entity } from './entity.ts';
import type { State } from './state.ts';

/** Puts a row unless it is there already and no column differs. */
export function putChanged<R extends object>(
  state: Pick<State, 'put'>,
  entity: Entity<R>,
  before: Readonly<R> | undefined,
  after: R,
): void {
  const names = entity.columnNames as readonly (keyof R)[];
  if (before !== undefined && names.every(name => isDeepStrictEqual(before[name], after[name]))) return;
  state.put(entity, after);
}
