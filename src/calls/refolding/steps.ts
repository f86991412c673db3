/**
 * Goes through a run and through what takes it back, in small commands. Ended between any two of them, either may be begun again: what
 * is left is in the ledger.
 */
import type { Ledger } from '../../ledger/ledger.ts';
import type { RefoldRun } from '../entities.ts';
import type { CallChange, CallsContext } from '../fold/refold.ts';
import { callsInRange } from '../queries/callsInRange.ts';
import { movedLegs, supersededReports } from '../queries/refoldRuns.ts';
import type { Refolding, Retold } from './foldAgain.ts';
import type { ReadKept } from './readAgain.ts';
import { beginRun, beginTakingBack, endRun, matchLegs, type NewRun, refoldCalls, restoreFacts } from './runs.ts';

/** Calls in one command: its batch stays a few milliseconds long. */
const CALLS_AT_ONCE = 50;

export interface RunWatch {
  readonly restored?: (reports: number) => void;
  readonly folded?: (calls: number, retold: Retold) => void;
  readonly matched?: (legs: number, changes: readonly CallChange[]) => void;
}

export interface RunSteps {
  readonly ledger: Ledger;
  readonly context: CallsContext;
  readonly watch?: RunWatch;
  readonly atOnce?: number;
}

export async function applyRun(steps: RunSteps, begun: NewRun, read: ReadKept): Promise<RefoldRun> {
  const run = await steps.ledger.submit(beginRun(begun));
  await foldRange(steps, run, { sourceId: run.sourceId, runId: run.id, read });
  await steps.ledger.submit(endRun(run.id, 'applied'));
  return run;
}

/** How many reports tell again what they told before the run. Rejects with `NoSuchRun` or `RunStands`. */
export async function takeRunBack(steps: RunSteps, runId: number): Promise<number> {
  const { ledger, context, watch, atOnce = CALLS_AT_ONCE } = steps;
  const run = await ledger.submit(beginTakingBack(runId));
  const { sourceId } = run;
  let restored = 0;
  for (;;) {
    const ids = await supersededReports(ledger.reader, runId, atOnce);
    if (ids.length === 0) break;
    await ledger.submit(restoreFacts(ids, { sourceId, runId }, context));
    restored += ids.length;
    watch?.restored?.(restored);
  }
  await foldRange(steps, run, { sourceId, runId, read: null });
  await ledger.submit(endRun(runId, 'takenBack'));
  return restored;
}

/**
 * First all calls, then the matches of the legs that moved: until all have, a leg may seem to be near another's registration. Legs that
 * an interrupted run of the same source has moved are among them.
 */
async function foldRange(
  { ledger, context, watch, atOnce = CALLS_AT_ONCE }: RunSteps,
  { from, until }: Pick<RefoldRun, 'from' | 'until'>,
  refolding: Refolding,
): Promise<void> {
  const ids = await callsInRange(ledger.reader, from, until);
  for (let i = 0; i < ids.length; i += atOnce) {
    const retold = await ledger.submit(refoldCalls(ids.slice(i, i + atOnce), refolding, context));
    watch?.folded?.(Math.min(i + atOnce, ids.length), retold);
  }
  let matched = 0;
  for (;;) {
    const moved = await movedLegs(ledger.reader, refolding.sourceId, atOnce);
    if (moved.length === 0) return;
    const changes = await ledger.submit(matchLegs(moved, context));
    matched += moved.length;
    watch?.matched?.(matched, changes);
  }
}
