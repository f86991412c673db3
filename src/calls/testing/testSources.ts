/** What the tests of this room know of sources: by their kinds, as the composition has it. */
import { source } from '../../sources/entities.ts';
import type { Sources, Tells } from '../sources.ts';

const TELLS: Readonly<Record<string, Tells>> = {
  yeastar: 'legs',
  bitrix24: 'registrations',
  genesys: 'completions',
  native: 'calls',
};

export const testSources: Sources = {
  get: (state, id) => state.get(source, id),
  ids: state => state.all(source).map(each => each.id),
  anyTells: (state, what) =>
    Object.entries(TELLS).some(
      ([kind, tells]) => tells === what && state.find(source, 'byKind', kind).some(each => each.active),
    ),
};
