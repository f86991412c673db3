/**
 * Calls that leave by a trunk to a number that is something here: the telephone of the other office, which has a PBX of its own, a short
 * number of the network that somebody has here as an extension, or that the plan has for a queue. The rows are built as those of a
 * call to the outside are (plainFlows.ts): that the call left by a trunk is the PBX's own word.
 */
import type { Flow, FlowCall } from './flow.ts';
import { answered } from './pbx.ts';
import { ANNA, HUGO, JANA } from './people.ts';

const out = (name: string, at: string, to: string, type: 'Outbound' | 'Inbound' = 'Outbound'): FlowCall => ({
  name,
  at,
  from: ANNA.extension,
  type: 'Outbound',
  legs: [answered(0, to, 5, 120, { out: true, type })],
  truth: {
    direction: 'outbound',
    outcome: 'answered',
    duration: 125,
    ring: 5,
    talk: 120,
    wait: null,
    queue: null,
    user: ANNA,
    parts: [{ who: ANNA, role: 'answered', ring: 0, talk: 120 }],
    reached: [[to, 'external']],
  },
});

export const outByTrunk: Flow = {
  name: 'out by a trunk to a number that is something here',
  calls: [
    out('the extension of somebody at the other office', '09:00:00', JANA.extension),
    out('that of nobody', '09:10:00', '3999'),
    out('that of a colleague', '09:20:00', HUGO.extension),
    out('a queue’s', '09:30:00', '6400'),
    out('a feature code of the network', '09:40:00', '*31#'),
    out('marked Inbound', '09:50:00', JANA.extension, 'Inbound'),
  ],
};
