/** Takes a report into the ledger: the same one again changes nothing, a new one changes its call (design section 2). */
import type { Command, State } from '../ledger/state.ts';
import { Refusal } from '../ledger/state.ts';
import { report, source } from './entities.ts';
import { tellsMore } from './foldLegs.ts';
import { type CallsContext, refold } from './refold.ts';
import type { IncomingReport, LegFact } from './report.ts';

export interface Accepted {
  readonly verdict: 'accepted' | 'repeated';
  readonly callId: number;
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
    return { verdict: 'repeated', callId: first.callId, reportId: first.id };
  }
  if (incoming.alone && known.length > 0) throw new ReportedOtherwise('this name came with another report before');
  const callId = known[0]?.callId ?? state.next('call');
  const id = state.next('report');
  const warnings = incoming.warnings.length > 0 ? incoming.warnings : null;
  const row = {
    id,
    sourceId,
    group,
    key,
    kind,
    callId,
    receivedAt: state.now,
    deliveries: 1,
    fact,
    warnings,
    contentType,
    raw,
  };
  state.insert(report, row);
  const reports = known.length === 0 ? [row] : state.find(report, 'byCall', callId);
  const quietMs = fact.form === 'leg' ? LEG_QUIET_MS : STATED_QUIET_MS;
  const occasion = { cause: id, isNew: known.length === 0, amendsLeg: same.length > 0, quietMs };
  refold(state, callId, from, reports, occasion, context);
  return { verdict: 'accepted', callId, reportId: id };
}

/** A PBX does not mark the last leg of a call; the next one comes within seconds (design section 2, Settled). */
const LEG_QUIET_MS = 5_000;
/** A program states a whole call at once. */
const STATED_QUIET_MS = 1_000;
