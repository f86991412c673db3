/** As much as this room needs to know of where reports come from; another room keeps sources. */
import type { State } from '../ledger/state.ts';
import type { PhoneContext } from '../values/phone.ts';
import type { ListedParty } from './fold/party.ts';

/**
 * What a source reports of calls. legs: each stage, as a PBX sees it. registrations: that a call was begun and finished, as an
 * application sees it. completions: that an agent is done with a record. calls: a whole call at once.
 */
export type Tells = 'legs' | 'registrations' | 'completions' | 'calls';

export interface CallSource extends PhoneContext {
  readonly id: number;
  /** What people call it by. */
  readonly key: string;
  readonly active: boolean;
  readonly kind: string;
  readonly numbers: ListedNumbers;
  /** A call shorter than this is marked so. */
  readonly shortSeconds: number;
}

/** Patterns as in `62xx` or `[2-4]xxx`; `internal`: extensions. */
export type ListedNumbers = { readonly [what in ListedParty | 'internal']?: readonly string[] };

/** A list that says what numbers are, besides the one a source was configured with. */
export interface NumberList {
  readonly by: 'roster' | 'defaultPlan';
  readonly numbers: ListedNumbers;
}

export interface Sources {
  /** The same object as long as nothing of the source changes. Inactive ones too: their calls stay. */
  readonly get: (state: Pick<State, 'get'>, id: number) => Readonly<CallSource> | undefined;
  /**
   * What says what the numbers of a source are where its configuration does not, the strongest first: the roster of the PBX before
   * the plan it was delivered with. The same array as long as nothing of it changes.
   */
  readonly listsOf: (from: Readonly<CallSource>) => readonly NumberList[];
  readonly ids: (state: Pick<State, 'all'>) => readonly number[];
  /** Whether it is a PBX, which has extensions of its own. */
  readonly hasExtensions: (from: Readonly<CallSource>) => boolean;
  /** Whether an active source tells this. */
  readonly anyTells: (state: Pick<State, 'find'>, what: Tells) => boolean;
  /** Whether a source may ever have told this: one that was deactivated too. */
  readonly mayHaveTold: (state: Pick<State, 'find'>, what: Tells) => boolean;
}

export function demandSource(sources: Sources, state: Pick<State, 'get'>, id: number): Readonly<CallSource> {
  const found = sources.get(state, id);
  if (found === undefined) throw new Error(`there is no source ${id}`);
  return found;
}
