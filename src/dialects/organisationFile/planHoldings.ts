import type { Directory } from '../../ledger/directory.ts';
import type { Entity } from '../../ledger/entity.ts';
import { device, extension } from '../../people/entities.ts';
import { type Held, timelineOf } from '../../people/timeline.ts';
import type { OrganisationUser } from './organisation.ts';
import { type Step, stepTo } from './step.ts';

/** What changes about the extensions and devices of one user. */
export interface HeldDraft {
  readonly steps: Step[];
  /** `extension 2005`, also where somebody else got it. */
  readonly fields: Set<string>;
}

/** By user id. */
export function planHoldings(
  users: readonly OrganisationUser[],
  directory: Directory,
  now: number,
): ReadonlyMap<number, HeldDraft> {
  const drafts = new Map<number, HeldDraft>();
  const draftOf = (userId: number): HeldDraft => {
    const draft = drafts.get(userId) ?? { steps: [], fields: new Set() };
    drafts.set(userId, draft);
    return draft;
  };
  planKind(extension, 'number', 'extensions', { users, directory, now, draftOf });
  planKind(device, 'id', 'devices', { users, directory, now, draftOf });
  return drafts;
}

interface HoldingContext {
  readonly users: readonly OrganisationUser[];
  readonly directory: Directory;
  readonly now: number;
  readonly draftOf: (userId: number) => HeldDraft;
}

function planKind<Name extends string, R extends Held & Readonly<Record<Name, string>>>(
  entity: Entity<R>,
  column: Name,
  kind: 'extensions' | 'devices',
  { users, directory, now, draftOf }: HoldingContext,
): void {
  const rows = directory.all(entity);
  const known = new Set<number>(rows.map(each => each.userId));
  const existing = Map.groupBy(rows, each => each[column] as string);
  const stated = Map.groupBy(
    users.flatMap(each => each[kind].map(held => ({ ...held, userId: each.id }))),
    each => each.what,
  );
  for (const what of new Set([...existing.keys(), ...stated.keys()].sort())) {
    const before = (existing.get(what) ?? []).toSorted((a, b) => a.from - b.from);
    const after = timelineOf(before, stated.get(what) ?? [], { now, isNew: userId => !known.has(userId) });
    const note = (userId: number, steps: readonly Step[]) => {
      const draft = draftOf(userId);
      draft.steps.push(...steps);
      draft.fields.add(`${entity.name} ${what}`);
    };
    for (const row of before) {
      const next = after.find(each => each.from === row.from);
      if (next === undefined) note(row.userId, [{ entity, before: row, after: null, numberedBy: null }]);
      else if (next.userId !== row.userId) note(row.userId, []);
    }
    for (const { userId, from, until } of after) {
      const row = before.find(each => each.from === from) ?? null;
      const steps = stepTo(entity, row, { [column]: what, from, until, userId });
      if (steps.length > 0) note(userId, steps);
    }
  }
}
