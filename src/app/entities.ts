import { callEntities } from '../calls/entities.ts';
import { campaignEntities } from '../campaigns/entities.ts';
import { clientEntities } from '../clients/entities.ts';
import { setting } from '../config/setting.ts';
import { consumer } from '../ledger/consumer.ts';
import type { AnyEntity } from '../ledger/entity.ts';
import { nodeEntities } from '../nodes/entities.ts';
import { peopleEntities } from '../people/entities.ts';
import { portalEntities } from '../portal/entities.ts';
import { recordingEntities } from '../recordings/entities.ts';
import { sourceEntities } from '../sources/entities.ts';
import { statisticsEntities } from '../statistics/entities.ts';

/** What each room keeps. */
export const entitiesByRoom: Readonly<Record<string, readonly AnyEntity[]>> = {
  ledger: [consumer],
  config: [setting],
  people: peopleEntities,
  sources: sourceEntities,
  calls: callEntities,
  clients: clientEntities,
  portal: portalEntities,
  campaigns: campaignEntities,
  recordings: recordingEntities,
  statistics: statisticsEntities,
  nodes: nodeEntities,
};

/** Everything the rooms keep. The first migration makes exactly these tables; a test compares them. */
export const entities: readonly AnyEntity[] = Object.values(entitiesByRoom).flat();
