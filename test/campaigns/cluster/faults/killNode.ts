import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.ts';

/** How long a dead node stays dead, at most, before it is started again. */
const DEAD_MS = 1_000;

/** kill -9 of one node, whatever it is doing, and its restart. */
export const killNode = (): Fault => ({
  title: 'kill -9 of a node under load',
  needsWire: false,
  refuses: false,
  async strike({ nodes, random }) {
    const victim = random.pick(nodes);
    await victim.kill();
    await delay(random.next() * DEAD_MS);
    await victim.start();
    return {
      survivors: nodes.filter(node => node !== victim),
      said: `${victim.name} killed, ready again in ${Math.round(victim.process.startedInMs)} ms`,
    };
  },
});
