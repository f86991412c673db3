/** A seed means a run: it is run twice, and both must be the same to the last byte. */
import type { ChangeSet } from '../../src/ledger/engine.ts';
import { type Sight, sightsIn } from './sightings.ts';
import { type Finding, type Run, simulate } from './simulation.ts';

export interface Verdict {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly events: number;
  readonly entries: number;
  readonly sights: readonly Sight[];
  /** Of what is stored in the end. */
  readonly digest: string;
}

export async function simulateTwice(seed: number, mutant: string | null, founding: ChangeSet): Promise<Verdict> {
  const first = await simulate(seed, mutant, founding);
  const second = await simulate(seed, mutant, founding);
  const { findings, events, entries, digest } = first;
  const sights = sightsIn(first.trace);
  return { seed, findings: [...findings, ...differences(first, second)], events, entries, sights, digest };
}

function differences(first: Run, second: Run): Finding[] {
  const texts = [first, second].map(run => run.trace.map(each => JSON.stringify(each)));
  const place = texts[0]!.findIndex((line, n) => line !== texts[1]![n]);
  const isLonger = texts[1]!.length > texts[0]!.length;
  if (place >= 0 || isLonger) {
    const at = place >= 0 ? place : texts[0]!.length;
    return [{ checker: 'same twice', what: `${texts[0]![at]} and ${texts[1]![at]}` }];
  }
  return first.digest === second.digest ? [] : [{ checker: 'same twice', what: 'what is stored differs' }];
}
