/** What the tests of this room know of sources: by their kinds, as the composition has it. */
import { source } from '../../sources/entities.ts';
import type { NumberList, Sources, Tells } from '../sources.ts';

const TELLS: Readonly<Record<string, Tells>> = {
  yeastar: 'legs',
  bitrix24: 'registrations',
  genesys: 'completions',
  native: 'calls',
};

/** As a PBX is delivered. */
const DEFAULT_PLAN: readonly NumberList[] = [
  {
    by: 'defaultPlan',
    numbers: {
      internal: ['[1-5]xxx'],
      parking: ['60xx'],
      ivr: ['62xx'],
      ringGroup: ['63xx'],
      queue: ['64xx'],
      conference: ['65xx'],
      paging: ['66xx'],
      featureCode: ['*!'],
    },
  },
];
const NO_LISTS: readonly NumberList[] = [];

export const testSources: Sources = {
  get: (state, id) => state.get(source, id),
  listsOf: ({ kind }) => (TELLS[kind] === 'legs' ? DEFAULT_PLAN : NO_LISTS),
  ids: state => state.all(source).map(each => each.id),
  hasExtensions: ({ kind }) => TELLS[kind] === 'legs',
  anyTells: (state, what) =>
    Object.entries(TELLS).some(
      ([kind, tells]) => tells === what && state.find(source, 'byKind', kind).some(each => each.active),
    ),
  mayHaveTold: (state, what) =>
    Object.entries(TELLS).some(([kind, tells]) => tells === what && state.find(source, 'byKind', kind).length > 0),
};
