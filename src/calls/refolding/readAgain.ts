/** Reads the kept bytes of reports again, with what is known of their source now, and keeps what they had told. */
import { isDeepStrictEqual } from 'node:util';
import type { State } from '../../ledger/state.ts';
import { type Report, report, supersededFact } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import { warningsOfUnknown } from '../fold/unknownNumbers.ts';
import type { IncomingReport } from '../reports/report.ts';
import type { CallSource } from '../sources.ts';

/** A sentence where the bytes are not understood. */
export type ReadKept = (
  raw: Uint8Array,
  contentType: string | null,
) => Pick<IncomingReport, 'fact' | 'warnings'> | string;

export interface ReadAgain {
  /** The reports that tell something else now. */
  readonly changed: readonly number[];
  /** How many are not understood any more, and stay as they are. */
  readonly unreadable: number;
}

/**
 * Stores what each leg tells now. It stays the same report under the same key, whatever another setting would make of its key. Other
 * reports than legs state their instants themselves.
 */
export function readAgain(
  state: State,
  reports: readonly Readonly<Report>[],
  { from, read, runId }: { readonly from: Readonly<CallSource>; readonly read: ReadKept; readonly runId: number },
  context: CallsContext,
): ReadAgain {
  const changed: number[] = [];
  let unreadable = 0;
  for (const kept of reports) {
    if (kept.sourceId !== from.id || kept.fact.form !== 'leg' || kept.raw.byteLength === 0) continue;
    const found = read(kept.raw, kept.contentType);
    if (typeof found === 'string' || found.fact.form !== 'leg') {
      unreadable++;
      continue;
    }
    const { fact } = found;
    if (isDeepStrictEqual(fact, kept.fact)) continue;
    const warnings = [...found.warnings, ...warningsOfUnknown(state, from, fact, context)];
    state.put(supersededFact, { runId, reportId: kept.id, fact: kept.fact, warnings: kept.warnings });
    state.put(report, { ...kept, fact, warnings: warnings.length > 0 ? warnings : null });
    changed.push(kept.id);
  }
  return { changed, unreadable };
}

/** Gives a report back what it told before the run. */
export function restoreFact(state: State, runId: number, reportId: number): void {
  const earlier = state.get(supersededFact, runId, reportId);
  const kept = state.get(report, reportId);
  if (earlier === undefined) return;
  if (kept !== undefined) state.put(report, { ...kept, fact: earlier.fact, warnings: earlier.warnings });
  state.delete(supersededFact, runId, reportId);
}
