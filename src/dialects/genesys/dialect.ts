import { poolRandom } from '../../values/randomPool.ts';
import type { Dialect } from '../dialect.ts';
import { COMPLETION_KIND } from './context.ts';
import { genesysDoor } from './door.ts';
import { OWN_SOURCE } from './ownSource.ts';
import { tells } from './tells.ts';

const KIND = 'genesys';
const EXPIRING = 'expiring messages';

/** A node of Genesys Web Services for agent desktops. */
export const genesys: Dialect = {
  kind: KIND,
  tells,
  ownSource: OWN_SOURCE,
  prefix: '/api/v2',
  jobs: [EXPIRING],
  open: (scope, house) =>
    genesysDoor(scope, {
      ledger: house.ledger,
      calls: house.calls,
      campaigns: house.campaigns,
      authenticator: house.authenticator,
      // A key of its own, derived from the one in the key file: cookies outlive a restart.
      cookieKey: house.keys.derive('genesys session cookie'),
      clock: house.clock,
      timers: house.timers,
      random: poolRandom(house.random),
      publicUrl: house.publicUrl,
      count: verdict => house.meters.countReport(KIND, verdict),
      bayeux: {},
      strict: false,
      wantReport: house.wantCompletedCall,
      report: (state, completion) => house.completeCall(state, { kind: COMPLETION_KIND, ...completion }),
      stopping: house.stopping,
      ...(house.nodes.relay === null ? {} : { relay: house.nodes.relay }),
      outboxLease: house.nodes.lease(EXPIRING),
      watch: house.meters.watchDesktops,
    }),
};
