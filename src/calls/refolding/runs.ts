/** A run folds many calls anew, some in each command, and can be taken back. */
import { type Command, Refusal, type State } from '../../ledger/state.ts';
import { type MovedLeg, type RefoldRun, type RefoldState, refoldRun, report, supersededFact } from '../entities.ts';
import type { CallChange, CallsContext } from '../fold/refold.ts';
import { callsOf, foldAgain, matchAgain, type Refolding, type Retold, wantCalls, wantMoved } from './foldAgain.ts';
import { restoreFact } from './readAgain.ts';

export class NoSuchRun extends Refusal {
  override readonly name = 'NoSuchRun';
}
/** A run that was taken back, or after which the same source's calls were folded anew once more. */
export class RunStands extends Refusal {
  override readonly name = 'RunStands';
}

/** What a call writes when it is folded anew: its row, its legs' facts twice, its share of the statistics. */
const CALL_BYTES = 6_000;

export type NewRun = Pick<RefoldRun, 'author' | 'sourceId' | 'from' | 'until'>;

export function beginRun(run: NewRun): Command<RefoldRun> {
  return {
    name: 'begin to refold',
    bytes: 200,
    apply: state => {
      const row: RefoldRun = {
        ...run,
        id: state.next('refoldRun'),
        at: state.now,
        state: 'applying',
        calls: 0,
        reports: 0,
      };
      state.insert(refoldRun, row);
      return row;
    },
  };
}

/** Part of a run, or of what takes it back. */
export function refoldCalls(ids: readonly number[], refolding: Refolding, context: CallsContext): Command<Retold> {
  return {
    name: 'refold calls',
    bytes: ids.length * CALL_BYTES,
    wants: wants => {
      wants.get(refoldRun, refolding.runId);
      wantCalls(wants, ids, context);
    },
    apply: state => {
      const retold = foldAgain(state, ids, refolding, context);
      if (refolding.read !== null) countIn(state, refolding.runId, retold);
      return retold;
    },
  };
}

function countIn(state: State, runId: number, { changes, readOtherwise }: Retold): void {
  const run = state.get(refoldRun, runId);
  if (run === undefined || changes.length + readOtherwise === 0) return;
  state.put(refoldRun, { ...run, calls: run.calls + changes.length, reports: run.reports + readOtherwise });
}

export interface TriedRefold extends Retold {
  /** What changes once more by the matches of these calls. */
  readonly matched: readonly CallChange[];
}

/** The same and its matches at once, for a look at what would come of it. */
export function tryRefold(ids: readonly number[], refolding: Refolding, context: CallsContext): Command<TriedRefold> {
  const command = refoldCalls(ids, refolding, context);
  return {
    ...command,
    apply: state => {
      const retold = command.apply(state);
      return { ...retold, matched: matchAgain(state, retold.moved, context) };
    },
  };
}

export function matchLegs(moved: readonly MovedLeg[], context: CallsContext): Command<readonly CallChange[]> {
  return {
    name: 'match refolded legs',
    bytes: moved.length * CALL_BYTES,
    wants: wants => wantMoved(wants, moved),
    apply: state => matchAgain(state, moved, context),
  };
}

/** Gives reports back what they told before the run, and folds their calls. */
export function restoreFacts(
  reportIds: readonly number[],
  { sourceId, runId }: Pick<Refolding, 'sourceId' | 'runId'>,
  context: CallsContext,
): Command<Retold> {
  return {
    name: 'restore what reports told',
    bytes: reportIds.length * CALL_BYTES,
    wants: wants => {
      for (const id of reportIds) {
        wants.get(report, id);
        wants.get(supersededFact, runId, id);
      }
    },
    apply: state => {
      const rows = reportIds.map(id => state.get(report, id)).filter(each => each !== undefined);
      for (const id of reportIds) restoreFact(state, runId, id);
      const ids = callsOf(
        state,
        rows.map(each => each.sourceCallId),
      );
      return foldAgain(state, ids, { sourceId, runId, read: null }, context);
    },
  };
}

/** Only the last run of a source can be taken back; one that was interrupted, and one whose taking back was, too. */
export function beginTakingBack(runId: number): Command<RefoldRun> {
  return {
    name: 'begin to take a refold back',
    bytes: 200,
    wants: wants => wants.get(refoldRun, runId),
    apply: state => {
      const run = state.get(refoldRun, runId);
      if (run === undefined) throw new NoSuchRun(`there is no run ${runId}`);
      if (run.state === 'takenBack') throw new RunStands(`run ${runId} has been taken back already`);
      const runs = state.find(refoldRun, 'bySource', run.sourceId);
      const later = runs.findLast(each => each.id > runId && each.state !== 'takenBack');
      if (later !== undefined) {
        throw new RunStands(`run ${later.id} came after it for the same source: take that one back first`);
      }
      const taking: RefoldRun = { ...run, state: 'takingBack' };
      state.put(refoldRun, taking);
      return taking;
    },
  };
}

/** An interrupted run of the same source over calls that this one has folded has come to its end with it. */
export function endRun(runId: number, ended: Extract<RefoldState, 'applied' | 'takenBack'>): Command<void> {
  return {
    name: 'end a refold',
    bytes: 200,
    wants: wants => wants.get(refoldRun, runId),
    apply: state => {
      const run = state.get(refoldRun, runId)!;
      state.put(refoldRun, { ...run, state: ended });
      if (ended !== 'applied') return;
      for (const each of state.find(refoldRun, 'bySource', run.sourceId)) {
        const isCovered = each.from >= run.from && each.until <= run.until;
        if (each.state === 'applying' && isCovered) state.put(refoldRun, { ...each, state: 'applied' });
      }
    },
  };
}
