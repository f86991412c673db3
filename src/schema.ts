import { callEntities } from './calls/entities.ts';
import { campaignEntities } from './campaigns/entities.ts';
import { setting } from './config/setting.ts';
import { crmEntities } from './crm/entities.ts';
import { consumer } from './ledger/consumer.ts';
import type { AnyEntity } from './ledger/entity.ts';
import { nodeEntities } from './nodes/entities.ts';
import { peopleEntities } from './people/entities.ts';
import { recordingEntities } from './recordings/entities.ts';
import { statisticsEntities } from './statistics/entities.ts';

/** What each room keeps. */
export const entitiesByRoom: Readonly<Record<string, readonly AnyEntity[]>> = {
  ledger: [consumer],
  config: [setting],
  people: peopleEntities,
  calls: callEntities,
  crm: crmEntities,
  campaigns: campaignEntities,
  recordings: recordingEntities,
  statistics: statisticsEntities,
  nodes: nodeEntities,
};

/** Everything the rooms keep. The newest migration makes exactly these tables; a test compares them. */
export const entities: readonly AnyEntity[] = Object.values(entitiesByRoom).flat();
