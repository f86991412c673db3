import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.ts';

const DEAD_MS = 1_000;

/** kill -9 of all processes of PostgreSQL, and its restart on what they have left. */
export const killPostgres = (): Fault => ({
  title: 'kill -9 of PostgreSQL under load',
  needsWire: false,
  refuses: true,
  async strike({ nodes, database, random }) {
    await database.kill();
    await delay(random.next() * DEAD_MS);
    const began = performance.now();
    await database.restart();
    const recoveredMs = performance.now() - began;
    await Promise.all(nodes.map(node => node.ready()));
    return { survivors: nodes, said: `PostgreSQL killed, back in ${Math.round(recoveredMs)} ms` };
  },
});
