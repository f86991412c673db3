/** Batches of an engine that others write to as well: each begins only when the one before is durable. */
import { BatchState, unknownWants, wantId } from './batch.ts';
import { replaceResidents } from './directory.ts';
import type { Engine, Head, Want } from './engine.ts';
import { BATCH_APPLY_MS, type Pending, type Verdict, type Verdicts } from './pending.ts';
import { CommandFailed } from './refusals.ts';
import type { Command, Wants } from './state.ts';
import type { Table } from './table.ts';

/**
 * Rounds of missing something before a command that keeps asking for more is taken for a bug (ARCHITECTURE.md, section 4). None is
 * the rule; a late report that moves a leg, a registration and a record to other calls takes the most.
 */
const LOAD_ROUNDS = 16;
/** Rounds of a whole batch: commands that ask for what the ones before them have found go on in the next one. */
const BATCH_ROUNDS = 48;

export interface Applied {
  readonly state: BatchState;
  readonly verdicts: Verdicts;
  /** Commands that did not fit into this batch's time. */
  readonly late: readonly Pending[];
  readonly applyMs: number;
  /** Round trips for reading. */
  readonly loads: number;
}

/**
 * Applies a batch that has begun at `head`. Where a command reads what is not known, it and those after it go on as if there was nothing, which tells
 * what else they will ask for; then they are taken back, all of it is loaded in one question per kind, and they run again.
 */
export async function applyLoading(
  engine: Engine,
  head: Head,
  batch: readonly Pending[],
  residents: Map<string, Table>,
  clock: () => number,
): Promise<Applied> {
  if (engine.shared !== undefined) replaceResidents(residents, await engine.shared.changedResidents());
  const state = new BatchState(head, Math.max(head.now, clock()), residents, engine.readNow);
  const verdicts: Verdicts = new Map();
  const rounds = new Map<Pending, number>();
  let remaining = batch;
  let late: readonly Pending[] = [];
  let missing: readonly Want[] = [];
  let applyMs = 0;
  let loads = await loadDeclared(engine, state, batch);
  for (let round = 1; remaining.length > 0; round++) {
    if (missing.length > 0) {
      loads++;
      await load(engine, state, missing);
    }
    if (round > BATCH_ROUNDS && verdicts.size > 0) {
      late = [...remaining, ...late];
      break;
    }
    const began = performance.now();
    const again: Pending[] = [];
    for (const [place, pending] of remaining.entries()) {
      // Waiting for what is far away is no reason to put commands off: they would only wait once more.
      if (round === 1 && place > 0 && performance.now() - began > BATCH_APPLY_MS) {
        late = remaining.slice(place);
        break;
      }
      const guessing = state.guessing;
      const verdict = verdictOf(state, pending);
      if (state.guessing > guessing) rounds.set(pending, (rounds.get(pending) ?? 0) + 1);
      if ((rounds.get(pending) ?? 0) > LOAD_ROUNDS) {
        // What the others of its batch did may have changed what it has to read; then the next batch begins with it.
        if (verdicts.size > 0 && mayWaitAgain(pending)) late = [...late, pending];
        else verdicts.set(pending, { error: new CommandFailed(`${pending.command.name} kept asking for more`) });
      } else if (state.guessing > 0) again.push(pending);
      else verdicts.set(pending, verdict);
    }
    missing = state.takeBackGuesses();
    remaining = again;
    applyMs += performance.now() - began;
  }
  return { state, verdicts, late, applyMs, loads };
}

async function load(engine: Engine, state: BatchState, wants: readonly Want[]): Promise<void> {
  const loaded = await engine.load(wants);
  for (let i = 0; i < wants.length; i++) state.learn(wants[i]!, loaded[i]!);
}

/**
 * Steps in which what commands say they will read leads to more of it: a name, its source call, what is around that, the calls of
 * these, whatever else those are made of. What is left then is missed and loaded while they run.
 */
const DECLARED_STEPS = 5;

/** Loads what the commands of a batch say they will read, step by step; returns the number of round trips. */
async function loadDeclared(engine: Engine, state: BatchState, batch: readonly Pending[]): Promise<number> {
  if (engine.readNow !== undefined) return 0;
  let asking = batch.flatMap(({ command }) => command.wants ?? []);
  for (let step = 0; ; step++) {
    const wants = new Map<string, Want>();
    asking = asking.filter(declare => {
      const unknown = declaredBy(declare, state);
      for (const each of unknown) wants.set(wantId(each), each);
      return unknown.length > 0;
    });
    if (asking.length === 0 || step === DECLARED_STEPS) return step;
    await load(engine, state, [...wants.values()]);
  }
}

/** A command that fails to say what it will read fails alone, when its turn comes. */
function declaredBy(declare: (wants: Wants) => void, state: BatchState): readonly Want[] {
  try {
    return unknownWants(declare, state);
  } catch {
    return [];
  }
}

/** Batches a command may go through before it is taken for a bug. */
const BATCHES = 8;
const waited = new WeakMap<Pending, number>();

function mayWaitAgain(pending: Pending): boolean {
  const times = (waited.get(pending) ?? 0) + 1;
  waited.set(pending, times);
  return times < BATCHES;
}

/** What a command says it will read is loaded together with whatever else its first run misses. */
function applyExpecting({ wants, apply }: Command<unknown>, state: BatchState): unknown {
  if (wants !== undefined) state.expect(wants);
  return apply(state);
}

function verdictOf(state: BatchState, { command }: Pending): Verdict {
  try {
    return { result: state.run(() => applyExpecting(command, state)) };
  } catch (error) {
    return { error };
  }
}
