/** Which kinds of sources there are: what each dialect says of its own. */
import { unknownNumbers } from '../calls/entities.ts';
import type { NumberList, Sources, Tells } from '../calls/sources.ts';
import type { Directory } from '../ledger/directory.ts';
import type { State } from '../ledger/state.ts';
import { type Source, source } from '../sources/entities.ts';
import type { SourceKind } from '../sources/sourceKind.ts';
import { anyActive } from '../sources/telling.ts';
import { DIALECTS } from './dialects.ts';

const kindsTelling = (what: Tells): readonly string[] =>
  DIALECTS.filter(each => each.tells.includes(what)).map(each => each.kind);

const TELLING: Readonly<Record<Tells, readonly string[]>> = {
  legs: kindsTelling('legs'),
  registrations: kindsTelling('registrations'),
  completions: kindsTelling('completions'),
  calls: kindsTelling('calls'),
};

/** The plan of each kind that is delivered with one. */
const DEFAULT_PLANS: ReadonlyMap<string, readonly NumberList[]> = new Map(
  DIALECTS.flatMap(({ kind, sources: { defaultNumbers: numbers } = {} }) =>
    numbers === undefined ? [] : [[kind, [{ by: 'defaultPlan', numbers }]] as const],
  ),
);
const NO_LISTS: readonly NumberList[] = [];

/** What the calls room is given of sources. */
export const sources: Sources = {
  get: (state, id) => state.get(source, id),
  listsOf: ({ kind }) => DEFAULT_PLANS.get(kind) ?? NO_LISTS,
  ids: state => state.all(source).map(each => each.id),
  hasExtensions: ({ kind }) => TELLING.legs.includes(kind),
  anyTells: (state, what) => anyActive(state, TELLING[what]),
  mayHaveTold: (state, what) => sourceTelling(state, what) !== null,
};

/** The one that tells this, active or not, of those the server makes itself; null while there is none. */
export const sourceTelling = (state: Pick<State, 'find'>, what: Tells): Readonly<Source> | null =>
  TELLING[what].flatMap(kind => state.find(source, 'byKind', kind))[0] ?? null;

/** How often each source reported a number that no number plan names. */
export const unknownNumbersSeen = (directory: Directory): readonly { source: string; seen: number }[] =>
  directory.all(unknownNumbers).flatMap(({ sourceId, seen }) => {
    const from = directory.get(source, sourceId);
    return from === undefined ? [] : [{ source: from.key, seen }];
  });

/** What sources of a kind tell of calls. */
export const tellsOf = (kind: string): readonly Tells[] => DIALECTS.find(each => each.kind === kind)?.tells ?? [];

/** Those that people may set up. */
export const sourceKinds: readonly SourceKind[] = DIALECTS.flatMap(each => each.sources ?? []);

/** The secrets of all sources, as they are stored. */
export const sealedIn = (from: Pick<State, 'all'>): readonly string[] =>
  from.all(source).flatMap(({ kind, settings }) => {
    const fields = sourceKinds.find(each => each.kind === kind)?.fields ?? [];
    const secrets = fields.filter(each => each.form === 'secret').map(each => settings[each.name]);
    return secrets.filter(each => typeof each === 'string');
  });
