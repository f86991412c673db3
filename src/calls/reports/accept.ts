/**
 * Takes a report into the ledger: the same one again changes nothing, a new one changes its call (ARCHITECTURE.md, section
 * 2).
 */
import type { Command, State, Wants } from '../../ledger/state.ts';
import { Refusal } from '../../ledger/state.ts';
import { isAhead } from '../../values/plausible.ts';
import {
  call,
  candidate,
  formerCall,
  type Report,
  report,
  type SourceCallKind,
  sourceCall,
  sourceClock,
} from '../entities.ts';
import { tellsMore } from '../fold/foldLegs.ts';
import { type CallsContext, refold } from '../fold/refold.ts';
import { noteUnknownNumbers } from '../fold/unknownNumbers.ts';
import { registrationsNaming } from '../matching/callNames.ts';
import { expectsPartners, type Findable, foreseen, keepCandidates, mayMatch } from '../matching/candidates.ts';
import { matchAround, wantMatches } from '../matching/match.ts';
import { regroup } from '../matching/regroup.ts';
import { settleDelayOf } from '../settling/settleDelay.ts';
import type { IncomingReport, LegFact } from './report.ts';
import { alone, callIdOf, reportsOf, toldBy, wantCall } from './sourceCalls.ts';

export interface Accepted {
  readonly verdict: 'accepted' | 'repeated';
  readonly callId: number;
  /** What this source tells under this name; another id than the call's once it was joined into an older one. */
  readonly sourceCallId: number;
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
    wants: wants => wantReport(wants, incoming, context),
    apply: state => accept(state, incoming, context),
  };
}

/** What taking this report will read: what is known of its source call, and what may be the same call (ARCHITECTURE.md, section 4). */
export function wantReport(wants: Wants, incoming: Findable, context: CallsContext): void {
  const { sourceId, name } = incoming;
  wantNamed(wants, sourceId, name, context);
  const from = context.sources.get(wants, sourceId);
  if (from === undefined || !expectsPartners(wants, context.sources)) return;
  const rows = foreseen(wants, incoming, from, context);
  for (const row of rows) context.wantCandidate?.(wants, row);
  if (mayMatch(wants, context.sources)) wantMatches(wants, rows, context);
}

/** What a source told under this name. */
export function wantNamed(wants: Wants, sourceId: number, name: string, context: CallsContext): void {
  const [ours] = wants.find(sourceCall, 'byName', sourceId, name);
  const paired = expectsPartners(wants, context.sources);
  if (paired) wants.get(sourceClock, sourceId);
  if (ours === undefined) return;
  const all = wantCall(wants, ours.id, context);
  if (!paired) return;
  wants.find(candidate, 'bySourceCall', ours.id);
  for (const id of all) {
    wants.get(formerCall, id);
    const of = wants.get(sourceCall, id);
    if (of?.kind === 'legs' && mayMatch(wants, context.sources)) registrationsNaming(wants, of.name);
  }
}

export function accept(state: State, incoming: IncomingReport, context: CallsContext): Accepted {
  const { sourceId, name, key, fact } = incoming;
  const from = context.sources.get(state, sourceId);
  if (from === undefined || !from.active) throw new UnknownSource(`source ${sourceId} is not active`);
  const paired = expectsPartners(state, context.sources);
  const matching = paired && mayMatch(state, context.sources);
  const ours = state.find(sourceCall, 'byName', sourceId, name)[0];
  const known = ours === undefined ? [] : state.find(report, 'bySourceCall', ours.id).filter(isOf(sourceId));
  const same = known.filter(each => each.key === key);
  if (isRepeat(same, fact)) {
    const first = same[0]!;
    state.put(report, { ...first, deliveries: first.deliveries + 1 });
    const { sourceCallId } = first;
    return { verdict: 'repeated', callId: callIdOf(state, sourceCallId), sourceCallId, reportId: first.id };
  }
  if (incoming.alone && known.length > 0) throw new ReportedOtherwise('this name came with another report before');
  const isNew = ours === undefined;
  const sourceCallId = ours?.id ?? state.next('call');
  if (isNew) {
    const [kind, externalId] = [kindOf(incoming), externalIdOf(incoming)];
    state.insert(sourceCall, { id: sourceCallId, sourceId, name, kind, externalId, callId: sourceCallId });
  }
  const unknown = fact.form === 'leg' && same.length === 0 ? noteUnknownNumbers(state, from, fact, context) : [];
  const row = rowOf(incoming, state.next('report'), sourceCallId, state.now, [
    ...unknown,
    ...oddStart(fact, state.now),
  ]);
  const { id } = row;
  state.insert(report, row);
  const amendsLeg = same.length > 0;
  const changes =
    amendsLeg || !paired ? [] : keepCandidates(state, { sourceCallId, known }, id, incoming, from, context);
  const moved = changes.length === 0 || !matching ? [] : matchAround(state, changes, context);
  const settleDelayMs = settleDelayOf(state, sourceCallId, incoming, context.sources);
  const fresh = isNew ? sourceCallId : null;
  const folded = moved.length === 0 ? null : regroup(state, moved, fresh, { cause: id, settleDelayMs }, context);
  // A report may move others and not its own call: by what it shows of a clock, by whom it leaves free.
  if (folded?.has(sourceCallId) !== true) {
    const members = isNew ? alone(sourceCallId) : state.get(call, callIdOf(state, sourceCallId))!;
    const reports = isNew ? [row] : reportsOf(state, toldBy(members));
    const concernsOthers = incoming.registration !== undefined;
    refold(state, members, reports, { cause: id, isNew, amendsLeg, concernsOthers, settleDelayMs }, context);
  }
  return { verdict: 'accepted', callId: callIdOf(state, sourceCallId), sourceCallId, reportId: id };
}

/** Kept as stated: whose clock is wrong, nobody here can say. */
function oddStart(fact: IncomingReport['fact'], receivedAt: number): readonly string[] {
  if ((fact.form !== 'leg' && fact.form !== 'call') || !isAhead(fact.startedAt, receivedAt)) return [];
  return ['start: more than a day after it was reported, kept as stated'];
}

/** What people stated of a source call is kept with it, and is of no source. */
const isOf =
  (sourceId: number) =>
  (each: Readonly<Report>): boolean =>
    each.sourceId === sourceId;

function isRepeat(same: readonly Readonly<Report>[], fact: IncomingReport['fact']): boolean {
  if (same.length === 0) return false;
  return (
    fact.form !== 'leg' ||
    !tellsMore(
      same.map(each => each.fact as LegFact),
      fact,
    )
  );
}

function kindOf({ fact, registration }: IncomingReport): SourceCallKind {
  if (fact.form === 'leg') return 'legs';
  return registration === undefined ? 'call' : 'registration';
}

/** A PBX's name of a call follows the serial that scopes it. */
const externalIdOf = ({ name, fact }: IncomingReport): string | null =>
  fact.form === 'call' ? fact.externalId : name.slice(name.indexOf('|') + 1);

const rowOf = (
  incoming: IncomingReport,
  id: number,
  sourceCallId: number,
  receivedAt: number,
  unknown: readonly string[],
): Report => ({
  id,
  sourceId: incoming.sourceId,
  sourceCallId,
  key: incoming.key,
  kind: incoming.kind,
  receivedAt,
  deliveries: 1,
  fact: incoming.fact,
  warnings: incoming.warnings.length + unknown.length > 0 ? [...incoming.warnings, ...unknown] : null,
  contentType: incoming.contentType,
  raw: incoming.raw,
  historical: incoming.historical === true,
});
