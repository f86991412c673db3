import type { GivenRecord } from './fakeDesktop.ts';
import type { Round } from './roundBook.ts';

/** How much of what was told has been acknowledged, by door. */
export interface Acknowledged {
  readonly events: number;
  readonly registrations: number;
  readonly finishes: number;
  readonly completions: number;
}

/** `given`: all records that were ever handed out, so the completions are those of all rounds. */
export function countAcknowledged({ pbx, app }: Round, given: Iterable<GivenRecord>): Acknowledged {
  return {
    events: pbx.sent.reduce((sum, call) => sum + call.events.filter(each => each.acknowledged).length, 0),
    registrations: app.calls.filter(call => call.token !== null).length,
    finishes: app.calls.filter(call => call.accepted > 0).length,
    completions: [...given].filter(each => each.acknowledged).length,
  };
}
