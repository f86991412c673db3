import { callEvents, callsSettled } from '../calls/events.ts';
import { campaignEvents } from '../campaigns/events.ts';
import { clientEvents } from '../clients/events.ts';
import { configEvents } from '../config/events.ts';
import type { EventShape } from '../ledger/event.ts';
import { portalEvents } from '../portal/events.ts';
import { recordingEvents } from '../recordings/events.ts';

/** Everything that readers of the journal may be told, in the order of docs/events.md. */
export const events: readonly EventShape[] = [
  ...callEvents,
  ...recordingEvents,
  ...clientEvents,
  ...portalEvents,
  ...campaignEvents,
  ...configEvents,
];

/** Journalled as well, and told as what they stand for. */
export const expandedEvents: readonly EventShape[] = [callsSettled];
