import { DEFAULT_ANSWER_WITHIN_SECONDS } from '../values/secondsBuckets.ts';
import { NO_NUMBERS, type Source } from './entities.ts';
import { DEFAULT_SHORT_SECONDS } from './rules.ts';

/** What a door is for: `/v1`, or what people set up for it. */
export type DoorPurpose = 'api' | 'webhooks' | 'campaigns';

/** A source that the server makes itself, for a door of its own. */
export interface OwnSource {
  readonly purpose: DoorPurpose;
  readonly key: string;
  readonly kind: string;
  /** For messages: `behind /v1`. */
  readonly behind: string;
}

/** Where the organisation is: people write times and numbers there as it does. */
export interface Place {
  readonly timeZone: string;
  readonly country: string;
}

export const ownSourceRow = ({ key, kind }: OwnSource, { timeZone, country }: Place): Omit<Source, 'id'> => ({
  key,
  kind,
  timeZone,
  country,
  areaCode: null,
  outsidePrefix: null,
  numbers: NO_NUMBERS,
  shortSeconds: DEFAULT_SHORT_SECONDS,
  answerWithinSeconds: DEFAULT_ANSWER_WITHIN_SECONDS,
  queueThresholds: {},
  active: true,
  managedBy: 'server',
  settings: {},
});
