/** Reads the kept bytes of reports again, with what is known of their source now, and keeps what they had told. */
import { isDeepStrictEqual } from 'node:util';
import type { State } from '../../ledger/state.ts';
import { type Report, report, supersededFact } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import { recountUnknown, warningsNow } from '../fold/unknownNumbers.ts';
import type { IncomingReport, LegFact } from '../reports/report.ts';
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
 * reports than legs state their instants themselves. What a leg warns of follows the number plan also where it tells the same.
 */
export function readAgain(
  state: State,
  reports: readonly Readonly<Report>[],
  { from, read, runId }: { readonly from: Readonly<CallSource>; readonly read: ReadKept; readonly runId: number },
  context: CallsContext,
): ReadAgain {
  const changed: number[] = [];
  let unreadable = 0;
  const firsts = new Set(firstsOf(reports));
  for (const kept of reports) {
    if (!isLegOf(kept, from.id)) continue;
    const found = kept.raw.byteLength === 0 ? null : read(kept.raw, kept.contentType);
    const isRead = found !== null && typeof found !== 'string' && found.fact.form === 'leg';
    if (found !== null && !isRead) unreadable++;
    const isOther = isRead && !isDeepStrictEqual(found.fact, kept.fact);
    const told = isOther ? { fact: found.fact as LegFact, warnings: found.warnings } : kept;
    const warnings = firsts.has(kept) ? warningsNow(state, told, from, context) : null;
    if (!isOther && warnings === null) continue;
    supersede(state, runId, kept, { fact: told.fact, warnings: orNull(warnings ?? told.warnings) });
    if (isOther) changed.push(kept.id);
  }
  return { changed, unreadable };
}

type LegReport = Readonly<Report> & { readonly fact: LegFact };

export const isLegOf = (kept: Readonly<Report>, sourceId: number): kept is LegReport =>
  kept.sourceId === sourceId && kept.fact.form === 'leg';

/** The first report of each leg, which stands for it; the others tell more of it. */
export function firstsOf(reports: readonly Readonly<Report>[]): readonly Readonly<Report>[] {
  const firsts = new Map<string, Readonly<Report>>();
  for (const each of reports.toSorted((a, b) => a.id - b.id)) {
    const place = `${each.sourceId} ${each.sourceCallId} ${each.key}`;
    if (!firsts.has(place)) firsts.set(place, each);
  }
  return [...firsts.values()];
}

const orNull = (warnings: readonly string[] | null): readonly string[] | null =>
  warnings === null || warnings.length === 0 ? null : warnings;

function supersede(state: State, runId: number, kept: LegReport, told: Pick<LegReport, 'fact' | 'warnings'>): void {
  state.put(supersededFact, { runId, reportId: kept.id, fact: kept.fact, warnings: kept.warnings });
  state.put(report, { ...kept, ...told });
  recountUnknown(state, kept, told);
}

/** Gives a report back what it told before the run. */
export function restoreFact(state: State, runId: number, reportId: number): void {
  const earlier = state.get(supersededFact, runId, reportId);
  const kept = state.get(report, reportId);
  if (earlier === undefined) return;
  if (kept !== undefined && isLegOf(kept, kept.sourceId)) {
    const told = { fact: earlier.fact as LegFact, warnings: earlier.warnings };
    state.put(report, { ...kept, ...told });
    recountUnknown(state, kept, told);
  }
  state.delete(supersededFact, runId, reportId);
}
