/**
 * Takes a report into the ledger: the same one again changes nothing, a new one changes its call (ARCHITECTURE.md, section
 * 2).
 */
import type { Command, State } from '../../ledger/state.ts';
import { Refusal } from '../../ledger/state.ts';
import { call, pairable, report } from '../entities.ts';
import { tellsMore } from '../fold/foldLegs.ts';
import { type CallsContext, refold } from '../fold/refold.ts';
import { pairAround } from '../matching/pair.ts';
import { expectsPartners, keepPairable, wantPairable } from '../matching/pairables.ts';
import { regroup } from '../matching/regroup.ts';
import { settleDelayOf } from '../settling/settleDelay.ts';
import type { IncomingReport, LegFact } from './report.ts';
import { callIdOf, reportsOf, strandsOf, wantStrand } from './strands.ts';

export interface Accepted {
  readonly verdict: 'accepted' | 'repeated';
  readonly callId: number;
  /** What this source tells under this name; another id than the call's once it was joined into an older one. */
  readonly strandId: number;
  readonly reportId: number;
}

/** The source was disabled between the door and the ledger. */
export class UnknownSource extends Refusal {
  override readonly name = 'UnknownSource';
}

/** Something else was reported under a name that stands for one report. */
export class ReportedOtherwise extends Refusal {
  override readonly name = 'ReportedOtherwise';
}

/** Rows and journal entries of one report weigh about this much beside its bytes. */
const ROW_BYTES = 1_500;

export function acceptReport(incoming: IncomingReport, context: CallsContext): Command<Accepted> {
  return {
    name: `accept ${incoming.kind}`,
    bytes: incoming.raw.byteLength + ROW_BYTES,
    wants: wants => wants.find(report, 'byGroup', incoming.sourceId, incoming.group),
    apply: state => accept(state, incoming, context),
  };
}

export function accept(state: State, incoming: IncomingReport, context: CallsContext): Accepted {
  const { sourceId, group, key, kind, fact, contentType, raw } = incoming;
  const from = context.sources.get(state, sourceId);
  if (from === undefined || !from.active) throw new UnknownSource(`source ${sourceId} is not active`);
  const paired = expectsPartners(state, context.sources);
  state.expect(wants => {
    wants.find(report, 'byGroup', sourceId, group);
    if (paired) wantPairable(wants, state, incoming, from, context);
  });
  const known = state.find(report, 'byGroup', sourceId, group);
  const same = known.filter(each => each.key === key);
  if (
    same.length > 0 &&
    (fact.form !== 'leg' ||
      !tellsMore(
        same.map(each => each.fact as LegFact),
        fact,
      ))
  ) {
    const first = same[0]!;
    state.put(report, { ...first, deliveries: first.deliveries + 1 });
    return { verdict: 'repeated', callId: callIdOf(state, first.callId), strandId: first.callId, reportId: first.id };
  }
  if (incoming.alone && known.length > 0) throw new ReportedOtherwise('this name came with another report before');
  const isNew = known.length === 0;
  const strandId = isNew ? state.next('call') : known[0]!.callId;
  state.expect(wants => {
    if (!isNew) wantStrand(wants, strandId);
    if (!isNew && paired) wants.find(pairable, 'byStrand', strandId);
    context.wantStrand?.(wants, strandId);
  });
  const id = state.next('report');
  const warnings = incoming.warnings.length > 0 ? incoming.warnings : null;
  const row = {
    id,
    sourceId,
    group,
    key,
    kind,
    callId: strandId,
    receivedAt: state.now,
    deliveries: 1,
    fact,
    warnings,
    contentType,
    raw,
    historical: incoming.historical === true,
  };
  state.insert(report, row);
  const amendsLeg = same.length > 0;
  const change = amendsLeg || !paired ? null : keepPairable(state, { strandId, isNew }, id, incoming, from, context);
  const moved = change === null ? [] : pairAround(state, [change]);
  const settleDelayMs = settleDelayOf(state, strandId, incoming, context.sources);
  const fresh = isNew ? strandId : null;
  const folded = moved.length === 0 ? null : regroup(state, moved, fresh, { cause: id, settleDelayMs }, context);
  // A report may move others and not its own call: by what it shows of a clock, by whom it leaves free.
  if (folded?.has(strandId) !== true) {
    const strands = isNew ? [strandId] : strandsOf(state.get(call, callIdOf(state, strandId))!);
    const reports = isNew ? [row] : reportsOf(state, strands);
    const concernsOthers = incoming.registration !== undefined;
    refold(state, strands, reports, { cause: id, isNew, amendsLeg, concernsOthers, settleDelayMs }, context);
  }
  return { verdict: 'accepted', callId: callIdOf(state, strandId), strandId, reportId: id };
}
