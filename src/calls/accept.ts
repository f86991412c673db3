/** Takes a report into the ledger: the same one again changes nothing, a new one changes its call (design section 2). */
import type { Command, State } from '../ledger/state.ts';
import { Refusal } from '../ledger/state.ts';
import { call, type PairableRole, pairing, report, source } from './entities.ts';
import { tellsMore } from './foldLegs.ts';
import { pairAround } from './pair.ts';
import { expectsPartners, keepPairable } from './pairables.ts';
import { type CallsContext, refold } from './refold.ts';
import { regroup } from './regroup.ts';
import type { IncomingReport, LegFact } from './report.ts';
import { callIdOf, reportsOf, strandsOf } from './strands.ts';

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
  const from = state.get(source, sourceId);
  if (from === undefined || !from.active) throw new UnknownSource(`source ${sourceId} is not active`);
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
  };
  state.insert(report, row);
  const amendsLeg = same.length > 0;
  const change =
    amendsLeg || !expectsPartners(state) ? null : keepPairable(state, strandId, id, incoming, from, context);
  const moved = change === null ? [] : pairAround(state, [change]);
  const quietMs = quietOf(state, strandId, incoming, change?.after?.role ?? null);
  const fresh = isNew ? strandId : null;
  if (moved.length === 0 || !regroup(state, moved, fresh, { cause: id, quietMs }, context)) {
    const strands = isNew ? [strandId] : strandsOf(state.get(call, callIdOf(state, strandId))!);
    const reports = isNew ? [row] : reportsOf(state, strands);
    refold(state, strands, reports, { cause: id, isNew, amendsLeg, quietMs }, context);
  }
  return { verdict: 'accepted', callId: callIdOf(state, strandId), strandId, reportId: id };
}

/** A PBX does not mark the last leg of a call; the next one comes within seconds (design section 2, Settled). */
const LEG_QUIET_MS = 5_000;
/** A named recording that is not stored by then is told of later (design section 2, Settled). */
const RECORDING_QUIET_MS = 60_000;
/** A program states a whole call at once. */
const STATED_QUIET_MS = 1_000;
/**
 * Where an application registers the calls of a PBX, each of them tells of the end when it comes to it, and what has
 * settled is not joined any more: a call that one of them has told of waits this long for the other.
 */
const PARTNER_QUIET_MS = 30_000;

function quietOf(
  state: State,
  strandId: number,
  { fact, awaitsRecording }: IncomingReport,
  role: PairableRole | null,
): number {
  if (awaitsRecording === true) return RECORDING_QUIET_MS;
  const alone =
    role === 'leg'
      ? state.find(source, 'byKey', 'bitrix24')[0]?.active === true &&
        state.find(pairing, 'byWith', strandId).length === 0
      : role === 'registration' &&
        state.get(pairing, strandId) === undefined &&
        state.all(source).some(each => each.kind === 'yeastar' && each.active);
  if (alone) return PARTNER_QUIET_MS;
  return fact.form === 'leg' ? LEG_QUIET_MS : STATED_QUIET_MS;
}
