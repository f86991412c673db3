import type { OwnSource } from '../../sources/ownSource.ts';

export const OWN_SOURCE: OwnSource = {
  purpose: 'campaigns',
  key: 'genesys',
  kind: 'genesys',
  behind: 'behind the agent desktops',
};
