import { call, participation, queueVisit } from '../../calls/entities.ts';
import { user } from '../../people/entities.ts';
import type { Dialect } from '../dialect.ts';
import { OWN_SOURCE } from './ownSource.ts';
import { tells } from './tells.ts';

const KIND = 'native';

/** `/v1`, the house's own. What its routes are made with is loaded when they are opened: a command that opens none starts sooner. */
export const native: Dialect = {
  kind: KIND,
  tells,
  ownSource: OWN_SOURCE,
  prefix: '/v1',
  async describe(scope, server) {
    const { describeApi } = await import('./openApi.ts');
    await describeApi(scope, server);
  },
  async open(scope, house) {
    const { nativeDoor } = await import('./door.ts');
    await nativeDoor(scope, {
      events: house.events,
      expansion: house.expansion,
      ledger: house.ledger,
      calls: house.calls,
      gate: { bearer: house.authenticator.bearer, basic: house.authenticator.basic, may: house.may },
      countable: { calls: call, participations: participation, visits: queueVisit },
      clock: house.clock,
      timers: house.timers,
      timeZone: house.timeZone,
      dayZone: house.dayZone,
      count: verdict => house.meters.countReport(KIND, verdict),
      audio: house.audio,
      administration: house.administration,
      nodes: house.nodes.all,
      userExists: id => house.ledger.directory.get(user, id) !== undefined,
      reread: house.reread,
      stopping: house.stopping,
    });
  },
};
