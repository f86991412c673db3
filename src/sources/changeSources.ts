/** Sources, changed one at a time or many at once. */
import { putChanged } from '../ledger/putChanged.ts';
import { Refusal, type State } from '../ledger/state.ts';
import { type Manager, managedByFile, mayManage } from '../values/managedBy.ts';
import { type Source, source } from './entities.ts';
import { type OwnSource, ownSourceRow, type Place } from './ownSource.ts';
import { sharedSetting } from './sharedSettings.ts';
import type { SourceKind } from './sourceKind.ts';

export type SourceProblem =
  /** The organisation file says it, and would say it again. */
  | 'managedByFile'
  /** The server makes this one itself. */
  | 'serversOwn'
  /** Calls were read as another kind tells them. */
  | 'anotherKind'
  /** Its settings cannot be as they would be. */
  | 'impossibleSettings'
  /** Another source has a setting that must be one source's alone. */
  | 'sharedSetting';

/** A change of sources that cannot be, whoever wants it; the message is for people. */
export class SourceRefusal extends Refusal {
  override readonly name = 'SourceRefusal';
  readonly problem: SourceProblem;
  constructor(problem: SourceProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

export type NewSource = Omit<Source, 'id' | 'active' | 'managedBy'>;

export interface SourceChange {
  readonly sources?: readonly NewSource[];
  /** By key. */
  readonly gone?: readonly string[];
}

export interface SourceRules {
  /** Those that the server makes itself. */
  readonly own: readonly OwnSource[];
  readonly kinds: readonly SourceKind[];
}

/** Throws a `SourceRefusal`. */
export function changeSources(state: State, change: SourceChange, { own, kinds }: SourceRules, by: Manager): void {
  const find = (key: string): Readonly<Source> | undefined => {
    const reserved = own.find(each => each.key === key);
    if (reserved !== undefined) {
      throw new SourceRefusal('serversOwn', `${key} is the source ${reserved.behind}, which the server keeps itself`);
    }
    const before = state.find(source, 'byKey', key)[0];
    if (before !== undefined && !mayManage(by, before)) {
      throw new SourceRefusal('managedByFile', managedByFile(`source ${key}`));
    }
    return before;
  };
  for (const input of change.sources ?? []) {
    const before = find(input.key);
    if (before !== undefined && before.kind !== input.kind) {
      const message = `source ${input.key} is of the kind ${before.kind}: give another kind another key`;
      throw new SourceRefusal('anotherKind', message);
    }
    const after: Source = { ...input, id: before?.id ?? 0, active: true, managedBy: by };
    if (before === undefined) state.insert(source, { ...after, id: state.next('source') });
    else putChanged(state, source, before, after);
  }
  for (const key of change.gone ?? []) {
    const before = find(key);
    if (before !== undefined) putChanged(state, source, before, { ...before, active: false, managedBy: 'api' });
  }
  // Once all are changed: two may have exchanged theirs.
  const shared = sharedSetting(state, kinds);
  if (shared !== null) {
    const [first, second] = shared.sources.map(each => each.key);
    const message = `sources ${first} and ${second} would both have the ${shared.name} ${shared.value}`;
    throw new SourceRefusal('sharedSetting', message);
  }
}

/** The source behind a door: where the organisation is, and active as long as somebody may come in by it. */
export function keepOwnSource(state: State, own: OwnSource, isNeeded: boolean, place: Place): void {
  const before = state.find(source, 'byKey', own.key)[0];
  if (before === undefined) {
    if (isNeeded) state.insert(source, { ...ownSourceRow(own, place), id: state.next('source') });
  } else if (isNeeded) putChanged(state, source, before, { ...before, ...placeOf(place), active: true });
  else putChanged(state, source, before, { ...before, active: false });
}

const placeOf = ({ timeZone, country }: Place): Place => ({ timeZone, country });
