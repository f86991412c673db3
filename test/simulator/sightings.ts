/** What happened in a run: a simulation in which a kind of trouble never comes proves nothing about it. */
import type { TraceLine } from './world.ts';

const SIGHTS = {
  'one node': /^(near|far)$/,
  'two nodes': /^two nodes$/,
  'a server is killed': /^is killed/,
  'a server is told to stop': /^has stopped/,
  'a server stands still': /^stands still/,
  'a server stands still with a batch': /^is stopped .* with a batch/,
  'the store ends a batch': /^ends a batch/,
  'a server stops by itself': /^stops by itself/,
  'a server cannot start': /^cannot start/,
  'a node that lives or is dead loses its work': /^takes .* from node/,
  'a request is answered by the node of its session': /^has forwarded a request: answered/,
  'the node of a session is not reached': /^has forwarded a request: unreachable/,
  'a server is cut off from the store': /^has no way to the store/,
  'a clock is wrong': /^has a clock/,
  'a clock jumps by minutes': /^has a clock that has jumped/,
  'the disk is full': /^is full/,
  'connections are cut': /^cuts connections/,
  'no answer comes': /: no answer from/,
  'a server says that it cannot store anything': /: 503 from/,
  'a finish is refused': /^finish .*: 400 from/,
  'a record is completed twice': /^reads \w*Error/,
  'calls are joined by hand': /^join .*: 200 from/,
  'a correction is taken back': /^take back .*: 200 from/,
  'a desktop takes leave': /^takes leave/,
} as const;
export type Sight = keyof typeof SIGHTS;
export const ALL_SIGHTS = Object.keys(SIGHTS) as readonly Sight[];

export const sightsIn = (trace: readonly TraceLine[]): readonly Sight[] =>
  ALL_SIGHTS.filter(sight => trace.some(({ what }) => SIGHTS[sight].test(what)));
