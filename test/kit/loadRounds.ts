/**
 * How often a command may ask PostgreSQL for rows: twice, the second time for what the first rows lead to. Each question is a round
 * trip in which no other node can store anything, so a hint (`wants`, `expect`) that is missing or wrong is found here.
 */
import assert from 'node:assert/strict';
import { parseMetrics } from './metrics.ts';
import type { RunningServer } from './server.ts';

const LOADS = 2;

/** Commands that ask more often in some conformance cases, how often, and why: each arrow is a question that only the answer before makes possible. */
const MORE: Readonly<Record<string, { readonly loads: number; readonly why: string }>> = {
  'accept yeastar.30012': {
    loads: 5,
    why: 'name → earlier legs, which with this one tell of other parties → candidates around these → their source calls → calls and records that a join or a split takes them from',
  },
  'register call': {
    loads: 3,
    why: 'candidates of its agent, number and day → their source calls → what else is part of their calls or named by them',
  },
  'finish call': {
    loads: 5,
    why: 'name → registration → candidates around it → their source calls → what else is part of their calls',
  },
  'complete record': {
    loads: 5,
    why: 'handle → record, calls of its agent to its number → its chain, for the number that was called instead → calls to that → what else is part of them',
  },
  'correct call': {
    loads: 3,
    why: 'call → its source calls, records of their agents and numbers → the calls of these records',
  },
};

const BUCKET = /^aftercall_command_loads_bucket\{le="([^"]+)",command="([^"]+)"\}$/;

/** To be called when a server has done what a case asks of it; nothing is counted on other stores. */
export async function assertFewLoads(server: RunningServer): Promise<void> {
  if (!server.running) return;
  const page = await server.get('/metrics');
  assert.deepEqual(tooManyLoads(await page.text()), []);
}

/** Commands that have asked more often than they may, in words; `page`: what `/metrics` answers. */
function tooManyLoads(page: string): string[] {
  const counts = new Map<string, Map<number, number>>();
  for (const [name, count] of parseMetrics(page)) {
    const [, bound, command] = BUCKET.exec(name) ?? [];
    if (bound === undefined || command === undefined) continue;
    const ofCommand = counts.get(command) ?? new Map<number, number>();
    counts.set(command, ofCommand.set(bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), count));
  }
  return [...counts].flatMap(([command, ofCommand]) => {
    const most = MORE[command]?.loads ?? LOADS;
    const asked = mostLoads(ofCommand);
    return asked <= most ? [] : [`"${command}" asked up to ${asked} times for rows, and may ${most} times`];
  });
}

/** The smallest bound under which all samples are. */
function mostLoads(counts: ReadonlyMap<number, number>): number {
  const all = counts.get(Number.POSITIVE_INFINITY) ?? 0;
  return Math.min(...[...counts].filter(([, count]) => count === all).map(([bound]) => bound));
}
