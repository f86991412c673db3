/** Batches of an engine that others write to as well: each begins only when the one before is durable. */
import { BatchState, NotLoaded, unknownWants } from './batch.ts';
import { replaceResidents } from './directory.ts';
import type { Engine, Want } from './engine.ts';
import { BATCH_APPLY_MS, type Pending, type Verdicts } from './pending.ts';
import { CommandFailed } from './refusals.ts';
import type { Table } from './table.ts';

/**
 * Rounds of loading before a command that keeps asking for more is taken for a bug (design section 4). One is the rule. The
 * longest chain there is, a late report that moves a leg, a registration and a record to other calls, takes some ten.
 */
const LOAD_ROUNDS = 16;

export interface Applied {
  readonly state: BatchState;
  readonly verdicts: Verdicts;
  /** Commands that did not fit into this batch's time. */
  readonly late: readonly Pending[];
  readonly applyMs: number;
}

/** Applies a batch; what is missing is loaded in one question per kind, and the commands that missed it run again. */
export async function applyLoading(
  engine: Engine,
  batch: readonly Pending[],
  residents: Map<string, Table>,
  clock: () => number,
): Promise<Applied> {
  const head = await engine.begin();
  if (engine.shared !== undefined) replaceResidents(residents, await engine.shared.changedResidents());
  // Waiting for what is far away is no reason to leave the rest of the batch for later: it would wait once more.
  let appliedMs = 0;
  const state = new BatchState(head, Math.max(head.now, clock()), residents, engine.readNow);
  const verdicts: Verdicts = new Map();
  const late: Pending[] = [];
  let remaining: readonly Pending[] = batch;
  let missing = engine.readNow === undefined ? declaredWants(batch, state) : [];
  for (let round = 0; remaining.length > 0; round++) {
    if (missing.length > 0) {
      const loaded = await engine.load(missing);
      for (let i = 0; i < missing.length; i++) state.learn(missing[i]!, loaded[i]!);
    }
    const wants = new Map<string, Want>();
    const again: Pending[] = [];
    const began = performance.now() - appliedMs;
    for (const pending of remaining) {
      if (verdicts.size > 0 && performance.now() - began > BATCH_APPLY_MS) {
        late.push(pending);
        continue;
      }
      try {
        verdicts.set(pending, { result: state.run(pending.command.apply) });
      } catch (error) {
        if (!(error instanceof NotLoaded)) {
          verdicts.set(pending, { error });
        } else if (round < LOAD_ROUNDS) {
          for (const want of error.wants) wants.set(wantId(want), want);
          again.push(pending);
        } else if (verdicts.size > 0 && mayWaitAgain(pending)) {
          // What the others of its batch did changed what it has to read; the next batch begins with it.
          late.push(pending);
        } else {
          verdicts.set(pending, { error: new CommandFailed(`${pending.command.name} kept asking for more`) });
        }
      }
    }
    appliedMs = performance.now() - began;
    missing = [...wants.values()];
    remaining = again;
  }
  return { state, verdicts, late, applyMs: appliedMs };
}

/** Batches a command may go through before it is taken for a bug. */
const BATCHES = 8;
const waited = new WeakMap<Pending, number>();

function mayWaitAgain(pending: Pending): boolean {
  const times = (waited.get(pending) ?? 0) + 1;
  waited.set(pending, times);
  return times < BATCHES;
}

const wantId = ({ entity, index, values }: Want): string => `${entity.name} ${index} ${JSON.stringify(values)}`;

function declaredWants(batch: readonly Pending[], state: BatchState): Want[] {
  const wants = new Map<string, Want>();
  for (const { command } of batch) {
    if (command.wants === undefined) continue;
    for (const each of unknownWants(command.wants, state)) wants.set(wantId(each), each);
  }
  return [...wants.values()];
}
