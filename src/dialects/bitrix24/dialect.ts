import { requestRecording } from '../../recordings/jobs.ts';
import { poolRandom } from '../../values/randomPool.ts';
import type { Dialect } from '../dialect.ts';
import { bitrix24Door } from './door.ts';
import { OWN_SOURCE } from './ownSource.ts';
import { tells } from './tells.ts';
import { webhookRules } from './webhookRules.ts';

const KIND = 'bitrix24';

/** A portal that telephony applications report to by incoming webhooks. */
export const bitrix24: Dialect = {
  kind: KIND,
  tells,
  ownSource: OWN_SOURCE,
  webhooks: webhookRules,
  prefix: '/rest',
  open: (scope, house) =>
    bitrix24Door(scope, {
      ledger: house.ledger,
      calls: house.calls,
      clock: house.clock,
      random: poolRandom(house.random),
      timeZone: house.timeZone,
      requestRecording: (state, { sourceCallId, reportId, url }) => {
        requestRecording(state, { sourceCallId, reportId, url, name: null }, house.recordings);
      },
      records: {
        store: house.audio,
        outbound: house.outbound,
        ...house.recordings,
        // A key of its own: a connector may use an address after a restart.
        uploadKey: house.keys.derive('bitrix24 upload slot'),
      },
      publicUrl: house.publicUrl,
      count: verdict => house.meters.countReport(KIND, verdict),
    }),
};
