/** As much as this room needs to know of where reports come from; another room keeps sources. */
import type { State } from '../ledger/state.ts';
import type { PhoneContext } from '../values/phone.ts';

/**
 * What a source reports of calls. legs: each stage, as a PBX sees it. registrations: that a call was begun and finished, as an
 * application sees it. completions: that an agent is done with a record. calls: a whole call at once.
 */
export type Tells = 'legs' | 'registrations' | 'completions' | 'calls';

export interface CallSource extends PhoneContext {
  readonly id: number;
  readonly active: boolean;
  /** Patterns as in `62xx` or `[2-4]xxx`. */
  readonly numbers: {
    readonly ivr: readonly string[];
    readonly queue: readonly string[];
    readonly internal: readonly string[];
  };
  /** A caller who leaves a queue sooner than this has abandoned; later, we missed the call. */
  readonly abandonSeconds: number;
}

export interface Sources {
  /** The same object as long as nothing of the source changes. Inactive ones too: their calls stay. */
  readonly get: (state: Pick<State, 'get'>, id: number) => Readonly<CallSource> | undefined;
  readonly ids: (state: Pick<State, 'all'>) => readonly number[];
  /** Whether an active source tells this. */
  readonly anyTells: (state: Pick<State, 'find'>, what: Tells) => boolean;
}

export function demandSource(sources: Sources, state: Pick<State, 'get'>, id: number): Readonly<CallSource> {
  const found = sources.get(state, id);
  if (found === undefined) throw new Error(`there is no source ${id}`);
  return found;
}
